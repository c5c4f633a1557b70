//! The chart as a table, an alternative in text.

use super::chart::ChartContext;
use crate::protocol::ChartRange;
use crate::ui::html::{button, details, div, table, td, th};
use crate::ui::live::{El, State};
use crate::ui::model::chart_columns::ChartBuffer;
use crate::ui::model::chart_range::range_text;
use crate::ui::model::chart_reading::ChartReading;

/// Maximum number of rows.
const MAX_ROWS: usize = 50;
const CELL: &str = "data-table__cell";

/// The visible columns, merged into few rows. They are taken when the table is opened or refreshed: a table that
/// changes by itself cannot be read.
pub(super) fn chart_table(context: ChartContext) -> El {
    let shown = State::new(None::<ChartBuffer>);
    let take = move || shown.set(Some(context.buffer.peek().clone()));
    let rows =
        div("chart-table__scroll").attr("tabindex", "0").role("region").label("Rows of the chart").swap(move || {
            let buffer = shown.read();
            buffer.iter().map(|buffer| grid(context, buffer)).collect()
        });
    details("chart-table").on("toggle", move |_| if shown.peek().is_some() { shown.set(None) } else { take() }).with([
        El::new("summary").text("Chart as a table"),
        button("button", "Take the newest").on_click(take),
        rows,
    ])
}

fn grid(context: ChartContext, buffer: &ChartBuffer) -> El {
    let head = |name: &str| {
        let class = if name == "time" { CELL.to_owned() } else { format!("{CELL} {CELL}--number") };
        th(&class).attr("scope", "col").text(name)
    };
    let row = |reading: &ChartReading| {
        let least = ChartReading { max: reading.min, ..*reading };
        let most = ChartReading { min: reading.max, ..*reading };
        let number = |text: &str| td(&format!("{CELL} {CELL}--number")).text(text);
        El::new("tr").with([
            td(CELL).text(&reading.time_text(context.clock())),
            number(&least.value_text(true)),
            number(&most.value_text(true)),
            number(&reading.moving_text(false)),
        ])
    };
    let range: ChartRange = context.shown().map_or(context.course.peek().now, |span| span.tidy().range());
    table("data-table__table").with([
        El::new("caption").text(&range_text(range, context.clock())),
        El::new("thead").with([El::new("tr").with(["time", "smallest", "largest", "moving"].map(head))]),
        El::new("tbody").with_all(buffer.columns().table(MAX_ROWS).iter().map(row)),
    ])
}
