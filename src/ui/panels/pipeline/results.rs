//! The history in the picture.

use leptos::prelude::*;

use super::once_known;
use crate::ui::components::gauge::Gauge;
use crate::ui::components::stage::Stage;
use crate::ui::model::quantity::rate_text;
use crate::ui::model::stage_health::{StageHealth, StageKind};
use crate::ui::model::stage_text::{bar_transform, history_text};
use crate::ui::panels::inspector::Opened;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

/// The history, with a gauge of its fill.
#[component]
pub(super) fn ResultsStage(
    /// Its health.
    health: Memo<StageHealth>,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    let opened = Opened::expect();
    let page = pipeline.page();
    view! {
        <Stage
            name="Results"
            count=move || u64::from(page.history_rows().get())
            count_id="count-history"
            unit="rows"
            rate=once_known(pipeline, move || rate_text(page.rates().read().rows))
            note=once_known(pipeline, move || history_text(page.history_bytes().get()))
            sentence="Keeps all rows for queries."
            health
            is_open=opened.is_open(StageKind::Results)
            on_open=move |opener| opened.toggle(StageKind::Results, opener)
        >
            <HistoryGauge/>
        </Stage>
    }
}

/// The fill of the history.
#[component]
pub(in crate::ui::panels) fn HistoryGauge() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let page = pipeline.page();
    let transform = move || bar_transform(page.history_rows().get().into(), pipeline.setting_number("history_rows"));
    view! { <Gauge transform/> }
}
