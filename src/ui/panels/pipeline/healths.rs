//! The health of each stage.

use leptos::prelude::*;

use super::once_known;
use crate::client::{ApiAccess, Connection};
use crate::ui::model::connection::Health;
use crate::ui::model::live_status::live_health;
use crate::ui::model::stage_health::{
    QueueFill, Reach, StageHealth, alarm_text, api_health, batch_health, queue_health, results_health, source_health,
    transforms_health,
};
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

/// The health of each stage, for the stage itself and for the announcement of problems.
#[derive(Clone, Copy)]
pub(super) struct Healths {
    pub(super) source: Memo<StageHealth>,
    pub(super) queue: Memo<StageHealth>,
    pub(super) batch: Memo<StageHealth>,
    pub(super) transforms: Memo<StageHealth>,
    pub(super) results: Memo<StageHealth>,
    pub(super) api: Memo<StageHealth>,
}

impl Healths {
    pub(super) fn new(pipeline: Pipeline) -> Self {
        let page = pipeline.page();
        let fill = move || QueueFill {
            depth: page.queue_depth().get().into(),
            capacity: page.queue_capacity().get().into(),
            batch_size: pipeline.setting_number("batch_size"),
        };
        Self {
            source: health(pipeline, move || {
                let lag_nanos = page.counters().read().lag_nanos;
                let recent = page.rates().read().recent;
                let (source, is_paused) = (pipeline.setting("source"), page.is_paused().get());
                let health = source_health(&source, is_paused, lag_nanos, recent);
                // Rows that were refused just now say more than the connection they came by.
                let live = live_health(&source, &page.source().read(), is_paused);
                live.filter(|_| health.health != Health::Broken).unwrap_or(health)
            }),
            queue: health(pipeline, move || {
                queue_health(fill(), &pipeline.setting("overflow"), page.rates().read().recent.dropped)
            }),
            batch: health(pipeline, move || batch_health(fill())),
            transforms: health(pipeline, move || transforms_health(fill())),
            results: health(pipeline, move || results_health(&page.storage().read().tier)),
            api: health(pipeline, move || api_health(reach(&pipeline.api().read()))),
        }
    }

    /// The announcement of the stages with problems, for screen readers.
    pub(super) fn alarms(self) -> String {
        let stages = [("Source", self.source), ("Queue", self.queue), ("Results", self.results), ("API", self.api)];
        alarm_text(&stages.map(|(name, health)| (name, health.read().health)))
    }
}

/// The health of a stage: that of a running pipeline, unless it does not run.
fn health(pipeline: Pipeline, running: impl Fn() -> StageHealth + Send + Sync + 'static) -> Memo<StageHealth> {
    let health = once_known(pipeline, move || match *pipeline.connection().read() {
        Connection::Failed(_) => StageHealth::stopped(),
        _ => running(),
    });
    Memo::new(move |_| health.get())
}

fn reach(api: &ApiAccess) -> Reach {
    match api {
        ApiAccess::Pending => Reach::Pending,
        ApiAccess::Live => Reach::Everybody,
        ApiAccess::ConsoleOnly(_) => Reach::PageOnly,
    }
}
