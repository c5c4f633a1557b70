//! The buttons that page through a table.

use leptos::prelude::*;

use crate::ui::model::table_page::TablePage;

/// First, previous, next and last page, with the rows shown.
#[component]
pub fn Pager(
    /// The table's name, for the buttons' labels.
    table: &'static str,
    /// Where the page stands.
    #[prop(into)]
    page: Signal<TablePage>,
    /// Wants another first row.
    on_offset: Callback<u32>,
) -> impl IntoView {
    let button = move |label: &'static str, sign: &'static str, target: fn(TablePage) -> Option<u32>| {
        view! {
            <button
                type="button"
                class="button button--icon"
                aria-label=format!("{label} page of {table}")
                prop:disabled=move || target(page.get()).is_none()
                on:click=move |_| {
                    if let Some(offset) = target(page.get()) {
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
            <span class="pager__range">"rows " {move || page.get().range_text()}</span>
            <span class="pager__buttons" class=("pager__buttons--idle", move || !page.get().is_paged())>
                {button("First", "\u{ab}", |page| page.previous().map(|_| 0))}
                {button("Previous", "\u{2039}", TablePage::previous)}
                {button("Next", "\u{203a}", TablePage::next)}
                {button("Last", "\u{bb}", |page| page.next().map(|_| page.last()))}
            </span>
        </div>
    }
}
