//! The machine of the live sources.
//!
//! What it holds has modules of its own beside this one: messages that wait (`inbox`), those whose rows are given out
//! (`unit`), and what is known of the answer before (`validator`, `conditions`). What it does is in the modules below:
//! `connection` makes connections, judges how they begin and end, and tries again; `arrivals` takes in what comes of one;
//! `reading` makes rows of messages, and `giving` gives them out.

mod arrivals;
mod connection;
mod giving;
mod reading;

use std::collections::VecDeque;

use super::conditions::Conditions;
use super::event_stream::{EventStream, StreamItem};
use super::inbox::Inbox;
use super::messages::MessageReader;
use super::unit::Unit;
use super::validator::Validator;
use super::{LiveAsk, LiveHead, LiveInput, LiveKind, problems};
use crate::pipeline::records::Rows;
use crate::pipeline::sources::backoff::Backoff;
use crate::pipeline::sources::{Fed, Source, SourceProgress, SourceState};
use crate::pipeline::{Cursor, Measures};
use crate::time::{Duration, Timestamp};

/// Time until it is looked again whether there is room.
const FULL_AFTER: Duration = Duration::from_nanos(10_000_000);
/// What no more is waited for.
const AT_ONCE: Duration = Duration::from_nanos(0);

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
    inbox: Inbox,
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
            inbox: Inbox::default(),
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
            LiveInput::Decoded(columns) => self.inbox.take_columns(columns),
            // Of a connection that was closed since, and of none.
            LiveInput::Opened(_) | LiveInput::Messages(_) | LiveInput::Closed(_) | LiveInput::Tick => {}
        }
    }

    fn step(&mut self, room: usize, now: Timestamp, chance: f64, fed: &mut Fed<LiveAsk>) {
        self.read(room, fed);
        self.give(room, fed);
        if self.is_overfull && self.inbox.is_empty() {
            self.is_overfull = false;
            self.progress.error.take_if(|error| error.as_str() == problems::OVERFULL);
        }
        if !self.units.is_empty() || self.inbox.has_next() {
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

    /// Whether all that came is given out.
    fn is_drained(&self) -> bool {
        self.units.is_empty() && self.inbox.is_drained()
    }
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
        let oldest = self.units.front().map(|unit| unit.arrived).or_else(|| self.inbox.oldest_arrival());
        let next_try = match self.phase {
            Phase::Idle { since: Some(since), wait } if !self.is_held => Some(since + wait),
            _ => None,
        };
        SourceProgress {
            lag_messages: Some((self.units.len() + self.inbox.count()) as u64),
            lag: Some(oldest.map_or(AT_ONCE, |oldest| (now - oldest).max(AT_ONCE))),
            next_try,
            ..self.progress.clone()
        }
    }
}
