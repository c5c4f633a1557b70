//! The source of events as a page shows it.

use serde::{Deserialize, Serialize};

/// What the source does, how far it has come, and what hinders it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceView {
    /// What it does.
    pub state: SourceStanding,
    /// Its position in its own measure, such as the sequence of the last message; `None` of a source without one.
    pub position: Option<u64>,
    /// Messages that are due and were not taken yet, where that is known.
    pub lag_messages: Option<u64>,
    /// How many seconds it is behind, where that is known.
    pub lag_secs: Option<f64>,
    /// Rows a second, of late.
    pub rows_per_sec: f64,
    /// Bytes a second, of late.
    pub bytes_per_sec: f64,
    /// How often it was tried anew.
    pub retries: u64,
    /// How often messages may have been missed: a connection was lost that cannot be resumed, or the server has less
    /// than is asked for.
    pub gaps: u64,
    /// Rows that were dropped, since there was no room for them and the server cannot wait.
    pub dropped: u64,
    /// When it is tried anew, in milliseconds since the epoch; `None`: not, or not known.
    pub next_try_millis: Option<f64>,
    /// The last error, with its mend.
    pub problem: Option<String>,
    /// Where batches are published; `None`: nowhere.
    pub sink: Option<SinkView>,
}

/// What becomes of the batches that are published.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SinkView {
    /// The subject.
    pub subject: String,
    /// Batches that were published.
    pub published: u64,
    /// Batches that wait.
    pub waiting: u64,
    /// Batches that were trimmed before they were published.
    pub lost: u64,
    /// When it is tried anew, in milliseconds since the epoch; `None`: not, or not known.
    pub next_try_millis: Option<f64>,
    /// Why nothing is published, with the mend.
    pub problem: Option<String>,
}

/// What a source does: the states of `GET /source`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceStanding {
    /// Nothing: there is none.
    #[default]
    Idle,
    /// It is being opened.
    Opening,
    /// Its rows are read.
    Open,
    /// It rests: `waiting` in the API.
    Paused,
    /// It is tried anew soon, or has to wait.
    Waiting,
    /// All of it was read.
    Done,
    /// It cannot be read any further.
    Failed,
}
