//! The pager of a table.

use leptos::prelude::*;

use crate::ui::model::table_page::TablePage;
use crate::ui::model::table_slice::TableSlice;

/// First, previous, next and last page, with the rows shown.
#[component]
pub fn Pager(
    /// The name of the table.
    name: &'static str,
    /// The visible rows.
    #[prop(into)]
    slice: Signal<TableSlice>,
    /// Called with the offset of the page to show.
    #[prop(into)]
    on_offset: Callback<u32>,
) -> impl IntoView {
    let page = Memo::new(move |_| slice.read().page());
    let turn = move |label: &str, sign: &'static str, target: fn(TablePage) -> Option<u32>| {
        view! {
            <button
                type="button"
                class="button button--icon"
                aria-label=format!("{label} page of {name}")
                disabled=move || target(page.get()).is_none()
                on:click=move |_| {
                    if let Some(offset) = target(page.get_untracked()) {
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
            <span class="pager__range">{move || page.get().range_text()}</span>
            <span class="pager__buttons" class=("pager__buttons--idle", move || !page.get().is_paged())>
                {turn("First", "\u{ab}", |page| page.previous().map(|_| 0))}
                {turn("Previous", "\u{2039}", TablePage::previous)}
                {turn("Next", "\u{203a}", TablePage::next)}
                {turn("Last", "\u{bb}", |page| page.next().map(|_| page.last()))}
            </span>
        </div>
    }
}
