//! The pipeline as an animated picture.

use super::inspector::Opened;
use super::transport::transport;
use crate::browser::on_screen::OnScreenWatch;
use crate::client::{ApiAccess, Connection};
use crate::ui::components::channel::Channel;
use crate::ui::components::counter::counter;
use crate::ui::components::gauge::gauge;
use crate::ui::components::mill_wheel::mill_wheel;
use crate::ui::components::slots::slots;
use crate::ui::components::stage::Stage;
use crate::ui::html::{dd, div, dl, h2, ol, p, section, span, ul};
use crate::ui::live::{El, Live, State, keep};
use crate::ui::model::quantity::{bytes_text, micros_text, rate_text};
use crate::ui::model::stage_health::{Reach, StageHealth, StageKind, alarm_text, recent_text, stage_health};
use crate::ui::model::stage_text::{
    bar_transform, batch_text, capacity_text, history_text, is_streaming, newest_text, shape_text, source_text,
    watermark_text,
};
use crate::ui::state::{PageSnapshot, Pipeline};

/// Source, queue, batch, transforms, results and API, joined by channels that show real events.
#[must_use]
pub fn pipeline_panel(pipeline: Pipeline, opened: Opened) -> El {
    let arrived = pipeline.number(|frame| frame.snapshot.counters.produced + frame.snapshot.counters.posted);
    let batches = pipeline.number(|frame| frame.snapshot.counters.batches);
    let requests = pipeline.number(|frame| frame.snapshot.counters.requests);
    let is_fast_source = pipeline.flag(|frame| is_streaming(frame.rates.events));
    let is_fast_mill = pipeline.flag(|frame| is_streaming(frame.rates.batches));
    let is_fast_api = pipeline.flag(|frame| is_streaming(frame.rates.requests));
    let events = move |drops, is_streaming| Channel { drops, is_streaming, carries_batches: false }.view();
    let whole_batches = move || Channel { drops: batches, is_streaming: is_fast_mill, carries_batches: true }.view();
    let picture = Picture { pipeline, opened };
    let is_seen = State::new(true);
    let class = move || if is_seen.get() { "pipeline" } else { "pipeline pipeline--out-of-view" };
    let panel = section("")
        .live_class(move || class().to_owned())
        .id("pipeline")
        .attr("aria-labelledby", "pipeline-title")
        .with([
            h2("visually-hidden").id("pipeline-title").text("Pipeline"),
            transport(pipeline),
            ol("pipeline__stages").on_key(move |key| key == "Escape" && opened.close()).with([
                picture.source(),
                events(arrived, is_fast_source),
                picture.queue(),
                whole_batches(),
                picture.batch(batches),
                whole_batches(),
                picture.transforms(batches, is_fast_mill),
                whole_batches(),
                picture.results(),
                events(requests, is_fast_api),
                picture.api(requests),
            ]),
            side_counters(pipeline),
            p("visually-hidden").attr("aria-live", "polite").test_id("alarms").live(move || picture.alarms()),
        ]);
    keep(OnScreenWatch::new(&panel, move |is_in_view| is_seen.set(is_in_view)));
    panel
}

/// The values that the stages are drawn from.
#[derive(Clone, Copy)]
struct Picture {
    pipeline: Pipeline,
    opened: Opened,
}

impl Picture {
    fn source(self) -> El {
        let pipeline = self.pipeline;
        let newest = pipeline.text(|frame| newest_text(frame.snapshot.recent_events.last()));
        let stage = Stage {
            name: "Source",
            count: pipeline.number(|frame| frame.snapshot.counters.produced),
            count_id: "count-produced",
            unit: "events",
            rate: pipeline.text(|frame| rate_text(frame.rates.events)),
            note: pipeline
                .text(|frame| source_text(frame.setting("source"), frame.setting("interval"), frame.is_paused())),
            health: self.health(StageKind::Source),
            is_open: self.is_open(StageKind::Source),
        };
        stage.view([span("stage__newest").live(newest)], self.opens(StageKind::Source))
    }

    fn queue(self) -> El {
        let pipeline = self.pipeline;
        let stage = Stage {
            name: "Queue",
            count: pipeline.number(depth),
            count_id: "count-queued",
            unit: "waiting",
            rate: pipeline.text(|frame| rate_text(frame.rates.events)),
            note: pipeline.text(|frame| capacity_text(u64::from(frame.snapshot.queue_capacity))),
            health: self.health(StageKind::Queue),
            is_open: self.is_open(StageKind::Queue),
        };
        stage.view([gauge(pipeline.text(queue_level))], self.opens(StageKind::Queue))
    }

    fn batch(self, batches: Live<u64>) -> El {
        let pipeline = self.pipeline;
        let stage = Stage {
            name: "Batch",
            count: batches,
            count_id: "count-batches",
            unit: "batches",
            rate: pipeline.text(|frame| rate_text(frame.rates.batches)),
            note: pipeline.text(|frame| batch_text(depth(frame), frame.setting_number("batch_size"))),
            health: self.health(StageKind::Batch),
            is_open: self.is_open(StageKind::Batch),
        };
        let batch_size = pipeline.number(|frame| frame.setting_number("batch_size"));
        stage.view([slots(pipeline.number(depth), batch_size)], self.opens(StageKind::Batch))
    }

    /// `is_turning`: whether the rate of batches is too high to show single ones.
    fn transforms(self, batches: Live<u64>, is_turning: Live<bool>) -> El {
        let pipeline = self.pipeline;
        let verb = |name: &str, shape: Live<String>| {
            // Never empty, even before the first snapshot: an empty line would be a pixel higher.
            let shown =
                move || Some(shape.get()).filter(|shape| !shape.is_empty()).unwrap_or_else(|| "\u{2013}".to_owned());
            El::new("li").text(name).text(" ").with([span("stage__shape").live(shown)])
        };
        let stage = Stage {
            name: "Transforms",
            count: pipeline.number(|frame| frame.snapshot.counters.processed),
            count_id: "count-processed",
            unit: "rows",
            rate: pipeline.text(|frame| rate_text(frame.rates.rows)),
            note: pipeline.text(|frame| match &frame.snapshot.batch {
                Some(batch) => format!("{} a batch", micros_text(batch.processing_micros)),
                None => "no batch yet".to_owned(),
            }),
            health: self.health(StageKind::Transforms),
            is_open: self.is_open(StageKind::Transforms),
        };
        let verbs = ul("stage__verbs").with([
            verb("rolling", pipeline.text(|frame| shape(frame, 0))),
            verb("melt", pipeline.text(|frame| shape(frame, 1))),
            verb("pivot_table", pipeline.text(|frame| shape(frame, 2))),
        ]);
        stage.view([mill_wheel(batches, is_turning), verbs], self.opens(StageKind::Transforms))
    }

    fn results(self) -> El {
        let pipeline = self.pipeline;
        let stage = Stage {
            name: "Results",
            count: pipeline.number(|frame| u64::from(frame.snapshot.history_rows)),
            count_id: "count-history",
            unit: "rows",
            rate: pipeline.text(|frame| rate_text(frame.rates.rows)),
            note: pipeline.text(|frame| history_text(frame.snapshot.history_bytes)),
            health: self.health(StageKind::Results),
            is_open: self.is_open(StageKind::Results),
        };
        stage.view([gauge(pipeline.text(history_level))], self.opens(StageKind::Results))
    }

    fn api(self, requests: Live<u64>) -> El {
        let paths = ["/latest", "/query", "/events"].map(|path| El::new("li").text(path));
        let stage = Stage {
            name: "API",
            count: requests,
            count_id: "count-requests",
            unit: "requests",
            rate: self.pipeline.text(|frame| rate_text(frame.rates.requests)),
            note: Live::new(|| "over HTTP".to_owned()),
            health: self.health(StageKind::Api),
            is_open: self.is_open(StageKind::Api),
        };
        stage.view([ul("stage__verbs").with(paths)], self.opens(StageKind::Api))
    }

    fn health(self, kind: StageKind) -> Live<StageHealth> {
        Live::new(move || self.health_of(kind))
    }

    fn health_of(self, kind: StageKind) -> StageHealth {
        let reach = match (&*self.pipeline.connection().read(), &*self.pipeline.api().read()) {
            (Connection::Failed(_), _) => Reach::Unreachable,
            (_, ApiAccess::Pending) => Reach::Pending,
            (_, ApiAccess::Live) => Reach::Everybody,
            (_, ApiAccess::ConsoleOnly(_)) => Reach::PageOnly,
        };
        self.pipeline.follow(|frame| stage_health(kind, &frame.snapshot, &frame.rates, reach)).unwrap_or_default()
    }

    /// The stages with problems, for screen readers.
    fn alarms(self) -> String {
        let all = [
            ("Source", StageKind::Source),
            ("Queue", StageKind::Queue),
            ("Results", StageKind::Results),
            ("API", StageKind::Api),
        ];
        alarm_text(&all.map(|(name, kind)| (name, self.health_of(kind).health)))
    }

    fn is_open(self, kind: StageKind) -> Live<bool> {
        Live::new(move || self.opened.stage.get() == Some(kind))
    }

    fn opens(self, kind: StageKind) -> impl FnMut(&El) + 'static {
        move |opener| self.opened.toggle(kind, opener)
    }
}

/// Counters of events that leave the main stream.
fn side_counters(pipeline: Pipeline) -> El {
    let item = |name: &str, value: El| div("side-counters__item").with([El::new("dt").text(name), value]);
    let count = |name: &str, test_id: &str, value: fn(&PageSnapshot) -> u64| {
        item(name, El::new("dd").with([counter(pipeline.number(value), test_id)]))
    };
    let trouble = |name: &str, test_id: &str, value: fn(&PageSnapshot) -> u64, recent: fn(&PageSnapshot) -> u64| {
        let recent = pipeline.number(recent);
        count(name, test_id, value).with([dd("side-counters__recent").live(move || recent_text(recent.get()))])
    };
    let amount = |name: &str, value: fn(&PageSnapshot) -> String| item(name, El::new("dd").live(pipeline.text(value)));
    dl("side-counters").with([
        count("posted", "count-posted", |frame| frame.snapshot.counters.posted),
        trouble(
            "rejected",
            "count-rejected",
            |frame| frame.snapshot.counters.rejected,
            |frame| frame.rates.recent.rejected,
        ),
        trouble("late", "count-late", |frame| frame.snapshot.counters.late, |frame| frame.rates.recent.late),
        trouble(
            "dropped",
            "count-dropped",
            |frame| frame.snapshot.counters.dropped,
            |frame| frame.rates.recent.dropped,
        ),
        amount("watermark", |frame| watermark_text(frame.snapshot.watermark.as_deref())),
        amount("flow", |frame| rate_text(frame.rates.events)),
        amount("behind", |frame| micros_text(frame.snapshot.counters.lag_nanos as f64 / 1000.0)),
        amount("memory", |frame| bytes_text(frame.snapshot.memory_bytes)),
    ])
}

/// Number of waiting events.
pub(super) fn depth(frame: &PageSnapshot) -> u64 {
    u64::from(frame.snapshot.queue_depth)
}

/// The fill of the queue, as a transform.
pub(super) fn queue_level(frame: &PageSnapshot) -> String {
    bar_transform(depth(frame), u64::from(frame.snapshot.queue_capacity))
}

/// The fill of the history, as a transform.
pub(super) fn history_level(frame: &PageSnapshot) -> String {
    bar_transform(u64::from(frame.snapshot.history_rows), frame.setting_number("history_rows"))
}

fn shape(frame: &PageSnapshot, table: usize) -> String {
    frame.snapshot.batch.as_ref().map_or_else(String::new, |batch| shape_text(&batch.tables[table]))
}
