//! The API in the picture.

use leptos::prelude::*;

use super::once_known;
use crate::ui::components::stage::Stage;
use crate::ui::model::quantity::rate_text;
use crate::ui::model::stage_health::{StageHealth, StageKind};
use crate::ui::panels::inspector::Opened;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

/// The API, with its best known paths.
#[component]
pub(super) fn ApiStage(
    /// Its health.
    health: Memo<StageHealth>,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    let opened = Opened::expect();
    let page = pipeline.page();
    view! {
        <Stage
            name="API"
            count=move || page.counters().read().requests
            count_id="count-requests"
            unit="requests"
            rate=once_known(pipeline, move || rate_text(page.rates().read().requests))
            note="over HTTP"
            sentence="Answers fetch, links and tabs."
            health
            is_open=opened.is_open(StageKind::Api)
            on_open=move |opener| opened.toggle(StageKind::Api, opener)
        >
            <code class="stage__newest">"/latest"</code>
        </Stage>
    }
}
