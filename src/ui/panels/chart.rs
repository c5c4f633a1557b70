//! The chart panel: range, reading, lines, and exports.

use gloo_timers::future::TimeoutFuture;
use leptos::html::Section;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_use_intersection_observer::use_intersection_observer;

use super::chart_export::ChartExport;
use super::chart_lines::ChartLines;
use super::chart_span::SpanBar;
use super::chart_table::ChartTable;
use crate::browser::zone;
use crate::protocol::ChartRange;
use crate::time::Clock;
use crate::ui::components::chart::{Chart, ChartInputEvent};
use crate::ui::components::chart_picture::Picture;
use crate::ui::focus::Focus;
use crate::ui::model::chart_columns::ChartBuffer;
use crate::ui::model::chart_lines::Places;
use crate::ui::model::chart_range::{Course, Span, range_text};
use crate::ui::model::chart_reading::{ChartReading, empty_text};
use crate::ui::model::decimal::fixed;
use crate::ui::model::storage_text::percent_text;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

/// Pause before the reading is announced: while an arrow key is held, only the last step is announced.
const ANNOUNCE_MILLIS: u32 = 300;
const KEYS_ID: &str = "chart-keys";
const KEYS: &str = "Drag to zoom; drag with shift, the middle button or a finger to move. The wheel zooms with Ctrl or \
                    once the chart has the focus, and moves with Shift. Keys: arrows read columns, with Shift they \
                    move; + and \u{2212} zoom, Home and End go to the ends, Escape goes back.";

/// The state that the parts of this panel share.
#[derive(Clone, Copy)]
pub(super) struct ChartContext {
    pub(super) pipeline: Pipeline,
    pub(super) focus: Focus,
    pub(super) picture: Picture,
    pub(super) buffer: RwSignal<ChartBuffer>,
    /// The range and its history.
    pub(super) course: Memo<Course>,
    /// The newest range that results from a zoom or pan.
    zoomed: StoredValue<Option<Span>>,
    /// The slots of the ids with lines.
    pub(super) places: Memo<Places>,
    /// The column under the cursor.
    cursor: RwSignal<Option<usize>>,
    is_utc: Memo<bool>,
    /// The aggregate of the rolling window.
    aggregate: Memo<String>,
}

impl ChartContext {
    fn new(pipeline: Pipeline, focus: Focus) -> Self {
        let zoomed = StoredValue::new(None::<Span>);
        let course = Memo::new(move |before: Option<&Course>| {
            let range = focus.range.get();
            let mut course = before.copied().unwrap_or_else(|| Course::new(range));
            match zoomed.get_value() {
                Some(span) if span.range() == range => {
                    course.zoom(span);
                }
                _ => course.choose(range),
            }
            course
        });
        let places = Memo::new(move |before: Option<&Places>| {
            let mut places = before.cloned().unwrap_or_default();
            places.settle(&focus.ids.read());
            places
        });
        Effect::new(move || {
            let range = focus.range.get();
            pipeline.look(|view| view.chart.range = range);
        });
        Effect::new(move || {
            let ids = focus.ids.get();
            pipeline.look(|view| view.chart.ids = ids);
        });
        Self {
            pipeline,
            focus,
            picture: Picture::new(),
            buffer: pipeline.chart(),
            course,
            zoomed,
            places,
            cursor: RwSignal::new(None),
            is_utc: Memo::new(move |_| pipeline.setting("clock") == "utc"),
            aggregate: Memo::new(move |_| {
                let aggregate = pipeline.setting("agg");
                if aggregate.is_empty() { "mean".to_owned() } else { aggregate }
            }),
        }
    }

    /// The clock of the setting.
    pub(super) fn clock(self) -> &'static Clock {
        zone::clock(self.is_utc.get())
    }

    /// The visible span, untracked.
    pub(super) fn shown(self) -> Option<Span> {
        self.buffer.read_untracked().span(self.focus.range.get_untracked())
    }

    /// Shows another range.
    pub(super) fn choose(self, range: ChartRange) {
        self.zoomed.set_value(None);
        self.focus.range.set(range);
    }

    /// Shows a zoomed or panned range, which [`Self::reset`] undoes.
    fn zoom(self, span: Span) {
        self.zoomed.set_value(Some(span));
        self.focus.range.set(span.range());
    }

    /// Undoes all zooming and panning.
    pub(super) fn reset(self) {
        let course = self.course.get_untracked();
        if course.is_zoomed() {
            self.choose(course.base);
        }
    }

    /// The column of the reading: that under the cursor, or the newest. Tracks the updates of the page's texts, and the
    /// cursor.
    pub(super) fn column(self) -> Option<usize> {
        self.pipeline.track_updates();
        self.cursor.get().or_else(|| self.buffer.read_untracked().columns().newest())
    }

    fn reading(self) -> ChartReading {
        let column = self.column();
        column.and_then(|column| self.buffer.read_untracked().columns().reading(column)).unwrap_or_default()
    }

    /// Whether the reading is that of the cursor.
    pub(super) fn is_exact(self) -> bool {
        self.cursor.read().is_some()
    }
}

/// Value and rolling aggregate over the chosen span of event time, and the lines of chosen ids.
#[component]
pub fn ChartPanel() -> impl IntoView {
    let context = ChartContext::new(Pipeline::expect(), Focus::expect());
    let announcer = Announcer::new(context);
    let (panel, is_on_screen) = (NodeRef::<Section>::new(), RwSignal::new(false));
    use_intersection_observer(panel, move |entries, _| {
        if let Some(entry) = entries.last() {
            is_on_screen.set(entry.is_intersecting());
        }
    });
    let label = Signal::derive(move || {
        let range = range_text(context.course.read().now, context.clock());
        format!("Value and moving {}, {range}", context.aggregate.read())
    });
    let on_event = move |event| match event {
        ChartInputEvent::Width(width) => context.pipeline.look(|view| view.chart.columns = width),
        ChartInputEvent::Point(column) => context.cursor.set(column),
        ChartInputEvent::Step(column) => {
            context.cursor.set(Some(column));
            announcer.announce();
        }
        ChartInputEvent::Show(span) => context.zoom(span),
        ChartInputEvent::Reset => context.reset(),
    };
    view! {
        <section class="panel chart-panel" aria-labelledby="chart-title" node_ref=panel>
            <div class="panel__head">
                <h2 class="panel__title" id="chart-title">"Value over time"</h2>
                <SpanBar context/>
            </div>
            <ReadingLine context/>
            <div class="chart-panel__picture">
                <Chart
                    picture=context.picture
                    buffer=context.buffer
                    range=context.focus.range
                    places=context.places
                    is_utc=context.is_utc
                    label
                    is_on_screen
                    keys_id=KEYS_ID
                    on_event
                />
                <EmptyNote context/>
                <SearchProgress context/>
            </div>
            <div class="chart-panel__foot">
                <ChartLines context/>
                <ChartExport context/>
            </div>
            <p class="chart-panel__keys" id=KEYS_ID>{KEYS}</p>
            <div class="visually-hidden" role="status" data-testid="chart-announced">{announcer.announced}</div>
            <ChartTable context/>
        </section>
    }
}

/// Announces the reading to screen readers after a step by key.
#[derive(Clone, Copy)]
struct Announcer {
    context: ChartContext,
    announced: RwSignal<String>,
    is_waiting: StoredValue<bool>,
}

impl Announcer {
    fn new(context: ChartContext) -> Self {
        Self { context, announced: RwSignal::default(), is_waiting: StoredValue::new(false) }
    }

    fn announce(self) {
        if self.is_waiting.get_value() {
            return;
        }
        self.is_waiting.set_value(true);
        spawn_local(async move {
            TimeoutFuture::new(ANNOUNCE_MILLIS).await;
            self.is_waiting.set_value(false);
            self.announced.set(untrack(|| self.sentence()));
        });
    }

    fn sentence(self) -> String {
        self.context.reading().sentence(self.context.clock(), &self.context.aggregate.read())
    }
}

/// Time, value and rolling aggregate at the cursor, or of the newest column.
#[component]
fn ReadingLine(
    /// The state of the panel.
    context: ChartContext,
) -> impl IntoView {
    let reading = Memo::new(move |_| context.reading());
    view! {
        <p class="chart-panel__reading">
            <span class="chart-panel__time" data-testid="chart-time">
                {move || reading.read().time_text(context.clock())}
            </span>
            <span class="chart-panel__key chart-panel__key--value">
                "value "
                <b class="chart-panel__number" data-testid="chart-value">
                    {move || reading.read().value_text(context.is_exact())}
                </b>
                <span class="chart-panel__rows">{move || reading.read().rows_text()}</span>
            </span>
            <span class="chart-panel__key chart-panel__key--moving">
                "moving " {context.aggregate} " "
                <b class="chart-panel__number" data-testid="chart-moving">
                    {move || reading.read().moving_text(context.is_exact())}
                </b>
            </span>
        </p>
    }
}

/// The message in the chart's place while there is nothing to draw.
#[component]
fn EmptyNote(
    /// The state of the panel.
    context: ChartContext,
) -> impl IntoView {
    let stored_rows = move || u64::from(context.pipeline.page().history_rows().get());
    let text = Memo::new(move |_| {
        context.pipeline.track_updates();
        let is_drawn = context.buffer.read_untracked().columns().newest().is_some();
        if is_drawn { String::new() } else { empty_text(context.course.read().now, stored_rows(), context.clock()) }
    });
    view! {
        <div class="chart-panel__empty" hidden=move || text.read().is_empty()>
            <p data-testid="chart-empty">{text}</p>
            <button
                type="button"
                class="button"
                hidden=move || stored_rows() == 0
                on:click=move |_| context.choose(ChartRange::All)
            >
                "Show everything"
            </button>
        </div>
    }
}

/// The searched share of a history on disk.
#[component]
fn SearchProgress(
    /// The state of the panel.
    context: ChartContext,
) -> impl IntoView {
    let share = Memo::new(move |_| {
        context.pipeline.track_updates();
        let frame = context.buffer.read_untracked().frame();
        if frame.from < frame.until && frame.share < 1.0 { f64::from(frame.share) } else { 1.0 }
    });
    view! {
        <div class="chart-panel__progress" hidden=move || { share.get() >= 1.0 }>
            <span>"reading the log: " {move || percent_text(share.get())}</span>
            <progress aria-label="Reading the log" value=move || fixed(share.get(), 2)></progress>
        </div>
    }
}
