//! The queue in the picture.

use leptos::prelude::*;

use super::once_known;
use crate::ui::components::gauge::Gauge;
use crate::ui::components::stage::Stage;
use crate::ui::model::quantity::rate_text;
use crate::ui::model::stage_health::{StageHealth, StageKind};
use crate::ui::model::stage_text::{bar_transform, capacity_text};
use crate::ui::panels::inspector::Opened;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

/// The queue, with a gauge of its fill.
#[component]
pub(super) fn QueueStage(
    /// Its health.
    health: Memo<StageHealth>,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    let opened = Opened::expect();
    let page = pipeline.page();
    view! {
        <Stage
            name="Queue"
            count=move || u64::from(page.queue_depth().get())
            count_id="count-queued"
            unit="waiting"
            rate=once_known(pipeline, move || rate_text(page.rates().read().events))
            note=once_known(pipeline, move || capacity_text(page.queue_capacity().get().into()))
            sentence="Events wait here for a batch."
            health
            is_open=opened.is_open(StageKind::Queue)
            on_open=move |opener| opened.toggle(StageKind::Queue, opener)
        >
            <QueueGauge/>
        </Stage>
    }
}

/// The fill of the queue.
#[component]
pub(in crate::ui::panels) fn QueueGauge() -> impl IntoView {
    let page = Pipeline::expect().page();
    let transform = move || bar_transform(page.queue_depth().get().into(), page.queue_capacity().get().into());
    view! { <Gauge transform/> }
}
