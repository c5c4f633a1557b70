//! The chart panel: range, reading, lines, and exports.

use gloo_timers::future::TimeoutFuture;
use leptos::html::Section;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_use_intersection_observer::use_intersection_observer;

use super::chart_export::{ChartExport, ExportNote, RowsExport};
use super::chart_lines::ChartLines;
use super::chart_span::SpanBar;
use super::chart_table::ChartTable;
use crate::browser::{clock, zone};
use crate::protocol::ChartRange;
use crate::time::Clock;
use crate::ui::components::chart::{Chart, ChartInputEvent};
use crate::ui::components::chart_picture::Picture;
use crate::ui::components::choice::Choice;
use crate::ui::focus::Focus;
use crate::ui::model::chart_columns::ChartBuffer;
use crate::ui::model::chart_lines::{Places, lines_of, shown_measures};
use crate::ui::model::chart_range::{Course, Span, range_text};
use crate::ui::model::chart_reading::{ChartReading, empty_text, first_batch_text, newer_text, titles};
use crate::ui::model::decimal::fixed;
use crate::ui::model::measures::measure_names;
use crate::ui::model::storage_text::percent_text;
use crate::ui::navigation::Navigation;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};
use crate::ui::theme::Theme;

/// Pause before the reading is announced: while an arrow key is held, only the last step is announced.
const ANNOUNCE_MILLIS: u32 = 300;
const KEYS_ID: &str = "chart-keys";
const MEASURE_ID: &str = "chart-measure";
const KEYS: &str = "Drag to zoom; drag with shift, the middle button or a finger to move; two fingers zoom. The wheel \
                    zooms with Ctrl or once the chart has the focus, and moves with Shift. Keys: arrows read columns, \
                    with Shift they move; + and \u{2212} zoom, Home and End go to the ends, Escape goes back. Dashed: \
                    events that wait for their batch.";

/// What the chart shows, for its panel and for the keys of the page: a context that `app` provides.
#[derive(Clone, Copy)]
pub struct ChartContext {
    pub(super) pipeline: Pipeline,
    pub(super) focus: Focus,
    pub(super) picture: Picture,
    pub(super) buffer: RwSignal<ChartBuffer>,
    /// The range and its history.
    pub(super) course: Memo<Course>,
    /// The newest range that results from a zoom or pan.
    zoomed: StoredValue<Option<Span>>,
    /// The names of all measures.
    pub(super) measures: Memo<Vec<String>>,
    /// The measure that the user chose for the chart; empty: the first.
    pub(super) chosen_measure: RwSignal<String>,
    /// Measures without a line.
    pub(super) hidden_measures: RwSignal<Vec<String>>,
    /// The measures that are shown: the chart's own, then those with lines.
    pub(super) shown_measures: Memo<Vec<String>>,
    /// The slots of the lines.
    pub(super) places: Memo<Places>,
    /// The column under the cursor.
    cursor: RwSignal<Option<usize>>,
    is_utc: Memo<bool>,
    /// The aggregate of the rolling window.
    pub(super) aggregate: Memo<String>,
}

impl ChartContext {
    /// The chart of this pipeline, in step with the focus.
    #[must_use]
    pub fn new(pipeline: Pipeline, focus: Focus) -> Self {
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
        let measures = Memo::new(move |_| measure_names(&pipeline.page().settings().read()));
        let (chosen_measure, hidden_measures) = (RwSignal::<String>::default(), RwSignal::<Vec<String>>::default());
        let shown = Memo::new(move |_| {
            let ids = focus.ids.read().len();
            shown_measures(&measures.read(), &chosen_measure.read(), &hidden_measures.read(), ids)
        });
        let places = Memo::new(move |before: Option<&Places>| {
            let mut places = before.cloned().unwrap_or_default();
            places.settle(&lines_of(&focus.ids.read(), &shown.read()));
            places
        });
        Effect::new(move || {
            // The only measure needs no name, and none is known before the settings are.
            let shown = if measures.read().len() > 1 { shown.get() } else { Vec::new() };
            pipeline.look(|view| view.chart.measures = shown);
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
            measures,
            chosen_measure,
            hidden_measures,
            shown_measures: shown,
            places,
            cursor: RwSignal::new(None),
            is_utc: Memo::new(move |_| pipeline.setting("clock") == "utc"),
            aggregate: Memo::new(move |_| {
                let aggregate = pipeline.setting("agg");
                if aggregate.is_empty() { "mean".to_owned() } else { aggregate }
            }),
        }
    }

    /// The context that `app` provides.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// Shows a span this many steps longer, or shorter for a negative count, among those that are offered.
    pub fn choose_span(self, step: i32) {
        self.choose(self.course.read_untracked().stepped(step));
    }

    /// Shows the range that last followed the clock.
    pub fn follow_live(self) {
        self.choose(self.course.read_untracked().live);
    }

    /// Freezes what is visible, or follows the clock again.
    pub fn toggle_freeze(self) {
        let is_frozen = self.course.read_untracked().is_paused();
        match self.shown().filter(|_| !is_frozen) {
            Some(span) => self.choose(span.tidy().range()),
            None => self.follow_live(),
        }
    }

    /// The chart's own measure; tracked.
    #[must_use]
    pub fn measure(self) -> String {
        self.shown_measures.read().first().cloned().unwrap_or_default()
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
    let context = ChartContext::expect();
    let Navigation { is_chart_large: is_large, is_presenting, .. } = Navigation::expect();
    let is_dark = Theme::expect().is_dark();
    let rows = RowsExport::new(context);
    let announcer = Announcer::new(context);
    let (panel, is_on_screen) = (NodeRef::<Section>::new(), RwSignal::new(false));
    use_intersection_observer(panel, move |entries, _| {
        if let Some(entry) = entries.last() {
            is_on_screen.set(entry.is_intersecting());
        }
    });
    let label = Signal::derive(move || {
        let range = range_text(context.course.read().now, context.clock());
        let [_, name] = titles(&context.measure());
        format!("{name} {}, {range}", context.aggregate.read())
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
        <section
            class="panel chart-panel"
            class=("chart-panel--large", is_large)
            id="chart"
            aria-labelledby="chart-title"
            node_ref=panel
        >
            <div class="chart-panel__head">
                <h2 class="panel__title chart-panel__title" id="chart-title" tabindex="-1">
                    {move || titles(&context.measure())[0].clone()}
                </h2>
                <SpanBar context/>
                <div class="chart-panel__tools">
                    <ChartTable context/>
                    <ChartExport context rows/>
                    <LargeButton is_large/>
                    <KeysButton/>
                </div>
            </div>
            <div class="chart-panel__legend">
                <ReadingLine context/>
                <ChartLines context/>
            </div>
            <div class="chart-panel__picture">
                <Chart
                    picture=context.picture
                    buffer=context.buffer
                    range=context.focus.range
                    places=context.places
                    is_utc=context.is_utc
                    is_dark
                    is_presenting
                    is_zoomed=Signal::derive(move || context.course.read().is_zoomed())
                    label
                    is_on_screen
                    keys_id=KEYS_ID
                    on_event
                />
                <EmptyNote context/>
                <div class="chart-panel__notes">
                    <SearchProgress context/>
                    <FirstBatchNote context/>
                    <NewerNote context/>
                    <ExportNote rows/>
                </div>
            </div>
            <div class="visually-hidden" role="status" data-testid="chart-announced">{announcer.announced}</div>
        </section>
    }
}

/// The button that gives the chart the whole view.
#[component]
fn LargeButton(
    /// Whether it has it.
    is_large: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button button--icon"
            title="Maximise (f)"
            aria-label="Maximise the chart"
            aria-pressed=move || is_large.get().to_string()
            on:click=move |_| is_large.update(|is_large| *is_large = !*is_large)
        >
            "\u{2922}"
        </button>
    }
}

/// The button that explains pointer and keys.
#[component]
fn KeysButton() -> impl IntoView {
    view! {
        <button
            type="button"
            class="button button--icon"
            title="Pointer and keys"
            aria-label="Keys of the chart"
            popovertarget=KEYS_ID
        >
            "?"
        </button>
        <div class="popover chart-popover" id=KEYS_ID popover="auto">{KEYS}</div>
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
        let context = self.context;
        context.reading().sentence(context.clock(), &context.measure(), &context.aggregate.read())
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
            <span
                class="chart-panel__time"
                title=move || reading.read().time_text(context.clock())
                data-testid="chart-time"
            >
                {move || reading.read().short_time_text(context.clock())}
            </span>
            <span class="chart-panel__key chart-panel__key--value">
                <MeasureName context/>
                " "
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

/// The name of the chart's own measure; where there are several, a list to choose it from.
#[component]
fn MeasureName(
    /// The state of the panel.
    context: ChartContext,
) -> impl IntoView {
    let choose = move |name: String| context.chosen_measure.set(name);
    move || {
        let measures = context.measures.get();
        if measures.len() < 2 {
            return measures.first().cloned().into_any();
        }
        let options = measures.into_iter().map(|name| (name.clone(), name)).collect();
        view! {
            <label class="visually-hidden" for=MEASURE_ID>
                "Measure of the chart"
            </label>
            <Choice id=MEASURE_ID options value=Signal::derive(move || context.measure()) on_change=choose/>
        }
        .into_any()
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
        let is_drawn = context.buffer.read_untracked().is_drawn();
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

/// How far the first batch is, once its events are drawn.
#[component]
fn FirstBatchNote(
    /// The state of the panel.
    context: ChartContext,
) -> impl IntoView {
    let page = context.pipeline.page();
    let text = Memo::new(move |_| {
        context.pipeline.track_updates();
        let is_first = page.history_rows().get() == 0 && !context.buffer.read_untracked().waiting().is_empty();
        let waiting_events = if is_first { page.queue_depth().get() } else { 0 };
        first_batch_text(waiting_events, context.pipeline.setting_number("batch_size"))
    });
    view! {
        <p class="chart-panel__note" hidden=move || text.read().is_empty() data-testid="chart-first-batch">{text}</p>
    }
}

/// Rows after the end of a live chart, and the way to them.
#[component]
fn NewerNote(
    /// The state of the panel.
    context: ChartContext,
) -> impl IntoView {
    let newest = Memo::new(move |_| {
        context.pipeline.track_updates();
        let frame = context.buffer.read_untracked().frame();
        let is_live = matches!(context.course.read().now, ChartRange::Live { .. });
        frame.newest.filter(|_| is_live)
    });
    let text = move || {
        let now = clock::now().as_nanos();
        newest.get().map(|newest| newer_text(newest, now, context.clock())).unwrap_or_default()
    };
    let show = move |_| {
        if let Some((newest, span)) = newest.get_untracked().zip(context.shown()) {
            context.zoom(Span { from: newest.saturating_sub(span.nanos()), until: newest });
        }
    };
    view! {
        <div class="chart-panel__note" hidden=move || newest.get().is_none() data-testid="chart-newer">
            <span>{text}</span>
            <button type="button" class="button button--quiet" on:click=show>"Show it"</button>
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
        <div class="chart-panel__note" hidden=move || { share.get() >= 1.0 }>
            <span>"reading the log: " {move || percent_text(share.get())}</span>
            <progress aria-label="Reading the log" value=move || fixed(share.get(), 2)></progress>
        </div>
    }
}
