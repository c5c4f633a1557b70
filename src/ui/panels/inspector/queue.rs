//! The details of the queue.

use leptos::prelude::*;

use super::details::{Details, Link};
use super::fact::Fact;
use crate::ui::components::data_table::Grid;
use crate::ui::model::inspector_text::{event_table, fill_text, overflow_text};
use crate::ui::model::measures::measure_names;
use crate::ui::model::quantity::counted;
use crate::ui::model::table_slice::TableSlice;
use crate::ui::panels::pipeline::QueueGauge;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

const LINKS: [Link; 1] = [("Change the settings", "#settings-title")];

/// How full the queue is, and what waits at its two ends.
#[component]
pub(super) fn QueueDetails() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let page = pipeline.page();
    view! {
        <Details
            name="Queue"
            sentence="Events wait here until a batch takes them, the oldest first."
            links=&LINKS
            drawing=|| view! { <QueueDrawing/> }
        >
            <Fact
                name="Full"
                text=move || fill_text(page.queue_depth().get().into(), page.queue_capacity().get().into())
            />
            <Fact name="When it is full" text=move || overflow_text(&pipeline.setting("overflow"))/>
            <Fact name="Dropped so far" text=move || counted(page.counters().read().dropped, "event")/>
        </Details>
    }
}

/// The fill of the queue and the events at its ends.
#[component]
fn QueueDrawing() -> impl IntoView {
    let page = Pipeline::expect().page();
    let measures = move || measure_names(&page.settings().read());
    view! {
        <QueueGauge/>
        <Events
            title="Next to be processed"
            test_id="queue-next"
            slice=move || event_table(measures(), page.next_events().read().iter())
        />
        <Events
            title="Came last"
            test_id="queue-newest"
            slice=move || event_table(measures(), page.recent_events().read().iter().rev())
        />
    }
}

/// A table of events that scrolls in its own region.
#[component]
fn Events(
    /// The title.
    title: &'static str,
    /// The test id of the table.
    test_id: &'static str,
    /// The events.
    #[prop(into)]
    slice: Signal<TableSlice>,
) -> impl IntoView {
    view! {
        <div class="inspector__events">
            <h3 class="inspector__subtitle">{title}</h3>
            <div class="inspector__scroll" tabindex="0" role="region" aria-label=title>
                <Grid slice test_id/>
            </div>
        </div>
    }
}
