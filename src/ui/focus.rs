//! The part of the stream in focus: chart, table, console and the page's address follow it.

use crate::protocol::ChartRange;
use crate::ui::live::State;

/// Time range, ids and request in focus; created once, in `app`.
#[derive(Clone, Copy)]
pub struct Focus {
    /// The range of the chart. A fixed one fills `start` and `end` of the console, and bounds the table.
    pub range: State<ChartRange>,
    /// The ids that have lines of their own in the chart, and that filter the table; empty for all.
    pub ids: State<Vec<String>>,
    /// The request of the console as `METHOD path?query`; empty until the console is used.
    pub request: State<String>,
}

impl Focus {
    /// The newest minute of all ids.
    #[must_use]
    pub fn new() -> Self {
        Self {
            range: State::new(ChartRange::Live { span_nanos: 60_000_000_000 }),
            ids: State::new(Vec::new()),
            request: State::new(String::new()),
        }
    }
}

impl Default for Focus {
    fn default() -> Self {
        Self::new()
    }
}
