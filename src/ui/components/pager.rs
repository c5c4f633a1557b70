//! The pager of a table.

use std::rc::Rc;

use crate::ui::html::{button, div, span};
use crate::ui::live::{El, State};
use crate::ui::model::table_page::TablePage;
use crate::ui::model::table_slice::TableSlice;

/// First, previous, next and last page, with the rows shown; `on_offset` is called with the offset of the page to show.
#[must_use]
pub fn pager(table: &'static str, slice: State<TableSlice>, on_offset: impl Fn(u32) + 'static) -> El {
    let on_offset = Rc::new(on_offset);
    let turn = move |label: &str, sign: &str, target: fn(TablePage) -> Option<u32>| {
        let on_offset = Rc::clone(&on_offset);
        button("button button--icon", sign)
            .label(&format!("{label} page of {table}"))
            .disabled_when(move || target(slice.read().page()).is_none())
            .on_click(move || {
                if let Some(offset) = target(slice.peek().page()) {
                    on_offset(offset);
                }
            })
    };
    div("pager").with([
        span("pager__range").text("rows ").live(move || slice.read().page().range_text()),
        El::new("span").live_class(move || buttons_class(slice.read().page().is_paged())).with([
            turn("First", "\u{ab}", |page| page.previous().map(|_| 0)),
            turn("Previous", "\u{2039}", TablePage::previous),
            turn("Next", "\u{203a}", TablePage::next),
            turn("Last", "\u{bb}", |page| page.next().map(|_| page.last())),
        ]),
    ])
}

fn buttons_class(is_paged: bool) -> String {
    let state = if is_paged { "" } else { " pager__buttons--idle" };
    format!("pager__buttons{state}")
}
