//! The chart with its span choice and its reading.

use leptos::prelude::*;

use crate::ui::components::chart::Chart;
use crate::ui::components::segmented::Segmented;
use crate::ui::model::chart_columns::{ChartColumns, ChartReading, text_alternative};
use crate::ui::state::Pipeline;

const SPANS: [(u32, &str); 4] = [(60, "1 min"), (300, "5 min"), (900, "15 min"), (3600, "1 h")];

/// Value and moving aggregate over the chosen span of event time.
#[component]
pub fn ChartPanel() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let view = pipeline.view();
    let span = Memo::new(move |_| SPANS.iter().position(|(secs, _)| *secs == view.read().chart_span_secs).unwrap_or(0));
    let buffer = chart_buffer(pipeline);
    let under_pointer = RwSignal::new(None::<usize>);
    let newest = Memo::new(move |_| ChartColumns::split(&buffer.read()).newest());
    let reading = Memo::new(move |_| match under_pointer.get() {
        Some(column) => ChartColumns::split(&buffer.read()).reading(column).or_else(|| newest.get()),
        None => newest.get(),
    });
    let aggregate = pipeline.setting("agg");
    let aggregate = Memo::new(move |_| aggregate.get().unwrap_or_else(|| "mean".to_owned()));
    let clock = pipeline.setting("clock");
    let label = Signal::derive(move || text_alternative(SPANS[span.get()].1, &aggregate.read(), newest.get()));
    view! {
        <section class="panel chart-panel" aria-labelledby="chart-title">
            <div class="panel__head">
                <h2 class="panel__title" id="chart-title">
                    "Value over time"
                </h2>
                <Segmented
                    legend="Span of the chart"
                    name="chart-span"
                    options=SPANS.map(|(_, label)| label).to_vec()
                    selected=span
                    on_select=Callback::new(move |index: usize| pipeline.look(|view| view.chart_span_secs = SPANS[index].0))
                />
            </div>
            <p class="chart-panel__legend">
                <span class="chart-panel__key chart-panel__key--value">"value "
                    <b>{move || reading.get().as_ref().map(ChartReading::value_text)}</b>
                </span>
                <span class="chart-panel__key chart-panel__key--moving">
                    "moving " {move || aggregate.get()} " "
                    <b>{move || reading.get().as_ref().map(ChartReading::moving_text)}</b>
                </span>
            </p>
            <p class="chart-panel__empty" hidden=move || newest.read().is_some()>
                "The first batch is drawn here."
            </p>
            <Chart
                buffer=buffer.into()
                span_secs=Memo::new(move |_| view.read().chart_span_secs)
                is_utc=Memo::new(move |_| clock.read().as_deref() == Some("utc"))
                label=label
                on_width=Callback::new(move |width| pipeline.look(|view| view.chart_columns = width))
                on_cursor=Callback::new(move |column| under_pointer.set(column))
            />
        </section>
    }
}

/// The chart's buffer, copied out only when it shows something new.
fn chart_buffer(pipeline: Pipeline) -> Memo<Vec<f64>> {
    let frame = pipeline.frame();
    let key = Memo::new(move |_| {
        frame.with(|frame| {
            frame.as_ref().map(|frame| {
                let chart = &frame.drawing.chart;
                let last_time = (chart.length() / 4).checked_sub(1).map(|row| chart.get_index(row).to_bits());
                (chart.length(), last_time, frame.drawing.snapshot.counters.processed, frame.view().clone())
            })
        })
    });
    Memo::new(move |_| {
        // Read, not tracked: tracking alone does not run a memo, so it would never learn what it depends on.
        let _ = key.read();
        frame.with_untracked(|frame| frame.as_ref().map_or_else(Vec::new, |frame| frame.drawing.chart.to_vec()))
    })
}
