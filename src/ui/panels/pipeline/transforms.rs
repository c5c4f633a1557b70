//! The transforms in the picture.

use leptos::prelude::*;

use super::once_known;
use crate::ui::components::mill_wheel::MillWheel;
use crate::ui::components::stage::Stage;
use crate::ui::model::quantity::rate_text;
use crate::ui::model::stage_health::{StageHealth, StageKind};
use crate::ui::model::stage_text::{is_streaming, transforms_text};
use crate::ui::panels::inspector::Opened;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

/// The transforms, with the wheel that each batch turns.
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
            sentence="rolling, melt, pivot_table."
            health
            is_open=opened.is_open(StageKind::Transforms)
            on_open=move |opener| opened.toggle(StageKind::Transforms, opener)
        >
            <MillWheel
                batches=move || page.counters().read().batches
                // The rate of batches is too high to show single ones.
                is_turning=move || is_streaming(page.rates().read().batches)
            />
        </Stage>
    }
}
