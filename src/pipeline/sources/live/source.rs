//! The machine of the live sources.

use std::collections::VecDeque;
use std::sync::Arc;

use super::event_stream::{EventStream, StreamItem};
use super::messages::{Body, MessageReader, SHOWN_BYTES};
use super::validator::Validator;
use super::{CRC64, Closing, LiveAsk, LiveHead, LiveInput, LiveKind, MAX_MESSAGE_BYTES, Opened, Request, problems};
use crate::pipeline::records::{BadRow, Draft, Place, Rows};
use crate::pipeline::sources::backoff::{Backoff, LONGEST, retry_after};
use crate::pipeline::sources::{Fed, Source, SourceProgress, SourceState};
use crate::pipeline::{Cursor, MAX_TOKEN_BYTES, Measures, Overflow};
use crate::time::{Duration, Timestamp};

/// Bytes that are read in one step: a millisecond or two of work.
const STEP_BYTES: usize = 64 << 10;
/// Rows that are made ready in one step.
const STEP_ROWS: usize = 256;
/// Bytes of messages of a WebSocket that wait to be read.
const MAX_INBOX_BYTES: usize = 16 << 20;
/// Why messages of a WebSocket are dropped or refused.
const OVERFULL: &str = "more arrives than is processed, and a WebSocket cannot be slowed: what there is no room for is \
                        dropped or refused, as overflow says, and counted; let the server send less";
/// What a message that waits takes beside its bytes.
const MESSAGE_BYTES: usize = 96;
/// Time until a connection is there, and until a part of an answer has come.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Time until a stream begins: some servers send its head with the first event.
const STREAM_TIMEOUT: Duration = Duration::from_secs(300);
/// Time until it is looked again whether there is room.
const FULL_AFTER: Duration = Duration::from_nanos(10_000_000);
/// What no more is waited for.
const AT_ONCE: Duration = Duration::from_nanos(0);

/// A message that is not read yet.
#[derive(Debug)]
struct Message {
    body: Body,
    /// Where the other end goes on behind it, if it says so: see [`Cursor::token`].
    token: Option<Arc<str>>,
    arrived: Timestamp,
}

/// The rows of a message that were not given out.
#[derive(Debug)]
struct Unit {
    /// The number of its first row among those of the source.
    start: u64,
    /// The row of the message before which all are given out, refused or passed over.
    next: u64,
    /// Rows of the message that were read, and whether these are all.
    count: u64,
    is_read: bool,
    drafts: VecDeque<(Place, Draft)>,
    refused: VecDeque<BadRow>,
    token: Option<Arc<str>>,
    arrived: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
enum Phase {
    /// There is no connection; one is made when so long has passed since then, or at once where nothing was tried yet.
    Idle { since: Option<Timestamp>, wait: Duration },
    /// A connection is being made.
    Connecting { since: Timestamp },
    /// It is there.
    Open {
        /// When it was asked for.
        since: Timestamp,
        /// When something came of it last.
        heard: Timestamp,
        /// Whether bytes were asked for and have not come.
        is_reading: bool,
    },
    /// It is never tried again.
    Ended(SourceState),
}

/// Before the first attempt.
const START: Phase = Phase::Idle { since: None, wait: AT_ONCE };

/// Reads a live source: a state machine, see the [module](super).
///
/// Its rows are numbered from the first one that it ever brought. The other end is asked to go on behind
/// [`Cursor::token`], which stands behind [`Cursor::rows`] of them; what follows up to [`Cursor::taken`] was taken before,
/// and is passed over. Without a token, nobody knows what was missed: that is a gap. A connection is made anew only when
/// all that came of the last one is given out.
#[derive(Debug)]
pub struct LiveSource {
    head: LiveHead,
    cursor: Cursor,
    phase: Phase,
    is_held: bool,
    /// Whether the connection is to be closed, since the source rests.
    is_close_due: bool,
    backoff: Backoff,
    reader: MessageReader,
    rows: Rows,
    /// Finds the events in the bytes of a stream.
    events: EventStream,
    items: Vec<StreamItem>,
    /// The answer of a poll so far, and what its head says of it.
    body: Vec<u8>,
    validator: Validator,
    retry_after: Option<Duration>,
    conditions: Conditions,
    inbox: VecDeque<Message>,
    inbox_bytes: usize,
    /// The message before them, whose columns are waited for.
    decoding: Option<Message>,
    /// Whether there was no room in it for a message since it was empty.
    is_overfull: bool,
    units: VecDeque<Unit>,
    /// Rows in them that can be given out.
    ready_rows: usize,
    /// The number of the first row of the next message.
    next_row: u64,
    has_connected: bool,
    lost_at: Option<Timestamp>,
    progress: SourceProgress,
}

/// Whether polls say what is known, so that an answer can be left out. From another origin, browsers ask the server whether
/// it takes such a request, and many do not know the question.
#[derive(Debug, Clone, Copy, Default)]
struct Conditions {
    is_sent: bool,
    /// Whether the next request is one without conditions.
    is_left_out: bool,
    /// Requests with conditions that failed while those without were answered.
    strikes: u8,
}

impl Conditions {
    /// A request got an answer.
    fn answered(&mut self) {
        if self.is_sent {
            self.strikes = 0;
        } else {
            // Twice is no chance: the server is there, and does not take them.
            self.is_left_out = self.strikes >= 2;
        }
    }

    /// A request got none.
    fn failed(&mut self) {
        self.strikes = if self.is_sent { self.strikes.saturating_add(1) } else { 0 };
        self.is_left_out = self.is_sent;
    }
}

impl LiveSource {
    /// A source that goes on at its cursor, if it was read before: [`LiveHead::new_cursor`] says of which source and epoch
    /// that is.
    #[must_use]
    pub fn new(head: LiveHead, cursor: Option<Cursor>) -> Self {
        let cursor = cursor.unwrap_or_else(|| head.new_cursor());
        let is_each_whole = head.kind == LiveKind::Poll;
        Self {
            reader: MessageReader::new(head.format, head.csv, head.mapping.clone(), is_each_whole),
            next_row: cursor.taken,
            head,
            cursor: Cursor { is_done: false, ..cursor },
            phase: START,
            is_held: false,
            is_close_due: false,
            backoff: Backoff::default(),
            rows: Rows::default(),
            events: EventStream::default(),
            items: Vec::new(),
            body: Vec::new(),
            validator: Validator::default(),
            retry_after: None,
            conditions: Conditions::default(),
            inbox: VecDeque::new(),
            inbox_bytes: 0,
            decoding: None,
            is_overfull: false,
            units: VecDeque::new(),
            ready_rows: 0,
            has_connected: false,
            lost_at: None,
            progress: SourceProgress::default(),
        }
    }

    /// How it is read.
    #[must_use]
    pub fn head(&self) -> &LiveHead {
        &self.head
    }

    /// The fields that were left out so far: the first hundred names.
    #[must_use]
    pub fn ignored(&self) -> &[String] {
        self.rows.ignored.names()
    }

    /// Tries to connect at once, where it waits: credentials were given, or a person asks for it.
    pub fn retry_now(&mut self) {
        if matches!(self.phase, Phase::Idle { .. } | Phase::Ended(_)) {
            self.phase = START;
            self.backoff.reset();
        }
    }

    fn take(&mut self, input: LiveInput, now: Timestamp, chance: f64, fed: &mut Fed<LiveAsk>) {
        match input {
            LiveInput::Opened(opened) if matches!(self.phase, Phase::Connecting { .. }) => {
                self.open(&opened, now, chance, fed);
            }
            LiveInput::Bytes(bytes) => {
                if let Phase::Open { is_reading, heard, .. } = &mut self.phase
                    && std::mem::take(is_reading)
                {
                    *heard = now;
                    self.take_bytes(&bytes, now, chance, fed);
                }
            }
            LiveInput::Messages(messages)
                if self.head.kind == LiveKind::WebSocket && matches!(self.phase, Phase::Open { .. }) =>
            {
                self.take_messages(messages, now, fed);
            }
            LiveInput::Closed(closing) if matches!(self.phase, Phase::Connecting { .. } | Phase::Open { .. }) => {
                self.close(&closing, now, chance);
            }
            LiveInput::Decoded(columns) => self.take_columns(columns),
            // Of a connection that was closed since, and of none.
            LiveInput::Opened(_) | LiveInput::Messages(_) | LiveInput::Closed(_) | LiveInput::Tick => {}
        }
    }

    /// The connection is there: looks whether it is one that is read.
    fn open(&mut self, opened: &Opened, now: Timestamp, chance: f64, fed: &mut Fed<LiveAsk>) {
        let header =
            |name: &str| opened.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
        let (kind, url) = (self.head.kind, Arc::clone(&self.head.url));
        self.retry_after = retry_after(header("retry-after"), now);
        self.conditions.answered();
        match (kind, opened.status) {
            (LiveKind::WebSocket, _) => self.begin(now),
            (LiveKind::Sse, 200) => {
                let content_type = header("content-type");
                let media_type = content_type.split(';').next().unwrap_or_default().trim_ascii();
                if media_type.eq_ignore_ascii_case("text/event-stream") {
                    return self.begin(now);
                }
                self.fail(problems::content_type(content_type, &url), now, chance);
                fed.asks.push(LiveAsk::Close);
            }
            // As the standard has it: the server wants no further connection.
            (LiveKind::Sse, 204) => {
                (self.phase, self.cursor.is_done, fed.has_moved) = (Phase::Ended(SourceState::Done), true, true);
                fed.asks.push(LiveAsk::Close);
            }
            (LiveKind::Poll, 304) => {
                self.rest(now);
                fed.asks.push(LiveAsk::Close);
            }
            (LiveKind::Poll, 200..=299) => {
                self.validator = Validator::new(header("etag"), header("last-modified"));
                self.begin(now);
            }
            (_, status) => {
                self.fail(problems::status(kind, status, &url), now, chance);
                fed.asks.push(LiveAsk::Close);
            }
        }
    }

    /// Reads a connection from its beginning.
    fn begin(&mut self, now: Timestamp) {
        let since = if let Phase::Connecting { since } = self.phase { since } else { now };
        self.phase = Phase::Open { since, heard: now, is_reading: false };
        (self.events, self.body) = (EventStream::default(), Vec::new());
        let lost_at = self.lost_at.take();
        if self.head.kind == LiveKind::Poll {
            return;
        }
        // Nothing was missed before the first connection, and nothing where the other end was told where to go on.
        let is_first = !self.has_connected && self.cursor.taken == 0;
        if !is_first && !self.is_resumed() {
            self.progress.gaps += 1;
            let lasted = lost_at.map_or(AT_ONCE, |lost_at| (now - lost_at).max(AT_ONCE));
            self.progress.gap_time =
                Duration::from_nanos(self.progress.gap_time.as_nanos().saturating_add(lasted.as_nanos()));
        }
        (self.has_connected, self.progress.error) = (true, None);
    }

    /// Whether the other end is told where to go on.
    fn is_resumed(&self) -> bool {
        self.head.kind == LiveKind::Sse && !self.cursor.token.is_empty()
    }

    fn take_bytes(&mut self, bytes: &[u8], now: Timestamp, chance: f64, fed: &mut Fed<LiveAsk>) {
        self.progress.bytes += bytes.len() as u64;
        if self.head.kind == LiveKind::Sse {
            let mut items = std::mem::take(&mut self.items);
            self.events.push(bytes, &mut items);
            items.drain(..).for_each(|item| self.take_item(item, now));
            self.items = items;
        } else if self.body.len() + bytes.len() > MAX_MESSAGE_BYTES {
            self.body = Vec::new();
            self.fail(too_long(), now, chance);
            fed.asks.push(LiveAsk::Close);
        } else {
            self.body.extend_from_slice(bytes);
        }
    }

    fn take_item(&mut self, item: StreamItem, now: Timestamp) {
        let (body, token) = match item {
            StreamItem::Event { data, id } => (Body::Sent(data), id),
            StreamItem::TooLong { start, id } => (Body::Unread(start, too_long()), id),
            StreamItem::Retry(millis) => return self.backoff.set_first(millis),
        };
        self.backoff.reset();
        self.push(Message { body, token, arrived: now });
    }

    fn take_messages(&mut self, messages: Vec<Vec<u8>>, now: Timestamp, fed: &mut Fed<LiveAsk>) {
        for bytes in messages {
            self.progress.bytes += bytes.len() as u64;
            self.backoff.reset();
            let body = if bytes.len() > MAX_MESSAGE_BYTES {
                Body::Unread(bytes[..SHOWN_BYTES].to_vec(), too_long())
            } else {
                Body::Sent(bytes)
            };
            // It cannot be made to wait: what there is no room for is dropped or refused, as the queue would do it.
            let most = MAX_INBOX_BYTES.saturating_sub(body.bytes().len() + MESSAGE_BYTES);
            if self.head.overflow == Overflow::DropOldest {
                while self.inbox_bytes > most
                    && let Some(oldest) = self.pop()
                {
                    self.drop_message(&oldest.body, fed);
                }
            }
            if self.inbox_bytes > most && !self.inbox.is_empty() {
                self.drop_message(&body, fed);
            } else {
                self.push(Message { body, token: None, arrived: now });
            }
        }
    }

    fn push(&mut self, message: Message) {
        self.inbox_bytes += message.body.bytes().len() + MESSAGE_BYTES;
        self.inbox.push_back(message);
    }

    fn pop(&mut self) -> Option<Message> {
        let message = self.inbox.pop_front()?;
        self.inbox_bytes -= message.body.bytes().len() + MESSAGE_BYTES;
        Some(message)
    }

    /// The next message, unless its columns are waited for.
    fn next_message(&mut self, fed: &mut Fed<LiveAsk>) -> Option<Message> {
        if self.decoding.is_some() {
            return None;
        }
        let mut message = self.pop()?;
        let Some(encoded) = self.reader.take_encoded(&mut message.body) else { return Some(message) };
        fed.asks.push(LiveAsk::Decode(encoded));
        self.decoding = Some(message);
        None
    }

    /// The columns of a message have come, or never will.
    fn take_columns(&mut self, columns: Result<Vec<u8>, String>) {
        let Some(Message { body, token, arrived }) = self.decoding.take() else { return };
        let message = Message { body: body.decoded(columns), token, arrived };
        self.inbox_bytes += message.body.bytes().len() + MESSAGE_BYTES;
        self.inbox.push_front(message);
    }

    /// Counts the rows of a message for which there is no room.
    fn drop_message(&mut self, body: &Body, fed: &mut Fed<LiveAsk>) {
        let rows = self.reader.count(body);
        if !self.is_overfull {
            (self.is_overfull, self.progress.error) = (true, Some(OVERFULL.to_owned()));
        }
        if self.head.overflow != Overflow::Reject {
            fed.dropped += rows;
            self.progress.dropped += rows as u64;
        } else if rows > 0 {
            let place = Place { row: self.next_row as usize, line: 1 };
            let bytes = body.bytes();
            let input = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN_BYTES)]).into_owned();
            fed.refused.push(BadRow { place, reason: OVERFULL.to_owned(), input });
            fed.refused_unlisted += rows - 1;
            self.progress.refused += rows as u64;
        }
    }

    /// The connection has ended, or there was none.
    fn close(&mut self, closing: &Closing, now: Timestamp, chance: f64) {
        let (kind, url) = (self.head.kind, Arc::clone(&self.head.url));
        match (closing, &self.phase) {
            (Closing::Refused(sentence), _) => {
                self.progress.error = Some(sentence.clone());
                self.phase = Phase::Ended(SourceState::Failed(sentence.clone()));
            }
            (Closing::End { .. }, Phase::Open { .. }) if kind == LiveKind::Poll => self.end_answer(now),
            (_, Phase::Open { since, .. }) => {
                // One that lived for so long was a good one.
                if now - *since >= LONGEST {
                    self.backoff.reset();
                }
                self.lost_at = Some(now);
                self.fail(problems::lost(kind, closing, &url), now, chance);
            }
            (Closing::Broken(reason), _) => {
                self.conditions.failed();
                self.fail(problems::unreachable(kind, reason, &url), now, chance);
            }
            (Closing::End { code, .. }, _) => {
                let reason = format!("it ended with code {code} before it began");
                self.fail(problems::unreachable(kind, &reason, &url), now, chance);
            }
        }
    }

    /// The answer of a poll is whole: it is one message.
    fn end_answer(&mut self, now: Timestamp) {
        let bytes = std::mem::take(&mut self.body);
        let token = std::mem::take(&mut self.validator).token(CRC64.checksum(&bytes));
        self.push(Message { body: Body::Sent(bytes), token: Some(token), arrived: now });
        self.rest(now);
    }

    /// An answer of a poll came, also if it was that nothing is new: the next one is asked for an interval after it was.
    fn rest(&mut self, now: Timestamp) {
        let asked_at = match self.phase {
            Phase::Connecting { since } | Phase::Open { since, .. } if since <= now => since,
            _ => now,
        };
        let least = self.retry_after.take().map_or(AT_ONCE, |wait| (now + wait) - asked_at);
        self.phase = Phase::Idle { since: Some(asked_at), wait: self.head.poll_interval.max(least) };
        self.backoff.reset();
        self.progress.error = None;
    }

    /// Waits before it connects again.
    fn fail(&mut self, sentence: String, now: Timestamp, chance: f64) {
        let mut wait = self.backoff.next(chance).max(self.retry_after.take().unwrap_or(AT_ONCE));
        if self.head.kind == LiveKind::Poll {
            // What is asked every hour is tried again sooner, but what is asked every ten seconds is not.
            wait = wait.max(self.head.poll_interval.min(LONGEST));
        }
        self.phase = Phase::Idle { since: Some(now), wait };
        self.progress.error = Some(sentence);
    }

    fn step(&mut self, room: usize, now: Timestamp, chance: f64, fed: &mut Fed<LiveAsk>) {
        self.read(room, fed);
        self.give(room, fed);
        if self.is_overfull && self.inbox.is_empty() {
            self.is_overfull = false;
            self.progress.error.take_if(|error| error.as_str() == OVERFULL);
        }
        if !self.units.is_empty() || (self.decoding.is_none() && !self.inbox.is_empty()) {
            // What is read on is read when there is room; what cannot wait is in the buffer.
            fed.asks.push(LiveAsk::Wake(if room == 0 { now + FULL_AFTER } else { now }));
        }
        match self.phase {
            Phase::Idle { since: Some(since), wait } if now >= since && now - since < wait => {
                fed.asks.push(LiveAsk::Wake(since + wait));
            }
            // A clock that was set back makes nobody wait.
            Phase::Idle { .. } if self.is_drained() => self.connect(now, fed),
            Phase::Connecting { since } if now - since >= self.timeout() => self.time_out(now, chance, fed),
            Phase::Connecting { since } => fed.asks.push(LiveAsk::Wake(since + self.timeout())),
            Phase::Open { .. } if self.head.kind == LiveKind::WebSocket => {}
            Phase::Open { since, heard, is_reading: false } if self.is_drained() => {
                self.phase = Phase::Open { since, heard: now.max(heard), is_reading: true };
                fed.asks.push(LiveAsk::Read);
            }
            // A stream may be silent; an answer is on its way.
            Phase::Open { heard, is_reading: true, .. } if self.head.kind == LiveKind::Poll => {
                if now - heard >= self.timeout() {
                    self.time_out(now, chance, fed);
                } else {
                    fed.asks.push(LiveAsk::Wake(heard + self.timeout()));
                }
            }
            Phase::Idle { .. } | Phase::Open { .. } | Phase::Ended(_) => {}
        }
    }

    /// How long an answer is waited for.
    fn timeout(&self) -> Duration {
        if self.head.kind == LiveKind::Sse { STREAM_TIMEOUT } else { TIMEOUT }
    }

    fn time_out(&mut self, now: Timestamp, chance: f64, fed: &mut Fed<LiveAsk>) {
        let reason = format!("nothing came for {} s", self.timeout().as_millis() / 1e3);
        self.fail(problems::unreachable(self.head.kind, &reason, &self.head.url), now, chance);
        fed.asks.extend([LiveAsk::Close, LiveAsk::Wake(now)]);
    }

    /// Whether all that came is given out.
    fn is_drained(&self) -> bool {
        self.units.is_empty() && self.decoding.is_none() && self.inbox.is_empty()
    }

    /// Makes a connection. The rows that come of it are numbered from the place where the other end goes on.
    fn connect(&mut self, now: Timestamp, fed: &mut Fed<LiveAsk>) {
        if self.progress.error.is_some() || self.lost_at.is_some() {
            self.progress.retries += 1;
        }
        self.next_row = if self.is_resumed() { self.cursor.rows } else { self.cursor.taken };
        let mut headers = Vec::new();
        match self.head.kind {
            LiveKind::WebSocket => {}
            LiveKind::Sse => {
                headers.push(("accept", "text/event-stream".to_owned()));
                if self.is_resumed() {
                    headers.push(("last-event-id", self.cursor.token.to_string()));
                }
            }
            LiveKind::Poll => {
                let accept = "application/json, application/x-ndjson, text/csv, */*;q=0.5";
                headers.push(("accept", accept.to_owned()));
                // Of an answer that was taken in part, the rest is wanted.
                let is_whole = self.cursor.rows == self.cursor.taken;
                let condition = Validator::condition(&self.cursor.token);
                let condition = condition.filter(|_| is_whole && !self.conditions.is_left_out);
                self.conditions.is_sent = condition.is_some();
                headers.extend(condition);
            }
        }
        self.phase = Phase::Connecting { since: now };
        let (kind, url) = (self.head.kind, Arc::clone(&self.head.url));
        fed.asks.extend([LiveAsk::Connect(Request { kind, url, headers }), LiveAsk::Wake(now + self.timeout())]);
    }

    /// Makes rows of the messages that came, as many as there is room for.
    fn read(&mut self, room: usize, fed: &mut Fed<LiveAsk>) {
        if room == 0 {
            return;
        }
        // The last row of a message waits until the message is read to its end, and one more is read before it.
        let wanted = room.min(STEP_ROWS) + 1;
        let mut budget = STEP_BYTES;
        while self.ready_rows < wanted && budget > 0 {
            if self.units.back().is_none_or(|unit| unit.is_read) {
                let Some(message) = self.next_message(fed) else { break };
                budget = budget.saturating_sub(message.body.bytes().len());
                self.begin_message(message);
            } else {
                budget = 0;
            }
            self.read_step();
        }
    }

    fn begin_message(&mut self, message: Message) {
        let Message { body, token, arrived } = message;
        let is_read = !matches!(body, Body::Unread(..));
        if let Some(token) = token.as_ref().filter(|_| is_read) {
            let kind = self.head.kind;
            match kind {
                LiveKind::Poll if self.begin_answer(&body, token) => return,
                LiveKind::Poll | LiveKind::WebSocket => {}
                // A server that repeats where it goes on says nothing of what was taken behind that.
                LiveKind::Sse if body.bytes().is_empty() && self.units.is_empty() && *token == self.cursor.token => {
                    return;
                }
                LiveKind::Sse => self.begin_event(&body),
            }
        }
        self.progress.messages += 1;
        let start = self.next_row;
        self.units.push_back(Unit {
            start,
            next: self.cursor.taken.saturating_sub(start),
            count: 0,
            is_read: false,
            drafts: VecDeque::new(),
            refused: VecDeque::new(),
            token,
            arrived,
        });
        self.reader.begin(body, &mut self.rows);
    }

    /// An answer of a poll: whether it is the one that was taken. One that was taken in part goes on where it ended.
    fn begin_answer(&mut self, body: &Body, token: &Arc<str>) -> bool {
        let is_same = *token == self.cursor.token;
        let is_whole = self.cursor.rows == self.cursor.taken;
        if is_same && is_whole && self.cursor.position > 0 {
            // The same bytes without times are another reading; with times they are the same one.
            let is_known = !Validator::is_digest(token) || self.probe(body).1;
            if is_known {
                return true;
            }
        }
        self.next_row = if is_same && !is_whole { self.cursor.rows } else { self.cursor.taken };
        (self.cursor.token, self.cursor.rows) = (Arc::clone(token), self.next_row);
        false
    }

    /// An event with an id of its own, while those before it are passed over that were taken: it is the one of which a
    /// part was taken, or a new one, when it has no further rows.
    fn begin_event(&mut self, body: &Body) {
        if self.next_row < self.cursor.taken && self.next_row + self.probe(body).0 <= self.cursor.taken {
            self.next_row = self.cursor.taken;
        }
    }

    /// The number of rows of a message, and whether each has a time.
    fn probe(&mut self, body: &Body) -> (u64, bool) {
        let mut rows = Rows::default();
        self.reader.begin(body.clone(), &mut rows);
        while !self.reader.read(usize::MAX, &mut rows) {}
        (rows.count() as u64, rows.drafts.iter().all(|(_, draft)| draft.timestamp.is_some()))
    }

    /// Reads a step of the newest message.
    fn read_step(&mut self) {
        let Some(unit) = self.units.back_mut().filter(|unit| !unit.is_read) else { return };
        unit.is_read = self.reader.read(STEP_BYTES, &mut self.rows);
        let (next, ready_before) = (unit.next, unit.drafts.len());
        let is_new = |place: &Place| place.row as u64 >= next;
        unit.drafts.extend(self.rows.drafts.drain(..).filter(|(place, _)| is_new(place)));
        self.ready_rows += unit.drafts.len() - ready_before;
        let refused = std::mem::take(&mut self.rows.refusals).newest();
        unit.refused.extend(refused.into_iter().filter(|bad| is_new(&bad.place)));
        unit.count = self.rows.count() as u64;
        if unit.is_read {
            self.next_row = unit.start + unit.count;
        }
    }

    /// Gives out rows, as far as there is room.
    fn give(&mut self, room: usize, fed: &mut Fed<LiveAsk>) {
        while let Some(unit) = self.units.front_mut() {
            match unit.drafts.front() {
                Some(_) if fed.rows.len() >= room => break,
                // Else its cursor would stand behind all its rows, as that of a message that is done with.
                Some(_) if !unit.is_read && unit.drafts.len() == 1 => break,
                Some((place, _)) => {
                    let row = place.row as u64;
                    self.progress.refused += unit.refuse_until(row, fed);
                    if let Some((place, draft)) = unit.drafts.pop_front() {
                        self.ready_rows -= 1;
                        fed.rows.push((unit.place(place), draft));
                    }
                    unit.next = row + 1;
                    self.progress.given += 1;
                    self.cursor.taken = self.cursor.taken.max(unit.start + unit.next);
                    fed.has_moved = true;
                }
                None if unit.is_read => {
                    self.progress.refused += unit.refuse_until(unit.count, fed);
                    self.cursor.taken = self.cursor.taken.max(unit.start + unit.count);
                    let token = unit.token.take();
                    self.units.pop_front();
                    self.settle(token, fed);
                }
                None => break,
            }
        }
    }

    /// A message is given out whole: the other end goes on behind it.
    fn settle(&mut self, token: Option<Arc<str>>, fed: &mut Fed<LiveAsk>) {
        self.cursor.position += 1;
        if let Some(token) = token {
            // One that is too long is not kept: what follows is a gap when the connection is lost.
            self.cursor.token = if token.len() <= MAX_TOKEN_BYTES { token } else { "".into() };
            self.cursor.rows = self.cursor.taken;
        } else if self.cursor.token.is_empty() {
            self.cursor.rows = self.cursor.taken;
        }
        fed.has_moved = true;
    }
}

impl Unit {
    /// The place of a row among those of the source.
    fn place(&self, Place { row, line }: Place) -> Place {
        Place { row: (self.start + row as u64) as usize, line }
    }

    /// The rows before this one that are not settled were refused; returns their number.
    fn refuse_until(&mut self, row: u64, fed: &mut Fed<LiveAsk>) -> u64 {
        let refused = row.saturating_sub(self.next);
        let listed = self.refused.iter().take_while(|bad| (bad.place.row as u64) < row).count();
        let start = self.start;
        fed.refused.extend(self.refused.drain(..listed).map(|bad| {
            let Place { row, line } = bad.place;
            BadRow { place: Place { row: (start + row as u64) as usize, line }, ..bad }
        }));
        fed.refused_unlisted += (refused as usize).saturating_sub(listed);
        self.next = self.next.max(row);
        refused
    }
}

fn too_long() -> String {
    format!("the message has more than {MAX_MESSAGE_BYTES} bytes; send it in parts")
}

impl Source for LiveSource {
    type Input = LiveInput;
    type Ask = LiveAsk;

    fn feed(&mut self, input: LiveInput, room: usize, now: Timestamp, chance: f64) -> Fed<LiveAsk> {
        let mut fed = Fed::default();
        self.take(input, now, chance, &mut fed);
        if std::mem::take(&mut self.is_close_due) {
            fed.asks.push(LiveAsk::Close);
        }
        if !self.is_held {
            self.step(room, now, chance, &mut fed);
        }
        fed
    }

    fn state(&self) -> SourceState {
        match &self.phase {
            Phase::Ended(state) => state.clone(),
            _ if self.is_held => SourceState::Paused,
            Phase::Idle { since: None, .. } => SourceState::Opening,
            Phase::Idle { .. } => SourceState::Waiting,
            // A poll that goes well is not shown to open each time.
            Phase::Connecting { .. } if self.head.kind == LiveKind::Poll && self.progress.error.is_none() => {
                if self.cursor.position > 0 { SourceState::Open } else { SourceState::Opening }
            }
            Phase::Connecting { .. } => SourceState::Opening,
            Phase::Open { .. } => SourceState::Open,
        }
    }

    fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    fn measures(&self) -> &Measures {
        &self.head.mapping.measures
    }

    /// A source that rests has no connection: no server has to keep what nobody reads.
    fn hold(&mut self, is_held: bool, now: Timestamp) {
        if is_held == self.is_held {
            return;
        }
        self.is_held = is_held;
        match self.phase {
            Phase::Ended(_) | Phase::Idle { .. } => {}
            Phase::Connecting { .. } | Phase::Open { .. } => {
                if matches!(self.phase, Phase::Open { .. }) {
                    self.lost_at = Some(now);
                }
                (self.phase, self.is_close_due) = (START, true);
            }
        }
    }

    fn progress(&self, now: Timestamp) -> SourceProgress {
        let waits = self.units.front().map(|unit| unit.arrived);
        let oldest = waits.or_else(|| self.decoding.iter().chain(&self.inbox).next().map(|message| message.arrived));
        let next_try = match self.phase {
            Phase::Idle { since: Some(since), wait } if !self.is_held => Some(since + wait),
            _ => None,
        };
        SourceProgress {
            lag_messages: Some((self.units.len() + usize::from(self.decoding.is_some()) + self.inbox.len()) as u64),
            lag: Some(oldest.map_or(AT_ONCE, |oldest| (now - oldest).max(AT_ONCE))),
            next_try,
            ..self.progress.clone()
        }
    }
}
