//! The collection of a batch in the picture.

use leptos::prelude::*;

use super::once_known;
use crate::ui::components::slots::Slots;
use crate::ui::components::stage::Stage;
use crate::ui::model::quantity::rate_text;
use crate::ui::model::stage_health::{StageHealth, StageKind};
use crate::ui::model::stage_text::batch_text;
use crate::ui::panels::inspector::Opened;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

/// The next batch, with a slot for each of its events.
#[component]
pub(super) fn BatchStage(
    /// Its health.
    health: Memo<StageHealth>,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    let opened = Opened::expect();
    let page = pipeline.page();
    let note = move || batch_text(page.queue_depth().get().into(), pipeline.setting_number("batch_size"));
    view! {
        <Stage
            name="Batch"
            count=move || page.counters().read().batches
            count_id="count-batches"
            unit="batches"
            rate=once_known(pipeline, move || rate_text(page.rates().read().batches))
            note=once_known(pipeline, note)
            sentence="Collects events into a table."
            health
            is_open=opened.is_open(StageKind::Batch)
            on_open=move |opener| opened.toggle(StageKind::Batch, opener)
        >
            <BatchSlots/>
        </Stage>
    }
}

/// The events that the next batch has so far.
#[component]
pub(in crate::ui::panels) fn BatchSlots() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let waiting = move || u64::from(pipeline.page().queue_depth().get());
    view! { <Slots waiting batch_size=move || pipeline.setting_number("batch_size")/> }
}
