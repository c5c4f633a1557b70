//! The selected row of the history table with all its digits, to read and to copy.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::history::GRID_ID;
use super::history_state::History;
use crate::browser::focus::reveal;
use crate::browser::number::number_text;
use crate::protocol::KeptRow;
use crate::ui::components::copy_button::CopyButton;
use crate::ui::model::history_table::{KINDS, column_count, kind_of};
use crate::ui::model::row_selection::RowSelection;

/// The labels of the buttons that copy a cell, by the kind of its column.
const COPY_LABELS: [&str; KINDS] = ["Copy timestamp", "Copy id", "Copy value", "Copy aggregate"];

/// The selected row beside the table; hidden unless exactly one is selected.
#[component]
pub(super) fn HistoryDetail(
    /// The state of the panel.
    history: History,
) -> impl IntoView {
    let close = move || {
        history.selection.set(RowSelection::default());
        reveal(GRID_ID);
    };
    let press = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.prevent_default();
            close();
        }
    };
    let columns = Memo::new(move |_| {
        let measures = history.measures.read().len();
        (0..column_count(measures)).map(|column| (column, kind_of(column, measures))).collect::<Vec<_>>()
    });
    view! {
        <div
            class="history__detail"
            role="group"
            aria-label="Selected row"
            hidden=move || history.detail.read().is_none()
            on:keydown=press
        >
            <div class="history__detail-head">
                <h3 class="history__detail-title">"Selected row"</h3>
                <button type="button" class="button button--quiet" on:click=move |_| close()>
                    "Close"
                </button>
            </div>
            <For each=move || columns.get() key=|column| *column let((column, kind))>
                <Fact history column copy=COPY_LABELS[kind]/>
            </For>
        </div>
    }
}

/// A cell of the row with its name and a button that copies it.
#[component]
fn Fact(
    /// The state of the panel.
    history: History,
    /// The index of the column.
    column: usize,
    /// The label of the button.
    copy: &'static str,
) -> impl IntoView {
    let name = Memo::new(move |_| history.column_names().get(column).cloned().unwrap_or_default());
    let text = Memo::new(move |_| {
        history.detail.read().as_ref().map(|detail| cell_text(&detail.row, column)).unwrap_or_default()
    });
    view! {
        <div class="history__fact">
            <span class="history__fact-name">{name}</span>
            <CopyButton label=copy text=move |()| text.get_untracked()/>
            <code class="history__fact-text">{text}</code>
        </div>
    }
}

/// A cell of a row with all its digits.
fn cell_text(row: &KeptRow, column: usize) -> String {
    match column {
        0 => row.timestamp.clone(),
        1 => row.id.clone(),
        _ => {
            let number = row.values.iter().chain(&row.rolling).nth(column - 2).copied().flatten();
            number.map_or_else(|| "\u{2013}".to_owned(), number_text)
        }
    }
}
