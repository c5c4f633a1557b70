//! The chart with its span choice and its reading.

use leptos::prelude::*;

use crate::ui::components::chart::Chart;
use crate::ui::components::segmented::Segmented;
use crate::ui::model::chart_columns::text_alternative;
use crate::ui::signals::{flag, text};
use crate::ui::state::Pipeline;

const SPANS: [(u64, &str); 4] = [(60, "1 min"), (300, "5 min"), (900, "15 min"), (3600, "1 h")];

/// Value and moving aggregate over the chosen span of event time.
#[component]
pub fn ChartPanel() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let span = RwSignal::new(0_usize);
    let choose_span = move |index: usize| {
        span.set(index);
        pipeline.look(|view| view.chart_span_secs = SPANS[index].0 as u32);
    };
    let buffer = pipeline.chart();
    let under_pointer = RwSignal::new(None::<usize>);
    let newest = move || buffer.read().columns().newest();
    let reading = move || {
        let under_pointer = under_pointer.get();
        under_pointer.and_then(|column| buffer.read().columns().reading(column)).or_else(newest).unwrap_or_default()
    };
    let aggregate = pipeline.text(|frame| frame.setting("agg").unwrap_or("mean").to_owned());
    let label = text(move || text_alternative(SPANS[span.get()].1, &aggregate.read(), newest()));
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
                    on_select=Callback::new(choose_span)
                />
            </div>
            <p class="chart-panel__legend">
                <span class="chart-panel__key chart-panel__key--value">"value "
                    <b>{text(move || reading().value_text())}</b>
                </span>
                <span class="chart-panel__key chart-panel__key--moving">
                    "moving " {aggregate} " "
                    <b>{text(move || reading().moving_text())}</b>
                </span>
            </p>
            <p class="chart-panel__empty" hidden=flag(move || newest().is_some())>
                "The first batch is drawn here."
            </p>
            <Chart
                buffer=buffer
                span_secs=Memo::new(move |_| SPANS[span.get()].0)
                is_utc=pipeline.flag(|frame| frame.setting("clock") == Some("utc"))
                label=label
                on_width=Callback::new(move |width| pipeline.look(|view| view.chart_columns = width))
                on_cursor=Callback::new(move |column| under_pointer.set(column))
            />
        </section>
    }
}
