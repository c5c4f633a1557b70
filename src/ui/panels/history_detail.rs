//! The selected row of the history table with all its digits, to read and to copy.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::history::GRID_ID;
use super::history_state::History;
use crate::browser::focus::reveal;
use crate::browser::number::number_text;
use crate::protocol::KeptRow;
use crate::ui::components::copy_button::CopyButton;
use crate::ui::model::row_selection::RowSelection;

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
    let rolling_name = Signal::derive(move || history.rolling_name());
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
            <Fact history name="timestamp" copy="Copy timestamp" text=|row| row.timestamp.clone()/>
            <Fact history name="id" copy="Copy id" text=|row| row.id.clone()/>
            <Fact history name="value" copy="Copy value" text=|row| number_text(row.value)/>
            <Fact history name=rolling_name copy="Copy aggregate" text=rolling_text/>
        </div>
    }
}

/// A cell of the row with its name and a button that copies it.
#[component]
fn Fact(
    /// The state of the panel.
    history: History,
    /// The name of the column.
    #[prop(into)]
    name: Signal<String>,
    /// The label of the button.
    copy: &'static str,
    /// The cell as text.
    text: fn(&KeptRow) -> String,
) -> impl IntoView {
    let text = Memo::new(move |_| history.detail.read().as_ref().map(|detail| text(&detail.row)).unwrap_or_default());
    view! {
        <div class="history__fact">
            <span class="history__fact-name">{name}</span>
            <CopyButton label=copy text=move |()| text.get_untracked()/>
            <code class="history__fact-text">{text}</code>
        </div>
    }
}

fn rolling_text(row: &KeptRow) -> String {
    row.rolling.map_or_else(|| "\u{2013}".to_owned(), number_text)
}
