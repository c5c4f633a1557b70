//! What of the stream people look at: chart, table, console and the page's address follow it.

use crate::protocol::ChartRange;
use crate::ui::live::State;

/// The part of the stream that somebody turned to; made once, in `app`.
#[derive(Clone, Copy)]
pub struct Focus {
    /// The time that the chart spans. A fixed one fills `start` and `end` of the console, and bounds the table.
    pub range: State<ChartRange>,
    /// The ids that have lines of their own in the chart, and that the table is filtered by; none: all.
    pub ids: State<Vec<String>>,
    /// The request of the console as `METHOD path?query`; empty while nobody has touched it.
    pub request: State<String>,
}

impl Focus {
    /// The newest minute of everything.
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
