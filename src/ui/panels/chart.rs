//! The chart panel: range, reading, lines, and exports.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use leptos::task::spawn_local;

use super::chart_export::export;
use super::chart_lines::lines;
use super::chart_span::span_bar;
use super::chart_table::chart_table;
use crate::browser::on_screen::OnScreenWatch;
use crate::browser::zone;
use crate::protocol::ChartRange;
use crate::time::Clock;
use crate::ui::components::chart::{Chart, ChartInputEvent};
use crate::ui::focus::Focus;
use crate::ui::html::{button, div, h2, p, section, span};
use crate::ui::live::{El, Live, State, effect, keep};
use crate::ui::model::chart_columns::ChartBuffer;
use crate::ui::model::chart_lines::Places;
use crate::ui::model::chart_range::{Course, Span, range_text};
use crate::ui::model::chart_reading::{ChartReading, empty_text};
use crate::ui::model::decimal::fixed;
use crate::ui::model::storage_text::percent_text;
use crate::ui::state::Pipeline;

/// Pause before the reading is announced: while an arrow key is held, only the last step is announced.
const ANNOUNCE_MILLIS: u32 = 300;
const KEYS_ID: &str = "chart-keys";

/// The state that the parts of this panel share.
#[derive(Clone, Copy)]
pub(super) struct ChartContext {
    pub(super) pipeline: Pipeline,
    pub(super) focus: Focus,
    pub(super) buffer: State<ChartBuffer>,
    /// The range and its history.
    pub(super) course: State<Course>,
    /// The slots of the ids with lines.
    pub(super) places: State<Places>,
    /// The column under the cursor.
    cursor: State<Option<usize>>,
    is_utc: Live<bool>,
    /// Changes with each update of the texts on the page, a few times a second.
    words: Live<bool>,
}

impl ChartContext {
    fn new(pipeline: Pipeline, focus: Focus) -> Self {
        let context = Self {
            pipeline,
            focus,
            buffer: pipeline.chart(),
            course: State::new(Course::new(*focus.range.peek())),
            places: State::new(Places::default()),
            cursor: State::new(None),
            is_utc: pipeline.flag(|frame| frame.setting("clock") == Some("utc")),
            words: pipeline.is_known(),
        };
        effect(move || {
            let range = focus.range.get();
            context.course.update(|course| course.choose(range));
            pipeline.look(|view| view.chart.range = range);
        });
        effect(move || {
            let ids = focus.ids.get();
            context.places.update(|places| places.settle(&ids));
            pipeline.look(|view| view.chart.ids = ids);
        });
        context
    }

    /// The clock of the setting, untracked.
    pub(super) fn clock(self) -> &'static Clock {
        zone::clock(self.is_utc.get())
    }

    /// The visible span, untracked.
    pub(super) fn shown(self) -> Option<Span> {
        self.buffer.peek().span(*self.focus.range.peek())
    }

    /// Shows another range.
    pub(super) fn choose(self, range: ChartRange) {
        self.focus.range.set(range);
    }

    /// Undoes all zooming and panning.
    pub(super) fn reset(self) {
        let base = self.course.peek().base;
        if self.course.peek().is_zoomed() {
            self.choose(base);
        }
    }

    /// The column of the reading: that under the cursor, or the newest. Tracks the updates of the page's texts, and the
    /// cursor.
    pub(super) fn column(self) -> Option<usize> {
        let _ = self.words.get();
        self.cursor.get().or_else(|| self.buffer.peek().columns().newest())
    }

    fn reading(self) -> ChartReading {
        self.column().and_then(|column| self.buffer.peek().columns().reading(column)).unwrap_or_default()
    }

    /// Whether the reading is that of the cursor.
    pub(super) fn is_exact(self) -> bool {
        self.cursor.read().is_some()
    }
}

/// Value and rolling aggregate over the chosen span of event time, and the lines of chosen ids.
#[must_use]
pub fn chart_panel(pipeline: Pipeline, focus: Focus) -> El {
    let context = ChartContext::new(pipeline, focus);
    let aggregate = Live::new(move || {
        pipeline.follow(|frame| frame.setting("agg").map(str::to_owned)).flatten().unwrap_or_else(|| "mean".to_owned())
    });
    let announced = State::new(String::new());
    let (is_waiting, is_on_screen) = (State::new(false), State::new(false));
    let announce = move || {
        if *is_waiting.peek() {
            return;
        }
        is_waiting.set(true);
        spawn_local(async move {
            TimeoutFuture::new(ANNOUNCE_MILLIS).await;
            is_waiting.set(false);
            announced.set(context.reading().sentence(context.clock(), &aggregate.get()));
        });
    };
    let act = move |act| match act {
        ChartInputEvent::Width(width) => pipeline.look(|view| view.chart.columns = width),
        ChartInputEvent::Point(column) => context.cursor.set(column),
        ChartInputEvent::Step(column) => {
            context.cursor.set(Some(column));
            announce();
        }
        ChartInputEvent::Show(span) => {
            let mut range = *focus.range.peek();
            context.course.update(|course| range = course.zoom(span));
            context.choose(range);
        }
        ChartInputEvent::Reset => context.reset(),
    };
    let (chart, picture) = Chart {
        buffer: context.buffer,
        range: focus.range,
        places: context.places,
        is_utc: context.is_utc,
        label: Live::new(move || {
            format!("Value and moving {}, {}", aggregate.get(), range_text(context.course.read().now, context.clock()))
        }),
        is_on_screen,
        keys_id: KEYS_ID,
    }
    .view(Rc::new(act));
    let panel = section("panel chart-panel").attr("aria-labelledby", "chart-title").with([
        div("panel__head").with([h2("panel__title").id("chart-title").text("Value over time"), span_bar(context)]),
        reading_line(context, aggregate),
        div("chart-panel__picture").with([chart, empty(context), progress(context)]),
        div("chart-panel__foot").with([lines(context, &picture), export(context, picture)]),
        keys(),
        div("visually-hidden").role("status").test_id("chart-announced").live(announced),
        chart_table(context),
    ]);
    keep(OnScreenWatch::new(&panel, move |is_seen| is_on_screen.set(is_seen)));
    panel
}

fn reading_line(context: ChartContext, aggregate: Live<String>) -> El {
    let bold = |name: &str| El::new("b").class("chart-panel__number").test_id(name);
    p("chart-panel__reading").with([
        span("chart-panel__time").test_id("chart-time").live(move || context.reading().time_text(context.clock())),
        span("chart-panel__key chart-panel__key--value").text("value ").with([
            bold("chart-value").live(move || context.reading().value_text(context.is_exact())),
            span("chart-panel__rows").live(move || context.reading().rows_text()),
        ]),
        span("chart-panel__key chart-panel__key--moving")
            .text("moving ")
            .live(aggregate)
            .text(" ")
            .with([bold("chart-moving").live(move || context.reading().moving_text(context.is_exact()))]),
    ])
}

/// The message in the chart's place while there is nothing to draw.
fn empty(context: ChartContext) -> El {
    let stored = context.pipeline.number(|frame| frame.snapshot.history_rows.into());
    let text = Live::new(move || {
        let _ = context.words.get();
        let is_drawn = context.buffer.peek().columns().newest().is_some();
        if is_drawn { String::new() } else { empty_text(context.course.read().now, stored.get(), context.clock()) }
    });
    div("chart-panel__empty").hidden_when(move || text.get().is_empty()).with([
        p("").test_id("chart-empty").live(text),
        button("button", "Show everything")
            .hidden_when(move || stored.get() == 0)
            .on_click(move || context.choose(ChartRange::All)),
    ])
}

/// The searched share of a history on disk.
fn progress(context: ChartContext) -> El {
    let share = Live::new(move || {
        let _ = context.words.get();
        let frame = context.buffer.peek().frame();
        if frame.from < frame.until && frame.share < 1.0 { f64::from(frame.share) } else { 1.0 }
    });
    div("chart-panel__progress").hidden_when(move || share.get() >= 1.0).with([
        span("").text("reading the log: ").live(move || percent_text(share.get())),
        El::new("progress").label("Reading the log").live_attr("value", move || fixed(share.get(), 2)),
    ])
}

fn keys() -> El {
    p("chart-panel__keys").id(KEYS_ID).text(
        "Drag to zoom; drag with shift, the middle button or a finger to move. The wheel zooms with Ctrl or once the chart \
         has the focus, and moves with Shift. Keys: arrows read columns, with Shift they move; + and \u{2212} zoom, Home \
         and End go to the ends, Escape goes back.",
    )
}
