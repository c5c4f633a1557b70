//! What is counted beside the stages.

use leptos::prelude::*;

use super::pipeline::once_known;
use crate::ui::components::counter::Counter;
use crate::ui::model::quantity::{bytes_text, micros_text, rate_text};
use crate::ui::model::stage_health::recent_text;
use crate::ui::model::stage_text::watermark_text;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

/// Events that enter or leave beside the main stream, and measures of the whole pipeline.
#[component]
pub fn SideCounters() -> impl IntoView {
    let page = Pipeline::expect().page();
    view! {
        <dl class="side-counters">
            <Item name="posted" meaning="Events that came by POST /events or from this page">
                <Total count=move || page.counters().read().posted test_id="count-posted"/>
            </Item>
            <Item name="refused" meaning="Rows that could not be read, or came too late where that is set">
                <Total count=move || page.counters().read().rejected test_id="count-rejected"/>
                <Recent count=move || page.rates().read().recent.rejected/>
            </Item>
            <Item name="late" meaning="Events older than the newest by more than the setting lateness">
                <Total count=move || page.counters().read().late test_id="count-late"/>
                <Recent count=move || page.rates().read().recent.late/>
            </Item>
            <Item name="dropped" meaning="Events that a full queue did not keep">
                <Total count=move || page.counters().read().dropped test_id="count-dropped"/>
                <Recent count=move || page.rates().read().recent.dropped/>
            </Item>
            <Item name="late before" meaning="Events older than this instant count as late">
                <Amount text=move || watermark_text(page.watermark().read().as_deref())/>
            </Item>
            <Item name="flow" meaning="Events that enter the queue">
                <Amount text=move || rate_text(page.rates().read().events)/>
            </Item>
            <Item name="lag" meaning="How far the source is behind its schedule">
                <Amount text=move || micros_text(page.counters().read().lag_nanos as f64 / 1000.0)/>
            </Item>
            <Item name="memory" meaning="Memory that the pipeline holds">
                <Amount text=move || bytes_text(page.memory_bytes().get())/>
            </Item>
        </dl>
    }
}

/// A name with its values.
#[component]
fn Item(
    /// The name.
    name: &'static str,
    /// What it means.
    meaning: &'static str,
    /// The values, each a `<dd>`.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="side-counters__item" title=meaning>
            <dt>{name}</dt>
            {children()}
        </div>
    }
}

/// A number of events since the start.
#[component]
fn Total(
    /// The number.
    #[prop(into)]
    count: Signal<u64>,
    /// The test id of the number.
    test_id: &'static str,
) -> impl IntoView {
    view! {
        <dd>
            <Counter value=count test_id/>
        </dd>
    }
}

/// The part of a total that is recent.
#[component]
fn Recent(
    /// The number of recent events.
    #[prop(into)]
    count: Signal<u64>,
) -> impl IntoView {
    view! { <dd class="side-counters__recent">{move || recent_text(count.get())}</dd> }
}

/// A measure; empty before the first snapshot.
#[component]
fn Amount(
    /// The measure.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    view! { <dd>{once_known(Pipeline::expect(), move || text.get())}</dd> }
}
