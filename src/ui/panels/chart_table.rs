//! The chart as a table, an alternative in text.

use leptos::html::Div;
use leptos::prelude::*;

use super::chart::ChartContext;
use crate::protocol::ChartRange;
use crate::time::Clock;
use crate::ui::model::chart_range::range_text;
use crate::ui::model::chart_reading::ChartReading;

/// Maximum number of rows.
const MAX_ROWS: usize = 50;
const TABLE_ID: &str = "chart-table";
const CELL: &str = "data-table__cell";
const NUMBER_CELL: &str = "data-table__cell data-table__cell--number";

/// What the table shows.
#[derive(Clone)]
struct TableContent {
    measure: String,
    range: ChartRange,
    rows: Vec<ChartReading>,
}

impl TableContent {
    /// The visible columns, merged into few rows.
    fn newest(context: ChartContext) -> Self {
        Self {
            measure: untrack(|| context.measure()),
            range: context.shown().map_or_else(|| context.course.read_untracked().now, |span| span.tidy().range()),
            rows: context.buffer.read_untracked().columns().table(MAX_ROWS),
        }
    }
}

/// The button that opens the visible columns as a table. They are taken when it is opened or refreshed: a table that
/// changes by itself cannot be read.
#[component]
pub(super) fn ChartTable(
    /// The state of the panel.
    context: ChartContext,
) -> impl IntoView {
    let (popover, content) = (NodeRef::<Div>::new(), RwSignal::new(None));
    let take = move || content.set(Some(TableContent::newest(context)));
    let toggle = move || {
        let is_open = popover.get_untracked().is_some_and(|popover| popover.matches(":popover-open").unwrap_or(false));
        if is_open { take() } else { content.set(None) }
    };
    view! {
        <button type="button" class="button" title="The chart as a table" popovertarget=TABLE_ID>"Table"</button>
        <div
            class="popover chart-popover chart-popover--table"
            id=TABLE_ID
            popover="auto"
            role="dialog"
            aria-label="Chart as a table"
            node_ref=popover
            on:toggle=move |_| toggle()
        >
            <div class="chart-table__scroll" tabindex="0" role="region" aria-label="Rows of the chart">
                {move || content.get().map(|content| view! { <ReadingTable content clock=context.clock()/> })}
            </div>
            <div class="chart-popover__actions">
                <button type="button" class="button" on:click=move |_| take()>"Take the newest"</button>
                <button type="button" class="button button--quiet" popovertarget=TABLE_ID>"Close"</button>
            </div>
        </div>
    }
}

/// One row for each reading.
#[component]
fn ReadingTable(
    /// What it shows.
    content: TableContent,
    /// The clock of its times.
    clock: &'static Clock,
) -> impl IntoView {
    let row = |reading: &ChartReading| {
        let least = ChartReading { max: reading.min, ..*reading };
        let most = ChartReading { min: reading.max, ..*reading };
        view! {
            <tr>
                <td class=CELL>{reading.time_text(clock)}</td>
                <td class=NUMBER_CELL>{least.value_text(true)}</td>
                <td class=NUMBER_CELL>{most.value_text(true)}</td>
                <td class=NUMBER_CELL>{reading.moving_text(false)}</td>
            </tr>
        }
    };
    view! {
        <table class="data-table__table">
            <caption>{format!("{}, {}", content.measure, range_text(content.range, clock))}</caption>
            <thead>
                <tr>
                    <th class=CELL scope="col">"time"</th>
                    <th class=NUMBER_CELL scope="col">"smallest"</th>
                    <th class=NUMBER_CELL scope="col">"largest"</th>
                    <th class=NUMBER_CELL scope="col">"moving"</th>
                </tr>
            </thead>
            <tbody>{content.rows.iter().map(row).collect_view()}</tbody>
        </table>
    }
}
