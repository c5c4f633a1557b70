//! Floor 4: the only messages that cross threads, and their version.
//!
//! Every message is a plain object with a `kind`. Requests and responses carry their parts as plain fields, because the
//! service worker, which is plain JavaScript, speaks them too; what only page and pipeline worker exchange travels as
//! bytes of the types below ([`pack`], [`unpack`]). `src/browser/service_worker/sw.js` is the other place that knows these names.
//!
//! | kind | from, to | fields |
//! |---|---|---|
//! | `hello` | page or service worker, pipeline worker | `version`; from a page also `build` (its script, named after its content), from its own page `query` (the address after `?`), `base` (the folder that serves the page) and `mode`: `run`, or `rescue`, which opens the log and answers requests but runs nothing |
//! | `welcome` | back | `version`, `problems` (JSON: settings in the address that were refused) |
//! | `refused` | back, when versions or builds differ | `version` |
//! | `request` | page or service worker, pipeline worker | `id`, `method`, `path`, `query`, `headers`, `body`, `is_own` (the page asks for itself) |
//! | `response` | back | `id`, `status`, `headers`, `body`, `stream` (where the rest of the body is read, if there is a rest) |
//! | `pull` | whoever reads a body, pipeline worker | `stream`: send the next part when there is one |
//! | `part` | back | `stream` and one of `body`, `is_last` (there is no more), `is_lost` (nobody knows this stream any more) |
//! | `cancel` | whoever reads a body, pipeline worker | `stream`: no more of it |
//! | `alive` | whoever reads bodies, pipeline worker | none: said now and then, so that nobody waits for the dead |
//! | `reading` | pipeline worker, its page | none: bodies are being read; the page passes it on to the service worker, to keep it awake |
//! | `view` | page, pipeline worker | `bytes` ([`View`]) |
//! | `snapshot` | back | `bytes` ([`Snapshot`]), `chart` (Float64Array, transferred; see [`CHART_COLUMNS`]) |
//! | `step` | page, pipeline worker | none: produce one simulated event now |
//! | `port` | page, its pipeline worker | a transferred port on which somebody else will speak this protocol |
//! | `role` | pipeline worker, its page | `is_owner`: whether this worker runs the pipeline or another tab's does; `at` (milliseconds since the epoch): since when; `is_new`: another tab's does since then, so older lines lead nowhere |
//! | `owner` | page, service worker; worker, all other tabs' workers | `at`: since then another worker runs the pipeline |
//! | `beat` | pipeline worker, its page and all other tabs' workers | `busy_millis` (how long it may be silent from now on; without it the default of `client::supervision`): it lives |
//! | `ping` | page, its pipeline worker | none: beat now, you have been silent for too long |
//! | `restarted` | page, service worker | none: the page ended its worker and started another; ports that the old one had are dead |
//! | `address` | page, its pipeline worker | `query`: the settings in force elsewhere, to start with if this worker takes over |
//! | `storage` | page, pipeline worker | `action`: `retry`, `drop_oldest` or `memory` (what to do about a full disk), or `erase` |
//! | `forget` | page, service worker | none: delete the app's caches and go |
//! | `erased` | back, after `erase` | none: nothing is stored any more |
//! | `raw` | page, pipeline worker | `base`: send the log's files as they are, whatever is in them |
//! | `raw` | back | `files`: objects of `name` and `bytes` (ArrayBuffer, transferred) |

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Raised by every change of a message; the two sides refuse each other when it differs.
pub const VERSION: u32 = 6;

/// Milliseconds between two heartbeats of a worker.
pub const HEARTBEAT_MILLIS: u32 = 1000;

/// Columns of the chart buffer, each as long as the others, laid end to end: time in seconds since the epoch, rows,
/// smallest value, largest value, rolling aggregate (NaN where it is missing). After them come two columns, smallest and
/// largest value, for each id of [`ChartView::ids`].
pub const CHART_COLUMNS: usize = 5;

/// A value as bytes, in postcard's form: field by field, without names, since both sides are of one version.
pub fn pack(value: &impl Serialize) -> Vec<u8> {
    // Only types that know no length before they end can fail, and there are none here.
    postcard::to_allocvec(value).unwrap_or_default()
}

/// The value that [`pack`] made bytes of; `None` for other bytes.
pub fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}

/// What the page shows at the moment, so that a snapshot holds that and no more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// What the chart shows.
    pub chart: ChartView,
    /// The first row shown of the latest, melted and pivoted table.
    pub table_offsets: [u32; 3],
    /// Rows shown of each table.
    pub table_rows: u32,
    /// What the table of the whole history shows; `None` while nobody sees it.
    pub rows: Option<RowsView>,
    /// The cell of the newest batch that somebody looks at.
    pub look: Option<CellRef>,
    /// How many of the waiting events are wanted, from each end of the queue.
    pub queue_rows: u32,
}

impl Default for View {
    fn default() -> Self {
        Self {
            chart: ChartView::default(),
            table_offsets: [0; 3],
            table_rows: 20,
            rows: None,
            look: None,
            queue_rows: 1,
        }
    }
}

/// What the chart shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChartView {
    /// The time that it spans.
    pub range: ChartRange,
    /// Columns that it has room for: its width in pixels.
    pub columns: u32,
    /// Ids that have a line of their own; more than [`MAX_SERIES`] are left out.
    pub ids: Vec<String>,
}

/// Ids that can have a line of their own in the chart.
pub const MAX_SERIES: usize = 8;

impl Default for ChartView {
    fn default() -> Self {
        Self { range: ChartRange::Live { span_nanos: 60_000_000_000 }, columns: 600, ids: Vec::new() }
    }
}

/// The time that a chart spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChartRange {
    /// So many nanoseconds up to now, or up to the newest row when now is further from it than that.
    Live {
        /// The length of time.
        span_nanos: i64,
    },
    /// From one instant to another, in nanoseconds since the epoch, both included.
    Fixed {
        /// The first instant.
        from: i64,
        /// The last instant.
        until: i64,
    },
    /// All that is kept.
    All,
}

/// Which rows of the history a table shows, and in which order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct RowsView {
    /// The first instant, in nanoseconds since the epoch; `None`: from the first row.
    pub from: Option<i64>,
    /// The last instant; `None`: up to the newest row.
    pub until: Option<i64>,
    /// Only rows with one of these ids; none named: all.
    pub ids: Vec<String>,
    /// The column that they are sorted by.
    pub sort: RowsSort,
    /// Whether the largest comes first. Equal rows stay in order of time and arrival, or the reverse of it.
    pub is_descending: bool,
    /// The first row wanted.
    pub offset: u32,
    /// How many.
    pub rows: u32,
    /// Rows stay those of the moment at which this number came first; `None` follows the stream.
    pub as_of: Option<u32>,
}

/// What rows are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub enum RowsSort {
    /// Time, then order of arrival.
    #[default]
    Time,
    /// The text of the id.
    Id,
    /// The value; rows without one come last.
    Value,
}

/// A cell of one of the three tables of the newest batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellRef {
    /// The table: 0 latest, 1 melted, 2 pivoted.
    pub table: u8,
    /// The row, counted in the whole table.
    pub row: u32,
}

/// What a page draws: its size depends on what is visible, not on rows kept or on the event rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Whether the source is running, paused, absent or waiting for room.
    pub state: RunState,
    /// Counters since the start.
    pub counters: Counters,
    /// Events waiting in the queue and events it can hold.
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
    /// The rows of the history that the view asks for.
    pub rows: Option<RowsSlice>,
    /// The newest batch, if there is one yet.
    pub batch: Option<BatchView>,
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
    /// The share of these rows that the columns cover, from 0 to 1: a history on disk is looked through bit by bit.
    pub share: f32,
}

/// Some rows of the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct RowsSlice {
    /// Rows that match, in all.
    pub total: u32,
    /// Rows of the history, matching or not, that came after the moment that is shown.
    pub newer: u32,
    /// The first row of `rows`.
    pub offset: u32,
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
    /// The value.
    pub value: f64,
    /// The rolling aggregate as part of the stream; `None` where it is missing, or its window holds too many rows to look.
    pub rolling: Option<f64>,
}

/// Where the history is kept, and how that stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct StorageView {
    /// How safe it is.
    pub tier: Tier,
    /// Bytes of the log's files.
    pub disk_bytes: u64,
    /// Rows that are on disk alone, to be read when somebody asks for them.
    pub disk_rows: u32,
    /// Rows found when the log was opened.
    pub recovered_rows: u32,
    /// How long that took.
    pub recovery_millis: f64,
    /// What went wrong or was remarkable, oldest first, in sentences: records that were damaged, time asleep, take-overs.
    pub notes: Vec<String>,
}

/// How safe the history is.
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
    /// The disk is full and persistence waits for a choice; the sentence is what the browser said.
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
    /// Events accepted from requests.
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

/// An event as shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventRow {
    /// The instant, as the `clock` setting prints it.
    pub timestamp: String,
    /// The id.
    pub id: String,
    /// The value.
    pub value: f64,
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
    /// What the cell is made of that somebody looks at.
    pub looked: Option<Provenance>,
}

/// What a cell of the newest batch is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Provenance {
    /// The cell.
    pub look: Option<CellRef>,
    /// Rows of `latest` that it is made of, by their numbers, in order; at most [`MAX_LOOKED`].
    pub rows: Vec<u32>,
    /// Rows in all.
    pub total: u64,
    /// Rows from before the batch, for a window that reaches back; the newest of them, oldest first.
    pub before: Vec<KeptRow>,
    /// The first instant of a window, as the `clock` setting prints it.
    pub from: String,
}

/// Rows that are named of what a cell is made of.
pub const MAX_LOOKED: usize = 200;

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
    /// Its number in what was sent, from 0, if it came in numbers.
    pub row: Option<u64>,
    /// Why it was refused.
    pub reason: String,
    /// What was sent, cut to a readable length.
    pub input: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_unpacks_and_other_bytes_do_not() {
        let view = View { table_offsets: [0, 20, 300], rows: Some(RowsView::default()), ..View::default() };
        assert_eq!(unpack(&pack(&view)), Some(view));
        assert_eq!(unpack::<View>(&[0xff; 3]), None);
    }
}
