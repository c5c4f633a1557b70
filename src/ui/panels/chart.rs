//! The chart with its span choice and its reading.

use crate::protocol::ChartRange;
use crate::ui::components::chart::Chart;
use crate::ui::components::segmented::Segmented;
use crate::ui::focus::Focus;
use crate::ui::html::{div, h2, p, section, span};
use crate::ui::live::{El, Live, State};
use crate::ui::model::chart_columns::{ChartReading, text_alternative};
use crate::ui::state::Pipeline;

const SPANS: [(u64, &str); 4] = [(60, "1 min"), (300, "5 min"), (900, "15 min"), (3600, "1 h")];

/// Value and moving aggregate over the chosen span of event time.
#[must_use]
pub fn chart_panel(pipeline: Pipeline, _focus: Focus) -> El {
    let span_index = State::new(0_usize);
    let choose_span = move |index: usize| {
        span_index.set(index);
        let span_nanos = SPANS[index].0 as i64 * 1_000_000_000;
        pipeline.look(|view| view.chart.range = ChartRange::Live { span_nanos });
    };
    let buffer = pipeline.chart();
    let under_pointer = State::new(None::<usize>);
    let newest = move || buffer.read().columns().newest();
    let reading = move || {
        let under_pointer = under_pointer.get().and_then(|column| buffer.read().columns().reading(column));
        under_pointer.or_else(newest).unwrap_or_default()
    };
    let aggregate = pipeline.text(|frame| frame.setting("agg").unwrap_or("mean").to_owned());
    let reading = |of: fn(&ChartReading) -> String| El::new("b").live(move || of(&reading()));
    section("panel chart-panel").attr("aria-labelledby", "chart-title").with([
        div("panel__head").with([
            h2("panel__title").id("chart-title").text("Value over time"),
            Segmented { legend: "Span of the chart", name: "chart-span", selected: span_index }
                .view(SPANS.map(|(_, label)| label), choose_span),
        ]),
        p("chart-panel__legend").with([
            span("chart-panel__key chart-panel__key--value").text("value ").with([reading(ChartReading::value_text)]),
            span("chart-panel__key chart-panel__key--moving")
                .text("moving ")
                .live(aggregate)
                .text(" ")
                .with([reading(ChartReading::moving_text)]),
        ]),
        p("chart-panel__empty").hidden_when(move || newest().is_some()).text("The first batch is drawn here."),
        Chart {
            buffer,
            span_secs: Live::new(move || SPANS[span_index.get()].0),
            is_utc: pipeline.flag(|frame| frame.setting("clock") == Some("utc")),
            label: Live::new(move || text_alternative(SPANS[span_index.get()].1, &aggregate.get(), newest())),
        }
        .view(
            move |width| pipeline.look(|view| view.chart.columns = width as u32),
            move |column| under_pointer.set(column),
        ),
    ])
}
