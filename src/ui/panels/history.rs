//! The table of the whole history, newest row first, with its filter, copy and export.

use leptos::html::Section;
use leptos::prelude::*;
use leptos_use_intersection_observer::use_intersection_observer;

use super::history_copy::copy_rows;
use super::history_detail::HistoryDetail;
use super::history_filter::HistoryFilter;
use super::history_state::History;
use super::history_tools::HistoryTools;
use crate::protocol::RowsSort;
use crate::ui::components::virtual_table::{ColumnHeading, VirtualTable};
use crate::ui::model::history_table::{column_count, kind_of};

/// The id of the table, which takes the focus.
pub(super) const GRID_ID: &str = "history-grid";

/// The table of the whole history.
#[component]
pub fn HistoryPanel() -> impl IntoView {
    let history = History::new();
    let panel = NodeRef::<Section>::new();
    use_intersection_observer(panel, move |entries, _| {
        history.is_on_screen.set(entries.last().is_some_and(|entry| entry.is_intersecting()));
    });
    view! {
        <section class="panel history" id="history" aria-labelledby="history-title" node_ref=panel>
            <div class="panel__head">
                <h2 class="panel__title" id="history-title" tabindex="-1">
                    "History"
                </h2>
                <span class="panel__aside history__range" data-testid="history-range">
                    {move || history.range_text()}
                </span>
            </div>
            <HistoryFilter history/>
            <HistoryTools history/>
            <div class="history__main">
                <HistoryStage history/>
                <HistoryDetail history/>
            </div>
        </section>
    }
}

/// The table, and what is shown over it while it is empty or awaits an answer.
#[component]
fn HistoryStage(
    /// The state of the panel.
    history: History,
) -> impl IntoView {
    let measures = Signal::derive(move || history.measures.read().len());
    let columns = Memo::new(move |_| column_count(measures.get()));
    let heading = move |column: usize| view! { <Heading history column measures/> };
    // The texts of hidden parts are empty, so that they are announced when they are shown.
    let empty_text = move || history.is_empty().then(|| history.empty_text());
    let waiting_text = move || history.is_waiting.get().then(|| history.waiting_text());
    view! {
        <div class="history__stage" data-columns=move || columns_text(history)>
            <VirtualTable
                id=GRID_ID
                label="Rows of the history"
                page=history.page
                measures
                scroll=history.scroll
                selection=history.selection
                on_copy=move || copy_rows(history)
            >
                <For each=move || 0..columns.get() key=|column| *column children=heading/>
            </VirtualTable>
            <div class="history__empty" hidden=move || !history.is_empty()>
                <p role="status">{empty_text}</p>
                <button
                    type="button"
                    class="button"
                    hidden=move || !history.question.read().is_filtered()
                    on:click=move |_| history.clear()
                >
                    "Clear filters"
                </button>
            </div>
            <p class="history__waiting" hidden=move || !history.is_waiting.get()>
                {waiting_text}
            </p>
        </div>
    }
}

/// The heading of a column; rows can be sorted by all but the aggregates, which are computed when they are shown.
#[component]
fn Heading(
    /// The state of the panel.
    history: History,
    /// The index of the column.
    column: usize,
    /// The number of measures.
    measures: Signal<usize>,
) -> impl IntoView {
    let sort = Memo::new(move |_| match kind_of(column, measures.get()) {
        0 => Some(RowsSort::Time),
        1 => Some(RowsSort::Id),
        2 => Some(RowsSort::Value(column.saturating_sub(2) as u32)),
        _ => None,
    });
    let name = move || history.column_names().get(column).cloned().unwrap_or_default();
    let order = Signal::derive(move || sort.get().map(|sort| history.order_of(sort)));
    let turn = move |_| {
        if let Some(sort) = sort.get_untracked() {
            history.ask(|asked| asked.turn(sort));
        }
    };
    let content = move || match sort.get() {
        Some(_) => view! {
            <button type="button" class="virtual-table__sort" on:click=turn>
                {name}
            </button>
        }
        .into_any(),
        None => name.into_any(),
    };
    view! { <ColumnHeading column measures order>{content}</ColumnHeading> }
}

/// The hidden columns, and whether ids are whole, for the style sheet.
fn columns_text(history: History) -> String {
    let names = ["no-timestamp", "no-id", "no-value", "no-moving"];
    let hidden = names.into_iter().zip(history.columns).filter(|(_, is_shown)| !is_shown.get());
    let whole_ids = history.has_whole_ids.get().then_some("whole-ids");
    hidden.map(|(name, _)| name).chain(whole_ids).collect::<Vec<_>>().join(" ")
}
