//! One suite for all sources: each starts, stops and resumes, is kept waiting, reports errors and survives garbage.
//!
//! A source is driven against the other end of it, in memory, which is killed, comes back and goes on, while the pipeline
//! crashes between what it took and what it stored. What was stored is in order and never twice; what is missing is a gap
//! that was counted, or what the other end had no longer.

use std::collections::VecDeque;
use std::fmt::Debug;

use proptest::prelude::*;

use super::live::{Closing, LiveAsk, LiveHead, LiveInput, LiveKind, Opened};
use super::nats::{ConsumerState, Message, NatsAsk, NatsFault, NatsInput, NatsMode, NatsPlan, NatsStart, StreamState};
use super::{
    Ask, FileHead, FileReader, FileSource, Input, LiveSource, NatsSource, Pace, ReadingOn, Source, SourceState,
    file_epoch,
};
use crate::pipeline::records::{CsvOptions, Format, Mapping};
use crate::pipeline::{Cursor, Overflow, Settings, SourceFormat};
use crate::time::{Clock, Duration, Timestamp};

const NOON: Timestamp = Timestamp::from_nanos(1_790_000_000_000_000_000);
/// Bytes of a piece of a body: rows are cut.
const PIECE: usize = 13;

fn mapping() -> Mapping {
    Mapping::of(&Settings::default(), Clock::Utc)
}

/// A row of a message: its number, or garbage.
type Told = Option<u32>;

/// The other end of a source, in memory.
trait Server: Default {
    type Source: Source<Input: Debug, Ask: Debug>;
    /// Whether it tells again what was not stored.
    const REPEATS: bool;

    /// The source that reads it.
    fn source(&self, cursor: Option<Cursor>) -> Self::Source;

    /// Nothing, as an input.
    fn tick() -> <Self::Source as Source>::Input;

    /// Has a further message.
    fn tell(&mut self, rows: &[Told]);

    /// Does what is asked for, unless that is to be woken.
    fn answer(&mut self, ask: <Self::Source as Source>::Ask) -> Option<Timestamp>;

    /// What comes of the connection now.
    fn inputs(&mut self) -> &mut VecDeque<<Self::Source as Source>::Input>;

    /// Whether it runs; when it stops, its connection breaks.
    fn set_running(&mut self, is_running: bool);

    /// The connection is gone: the pipeline has crashed.
    fn forget(&mut self);

    /// The rows that are stored once nothing happens any more; of a source that counts no gap and no drop, if `is_whole`.
    fn kept(&self, is_whole: bool) -> Vec<u32>;
}

/// A file that grows.
#[derive(Default)]
struct File {
    bytes: Vec<u8>,
    /// Its reader, and the bytes that it had when it was opened.
    open: Option<(FileReader, Vec<u8>)>,
    inputs: VecDeque<Input>,
    rows: Vec<u32>,
}

impl Server for File {
    type Source = FileSource;
    const REPEATS: bool = true;

    fn source(&self, cursor: Option<Cursor>) -> FileSource {
        let head = FileHead {
            source: "file:a".into(),
            epoch: file_epoch(&self.bytes),
            measures: mapping().measures,
            reading_on: ReadingOn::Byte,
            bytes: Some(self.bytes.len() as u64),
        };
        FileSource::new(head, Pace::Follow, cursor)
    }

    fn tick() -> Input {
        Input::Tick
    }

    fn tell(&mut self, rows: &[Told]) {
        if self.bytes.is_empty() {
            self.bytes.extend_from_slice(b"value\n");
        }
        for row in rows {
            let text = row.map_or_else(|| "garbage\n".to_owned(), |row| format!("{row}\n"));
            self.bytes.extend_from_slice(text.as_bytes());
            self.rows.extend(row);
        }
    }

    fn answer(&mut self, ask: Ask) -> Option<Timestamp> {
        match ask {
            Ask::Open(from) => {
                let reader = FileReader::new(Format::Csv(CsvOptions::FOUND), mapping(), from);
                self.open = Some((reader, self.bytes.clone()));
                let (bytes, epoch) = (Some(self.bytes.len() as u64), file_epoch(&self.bytes));
                self.inputs.push_back(Input::Opened { bytes, epoch });
            }
            Ask::Read => {
                let (reader, bytes) = self.open.as_mut().expect("an open file");
                let block = loop {
                    if let Some(block) = reader.next_block() {
                        break block;
                    }
                    let start = reader.next_byte() as usize;
                    let end = bytes.len().min(start + PIECE);
                    reader.push(bytes[start..end].to_vec(), end == bytes.len());
                };
                self.inputs.push_back(Input::Rows(block.into()));
            }
            Ask::Wake(at) => return Some(at),
            Ask::Close => {}
        }
        None
    }

    fn inputs(&mut self) -> &mut VecDeque<Input> {
        &mut self.inputs
    }

    fn set_running(&mut self, _: bool) {}

    fn forget(&mut self) {
        self.inputs.clear();
    }

    fn kept(&self, _: bool) -> Vec<u32> {
        self.rows.clone()
    }
}

/// Sends of the messages: those of a WebSocket, of a stream with ids, or the newest one as a document with an `ETag`.
struct Live<const KIND: u8> {
    messages: Vec<(String, Vec<u32>)>,
    /// Rows that were sent to a WebSocket.
    sent: Vec<u32>,
    inputs: VecDeque<LiveInput>,
    is_down: bool,
    /// Bytes of the body that were not sent; `None`: no connection.
    body: Option<VecDeque<u8>>,
    /// Whether bytes are waited for.
    is_read: bool,
}

const WEB_SOCKET: u8 = 0;
const SSE: u8 = 1;
const POLL: u8 = 2;

impl<const KIND: u8> Default for Live<KIND> {
    fn default() -> Self {
        Self {
            messages: Vec::new(),
            sent: Vec::new(),
            inputs: VecDeque::new(),
            is_down: false,
            body: None,
            is_read: false,
        }
    }
}

impl<const KIND: u8> Live<KIND> {
    const IS: LiveKind = match KIND {
        WEB_SOCKET => LiveKind::WebSocket,
        SSE => LiveKind::Sse,
        _ => LiveKind::Poll,
    };

    fn event(&self, number: usize) -> String {
        let data = self.messages[number].0.replace('\n', "\ndata: ");
        format!("id: {number}\ndata: {data}\n\n")
    }

    /// Sends a piece of the body, if one is waited for.
    fn send(&mut self) {
        let Some(body) = self.body.as_mut().filter(|_| self.is_read) else { return };
        let bytes: Vec<u8> = body.drain(..body.len().min(PIECE)).collect();
        if !bytes.is_empty() {
            self.is_read = false;
            self.inputs.push_back(LiveInput::Bytes(bytes));
        } else if KIND == POLL {
            (self.is_read, self.body) = (false, None);
            self.inputs.push_back(LiveInput::Closed(Closing::End { code: 1000, reason: String::new() }));
        }
    }

    fn connect(&mut self, headers: &[(&'static str, String)]) {
        let header = |name| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        let (mut opened, mut body) = (Opened { status: 200, headers: Vec::new() }, String::new());
        let mut answer = |name: &str, value: String| opened.headers.push((name.to_owned(), value));
        match Self::IS {
            LiveKind::WebSocket => opened.status = 101,
            LiveKind::Sse => {
                answer("content-type", "text/event-stream; charset=utf-8".to_owned());
                let last: Option<usize> = header("last-event-id").map(|id| id.parse().expect("an id of its own"));
                let next = last.map_or(self.messages.len(), |last| last + 1);
                body = (next..self.messages.len()).map(|number| self.event(number)).collect();
            }
            LiveKind::Poll => {
                let etag = format!("\"{}\"", self.messages.len());
                if header("if-none-match") == Some(&*etag) {
                    opened.status = 304;
                } else {
                    answer("etag", etag);
                    body = self.messages.last().map(|(text, _)| text.clone()).unwrap_or_default();
                }
            }
        }
        (self.body, self.is_read) = (Some(body.into_bytes().into()), false);
        self.inputs.push_back(LiveInput::Opened(opened));
    }
}

impl<const KIND: u8> Server for Live<KIND> {
    type Source = LiveSource;
    const REPEATS: bool = KIND == SSE;

    fn source(&self, cursor: Option<Cursor>) -> LiveSource {
        let head = LiveHead {
            kind: Self::IS,
            url: "https://example.org/a".into(),
            format: SourceFormat::Auto,
            csv: CsvOptions::FOUND,
            mapping: mapping(),
            poll_interval: Duration::from_secs(5),
            overflow: Overflow::Block,
        };
        LiveSource::new(head, cursor)
    }

    fn tick() -> LiveInput {
        LiveInput::Tick
    }

    fn tell(&mut self, rows: &[Told]) {
        let line =
            |row: &Told| row.map_or_else(|| "{\"value\":\"x\"}".to_owned(), |row| format!("{{\"value\":{row}}}"));
        let text = rows.iter().map(line).collect::<Vec<_>>().join("\n");
        self.messages.push((text.clone(), rows.iter().copied().flatten().collect()));
        let number = self.messages.len() - 1;
        match (Self::IS, self.body.is_some()) {
            (LiveKind::WebSocket, true) => {
                self.sent.extend(rows.iter().flatten());
                self.inputs.push_back(LiveInput::Messages(vec![text.into_bytes()]));
            }
            (LiveKind::Sse, true) => {
                let event = self.event(number);
                self.body.iter_mut().for_each(|body| body.extend(event.bytes()));
                self.send();
            }
            _ => {}
        }
    }

    fn answer(&mut self, ask: LiveAsk) -> Option<Timestamp> {
        match ask {
            LiveAsk::Connect(_) if self.is_down => {
                self.forget();
                self.inputs.push_back(LiveInput::Closed(Closing::Broken("connection refused".to_owned())));
            }
            LiveAsk::Connect(request) => {
                self.forget();
                self.connect(&request.headers);
            }
            LiveAsk::Read => {
                self.is_read = true;
                self.send();
            }
            LiveAsk::Close => self.forget(),
            LiveAsk::Decode(encoded) => panic!("no row is encoded: {encoded:?}"),
            LiveAsk::Wake(at) => return Some(at),
        }
        None
    }

    fn inputs(&mut self) -> &mut VecDeque<LiveInput> {
        &mut self.inputs
    }

    fn set_running(&mut self, is_running: bool) {
        self.is_down = !is_running;
        if self.is_down && self.body.is_some() {
            self.body = None;
            self.inputs.push_back(LiveInput::Closed(Closing::Broken("connection reset".to_owned())));
        }
    }

    fn forget(&mut self) {
        self.inputs.clear();
        (self.body, self.is_read) = (None, false);
    }

    fn kept(&self, is_whole: bool) -> Vec<u32> {
        match Self::IS {
            LiveKind::WebSocket if is_whole => self.sent.clone(),
            LiveKind::WebSocket => Vec::new(),
            LiveKind::Sse => self.messages.iter().flat_map(|(_, rows)| rows.clone()).collect(),
            LiveKind::Poll => self.messages.last().map(|(_, rows)| rows.clone()).unwrap_or_default(),
        }
    }
}

/// A JetStream stream that is followed.
#[derive(Default)]
struct Stream {
    messages: Vec<Vec<u8>>,
    rows: Vec<u32>,
    inputs: VecDeque<NatsInput>,
    is_down: bool,
    /// The sequence that the consumer delivers next; `None`: there is no consumer.
    next: Option<u64>,
    /// The number of its last delivery, and of messages that were pulled and have not come.
    delivery: u64,
    pulled: u64,
}

impl Stream {
    fn state(&self) -> StreamState {
        StreamState { created: NOON, first: 1, last: self.messages.len() as u64 }
    }

    fn consumer(&self) -> ConsumerState {
        let (delivered, ack_wait) = (self.next.map_or(0, |next| next - 1), Duration::from_secs(30));
        let pending = self.state().last.saturating_sub(delivered);
        ConsumerState { ack_floor: 0, delivered, pending, ack_wait, max_messages: None, is_old: false }
    }

    fn deliver(&mut self) {
        while let Some(next) = self.next.filter(|next| self.pulled > 0 && *next <= self.messages.len() as u64) {
            (self.next, self.pulled, self.delivery) = (Some(next + 1), self.pulled - 1, self.delivery + 1);
            let payload = self.messages[next as usize - 1].clone();
            let pending = self.messages.len() as u64 - next;
            let (sequence, delivery, stored) = (next, self.delivery, NOON);
            let message = Message { sequence, delivery, deliveries: 1, stored, pending, payload };
            self.inputs.push_back(NatsInput::Messages(vec![message]));
        }
    }

    fn disconnect(&mut self) {
        (self.next, self.pulled) = (None, 0);
    }
}

impl Server for Stream {
    type Source = NatsSource;
    const REPEATS: bool = true;

    fn source(&self, cursor: Option<Cursor>) -> NatsSource {
        let plan = NatsPlan {
            stream: "a".into(),
            subject: ">".into(),
            start: NatsStart::All,
            mode: NatsMode::Follow,
            format: SourceFormat::Auto,
            csv: CsvOptions::FOUND,
            mapping: mapping(),
        };
        NatsSource::new(plan, &cursor)
    }

    fn tick() -> NatsInput {
        NatsInput::Tick
    }

    fn tell(&mut self, rows: &[Told]) {
        let line =
            |row: &Told| row.map_or_else(|| "{\"value\":\"x\"}".to_owned(), |row| format!("{{\"value\":{row}}}"));
        self.messages.push(rows.iter().map(line).collect::<Vec<_>>().join("\n").into_bytes());
        self.rows.extend(rows.iter().flatten());
        self.deliver();
    }

    fn answer(&mut self, ask: NatsAsk) -> Option<Timestamp> {
        match ask {
            NatsAsk::Wake(at) => return Some(at),
            NatsAsk::Connect | NatsAsk::Consume(_) | NatsAsk::Look if self.is_down => {
                self.inputs.push_back(NatsInput::Failed(NatsFault::Silent));
            }
            NatsAsk::Connect => self.inputs.push_back(NatsInput::Connected(self.state())),
            NatsAsk::Consume(consumer) => {
                let first = if let NatsStart::Sequence(sequence) = consumer.start { sequence } else { 1 };
                (self.next, self.delivery, self.pulled) = (Some(first), 0, 0);
                self.inputs.push_back(NatsInput::Consuming(self.consumer()));
            }
            NatsAsk::Look => {
                let (stream, consumer) = (self.state(), self.consumer());
                self.inputs.push_back(NatsInput::Looked { stream, consumer });
            }
            NatsAsk::Pull { messages, .. } => {
                self.pulled += messages;
                self.deliver();
            }
            NatsAsk::Disconnect => self.disconnect(),
            NatsAsk::Decode { encoded, .. } => panic!("no row is encoded: {encoded:?}"),
            NatsAsk::Ack(_) | NatsAsk::Nak(_) => {}
        }
        None
    }

    fn inputs(&mut self) -> &mut VecDeque<NatsInput> {
        &mut self.inputs
    }

    fn set_running(&mut self, is_running: bool) {
        self.is_down = !is_running;
        if self.is_down && self.next.is_some() {
            self.disconnect();
            self.inputs.push_back(NatsInput::Failed(NatsFault::Closed));
        }
    }

    fn forget(&mut self) {
        self.inputs.clear();
        self.disconnect();
    }

    fn kept(&self, _: bool) -> Vec<u32> {
        self.rows.clone()
    }
}

/// What happens to a source.
#[derive(Debug, Clone)]
enum Deed {
    /// The other end has another message; `true`: a good row.
    Tell(Vec<bool>),
    /// It is fed so often, with so much room.
    Feed { times: usize, room: usize },
    /// It is fed, and the pipeline crashes before it has stored what that brought.
    Crash { room: usize },
    /// The other end stops, or runs again.
    Run(bool),
    /// All sources rest, or go on.
    Hold(bool),
    /// Time passes.
    Wait { millis: i64 },
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        4 => proptest::collection::vec(proptest::bool::weighted(0.8), 1..5).prop_map(Deed::Tell),
        6 => (1_usize..12, 0_usize..4).prop_map(|(times, room)| Deed::Feed { times, room }),
        1 => (0_usize..4).prop_map(|room| Deed::Crash { room }),
        2 => any::<bool>().prop_map(Deed::Run),
        1 => any::<bool>().prop_map(Deed::Hold),
        2 => (1_i64..40_000).prop_map(|millis| Deed::Wait { millis }),
    ];
    proptest::collection::vec(deed, 0..40)
}

/// Drives a source as a worker does.
struct Run<S: Server> {
    server: S,
    source: S::Source,
    now: Timestamp,
    wake: Option<Timestamp>,
    is_held: bool,
    told: u32,
    garbage: usize,
    /// What was stored: the rows, the number of refused ones, and the cursor.
    stored: Vec<u32>,
    refused: usize,
    cursor: Option<Cursor>,
    /// Gaps and drops of the sources before.
    lost: u64,
}

impl<S: Server> Run<S> {
    /// A source that has read one message.
    fn new() -> Self {
        let mut server = S::default();
        // A file is chosen when there is something in it; others tell it while they are read.
        server.tell(&[Some(0)]);
        let source = server.source(None);
        let mut run = Self {
            server,
            source,
            now: NOON,
            wake: None,
            is_held: false,
            told: 1,
            garbage: 0,
            stored: Vec::new(),
            refused: 0,
            cursor: None,
            lost: 0,
        };
        run.feed(0, true);
        run.feed(0, true);
        run.tell(&[true]);
        for _ in 0..60 {
            run.feed_or_wait(4);
        }
        run
    }

    fn tell(&mut self, rows: &[bool]) {
        let mut told = self.told;
        let numbered = |is_good: &bool| {
            told += 1;
            is_good.then_some(told - 1)
        };
        let rows: Vec<Told> = rows.iter().map(numbered).collect();
        self.told = told;
        self.garbage += rows.iter().filter(|row| row.is_none()).count();
        self.server.tell(&rows);
    }

    fn feed(&mut self, room: usize, is_stored: bool) {
        let input = self.server.inputs().pop_front().unwrap_or_else(S::tick);
        self.source.hold(self.is_held, self.now);
        let fed = self.source.feed(input, room, self.now, 0.5);
        assert!(fed.rows.len() <= room, "{} rows where there is room for {room}", fed.rows.len());
        if self.is_held {
            assert!(fed.rows.is_empty(), "a source that rests gives out nothing");
        }
        if is_stored {
            self.stored.extend(fed.rows.iter().map(|(_, draft)| draft.values[0] as u32));
            self.refused += fed.refused.len() + fed.refused_unlisted;
            if fed.has_moved {
                self.cursor = Some(self.source.cursor().clone());
            }
        }
        self.wake = None;
        for ask in fed.asks {
            if let Some(at) = self.server.answer(ask) {
                self.wake = Some(self.wake.map_or(at, |wake| wake.min(at)));
            }
        }
    }

    /// Feeds it when something came or it is to be woken; else time passes.
    fn feed_or_wait(&mut self, room: usize) {
        if self.server.inputs().is_empty() {
            self.now = self.now.max(self.wake.unwrap_or(self.now));
        }
        self.feed(room, true);
    }

    fn crash(&mut self, room: usize) {
        self.feed(room, false);
        let progress = self.source.progress(self.now);
        self.lost += progress.gaps + progress.dropped;
        self.server.forget();
        self.source = self.server.source(self.cursor.clone());
    }

    fn act(&mut self, deed: Deed) {
        match deed {
            Deed::Tell(rows) => self.tell(&rows),
            Deed::Feed { times, room } => (0..times).for_each(|_| self.feed(room, true)),
            Deed::Crash { room } => self.crash(room),
            Deed::Run(is_running) => self.server.set_running(is_running),
            Deed::Hold(is_held) => self.is_held = is_held,
            Deed::Wait { millis } => self.now = self.now + Duration::from_nanos(millis * 1_000_000),
        }
        let state = self.source.state();
        assert!(!matches!(state, SourceState::Failed(_) | SourceState::Done), "it goes on by itself: {state:?}");
    }

    /// All is well from now on.
    fn settle(&mut self) {
        self.server.set_running(true);
        self.is_held = false;
        for _ in 0..1000 {
            self.feed_or_wait(3);
        }
    }

    fn lost(&self) -> u64 {
        let progress = self.source.progress(self.now);
        self.lost + progress.gaps + progress.dropped
    }
}

fn check<S: Server>(deeds: Vec<Deed>) {
    let mut run = Run::<S>::new();
    deeds.into_iter().for_each(|deed| run.act(deed));
    run.settle();
    assert!(run.stored.is_sorted_by(|a, b| a < b), "each row once, in order: {:?}", run.stored);
    // The first one was told before there was a connection.
    let kept = run.server.kept(run.lost() == 0).into_iter().filter(|row| *row > 0);
    let missing: Vec<u32> = kept.filter(|row| !run.stored.contains(row)).collect();
    assert!(missing.is_empty(), "no row is missing that the other end has: {missing:?} of {:?}", run.stored);
    if S::REPEATS {
        assert_eq!((run.lost(), run.refused), (0, run.garbage), "nothing is lost, and garbage is refused once");
    }
    if let Some(error) = run.source.progress(run.now).error {
        panic!("all is well, and it says: {error}");
    }
}

proptest! {
    #![proptest_config(crate::tests::form::cases(256))]

    #[test]
    fn a_file_conforms(deeds in deeds()) {
        check::<File>(deeds);
    }

    #[test]
    fn a_web_socket_conforms(deeds in deeds()) {
        check::<Live<WEB_SOCKET>>(deeds);
    }

    #[test]
    fn an_event_stream_conforms(deeds in deeds()) {
        check::<Live<SSE>>(deeds);
    }

    #[test]
    fn a_poll_conforms(deeds in deeds()) {
        check::<Live<POLL>>(deeds);
    }

    #[test]
    fn a_jetstream_stream_conforms(deeds in deeds()) {
        check::<Stream>(deeds);
    }
}
