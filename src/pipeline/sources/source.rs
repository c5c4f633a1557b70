//! What all sources have in common.

use super::Fed;
use crate::pipeline::{Cursor, Measures};
use crate::time::{Duration, Timestamp};

/// A source as a state machine, see the [module](super).
///
/// What drives it obeys four rules, and `conformance_tests` holds each source to its side of them:
/// - after each [`feed`](Self::feed) it does what is asked for, in order, and feeds what comes of it;
/// - it feeds [`Tick`](super::Input::Tick) when a wake is due, and whenever there may be room again;
/// - it stores the [`cursor`](Self::cursor) together with the rows, when [`Fed::has_moved`];
/// - an input that comes late, of a connection that was closed since, changes nothing.
pub trait Source {
    /// What it is told.
    type Input;
    /// What it asks for.
    type Ask;

    /// Takes an input, and does a step of the work. No more rows are given out than there is `room` for; `chance`, from 0
    /// to 1, spreads the attempts of many pages to connect again.
    fn feed(&mut self, input: Self::Input, room: usize, now: Timestamp, chance: f64) -> Fed<Self::Ask>;

    /// What it is doing.
    fn state(&self) -> SourceState;

    /// How far its rows were given out: to be stored together with them.
    fn cursor(&self) -> &Cursor;

    /// The measures of its rows.
    fn measures(&self) -> &Measures;

    /// Lets it rest with all sources, or go on.
    fn hold(&mut self, is_held: bool, now: Timestamp);

    /// How far it has come.
    fn progress(&self, now: Timestamp) -> SourceProgress;
}

/// What a source is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceState {
    /// Nothing: there is none.
    Idle,
    /// It is being opened, or what comes before the wanted row is passed over.
    Opening,
    /// Its rows are read.
    Open,
    /// It rests.
    Paused,
    /// All of it was read, or its connection is lost; it is tried again soon.
    Waiting,
    /// All of it was read.
    Done,
    /// It was ended.
    Cancelled,
    /// It cannot be read any further: a sentence with the reason and the mend.
    Failed(String),
}

impl SourceState {
    /// Its name in the contract.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Opening => "opening",
            Self::Open => "open",
            Self::Paused | Self::Waiting => "waiting",
            Self::Done | Self::Cancelled => "done",
            Self::Failed(_) => "failed",
        }
    }
}

/// Where a file goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Seek {
    /// At this row, from 0.
    Row(u64),
    /// At the first row of at least this time, as it stands in the file.
    Time(Timestamp),
    /// At the first row that ends behind this byte: the position of a cursor is one with which a row begins.
    Position(u64),
    /// At this share of its bytes, from 0 to 1.
    Share(f64),
}

/// How far a source has come, since it was made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourceProgress {
    /// Rows that were given out.
    pub given: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// Rows that were dropped, since a buffer that cannot wait was full.
    pub dropped: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// Messages that were read: of a WebSocket, events of SSE, answers of a poll, messages of a stream.
    pub messages: u64,
    /// Attempts to connect after the first one.
    pub retries: u64,
    /// Times that messages may be missing: a connection was lost that cannot be resumed, or the other end has less than
    /// the cursor asks for.
    pub gaps: u64,
    /// How long no connection was there in those gaps, as far as it is known.
    pub gap_time: Duration,
    /// Messages that wait to be given out, here and at the other end as far as it says so.
    pub lag_messages: Option<u64>,
    /// How long the oldest of them waits.
    pub lag: Option<Duration>,
    /// The last error, with its mend; `None` once all is well again.
    pub error: Option<String>,
    /// When it tries again.
    pub next_try: Option<Timestamp>,
}
