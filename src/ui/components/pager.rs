//! The buttons that page through a table.

use crate::ui::signals::{flag, text};
use leptos::prelude::*;

use crate::ui::model::table_page::TablePage;
use crate::ui::model::table_slice::TableSlice;

/// First, previous, next and last page, with the rows shown.
#[component]
pub fn Pager(
    /// The table's name, for the buttons' labels.
    table: &'static str,
    /// The visible rows.
    slice: Signal<TableSlice>,
    /// Wants another first row.
    on_offset: Callback<u32>,
) -> impl IntoView {
    let button = move |label: &'static str, sign: &'static str, target: fn(TablePage) -> Option<u32>| {
        view! {
            <button
                type="button"
                class="button button--icon"
                aria-label=format!("{label} page of {table}")
                prop:disabled=flag(move || target(slice.read().page()).is_none())
                on:click=move |_| {
                    if let Some(offset) = target(slice.read_untracked().page()) {
                        on_offset.run(offset);
                    }
                }
            >
                {sign}
            </button>
        }
    };
    view! {
        <div class="pager">
            <span class="pager__range">"rows " {text(move || slice.read().page().range_text())}</span>
            <span class=text(move || buttons_class(slice.read().page().is_paged()))>
                {button("First", "\u{ab}", |page| page.previous().map(|_| 0))}
                {button("Previous", "\u{2039}", TablePage::previous)}
                {button("Next", "\u{203a}", TablePage::next)}
                {button("Last", "\u{bb}", |page| page.next().map(|_| page.last()))}
            </span>
        </div>
    }
}

fn buttons_class(is_paged: bool) -> String {
    let state = if is_paged { "" } else { " pager__buttons--idle" };
    format!("pager__buttons{state}")
}
