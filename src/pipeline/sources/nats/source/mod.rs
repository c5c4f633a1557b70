//! The machine that reads a stream.
//!
//! What it holds has modules of its own beside this one: how far the stream was read (`stream_cursor`), messages that
//! wait (`inbox`) and such that are not acknowledged yet (`unflushed`), the messages that were asked for (`pulls`), and
//! what the user reads about lost ones (`gaps`). What it does is in the modules below: `consumer` makes the connection
//! and its consumer, watches them and asks for messages, `place` says where in the stream it goes on, `deliveries` takes
//! messages in, and `giving` gives out their rows.

mod consumer;
mod deliveries;
mod giving;
mod place;

pub use giving::STEP_ROWS;

use super::gaps::Gaps;
use super::inbox::Inbox;
use super::pulls::Pulls;
use super::stream_cursor::StreamCursor;
use super::unflushed::Unflushed;
use super::{NatsAsk, NatsFault, NatsInput, NatsMode, NatsPlan, NatsProgress, NatsStart, PullEnd};
use crate::pipeline::sources::backoff::{Backoff, LONGEST};
use crate::pipeline::sources::{Fed, Source, SourceProgress, SourceState};
use crate::pipeline::{Cursor, Measures};
use crate::time::{Duration, Timestamp};

/// What it is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing is asked for.
    Closed,
    /// The server was asked for.
    Connecting,
    /// The consumer was asked for.
    Consuming,
    /// Messages come.
    Open,
    /// It is tried again at this instant.
    Retrying(Timestamp),
}

/// Reads a stream: a state machine, see the [module](super).
#[derive(Debug)]
pub struct NatsSource {
    plan: NatsPlan,
    cursor: StreamCursor,
    /// Where the next consumer begins, unless behind `received`.
    start: Option<NatsStart>,
    phase: Phase,
    is_paused: bool,
    /// Whether it rests with all sources.
    is_held: bool,
    backoff: Backoff,
    pulls: Pulls,
    /// Whether the consumer that was asked for begins elsewhere than is wanted by now.
    is_outdated: bool,
    /// The number of the delivery that comes next, to one that follows.
    next_delivery: u64,
    /// The last sequence that came, to one that follows.
    received: u64,
    inbox: Inbox,
    unflushed: Unflushed,
    ack_wait: Duration,
    alive_at: Timestamp,
    next_look: Timestamp,
    is_looking: bool,
    gaps: Gaps,
    /// The first sequence that the stream holds, as far as it is known.
    first: u64,
    /// When the last message that was given out was stored.
    given_stored: Option<Timestamp>,
    pending: Option<u64>,
    progress: SourceProgress,
    details: NatsProgress,
}

impl NatsSource {
    /// A source that goes on at the cursor of the stream that the server has: `cursors` are all that are known, the one
    /// that moved last first.
    #[must_use]
    pub fn new<'a>(plan: NatsPlan, cursors: impl IntoIterator<Item = &'a Cursor>) -> Self {
        Self {
            cursor: StreamCursor::new(&plan.source(), cursors),
            inbox: Inbox::new(&plan),
            gaps: Gaps::new(&plan),
            plan,
            start: None,
            phase: Phase::Closed,
            is_paused: false,
            is_held: false,
            backoff: Backoff::default(),
            pulls: Pulls::default(),
            is_outdated: false,
            next_delivery: 1,
            received: 0,
            unflushed: Unflushed::default(),
            ack_wait: Duration::from_secs(30),
            alive_at: Timestamp::default(),
            next_look: Timestamp::default(),
            is_looking: false,
            first: 0,
            given_stored: None,
            pending: None,
            progress: SourceProgress::default(),
            details: NatsProgress::default(),
        }
    }

    /// What of the stream is read, and how.
    #[must_use]
    pub fn plan(&self) -> &NatsPlan {
        &self.plan
    }

    /// What it has beside the progress of all sources.
    #[must_use]
    pub fn details(&self) -> NatsProgress {
        NatsProgress { lost: self.gaps.lost(), ..self.details }
    }

    /// The sentences about gaps since the last call.
    pub fn take_notes(&mut self) -> Vec<String> {
        self.gaps.take_notes()
    }

    /// Lets it rest, or go on.
    pub fn pause(&mut self, is_paused: bool) {
        self.is_paused = is_paused;
    }

    /// Tries again at once: credentials or the address have changed.
    pub fn retry_now(&mut self, now: Timestamp) {
        self.backoff.reset();
        if let Phase::Retrying(at) = &mut self.phase {
            *at = now;
        }
    }

    /// Notes that the cursor of the last rows was stored as this move of all cursors, see
    /// [`Cursors::moves`](crate::pipeline::Cursors::moves).
    pub fn note_move(&mut self, moves: u64) {
        self.unflushed.note_move(moves);
    }

    /// Takes the number of the last move of all cursors that is flushed; returns the acknowledgements that it allows.
    pub fn acknowledge(&mut self, flushed: u64) -> Option<NatsAsk> {
        let sequences = self.unflushed.flush(flushed);
        (!sequences.is_empty()).then_some(NatsAsk::Ack(sequences))
    }

    /// Ends it: messages that were not given out go back to the server. Rows that were given out are to be flushed and
    /// acknowledged before.
    pub fn close(&mut self) -> Vec<NatsAsk> {
        let mut asks = Vec::new();
        let is_connected = self.phase != Phase::Closed;
        if self.is_shared() && self.inbox.waiting() > 0 {
            asks.push(NatsAsk::Nak(self.inbox.sequences().collect()));
        }
        self.drop_messages();
        self.phase = Phase::Closed;
        if is_connected {
            asks.push(NatsAsk::Disconnect);
        }
        asks
    }

    fn is_shared(&self) -> bool {
        self.plan.mode != NatsMode::Follow
    }

    fn is_resting(&self) -> bool {
        self.is_paused || self.is_held
    }

    fn step(&mut self, room: usize, now: Timestamp, fed: &mut Fed<NatsAsk>) {
        self.return_old(now, fed);
        if !self.is_resting() {
            self.give(room, fed);
        }
        match self.phase {
            Phase::Closed if !self.is_resting() => self.connect(fed),
            // A clock that was set back does not make it wait for longer.
            Phase::Retrying(at) if !self.is_resting() && (at <= now || at - now > LONGEST) => {
                self.progress.retries += 1;
                self.connect(fed);
            }
            Phase::Retrying(at) if !self.is_resting() => fed.asks.push(NatsAsk::Wake(at)),
            Phase::Open => self.maintain(room, now, fed),
            Phase::Closed | Phase::Connecting | Phase::Consuming | Phase::Retrying(_) => {}
        }
        if self.inbox.has_work() && room > fed.rows.len() && !self.is_resting() {
            fed.asks.push(NatsAsk::Wake(now));
        }
    }

    fn drop_messages(&mut self) {
        self.inbox.clear();
        self.received = self.cursor.position();
    }
}

impl Source for NatsSource {
    type Input = NatsInput;
    type Ask = NatsAsk;

    fn feed(&mut self, input: NatsInput, room: usize, now: Timestamp, chance: f64) -> Fed<NatsAsk> {
        let mut fed = Fed::default();
        match (input, self.phase) {
            (NatsInput::Connected(stream), Phase::Connecting) => self.place(stream, &mut fed),
            (NatsInput::Consuming(_), Phase::Consuming) if self.is_outdated => self.consume(&mut fed),
            (NatsInput::Consuming(consumer), Phase::Consuming) => self.begin(consumer, now, &mut fed),
            (NatsInput::Messages(messages), Phase::Open) => self.receive(messages, now, &mut fed),
            (NatsInput::Messages(messages), _) if self.is_shared() => self.give_back(&messages, &mut fed),
            (NatsInput::Heartbeat, Phase::Open) => self.note_alive(now),
            (NatsInput::PullEnded { end: PullEnd::ConsumerGone, .. }, Phase::Open) => {
                self.fail(&NatsFault::ConsumerGone, now, chance, &mut fed);
            }
            (NatsInput::PullEnded { pull, left, end }, Phase::Open) => {
                self.note_alive(now);
                self.pulls.end(pull, left, end, now);
                self.details.is_standby |= end == PullEnd::Standby;
            }
            (NatsInput::Looked { stream, consumer }, Phase::Open) => self.look(stream, consumer, now, &mut fed),
            (NatsInput::Decoded { sequence, columns }, _) => self.inbox.take_columns(sequence, columns),
            (NatsInput::Failed(fault), Phase::Connecting | Phase::Consuming | Phase::Open) => {
                self.fail(&fault, now, chance, &mut fed);
            }
            // Of a connection or a consumer that is gone, or of a time when it was not asked for.
            _ => {}
        }
        self.step(room, now, &mut fed);
        fed
    }

    fn state(&self) -> SourceState {
        match self.phase {
            _ if self.is_resting() => SourceState::Paused,
            Phase::Closed | Phase::Connecting | Phase::Consuming if self.backoff.has_failed() => SourceState::Waiting,
            Phase::Closed | Phase::Connecting | Phase::Consuming => SourceState::Opening,
            Phase::Retrying(_) => SourceState::Waiting,
            Phase::Open if self.details.is_standby => SourceState::Waiting,
            Phase::Open => SourceState::Open,
        }
    }

    fn cursor(&self) -> &Cursor {
        self.cursor.stored()
    }

    fn measures(&self) -> &Measures {
        &self.plan.mapping.measures
    }

    fn hold(&mut self, is_held: bool, _: Timestamp) {
        self.is_held = is_held;
    }

    fn progress(&self, now: Timestamp) -> SourceProgress {
        let lag_messages = self.pending.map(|pending| pending + self.inbox.len());
        let oldest = self.inbox.oldest_stored().or(self.given_stored);
        let lag = match (lag_messages, oldest) {
            (Some(0), _) => Some(Duration::default()),
            // The clock of the server may be ahead.
            (_, Some(stored)) => Some((now - stored).max(Duration::default())),
            (_, None) => None,
        };
        SourceProgress { gaps: self.gaps.count(), lag_messages, lag, ..self.progress.clone() }
    }
}
