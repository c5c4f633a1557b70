//! Sources that are read from a server, and a sink, over files that survive a kill: each message and each batch comes
//! once, whenever the pipeline is killed.
//!
//! The server is a twin that knows only what a JetStream server promises: what was not acknowledged is delivered again, and
//! a batch is stored only behind the message that was expected to be the last.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use millrace::api::{App, Request};
use millrace::pipeline::Settings;
use millrace::pipeline::sources::nats::{
    ConsumerState, Message, NatsAsk, NatsFault, NatsInput, NatsStart, OutboxAsk, OutboxInput, StreamState,
};
use millrace::service::PipelineService;
use millrace::store::{Disk, MemoryStorage, Storage};
use millrace::time::{Duration, Timestamp, Zone};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::form::cases;
use super::service::{NOON, Service};

const ALL: &str = "query?start=1970-01-01&views=latest";
/// Messages that the server sends at once.
const BURST: usize = 7;

/// A pipeline on the clock UTC, on this disk, with these settings.
fn open(storage: &Rc<MemoryStorage>, changes: &[(&str, &str)], now: Timestamp) -> Service {
    let all = [("clock", "utc"), ("batch_size", "5"), ("source_url", "ws://127.0.0.1:4222")];
    let changes = all.iter().chain(changes).map(|(name, text)| (*name, Some(*text)));
    let settings = Settings::default().merged(changes).unwrap();
    let disk = Disk::Files(Rc::clone(storage) as Rc<dyn Storage>);
    let service = PipelineService::open(disk, settings, [false; 2], Zone::UTC, [3; 32], now).unwrap();
    Service { app: App::new(service), now }
}

/// What the disk holds after a kill of the program, or of the machine.
fn killed(storage: &MemoryStorage, is_power_loss: bool) -> Rc<MemoryStorage> {
    Rc::new(if is_power_loss { storage.lose_power(|_, _| 0) } else { storage.after_crash() })
}

fn values(service: &mut Service) -> Vec<u64> {
    let now = service.now;
    service.app.service_mut().complete(now);
    let answer = service.get(ALL);
    let rows = answer["latest"].as_array().cloned().unwrap_or_default();
    let mut values: Vec<u64> = rows.iter().map(|row| row["value"].as_f64().unwrap() as u64).collect();
    values.sort_unstable();
    values
}

/// A stream of so many messages, and a durable consumer of it.
#[derive(Default)]
struct Server {
    messages: u64,
    acknowledged: BTreeSet<u64>,
    /// Messages that were delivered and not acknowledged, and whether their connection is gone.
    delivered: BTreeMap<u64, bool>,
    /// How often each was delivered.
    deliveries: BTreeMap<u64, u64>,
    link: Link,
}

/// A connection.
#[derive(Default)]
struct Link {
    is_durable: bool,
    /// The sequence that comes next, to one that follows.
    next: u64,
    /// The number of deliveries.
    deliveries: u64,
    /// Messages that were asked for.
    wanted: u64,
    inputs: VecDeque<NatsInput>,
}

impl Server {
    fn stream(&self) -> StreamState {
        StreamState { created: Timestamp::from_nanos(NOON - 1), first: 1, last: self.messages }
    }

    fn consumer(&self) -> ConsumerState {
        ConsumerState {
            ack_floor: (1..=self.messages).take_while(|sequence| self.acknowledged.contains(sequence)).count() as u64,
            delivered: 0,
            pending: self.messages,
            ack_wait: Duration::from_secs(30),
            max_messages: None,
            is_old: false,
        }
    }

    /// What was not acknowledged is delivered again.
    fn disconnect(&mut self) {
        self.link = Link::default();
        self.delivered.values_mut().for_each(|is_gone| *is_gone = true);
    }

    fn answer(&mut self, ask: NatsAsk) {
        let (stream, consumer) = (self.stream(), self.consumer());
        match ask {
            NatsAsk::Connect => {
                self.disconnect();
                self.link.inputs.push_back(NatsInput::Connected(stream));
            }
            NatsAsk::Consume(wanted) => {
                let next = match wanted.start {
                    NatsStart::Sequence(sequence) => sequence,
                    NatsStart::New => self.messages + 1,
                    NatsStart::All | NatsStart::Time(_) => 1,
                };
                let inputs = std::mem::take(&mut self.link.inputs);
                self.link = Link { is_durable: wanted.durable.is_some(), next, inputs, ..Link::default() };
                self.link.inputs.push_back(NatsInput::Consuming(consumer));
            }
            NatsAsk::Pull { messages, .. } => self.link.wanted += messages,
            NatsAsk::Ack(sequences) => {
                for sequence in sequences {
                    self.acknowledged.insert(sequence);
                    self.delivered.remove(&sequence);
                }
            }
            NatsAsk::Nak(sequences) => self.delivered.retain(|sequence, _| !sequences.contains(sequence)),
            NatsAsk::Look => self.link.inputs.push_back(NatsInput::Looked { stream, consumer }),
            NatsAsk::Disconnect => self.disconnect(),
            NatsAsk::Decode { encoded, .. } => panic!("no message is encoded: {encoded:?}"),
            NatsAsk::Wake(_) => {}
        }
    }

    /// The next messages for the connection.
    fn deliver(&mut self) -> Option<NatsInput> {
        let most = BURST.min(self.link.wanted as usize);
        let sequences: Vec<u64> = if self.link.is_durable {
            let is_due = |sequence: &u64| {
                !self.acknowledged.contains(sequence) && self.delivered.get(sequence).is_none_or(|is_gone| *is_gone)
            };
            (1..=self.messages).filter(is_due).take(most).collect()
        } else {
            (self.link.next..=self.messages).take(most).collect()
        };
        self.link.next += sequences.len() as u64;
        self.link.wanted -= sequences.len() as u64;
        let mut messages = Vec::new();
        for sequence in sequences {
            self.link.deliveries += 1;
            self.delivered.insert(sequence, false);
            let deliveries = self.deliveries.entry(sequence).and_modify(|count| *count += 1).or_insert(1);
            let time = format!("2025-06-01T12:{:02}:{:02}Z", sequence / 60 % 60, sequence % 60);
            messages.push(Message {
                sequence,
                delivery: self.link.deliveries,
                deliveries: *deliveries,
                stored: Timestamp::from_nanos(NOON),
                pending: self.messages - sequence,
                payload: json!({"timestamp": time, "id": "s", "value": sequence}).to_string().into_bytes(),
            });
        }
        (!messages.is_empty()).then_some(NatsInput::Messages(messages))
    }

    /// Drives the source of a pipeline for so many steps.
    fn serve(&mut self, service: &mut Service, steps: usize) {
        for _ in 0..steps {
            let number = service.app.service_mut().live_run().unwrap().number;
            let input = self.link.inputs.pop_front().or_else(|| self.deliver()).unwrap_or(NatsInput::Tick);
            let asks = service.app.service_mut().feed_nats(number, input, service.now, 0.5).unwrap();
            asks.into_iter().for_each(|ask| self.answer(ask));
            service.now = service.now + Duration::from_nanos(10_000_000);
            service.app.service_mut().maintain(service.now);
        }
    }
}

const FOLLOW: &[(&str, &str)] =
    &[("source", "nats"), ("nats_stream", "S"), ("nats_start", "all"), ("late", "reject"), ("lateness", "0s")];
const SHARE: &[(&str, &str)] = &[
    ("source", "nats"),
    ("nats_stream", "S"),
    ("nats_start", "all"),
    ("nats_mode", "share"),
    ("nats_durable", "D"),
    // What is delivered again comes late by no fault of its own.
    ("late", "reject"),
    ("lateness", "0s"),
];

/// The values in the history after these kills: each follows so many steps, and is one of the machine or of the program.
fn read_with_kills(settings: &[(&str, &str)], kills: &[(usize, bool)]) -> (Vec<u64>, Value) {
    let mut server = Server { messages: 120, ..Server::default() };
    let mut storage = Rc::new(MemoryStorage::tracking());
    let mut now = Timestamp::from_nanos(NOON);
    for (steps, is_power_loss) in kills {
        let mut service = open(&storage, settings, now);
        server.serve(&mut service, *steps);
        now = service.now;
        drop(service);
        storage = killed(&storage, *is_power_loss);
        server.disconnect();
    }
    let mut service = open(&storage, settings, now);
    server.serve(&mut service, 400);
    (values(&mut service), service.get("source"))
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn each_message_of_a_stream_comes_once(
        kills in vec((0_usize..40, any::<bool>()), 0..6),
        is_shared in any::<bool>(),
    ) {
        let (values, source) = read_with_kills(if is_shared { SHARE } else { FOLLOW }, &kills);
        prop_assert_eq!(values, (1..=120).collect::<Vec<_>>(), "{}", source);
        prop_assert_eq!(&source["error"], &Value::Null);
    }

    #[test]
    fn each_batch_is_published_once(kills in vec((0_usize..30, any::<bool>(), any::<bool>()), 0..6)) {
        let published = publish_with_kills(&kills);
        let ids: BTreeSet<&String> = published.iter().map(|(id, _)| id).collect();
        prop_assert_eq!(ids.len(), published.len(), "an id occurs twice");
        let mut values: Vec<u64> = Vec::new();
        for (_, body) in &published {
            let batch: Value = serde_json::from_slice(body).unwrap();
            let rows = batch["latest"].as_array().cloned().unwrap();
            values.extend(rows.iter().map(|row| row["value"].as_f64().unwrap() as u64));
        }
        prop_assert_eq!(values, (0..5 * 5 * (kills.len() as u64 + 1)).collect::<Vec<_>>());
    }
}

/// Drives the sink for so many steps; a batch is stored, but its answer does not come when `is_silent`.
fn publish(subject: &mut Vec<(String, Vec<u8>)>, service: &mut Service, steps: usize, is_silent: bool) {
    let mut inputs = VecDeque::new();
    for step in 0..steps {
        let number = service.app.service_mut().sink_run().unwrap();
        let input = inputs.pop_front().unwrap_or(OutboxInput::Tick);
        let asks = service.app.service_mut().feed_sink(number, input, service.now, 0.5).unwrap();
        for ask in asks {
            match ask {
                OutboxAsk::Connect => inputs.push_back(OutboxInput::Last {
                    sequence: subject.len() as u64,
                    message_id: subject.last().map(|(id, _)| id.clone()),
                }),
                OutboxAsk::Publish { batch, message_id, expected } => {
                    assert_eq!(expected, subject.len() as u64);
                    let body = service.app.batch_body(batch, service.now).unwrap();
                    subject.push((message_id, body));
                    if is_silent && step + 1 >= steps / 2 {
                        return;
                    }
                    inputs.push_back(OutboxInput::Published { sequence: subject.len() as u64 });
                }
                OutboxAsk::Disconnect => inputs.clear(),
                OutboxAsk::Wake(_) => {}
            }
        }
        service.now = service.now + Duration::from_nanos(10_000_000);
        service.app.service_mut().maintain(service.now);
    }
}

/// What was published of 25 events before each kill, and of 25 after the last one.
fn publish_with_kills(kills: &[(usize, bool, bool)]) -> Vec<(String, Vec<u8>)> {
    let settings = [("source", "none"), ("sink_subject", "out")];
    let mut subject = Vec::new();
    let mut storage = Rc::new(MemoryStorage::tracking());
    let mut now = Timestamp::from_nanos(NOON);
    for round in 0..=kills.len() {
        let mut service = open(&storage, &settings, now);
        // The outbox begins behind the batches that are there when it is set.
        assert!(service.app.service_mut().sink_run().is_some());
        let rows: Vec<_> = (0..25).map(|row| json!({"id": "s", "value": 25 * round + row})).collect();
        let answer = service.post("application/json", &json!(rows).to_string());
        assert_eq!(answer.status, 202, "{}", answer.text());
        let (steps, is_power_loss, is_silent) = kills.get(round).copied().unwrap_or((200, false, false));
        publish(&mut subject, &mut service, steps, is_silent);
        now = service.now;
        drop(service);
        storage = killed(&storage, is_power_loss);
    }
    subject
}

#[test]
fn a_changed_setting_ends_a_run_and_begins_another_at_the_cursor() {
    let mut server = Server { messages: 40, ..Server::default() };
    let storage = Rc::new(MemoryStorage::tracking());
    let mut service = open(&storage, FOLLOW, Timestamp::from_nanos(NOON));
    server.serve(&mut service, 5);
    let before = service.app.service_mut().live_run().unwrap().number;
    assert_eq!(service.patch(&json!({"batch_size": 7})).status, 200);
    assert_eq!(service.app.service_mut().live_run().unwrap().number, before, "it does not depend on this");
    assert_eq!(service.patch(&json!({"source_url": "ws://127.0.0.1:4223"})).status, 200);
    let now = service.now;
    assert_eq!(service.app.service_mut().feed_nats(before, NatsInput::Tick, now, 0.5), None);
    server.disconnect();
    server.serve(&mut service, 200);
    assert_eq!(values(&mut service), (1..=40).collect::<Vec<_>>());
    let source = service.get("source");
    assert_eq!((&source["cursor"]["position"], &source["counts"]["gaps"]), (&json!(40), &json!(0)));
}

/// Servers, and proxies before them, repeat what they were shown.
#[test]
fn no_answer_has_a_secret_that_a_server_repeats() {
    let storage = Rc::new(MemoryStorage::tracking());
    let mut service = open(&storage, FOLLOW, Timestamp::from_nanos(NOON));
    let body = json!({"user": "ann", "password": "s3cret&1"}).to_string();
    assert_eq!(service.send(&Request::new("PUT", "credentials").with_body("application/json", body)).status, 204);
    let (number, now) = (service.app.service_mut().live_run().unwrap().number, service.now);
    let fault = NatsFault::Other("no user ann with s3cret&1 (s3cret%261)".to_owned());
    for input in [NatsInput::Tick, NatsInput::Failed(fault)] {
        service.app.service_mut().feed_nats(number, input, now, 0.5);
    }
    let error = service.get("source")["error"].as_str().unwrap().to_owned();
    assert!(error.contains("no user ann") && !error.contains("s3cret"), "{error}");
}

#[test]
fn a_stream_rests_goes_on_and_is_sought() {
    let mut server = Server { messages: 40, ..Server::default() };
    let storage = Rc::new(MemoryStorage::tracking());
    let mut service = open(&storage, FOLLOW, Timestamp::from_nanos(NOON));
    assert_eq!(service.ask("POST", "source/pause").status, 200);
    server.serve(&mut service, 50);
    assert!(values(&mut service).is_empty());
    assert_eq!(service.ask("POST", "source/resume").status, 200);
    server.serve(&mut service, 200);
    assert_eq!(values(&mut service).len(), 40);
    assert_eq!(service.ask("POST", "source/seek?position=30").status, 200);
    service.patch(&json!({"late": "accept"}));
    server.serve(&mut service, 200);
    assert_eq!(values(&mut service).len(), 50, "31 to 40 come again");
}

#[test]
fn what_was_read_stays_read_when_the_history_is_forgotten() {
    let mut server = Server { messages: 40, ..Server::default() };
    let mut storage = Rc::new(MemoryStorage::tracking());
    let mut service = open(&storage, FOLLOW, Timestamp::from_nanos(NOON));
    server.serve(&mut service, 200);
    assert_eq!(service.ask("DELETE", "events").status, 204);
    let now = service.now;
    drop(service);
    storage = killed(&storage, false);
    server.disconnect();
    server.messages = 42;
    let mut service = open(&storage, FOLLOW, now);
    server.serve(&mut service, 200);
    assert_eq!(values(&mut service), [41, 42]);
}
