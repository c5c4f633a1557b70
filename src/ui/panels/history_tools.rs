//! The tools of the history table: visible columns, copy, newer rows, export.

use leptos::html::Div;
use leptos::prelude::*;

use super::history_copy::copy_rows;
use super::history_state::History;
use super::transfer::{Export, ExportButton};
use crate::ui::model::export_format::ExportFormat;
use crate::ui::model::history_table::{KINDS, newer_text};
use crate::ui::model::quantity::counted;

const COLUMN_NAMES: [&str; KINDS] = ["timestamp", "id", "value", "moving aggregate"];
const EXPORT_MENU_ID: &str = "history-export";

/// The buttons between filter and table.
#[component]
pub(super) fn HistoryTools(
    /// The state of the panel.
    history: History,
) -> impl IntoView {
    let column = |(name, is_shown): (&'static str, RwSignal<bool>)| view! { <Check name is_checked=is_shown/> };
    let copy_text = move || match history.selection.read().len() {
        0 => "Copy rows in view".to_owned(),
        rows => format!("Copy {}", counted(rows.into(), "row")),
    };
    view! {
        <div class="history__tools">
            <details class="history__columns">
                <summary>"Columns"</summary>
                <div class="history__checks">
                    {COLUMN_NAMES.into_iter().zip(history.columns).map(column).collect_view()}
                </div>
            </details>
            <Check name="Full ids" is_checked=history.has_whole_ids/>
            <button
                type="button"
                class="button"
                disabled=history.is_copying
                on:click=move |_| copy_rows(history)
            >
                {copy_text}
            </button>
            <NewerButton history/>
            <ExportMenu history/>
        </div>
    }
}

/// A checkbox with its label.
#[component]
fn Check(
    /// The label.
    name: &'static str,
    /// Whether it is checked.
    is_checked: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <label class="check">
            <input class="check__box" type="checkbox" bind:checked=is_checked/>
            {name}
        </label>
    }
}

/// The button that shows the rows since the snapshot; its place is reserved before it is visible.
#[component]
fn NewerButton(
    /// The state of the panel.
    history: History,
) -> impl IntoView {
    let has_newer = move || history.newer.get() != 0 && history.is_held();
    view! {
        <button
            type="button"
            class=move || if has_newer() { "button button--primary history__newer" } else { "history__newer" }
            on:click=move |_| history.renew()
        >
            {move || newer_text(history.newer.get())}
        </button>
    }
}

/// The menu of the formats in which the rows of the table are exported, in order of time.
#[component]
fn ExportMenu(
    /// The state of the panel.
    history: History,
) -> impl IntoView {
    let menu = NodeRef::<Div>::new();
    let close = move |_| {
        if let Some(menu) = menu.get_untracked() {
            // Fails when it is closed.
            let _ = menu.hide_popover();
        }
    };
    let button = move |format: ExportFormat| {
        let export = move || Export {
            format,
            target: format.target(&history.question.read_untracked()),
            rows: history.scroll.read_untracked().total_rows().into(),
        };
        // A label that contains another one would be ambiguous for who calls buttons by voice.
        let label = match format {
            ExportFormat::SpreadsheetCsv => format!("Export {}", format.label()),
            _ => format!("Export as {}", format.label()),
        };
        view! { <ExportButton text=format.label() label export/> }
    };
    view! {
        <button type="button" class="button history__export" popovertarget=EXPORT_MENU_ID>
            "Export"
        </button>
        <div
            class="popover history__export-menu"
            id=EXPORT_MENU_ID
            popover="auto"
            role="group"
            aria-label="Export these rows"
            node_ref=menu
            on:click=close
        >
            {ExportFormat::ALL.map(button).into_iter().collect_view()}
        </div>
    }
}
