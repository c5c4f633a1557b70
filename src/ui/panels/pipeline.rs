//! The pipeline as a living picture.

use leptos::prelude::*;

use super::transport::Transport;
use crate::ui::components::channel::Channel;
use crate::ui::components::counter::Counter;
use crate::ui::components::gauge::Gauge;
use crate::ui::components::mill_wheel::MillWheel;
use crate::ui::components::slots::Slots;
use crate::ui::components::stage::Stage;
use crate::ui::model::quantity::{bytes_text, micros_text, rate_text};
use crate::ui::model::stage_text::{
    batch_text, capacity_text, history_fill, history_text, is_streaming, queue_fill, shape_text, source_text,
};
use crate::ui::state::Pipeline;

/// Source, queue, batch, transforms, results and API, joined by channels in which real events move.
#[component]
pub fn PipelinePanel() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let arrived = pipeline.select(|snapshot| snapshot.counters.produced + snapshot.counters.posted);
    let batches = pipeline.select(|snapshot| snapshot.counters.batches);
    let requests = pipeline.select(|snapshot| snapshot.counters.requests);
    let rates = pipeline.rates();
    let is_fast_source = Memo::new(move |_| is_streaming(rates.read().events));
    let is_fast_mill = Memo::new(move |_| is_streaming(rates.read().batches));
    let is_fast_api = Memo::new(move |_| is_streaming(rates.read().requests));
    view! {
        <section class="pipeline" id="pipeline" aria-labelledby="pipeline-title">
            <h2 class="visually-hidden" id="pipeline-title">
                "Pipeline"
            </h2>
            <Transport />
            <ol class="pipeline__stages">
                <SourceStage />
                <Channel drops=arrived is_streaming=is_fast_source />
                <QueueStage />
                <Channel drops=batches is_streaming=is_fast_mill carries_batches=true />
                <BatchStage />
                <Channel drops=batches is_streaming=is_fast_mill carries_batches=true />
                <TransformsStage batches=batches is_turning=is_fast_mill />
                <Channel drops=batches is_streaming=is_fast_mill carries_batches=true />
                <ResultsStage />
                <Channel drops=requests is_streaming=is_fast_api />
                <ApiStage requests=requests />
            </ol>
            <SideCounters />
        </section>
    }
}

#[component]
fn SourceStage() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let produced = pipeline.select(|snapshot| snapshot.counters.produced);
    let (source, interval) = (pipeline.setting("source"), pipeline.setting("interval"));
    let (is_paused, rates) = (pipeline.is_paused(), pipeline.rates());
    let note = Signal::derive(move || {
        source_text(source.read().as_deref(), interval.read().as_deref(), is_paused.get(), rates.read().events)
    });
    let newest =
        pipeline.select(|snapshot| snapshot.recent_events.last().map(|event| format!("newest {:.2}", event.value)));
    view! {
        <Stage name="Source" count=produced count_id="count-produced" unit="events" note=note>
            <span class="stage__newest">{move || newest.get()}</span>
        </Stage>
    }
}

#[component]
fn QueueStage() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let depth = pipeline.select(|snapshot| snapshot.queue_depth);
    let capacity = pipeline.select(|snapshot| snapshot.queue_capacity);
    view! {
        <Stage
            name="Queue"
            count=Signal::derive(move || u64::from(depth.get()))
            count_id="count-queued"
            unit="waiting"
            note=Signal::derive(move || capacity_text(capacity.get()))
        >
            <Gauge fill=Signal::derive(move || queue_fill(depth.get(), capacity.get())) />
        </Stage>
    }
}

#[component]
fn BatchStage() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let depth = pipeline.select(|snapshot| snapshot.queue_depth);
    let batches = pipeline.select(|snapshot| snapshot.counters.batches);
    let batch_size = pipeline.setting("batch_size");
    let batch_size =
        Memo::new(move |_| batch_size.read().as_deref().and_then(|text| text.parse().ok()).unwrap_or(0_u64));
    view! {
        <Stage
            name="Batch"
            count=batches
            count_id="count-batches"
            unit="batches"
            note=Signal::derive(move || batch_text(depth.get(), batch_size.get()))
        >
            <Slots waiting=depth batch_size=batch_size />
        </Stage>
    }
}

#[component]
fn TransformsStage(
    /// Batches processed.
    batches: Memo<u64>,
    /// Whether they come too fast to be told apart.
    is_turning: Memo<bool>,
) -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let processed = pipeline.select(|snapshot| snapshot.counters.processed);
    let micros = pipeline.select(|snapshot| snapshot.batch.as_ref().map(|batch| batch.processing_micros));
    let note = Signal::derive(move || {
        micros.get().map_or_else(|| "no batch yet".to_owned(), |micros| format!("{} a batch", micros_text(micros)))
    });
    let shapes = pipeline.select(|snapshot| {
        let shape = |index: usize| snapshot.batch.as_ref().map(|batch| shape_text(&batch.tables[index]));
        (shape(0), shape(1), shape(2))
    });
    // A notch a snapshot at most: the wheel shall not race through thousands of them.
    let notches = Memo::new(move |shown: Option<&u64>| {
        let _ = batches.get();
        shown.map_or(0, |shown| shown + 1)
    });
    view! {
        <Stage name="Transforms" count=processed count_id="count-processed" unit="rows" note=note>
            <MillWheel notches=notches is_turning=is_turning />
            <ul class="stage__verbs">
                <li>
                    "rolling " <span class="stage__shape">{move || shapes.read().0.clone()}</span>
                </li>
                <li>
                    "melt " <span class="stage__shape">{move || shapes.read().1.clone()}</span>
                </li>
                <li>
                    "pivot_table " <span class="stage__shape">{move || shapes.read().2.clone()}</span>
                </li>
            </ul>
        </Stage>
    }
}

#[component]
fn ResultsStage() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let rows = pipeline.select(|snapshot| u64::from(snapshot.history_rows));
    let bytes = pipeline.select(|snapshot| snapshot.history_bytes);
    let limit = pipeline.setting("history_rows");
    let persist = pipeline.setting("persist");
    view! {
        <Stage
            name="Results"
            count=rows
            count_id="count-history"
            unit="rows"
            note=Signal::derive(move || history_text(bytes.get(), persist.read().as_deref()))
        >
            <Gauge fill=Signal::derive(move || history_fill(rows.get(), limit.read().as_deref())) />
        </Stage>
    }
}

#[component]
fn ApiStage(
    /// Requests answered.
    requests: Memo<u64>,
) -> impl IntoView {
    view! {
        <Stage name="API" count=requests count_id="count-requests" unit="requests" note="answered over HTTP">
            <ul class="stage__verbs">
                <li>"/latest"</li>
                <li>"/query"</li>
                <li>"/stream"</li>
            </ul>
        </Stage>
    }
}

/// What goes beside the main stream.
#[component]
fn SideCounters() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let counter = move |label: &'static str, test_id: &'static str, value: Memo<u64>| {
        view! {
            <div class="side-counters__item">
                <dt>{label}</dt>
                <dd>
                    <Counter value=value test_id=test_id />
                </dd>
            </div>
        }
    };
    let memory = pipeline.select(|snapshot| bytes_text(snapshot.memory_bytes));
    let rates = pipeline.rates();
    let lag = pipeline.select(|snapshot| micros_text(snapshot.counters.lag_nanos as f64 / 1000.0));
    view! {
        <dl class="side-counters">
            {counter("posted", "count-posted", pipeline.select(|snapshot| snapshot.counters.posted))}
            {counter("rejected", "count-rejected", pipeline.select(|snapshot| snapshot.counters.rejected))}
            {counter("late", "count-late", pipeline.select(|snapshot| snapshot.counters.late))}
            {counter("dropped", "count-dropped", pipeline.select(|snapshot| snapshot.counters.dropped))}
            <div class="side-counters__item">
                <dt>"flow"</dt>
                <dd>{move || rate_text(rates.read().events)}</dd>
            </div>
            <div class="side-counters__item">
                <dt>"behind"</dt>
                <dd>{move || lag.get()}</dd>
            </div>
            <div class="side-counters__item">
                <dt>"memory"</dt>
                <dd>{move || memory.get()}</dd>
            </div>
        </dl>
    }
}
