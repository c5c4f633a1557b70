//! Answers that take turns, on a clock that each look at moves on.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::*;
use crate::api::{Reply, Request};
use crate::pipeline::Settings;
use crate::time::Zone;

const NOW: Timestamp = Timestamp::from_nanos(1_748_779_200_000_000_000); // 2025-06-01T12:00:00Z
/// Queries of 400 rows that may wait.
const MAX_WAITING: usize = MAX_WAITING_ROWS / 400;
/// What a look at the clock costs: with it each step takes some time.
const LOOK_MILLIS: f64 = 0.25;

const LARGE: &str = "query?end=2025-06-01T11:59:59&views=pivoted";
const SMALL: &str = "query?end=2025-06-01T11:59:59&limit=3";

/// A message and its body.
type Sent = (FromWorker, Vec<u8>);

/// Messages to one reader.
#[derive(Clone, Default)]
struct Inbox(Rc<RefCell<Vec<Sent>>>);

impl Reader for Inbox {
    fn send(&self, message: &FromWorker) {
        self.send_with_body(message, &[]);
    }

    fn send_with_body(&self, message: &FromWorker, body: &[u8]) {
        self.0.borrow_mut().push((message.clone(), body.to_vec()));
    }
}

impl PartialEq for Inbox {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// A client that reads one answer as fast as it comes.
#[derive(Default)]
struct Client {
    inbox: Inbox,
    status: Option<u16>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    is_done: bool,
    is_lost: bool,
}

struct Worker {
    app: App,
    streams: Streams<Inbox>,
    page: Inbox,
    millis: Cell<f64>,
}

impl Worker {
    /// A pipeline with this many rows of as many ids, one a second up to before noon.
    fn with_rows(rows: i64) -> Self {
        let changes = [("source", Some("none")), ("clock", Some("utc")), ("batch_size", Some("10"))];
        let settings = Settings::default().merged(changes).unwrap();
        let app = App::in_memory(settings, Zone::UTC, [3; 32], NOW).unwrap();
        let mut worker = Self { app, streams: Streams::default(), page: Inbox::default(), millis: Cell::new(1e6) };
        let csv: String =
            (0..rows).map(|row| format!("{},s{row:04},{row}\n", NOW.as_nanos() / 1_000_000_000 - 1 - row)).collect();
        if rows > 0 {
            worker.post(&csv);
        }
        worker
    }

    fn post(&mut self, rows: &str) {
        let request = Request::new("POST", "events").with_body("text/csv", format!("timestamp,id,value\n{rows}"));
        assert_eq!(self.app.handle(&request, NOW).status, 202);
    }

    fn ask(&mut self, target: &str) -> Client {
        let client = Client::default();
        let at = (NOW, self.millis.get());
        match self.app.begin(&Request::new("GET", target), NOW) {
            Reply::Ready(response) => self.streams.answer(&client.inbox, 7, response, &self.app, at),
            Reply::Later(pending) => self.streams.begin(&client.inbox, 7, pending, &mut self.app, at),
        }
        client
    }

    /// One round; returns the milliseconds that it took.
    fn serve(&mut self) -> f64 {
        let start = self.millis.get();
        let millis = &self.millis;
        let clock = || {
            millis.set(millis.get() + LOOK_MILLIS);
            millis.get()
        };
        self.streams.serve(&mut self.app, NOW, &clock, &self.page);
        self.millis.get() - start
    }

    /// The body of an answer that is worked out at once.
    fn expected(&mut self, target: &str) -> Vec<u8> {
        let response = self.app.handle(&Request::new("GET", target), NOW);
        response.into_bytes(self.app.service(), NOW)
    }
}

impl Client {
    /// Takes what was sent, and asks for the next part.
    fn read(&mut self, worker: &mut Worker) {
        let messages: Vec<_> = self.inbox.0.borrow_mut().drain(..).collect();
        for (message, body) in messages {
            self.body.extend(body);
            let stream = match message {
                FromWorker::Response(ResponseHead { status, headers, stream, .. }) => {
                    (self.status, self.headers) = (Some(status), headers);
                    stream
                }
                FromWorker::Part(ResponsePart { stream, part: PartKind::Bytes }) => Some(stream),
                FromWorker::Part(ResponsePart { part: PartKind::Lost, .. }) => {
                    self.is_lost = true;
                    None
                }
                _ => None,
            };
            match stream {
                Some(stream) => worker.streams.pull(stream, &self.inbox, worker.millis.get()),
                None => self.is_done = true,
            }
        }
    }

    fn is_silent(&self) -> bool {
        self.status.is_none() && self.inbox.0.borrow().is_empty()
    }
}

/// Serves and reads until all clients have their answers.
fn finish(worker: &mut Worker, clients: &mut [Client]) {
    for _ in 0..100_000 {
        worker.serve();
        clients.iter_mut().for_each(|client| client.read(worker));
        if clients.iter().all(|client| client.is_done) {
            return;
        }
    }
    panic!("{} clients wait for ever", clients.iter().filter(|client| !client.is_done).count());
}

#[test]
fn of_many_large_queries_each_is_answered_or_refused_before_it_begins() {
    let mut worker = Worker::with_rows(400);
    let expected = worker.expected(LARGE);
    let mut clients: Vec<Client> = (0..MAX_LARGE + MAX_WAITING + 30).map(|_| worker.ask(LARGE)).collect();
    let (answered, refused) = clients.split_at_mut(MAX_LARGE + MAX_WAITING);
    for client in refused {
        client.read(&mut worker);
        assert_eq!((client.status, client.is_done), (Some(503), true));
        assert!(client.headers.iter().any(|(name, value)| name == "Retry-After" && value == "1"));
        assert!(String::from_utf8_lossy(&client.body).contains("12800 rows wait already"), "it says why");
    }
    for round in 0..3 {
        // Batches go on meanwhile, and a small query does not wait behind the large ones.
        worker.post(&format!("2025-06-01T12:00:00,late,{round}\n").repeat(10));
        worker.serve();
        answered.iter_mut().for_each(|client| client.read(&mut worker));
    }
    let mut small = worker.ask(SMALL);
    finish(&mut worker, std::slice::from_mut(&mut small));
    assert_eq!(small.body, worker.expected(SMALL));
    assert!(answered.iter().any(Client::is_silent), "most of the large ones still wait");
    finish(&mut worker, answered);
    for client in answered {
        assert_eq!((client.status, client.is_lost), (Some(200), false));
        assert!(client.body == expected, "each has the same rows");
    }
    assert_eq!(worker.streams.len(), 0);
    worker.ask(LARGE);
    assert_eq!(worker.streams.len(), 1, "there is room again");
}

#[test]
fn a_round_takes_a_slice_however_many_wait() {
    let mut worker = Worker::with_rows(150);
    let mut clients: Vec<Client> = (0..300).map(|_| worker.ask("query?end=2025-06-01T11:59:59")).collect();
    let mut rounds = 0;
    while clients.iter().any(|client| !client.is_done) {
        let millis = worker.serve();
        assert!(millis <= SLICE_MILLIS + 2.0 * TURN_MILLIS, "{millis} ms at once");
        clients.iter_mut().for_each(|client| client.read(&mut worker));
        rounds += 1;
        assert!(rounds < 100_000, "{} rounds", rounds);
    }
    let expected = worker.expected("query?end=2025-06-01T11:59:59");
    assert!(clients.iter().all(|client| client.body == expected));
}

#[test]
fn whoever_goes_away_ends_its_query_also_while_it_waits() {
    let mut worker = Worker::with_rows(400);
    let mut clients: Vec<Client> = (0..MAX_LARGE + 5).map(|_| worker.ask(LARGE)).collect();
    let gone = [clients.remove(MAX_LARGE + 2), clients.remove(0)];
    for client in &gone {
        worker.streams.abandon(&client.inbox, 7);
    }
    assert_eq!(worker.streams.len(), clients.len());
    finish(&mut worker, &mut clients);
    assert!(gone.iter().all(Client::is_silent));
    let client = worker.ask(LARGE);
    worker.streams.leave(&client.inbox);
    assert_eq!(worker.streams.len(), 0);
}

#[test]
fn a_large_body_that_nobody_reads_makes_room_for_those_who_wait() {
    let mut worker = Worker::with_rows(3000);
    let mut idle: Vec<Client> = (0..MAX_LARGE).map(|_| worker.ask("query?end=2025-06-01T11:59:59")).collect();
    while idle.iter().any(Client::is_silent) {
        worker.serve();
    }
    worker.millis.set(worker.millis.get() + STALL_MILLIS + 1.0);
    worker.serve();
    assert_eq!(worker.streams.len(), MAX_LARGE, "nobody waits, so that they may take their time");
    let mut next = worker.ask(LARGE);
    finish(&mut worker, std::slice::from_mut(&mut next));
    assert_eq!(next.status, Some(200));
    finish(&mut worker, &mut idle);
    assert!(idle.iter().all(|client| client.is_lost), "their readers are told, and do not take it for the whole");
}

#[test]
fn a_reader_is_kept_for_as_long_as_it_is_alive() {
    let mut worker = Worker::with_rows(400);
    let clients: Vec<Client> = (0..MAX_LARGE).map(|_| worker.ask(LARGE)).collect();
    while clients.iter().any(Client::is_silent) {
        worker.serve();
    }
    worker.millis.set(worker.millis.get() + PATIENCE_MILLIS);
    worker.streams.keep(&clients[0].inbox, worker.millis.get());
    worker.serve();
    assert_eq!(worker.streams.len(), 1, "the others sent nothing");
    let stream = match &clients[0].inbox.0.borrow()[0].0 {
        FromWorker::Response(ResponseHead { stream: Some(stream), .. }) => *stream,
        other => panic!("{other:?}"),
    };
    worker.streams.cancel(stream);
    assert_eq!(worker.streams.len(), 0);
}

#[test]
fn requests_of_a_worker_that_loses_the_pipeline_are_sent_elsewhere() {
    let mut worker = Worker::with_rows(400);
    let clients: Vec<Client> = (0..MAX_LARGE + 2).map(|_| worker.ask(LARGE)).collect();
    worker.streams.lose();
    assert_eq!(worker.streams.len(), 0);
    for client in clients {
        let messages = client.inbox.0.borrow();
        assert!(matches!(&messages[..], [(FromWorker::Role(Role::Waiting), _)]), "{messages:?}");
    }
}

#[test]
fn a_batch_of_many_rows_is_streamed_in_parts_between_which_others_have_their_turn() {
    let mut worker = Worker::with_rows(0);
    worker.app = {
        let changes = [("source", Some("none")), ("clock", Some("utc")), ("batch_size", Some("5000"))];
        App::in_memory(Settings::default().merged(changes).unwrap(), Zone::UTC, [3; 32], NOW).unwrap()
    };
    let mut readers: Vec<Client> = (0..3).map(|_| worker.ask("stream")).collect();
    readers.iter_mut().for_each(|reader| reader.read(&mut worker));
    let rows: String = (0..5000).map(|row| format!("2025-06-01T11:00:00,s{row},{row}\n")).collect();
    worker.post(&rows);
    let whole = String::from_utf8(worker.expected("latest")).unwrap();
    let mut largest = 0;
    for _ in 0..1000 {
        // The next round of batches.
        worker.millis.set(worker.millis.get() + ROUND_MILLIS);
        worker.serve();
        for reader in &mut readers {
            largest = reader.inbox.0.borrow().iter().map(|(_, body)| body.len()).fold(largest, usize::max);
            reader.read(&mut worker);
        }
    }
    assert!(largest < 320 << 10 && largest < whole.len() / 3, "{largest} bytes of {} at once", whole.len());
    for reader in &readers {
        let text = String::from_utf8(reader.body.clone()).unwrap();
        let data = text.split("\n\n").nth(1).and_then(|event| event.split_once("\ndata: "));
        assert!(data.is_some_and(|(_, data)| data == whole), "the event is the batch");
    }
}
