//! The pipeline as a living picture.

use super::transport::transport;
use crate::ui::components::channel::Channel;
use crate::ui::components::counter::counter;
use crate::ui::components::gauge::gauge;
use crate::ui::components::mill_wheel::mill_wheel;
use crate::ui::components::slots::slots;
use crate::ui::components::stage::Stage;
use crate::ui::html::{div, dl, h2, ol, section, span, ul};
use crate::ui::live::{El, Live};
use crate::ui::model::quantity::{bytes_text, micros_text, rate_text};
use crate::ui::model::stage_text::{
    bar_transform, batch_text, capacity_text, history_text, is_streaming, newest_text, shape_text, source_text,
    watermark_text,
};
use crate::ui::state::{Frame, Pipeline};

/// Source, queue, batch, transforms, results and API, joined by channels in which real events move.
#[must_use]
pub fn pipeline_panel(pipeline: Pipeline) -> El {
    let arrived = pipeline.number(|frame| frame.snapshot.counters.produced + frame.snapshot.counters.posted);
    let batches = pipeline.number(|frame| frame.snapshot.counters.batches);
    let requests = pipeline.number(|frame| frame.snapshot.counters.requests);
    let is_fast_source = pipeline.flag(|frame| is_streaming(frame.rates.events));
    let is_fast_mill = pipeline.flag(|frame| is_streaming(frame.rates.batches));
    let is_fast_api = pipeline.flag(|frame| is_streaming(frame.rates.requests));
    let events = move |drops, is_streaming| Channel { drops, is_streaming, carries_batches: false }.view();
    let whole_batches = move || Channel { drops: batches, is_streaming: is_fast_mill, carries_batches: true }.view();
    section("pipeline").id("pipeline").attr("aria-labelledby", "pipeline-title").with([
        h2("visually-hidden").id("pipeline-title").text("Pipeline"),
        transport(pipeline),
        ol("pipeline__stages").with([
            source_stage(pipeline),
            events(arrived, is_fast_source),
            queue_stage(pipeline),
            whole_batches(),
            batch_stage(pipeline, batches),
            whole_batches(),
            transforms_stage(pipeline, batches, is_fast_mill),
            whole_batches(),
            results_stage(pipeline),
            events(requests, is_fast_api),
            api_stage(requests),
        ]),
        side_counters(pipeline),
    ])
}

fn source_stage(pipeline: Pipeline) -> El {
    let note = pipeline.text(|frame| {
        source_text(frame.setting("source"), frame.setting("interval"), frame.is_paused(), frame.rates.events)
    });
    let newest = pipeline.text(|frame| newest_text(frame.snapshot.recent_events.last()));
    Stage {
        name: "Source",
        count: pipeline.number(|frame| frame.snapshot.counters.produced),
        count_id: "count-produced",
        unit: "events",
        note,
    }
    .view([span("stage__newest").live(newest)])
}

fn queue_stage(pipeline: Pipeline) -> El {
    let level = pipeline.text(|frame| bar_transform(depth(frame), u64::from(frame.snapshot.queue_capacity)));
    Stage {
        name: "Queue",
        count: pipeline.number(depth),
        count_id: "count-queued",
        unit: "waiting",
        note: pipeline.text(|frame| capacity_text(u64::from(frame.snapshot.queue_capacity))),
    }
    .view([gauge(level)])
}

fn batch_stage(pipeline: Pipeline, batches: Live<u64>) -> El {
    let batch_size = pipeline.number(|frame| frame.setting_number("batch_size"));
    Stage {
        name: "Batch",
        count: batches,
        count_id: "count-batches",
        unit: "batches",
        note: pipeline.text(|frame| batch_text(depth(frame), frame.setting_number("batch_size"))),
    }
    .view([slots(pipeline.number(depth), batch_size)])
}

/// `is_turning`: whether batches come too fast to be told apart.
fn transforms_stage(pipeline: Pipeline, batches: Live<u64>, is_turning: Live<bool>) -> El {
    let note = pipeline.text(|frame| match &frame.snapshot.batch {
        Some(batch) => format!("{} a batch", micros_text(batch.processing_micros)),
        None => "no batch yet".to_owned(),
    });
    let verb =
        |name: &str, shape: Live<String>| El::new("li").text(name).text(" ").with([span("stage__shape").live(shape)]);
    Stage {
        name: "Transforms",
        count: pipeline.number(|frame| frame.snapshot.counters.processed),
        count_id: "count-processed",
        unit: "rows",
        note,
    }
    .view([
        mill_wheel(batches, is_turning),
        ul("stage__verbs").with([
            verb("rolling", pipeline.text(|frame| shape(frame, 0))),
            verb("melt", pipeline.text(|frame| shape(frame, 1))),
            verb("pivot_table", pipeline.text(|frame| shape(frame, 2))),
        ]),
    ])
}

fn results_stage(pipeline: Pipeline) -> El {
    let level = pipeline
        .text(|frame| bar_transform(u64::from(frame.snapshot.history_rows), frame.setting_number("history_rows")));
    Stage {
        name: "Results",
        count: pipeline.number(|frame| u64::from(frame.snapshot.history_rows)),
        count_id: "count-history",
        unit: "rows",
        note: pipeline.text(|frame| history_text(frame.snapshot.history_bytes)),
    }
    .view([gauge(level)])
}

fn api_stage(requests: Live<u64>) -> El {
    let paths = ["/latest", "/query", "/events"].map(|path| El::new("li").text(path));
    Stage {
        name: "API",
        count: requests,
        count_id: "count-requests",
        unit: "requests",
        note: Live::new(|| "answered over HTTP".to_owned()),
    }
    .view([ul("stage__verbs").with(paths)])
}

/// What goes beside the main stream.
fn side_counters(pipeline: Pipeline) -> El {
    let item = |name: &str, value: El| div("side-counters__item").with([El::new("dt").text(name), value]);
    let count = |name: &str, test_id: &str, value: fn(&Frame) -> u64| {
        item(name, El::new("dd").with([counter(pipeline.number(value), test_id)]))
    };
    let amount = |name: &str, value: fn(&Frame) -> String| item(name, El::new("dd").live(pipeline.text(value)));
    dl("side-counters").with([
        count("posted", "count-posted", |frame| frame.snapshot.counters.posted),
        count("rejected", "count-rejected", |frame| frame.snapshot.counters.rejected),
        count("late", "count-late", |frame| frame.snapshot.counters.late),
        count("dropped", "count-dropped", |frame| frame.snapshot.counters.dropped),
        amount("watermark", |frame| watermark_text(frame.snapshot.watermark.as_deref())),
        amount("flow", |frame| rate_text(frame.rates.events)),
        amount("behind", |frame| micros_text(frame.snapshot.counters.lag_nanos as f64 / 1000.0)),
        amount("memory", |frame| bytes_text(frame.snapshot.memory_bytes)),
    ])
}

fn depth(frame: &Frame) -> u64 {
    u64::from(frame.snapshot.queue_depth)
}

fn shape(frame: &Frame, table: usize) -> String {
    frame.snapshot.batch.as_ref().map_or_else(String::new, |batch| shape_text(&batch.tables[table]))
}
