//! What a page asks for in a snapshot.

use serde::{Deserialize, Serialize};

/// What the page shows at the moment, so that a snapshot holds that and no more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// What the chart shows.
    pub chart: ChartView,
    /// The first row shown of the latest, melted and pivoted table.
    pub table_offsets: [u32; 3],
    /// Rows shown of each table.
    pub table_rows: u32,
    /// What the table of the whole history shows; `None` while it is not visible.
    pub rows: Option<RowsView>,
    /// The cell of the newest batch whose provenance is shown.
    pub look: Option<CellRef>,
    /// The number of waiting events to include, from each end of the queue.
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
    /// Measures that have a line of their own, in order; none named: the first of the settings.
    pub measures: Vec<String>,
    /// Ids that have a line of their own; more than [`MAX_SERIES`] are left out.
    pub ids: Vec<String>,
}

/// Ids that can have a line of their own in the chart.
pub const MAX_SERIES: usize = 8;

impl Default for ChartView {
    fn default() -> Self {
        Self {
            range: ChartRange::Live { span_nanos: 60_000_000_000 },
            columns: 600,
            measures: Vec::new(),
            ids: Vec::new(),
        }
    }
}

/// The time that a chart spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChartRange {
    /// A length of time up to now. It ends at the newest row where all rows are older or later than that, and at most a
    /// second after now where rows of now and later ones are mixed.
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
    /// Fixes the rows to the moment at which this number was first requested; `None` follows the stream.
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
    /// The value of the measure with this number among those of the settings; rows without one come last.
    Value(u32),
}

/// A cell of one of the three tables of the newest batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellRef {
    /// The table: 0 latest, 1 melted, 2 pivoted.
    pub table: u8,
    /// The row, counted in the whole table.
    pub row: u32,
}
