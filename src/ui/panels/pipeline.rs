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
    bar_transform, batch_text, capacity_text, history_text, is_streaming, shape_text, source_text,
};
use crate::ui::state::{Frame, Pipeline};

/// Source, queue, batch, transforms, results and API, joined by channels in which real events move.
#[component]
pub fn PipelinePanel() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let arrived = pipeline.number(|frame| frame.snapshot.counters.produced + frame.snapshot.counters.posted);
    let batches = pipeline.number(|frame| frame.snapshot.counters.batches);
    let requests = pipeline.number(|frame| frame.snapshot.counters.requests);
    let is_fast_source = pipeline.flag(|frame| is_streaming(frame.rates.events));
    let is_fast_mill = pipeline.flag(|frame| is_streaming(frame.rates.batches));
    let is_fast_api = pipeline.flag(|frame| is_streaming(frame.rates.requests));
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
                <BatchStage batches=batches />
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
    let produced = pipeline.number(|frame| frame.snapshot.counters.produced);
    let note = pipeline.text(|frame| {
        source_text(frame.setting("source"), frame.setting("interval"), frame.is_paused(), frame.rates.events)
    });
    let newest = pipeline.text(|frame| {
        let newest = frame.snapshot.recent_events.last();
        newest.map_or_else(String::new, |event| format!("newest {:.2}", event.value))
    });
    view! {
        <Stage name="Source" count=produced count_id="count-produced" unit="events" note=note>
            <span class="stage__newest">{newest}</span>
        </Stage>
    }
}

#[component]
fn QueueStage() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let note = pipeline.text(|frame| capacity_text(u64::from(frame.snapshot.queue_capacity)));
    let level = pipeline.text(|frame| bar_transform(depth(frame), u64::from(frame.snapshot.queue_capacity)));
    view! {
        <Stage name="Queue" count=pipeline.number(depth) count_id="count-queued" unit="waiting" note=note>
            <Gauge transform=level />
        </Stage>
    }
}

#[component]
fn BatchStage(
    /// Batches processed.
    batches: Signal<u64>,
) -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let note = pipeline.text(|frame| batch_text(depth(frame), frame.setting_number("batch_size")));
    let batch_size = pipeline.number(|frame| frame.setting_number("batch_size"));
    view! {
        <Stage name="Batch" count=batches count_id="count-batches" unit="batches" note=note>
            <Slots waiting=pipeline.number(depth) batch_size=batch_size />
        </Stage>
    }
}

#[component]
fn TransformsStage(
    /// Batches processed.
    batches: Signal<u64>,
    /// Whether they come too fast to be told apart.
    is_turning: Signal<bool>,
) -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let processed = pipeline.number(|frame| frame.snapshot.counters.processed);
    let note = pipeline.text(|frame| match &frame.snapshot.batch {
        Some(batch) => format!("{} a batch", micros_text(batch.processing_micros)),
        None => "no batch yet".to_owned(),
    });
    // A notch a snapshot at most: the wheel shall not race through thousands of them.
    let notches = Memo::new(move |shown: Option<&u64>| {
        let _ = batches.get();
        shown.map_or(0, |shown| shown + 1)
    });
    let verb = |name: &'static str, shape: Signal<String>| {
        view! {
            <li>
                {name} " " <span class="stage__shape">{shape}</span>
            </li>
        }
    };
    view! {
        <Stage name="Transforms" count=processed count_id="count-processed" unit="rows" note=note>
            <MillWheel notches=notches is_turning=is_turning />
            <ul class="stage__verbs">
                {verb("rolling", pipeline.text(|frame| shape(frame, 0)))}
                {verb("melt", pipeline.text(|frame| shape(frame, 1)))}
                {verb("pivot_table", pipeline.text(|frame| shape(frame, 2)))}
            </ul>
        </Stage>
    }
}

#[component]
fn ResultsStage() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let rows = pipeline.number(|frame| u64::from(frame.snapshot.history_rows));
    let note = pipeline.text(|frame| history_text(frame.snapshot.history_bytes));
    let level = pipeline
        .text(|frame| bar_transform(u64::from(frame.snapshot.history_rows), frame.setting_number("history_rows")));
    view! {
        <Stage name="Results" count=rows count_id="count-history" unit="rows" note=note>
            <Gauge transform=level />
        </Stage>
    }
}

#[component]
fn ApiStage(
    /// Requests answered.
    requests: Signal<u64>,
) -> impl IntoView {
    view! {
        <Stage name="API" count=requests count_id="count-requests" unit="requests" note="answered over HTTP">
            <ul class="stage__verbs">
                <li>"/latest"</li>
                <li>"/query"</li>
                <li>"/events"</li>
            </ul>
        </Stage>
    }
}

/// What goes beside the main stream.
#[component]
fn SideCounters() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let counter = move |label: &'static str, test_id: &'static str, value: fn(&Frame) -> u64| {
        view! {
            <div class="side-counters__item">
                <dt>{label}</dt>
                <dd>
                    <Counter value=pipeline.number(value) test_id=test_id />
                </dd>
            </div>
        }
    };
    let amount = move |label: &'static str, value: fn(&Frame) -> String| {
        view! {
            <div class="side-counters__item">
                <dt>{label}</dt>
                <dd>{pipeline.text(value)}</dd>
            </div>
        }
    };
    view! {
        <dl class="side-counters">
            {counter("posted", "count-posted", |frame| frame.snapshot.counters.posted)}
            {counter("rejected", "count-rejected", |frame| frame.snapshot.counters.rejected)}
            {counter("late", "count-late", |frame| frame.snapshot.counters.late)}
            {counter("dropped", "count-dropped", |frame| frame.snapshot.counters.dropped)}
            {amount("flow", |frame| rate_text(frame.rates.events))}
            {amount("behind", |frame| micros_text(frame.snapshot.counters.lag_nanos as f64 / 1000.0))}
            {amount("memory", |frame| bytes_text(frame.snapshot.memory_bytes))}
        </dl>
    }
}

fn depth(frame: &Frame) -> u64 {
    u64::from(frame.snapshot.queue_depth)
}

fn shape(frame: &Frame, table: usize) -> String {
    frame.snapshot.batch.as_ref().map_or_else(String::new, |batch| shape_text(&batch.tables[table]))
}
