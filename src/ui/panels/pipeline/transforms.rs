//! The transforms in the picture.

use leptos::prelude::*;

use super::once_known;
use crate::ui::components::mill_wheel::MillWheel;
use crate::ui::components::stage::Stage;
use crate::ui::model::quantity::rate_text;
use crate::ui::model::stage_health::{StageHealth, StageKind};
use crate::ui::model::stage_text::{is_streaming, shape_text, transforms_text};
use crate::ui::panels::inspector::Opened;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

/// The transforms, with the wheel that each batch turns, and the shapes of the newest batch's tables.
#[component]
pub(super) fn TransformsStage(
    /// Their health.
    health: Memo<StageHealth>,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    let opened = Opened::expect();
    let page = pipeline.page();
    view! {
        <Stage
            name="Transforms"
            count=move || page.counters().read().processed
            count_id="count-processed"
            unit="rows"
            rate=once_known(pipeline, move || rate_text(page.rates().read().rows))
            note=once_known(pipeline, move || transforms_text(page.batch().read().as_ref()))
            health
            is_open=opened.is_open(StageKind::Transforms)
            on_open=move |opener| opened.toggle(StageKind::Transforms, opener)
        >
            <MillWheel
                batches=move || page.counters().read().batches
                // The rate of batches is too high to show single ones.
                is_turning=move || is_streaming(page.rates().read().batches)
            />
            <ul class="stage__verbs">
                <Verb name="rolling" table=0/>
                <Verb name="melt" table=1/>
                <Verb name="pivot_table" table=2/>
            </ul>
        </Stage>
    }
}

/// A verb with the shape of its result.
#[component]
fn Verb(
    /// Its name.
    name: &'static str,
    /// The index of its table in a batch.
    table: usize,
) -> impl IntoView {
    let page = Pipeline::expect().page();
    // Never empty, even before the first batch: an empty line would be a pixel higher.
    let shape = move || match &*page.batch().read() {
        Some(batch) => shape_text(&batch.tables[table]),
        None => "\u{2013}".to_owned(),
    };
    view! {
        <li>
            {name} " " <span class="stage__shape">{shape}</span>
        </li>
    }
}
