//! What a page draws.

use serde::{Deserialize, Serialize};

use super::{CellRef, FileView, SourceView};

/// Columns of the chart buffer for one measure and no ids, each as long as the others, laid end to end: time in seconds
/// since the epoch, and then, for each of [`ChartView::measures`](super::ChartView::measures): rows, smallest value,
/// largest value, rolling aggregate (NaN where it is missing), and the smallest and the largest value of each id of
/// [`ChartView::ids`](super::ChartView::ids).
pub const CHART_COLUMNS: usize = 5;

/// What a page draws: its size depends on what is visible, not on rows kept or on the event rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Whether the source is running or paused.
    pub state: RunState,
    /// Counters since the start.
    pub counters: Counters,
    /// Events waiting in the queue.
    pub queue_depth: u32,
    /// Events that the queue can hold.
    pub queue_capacity: u32,
    /// Rows in the history.
    pub history_rows: u32,
    /// Bytes that the history takes.
    pub history_bytes: u64,
    /// The last few events that entered the queue, newest last; as many as the view asks for.
    pub recent_events: Vec<EventRow>,
    /// The events that are next to be processed, oldest first; as many as the view asks for.
    pub next_events: Vec<EventRow>,
    /// What the chart shows; its columns travel beside the snapshot.
    pub chart: ChartFrame,
    /// Waiting events within the chart's time, in order of time; none while there are too many to tell apart.
    pub waiting: Vec<ChartPoint>,
    /// The rows of the history that the view asks for.
    pub rows: Option<RowsSlice>,
    /// The newest batch, if there is one yet.
    pub batch: Option<BatchView>,
    /// The version of the settings: it rises with each change.
    pub config_version: u64,
    /// All settings in the order of the contract: name and value as text, `None` for unset.
    pub settings: Vec<(String, Option<String>)>,
    /// The query of a page's address that sets the settings that differ from their defaults.
    pub address: String,
    /// The newest refused rows, newest first, at most ten.
    pub rejected: Vec<RejectedRow>,
    /// Events older than this instant are late, as the `clock` setting prints it; `None` before the first event.
    pub watermark: Option<String>,
    /// Bytes of memory that the pipeline's wasm module holds.
    pub memory_bytes: u64,
    /// Where the history is kept.
    pub storage: StorageView,
    /// Files of the user's own, in the order in which they are loaded: those that are, that wait, and the newest ones
    /// that were.
    pub files: Vec<FileView>,
    /// What the source does, and what hinders it.
    pub source: SourceView,
}

/// What a chart shows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Default)]
pub struct ChartFrame {
    /// The first instant, in nanoseconds since the epoch.
    pub from: i64,
    /// The last instant.
    pub until: i64,
    /// Rows between them.
    pub rows: u64,
    /// The share of these rows that the columns cover, from 0 to 1: a history on disk is read in steps.
    pub share: f32,
    /// The newest row, in nanoseconds since the epoch, where it is later than the end of a live chart.
    pub newest: Option<i64>,
}

/// A value of the chart's first measure at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ChartPoint {
    /// Seconds since the epoch.
    pub time_secs: f64,
    /// The value.
    pub value: f64,
}

/// Some rows of the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct RowsSlice {
    /// Rows that match, in all.
    pub total: u32,
    /// Rows of the history, matching or not, that arrived after the moment that is shown.
    pub newer: u32,
    /// The first row of `rows`.
    pub offset: u32,
    /// The names of the measures of each row, in order.
    pub measures: Vec<String>,
    /// The rows.
    pub rows: Vec<KeptRow>,
}

/// A row of the history as shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptRow {
    /// The instant, as the `clock` setting prints it.
    pub timestamp: String,
    /// The id.
    pub id: String,
    /// The value of each measure; `None` where it is missing.
    pub values: Vec<Option<f64>>,
    /// The rolling aggregate of each measure as part of the stream; `None` where it is missing, or its window holds too
    /// many rows to read.
    pub rolling: Vec<Option<f64>>,
}

/// Where the history is kept, and how durably.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct StorageView {
    /// How durable it is.
    pub tier: Tier,
    /// Bytes of the journal's files.
    pub disk_bytes: u64,
    /// Rows that are only on disk, and read when they are requested.
    pub disk_rows: u32,
    /// Rows found when the journal was opened.
    pub recovered_rows: u32,
    /// How long that took, in milliseconds.
    pub recovery_millis: f64,
    /// Notes for the user, oldest first, as sentences: damaged records, time asleep, take-overs.
    pub notes: Vec<String>,
}

/// How durable the history is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub enum Tier {
    /// Not known yet.
    #[default]
    Pending,
    /// It outlives the tab.
    Durable,
    /// It is not to outlive the tab: `persist=false`.
    Off,
    /// It cannot be kept; the sentence says why.
    Memory(String),
    /// The disk is full and persistence waits for the user's choice; the sentence is the browser's.
    Full(String),
    /// The files are of a version that this build cannot read; the sentence names it.
    Refused(String),
}

/// What the source is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunState {
    /// Events are produced or awaited.
    Running,
    /// The source is paused; posted events are still taken.
    Paused,
}

/// Counters since the pipeline started or was reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counters {
    /// Events that the simulated source produced.
    pub produced: u64,
    /// Events accepted from requests, files and live sources.
    pub posted: u64,
    /// Events that left the queue in a batch.
    pub processed: u64,
    /// Rows refused, all in the dead letters.
    pub rejected: u64,
    /// Accepted or refused events that were older than the newest one less the lateness.
    pub late: u64,
    /// Events dropped by the overflow policy.
    pub dropped: u64,
    /// Batches processed.
    pub batches: u64,
    /// Ticks of the source that came at least one interval late and made up for it.
    pub late_ticks: u64,
    /// Events that those ticks made up for.
    pub caught_up: u64,
    /// Nanoseconds that the source is behind its schedule, 0 when it keeps up.
    pub lag_nanos: u64,
    /// Requests answered.
    pub requests: u64,
}

impl Counters {
    /// Events that came in, wherever from.
    #[must_use]
    pub fn arrived(&self) -> u64 {
        self.produced + self.posted
    }
}

/// An event as shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventRow {
    /// The instant, as the `clock` setting prints it.
    pub timestamp: String,
    /// The id.
    pub id: String,
    /// The value of each measure, in the order of the setting `measures`; `None` where it is missing.
    pub values: Vec<Option<f64>>,
}

/// The newest batch and the visible rows of its three tables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchView {
    /// Its number, from 1.
    pub number: u64,
    /// How long the transforms took, in microseconds.
    pub processing_micros: f64,
    /// `latest`, `melted` and `pivoted`.
    pub tables: [TableView; 3],
    /// The rows behind the cell that the view names in `look`.
    pub provenance: Option<Provenance>,
}

/// The rows that a cell of the newest batch is computed from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Provenance {
    /// The cell.
    pub look: Option<CellRef>,
    /// Rows of `latest` that it is computed from, by their numbers, in order; at most [`MAX_PROVENANCE_ROWS`].
    pub rows: Vec<u32>,
    /// Rows in all; [`UNKNOWN_ROWS`] when some of them may not have been found.
    pub total: u64,
    /// Rows from before the batch, for a window that reaches back; the newest of them, oldest first.
    pub before: Vec<KeptRow>,
    /// The first instant of a window, as the `clock` setting prints it.
    pub from: String,
}

/// The number of rows of a [`Provenance`] that is not known.
pub const UNKNOWN_ROWS: u64 = u64::MAX;

/// The most rows that a [`Provenance`] names.
pub const MAX_PROVENANCE_ROWS: usize = 200;

/// The visible part of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableView {
    /// Column names.
    pub columns: Vec<String>,
    /// Rows of the whole table.
    pub total_rows: u32,
    /// The first row of `rows`.
    pub offset: u32,
    /// Cells as text, row by row; `None` where missing.
    pub rows: Vec<Vec<Option<String>>>,
}

/// A refused row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RejectedRow {
    /// When it arrived, as the `clock` setting prints it.
    pub arrived: String,
    /// Where it came from, such as `POST /events`.
    pub source: String,
    /// Its row number in the input, from 0, if it has one.
    pub row: Option<u64>,
    /// The line of the input on which it begins, from 1, where the input is text.
    pub line: Option<u64>,
    /// Why it was refused.
    pub reason: String,
    /// The input, cut to a readable length.
    pub input: String,
}
