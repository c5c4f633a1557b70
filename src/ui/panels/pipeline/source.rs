//! The source in the picture.

use leptos::prelude::*;

use super::once_known;
use crate::ui::components::stage::Stage;
use crate::ui::model::file_progress::running_file_text;
use crate::ui::model::quantity::rate_text;
use crate::ui::model::stage_health::{StageHealth, StageKind};
use crate::ui::model::stage_text::{newest_text, source_sentence, source_text};
use crate::ui::panels::inspector::Opened;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

/// The source, with the value of its newest event.
#[component]
pub(super) fn SourceStage(
    /// Its health.
    health: Memo<StageHealth>,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    let opened = Opened::expect();
    let page = pipeline.page();
    let note = move || {
        let source = || source_text(&pipeline.setting("source"), &pipeline.setting("interval"), page.is_paused().get());
        running_file_text(&page.files().read()).unwrap_or_else(source)
    };
    view! {
        <Stage
            name="Source"
            count=move || page.counters().read().arrived()
            count_id="count-arrived"
            unit="events"
            rate=once_known(pipeline, move || rate_text(page.rates().read().events))
            note=once_known(pipeline, note)
            sentence=Signal::derive(move || source_sentence(&pipeline.setting("source")))
            health
            is_open=opened.is_open(StageKind::Source)
            on_open=move |opener| opened.toggle(StageKind::Source, opener)
        >
            <span class="stage__newest" title="The newest value">{move || newest_text(page.recent_events().read().last())}</span>
        </Stage>
    }
}
