//! The pager of a table.

use leptos::prelude::*;
use leptos::task::tick;
use millrace::protocol::TableView;
use millrace::ui::components::pager::Pager;
use millrace::ui::model::table_slice::TableSlice;
use wasm_bindgen_test::wasm_bindgen_test;

use super::Screen;

const LABELS: [&str; 4] =
    ["First page of melted", "Previous page of melted", "Next page of melted", "Last page of melted"];

fn page(offset: u32, total_rows: u32) -> TableSlice {
    TableSlice::new(TableView { columns: Vec::new(), total_rows, offset, rows: Vec::new() })
}

async fn pager(slice: RwSignal<TableSlice>, offsets: RwSignal<Vec<u32>>) -> Screen {
    let on_offset = move |offset| offsets.update(|all| all.push(offset));
    Screen::show(move || view! { <Pager name="melted" slice on_offset/> }).await
}

#[wasm_bindgen_test]
async fn each_button_reports_the_offset_of_its_page() {
    let offsets = RwSignal::default();
    let screen = pager(RwSignal::new(page(40, 93)), offsets).await;
    for label in LABELS {
        screen.click("button", label).await;
    }
    assert_eq!(offsets.get_untracked(), [0, 20, 60, 80]);
}

#[wasm_bindgen_test]
async fn buttons_without_a_page_are_disabled() {
    let slice = RwSignal::new(page(0, 93));
    let screen = pager(slice, RwSignal::default()).await;
    let disabled = || LABELS.map(|label| screen.has_attribute("button", label, "disabled"));
    assert_eq!(disabled(), [true, true, false, false]);
    slice.set(page(80, 93));
    tick().await;
    assert_eq!(disabled(), [false, false, true, true]);
}

#[wasm_bindgen_test]
async fn the_range_follows_the_table() {
    let slice = RwSignal::new(page(0, 93));
    let screen = pager(slice, RwSignal::default()).await;
    let range = || screen.select(".pager__range").text_content().unwrap();
    assert_eq!(range(), "rows 1\u{2013}20 of 93");
    slice.set(page(80, 93));
    tick().await;
    assert_eq!(range(), "rows 81\u{2013}93 of 93");
}
