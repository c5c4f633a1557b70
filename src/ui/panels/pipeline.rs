//! The pipeline as a strip of stages.

mod api;
mod batch;
mod healths;
mod queue;
mod results;
mod source;
mod transforms;

use leptos::html::Section;
use leptos::prelude::*;
use leptos_use_intersection_observer::use_intersection_observer;

use self::api::ApiStage;
pub(super) use self::batch::BatchSlots;
use self::batch::BatchStage;
use self::healths::Healths;
pub(super) use self::queue::QueueGauge;
use self::queue::QueueStage;
pub(super) use self::results::HistoryGauge;
use self::results::ResultsStage;
use self::source::SourceStage;
use self::transforms::TransformsStage;
use super::inspector::{InspectorPanel, Opened};
use crate::ui::components::channel::Channel;
use crate::ui::model::stage_text::is_streaming;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

/// Source, queue, batch, transforms, results and API, joined by channels that show real events.
#[component]
pub fn PipelinePanel() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let opened = Opened::expect();
    let page = pipeline.page();
    let healths = Healths::new(pipeline);
    let arrived = move || page.counters().read().arrived();
    let requests = move || page.counters().read().requests;
    let are_events_fast = move || is_streaming(page.rates().read().events);
    let are_requests_fast = move || is_streaming(page.rates().read().requests);
    let panel = NodeRef::<Section>::new();
    let is_in_view = RwSignal::new(true);
    use_intersection_observer(panel, move |entries, _| {
        if let Some(newest) = entries.last() {
            is_in_view.set(newest.is_intersecting());
        }
    });
    view! {
        <section
            class="pipeline"
            // The animations rest meanwhile.
            class=("pipeline--out-of-view", move || !is_in_view.get())
            id="pipeline"
            aria-labelledby="pipeline-title"
            node_ref=panel
        >
            <h2 class="visually-hidden" id="pipeline-title" tabindex="-1">"Pipeline"</h2>
            <ol class="pipeline__stages" on:keydown=move |event| opened.close_on_escape(&event)>
                <SourceStage health=healths.source/>
                <Channel drops=arrived is_streaming=are_events_fast/>
                <QueueStage health=healths.queue/>
                <BatchChannel/>
                <BatchStage health=healths.batch/>
                <BatchChannel/>
                <TransformsStage health=healths.transforms/>
                <BatchChannel/>
                <ResultsStage health=healths.results/>
                <Channel drops=requests is_streaming=are_requests_fast/>
                <ApiStage health=healths.api/>
            </ol>
            <InspectorPanel/>
            <p class="visually-hidden" aria-live="polite" data-testid="alarms">
                {move || healths.alarms()}
            </p>
        </section>
    }
}

/// A channel that carries whole batches.
#[component]
fn BatchChannel() -> impl IntoView {
    let page = Pipeline::expect().page();
    view! {
        <Channel
            drops=move || page.counters().read().batches
            is_streaming=move || is_streaming(page.rates().read().batches)
            carries_batches=true
        />
    }
}

/// A value that needs a snapshot; its default before the first one.
pub(super) fn once_known<T: Default + Send + Sync + 'static>(
    pipeline: Pipeline,
    value: impl Fn() -> T + Send + Sync + 'static,
) -> Signal<T> {
    let is_known = pipeline.is_known();
    Signal::derive(move || if is_known.get() { value() } else { T::default() })
}
