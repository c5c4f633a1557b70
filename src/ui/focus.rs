//! The part of the stream in focus: chart, table, console and the page's address follow it.

use leptos::prelude::*;

use crate::protocol::ChartRange;
use crate::ui::model::address::Address;

/// Time range, ids and request in focus: a context that `app` provides.
#[derive(Clone, Copy)]
pub struct Focus {
    /// The range of the chart. A fixed one fills `start` and `end` of the console, and bounds the table.
    pub range: RwSignal<ChartRange>,
    /// The ids that have lines of their own in the chart, and that filter the table; empty for all.
    pub ids: RwSignal<Vec<String>>,
    /// The request of the console as `METHOD path?query`; empty until the console is used.
    pub request: RwSignal<String>,
    /// Notified when an address names a request that is none.
    pub refused_request: Trigger,
}

impl Focus {
    /// The newest minute of all ids.
    #[must_use]
    pub fn new() -> Self {
        Self {
            range: RwSignal::new(ChartRange::Live { span_nanos: 60_000_000_000 }),
            ids: RwSignal::default(),
            request: RwSignal::default(),
            refused_request: Trigger::new(),
        }
    }

    /// Takes what an address names.
    pub fn show(self, address: &Address) {
        self.range.set(address.range);
        self.ids.set(address.ids.clone());
        self.request.set(address.request.clone());
    }

    /// Takes back the request of an earlier address, since a later one named a request that is none.
    pub fn refuse_request(self) {
        self.request.set(String::new());
        self.refused_request.notify();
    }

    /// The focus that `app` provides.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }
}

impl Default for Focus {
    fn default() -> Self {
        Self::new()
    }
}
