//! The strip of radio buttons.

use leptos::prelude::*;
use leptos::task::tick;
use millrace::ui::components::segmented::Segmented;
use wasm_bindgen_test::wasm_bindgen_test;

use super::Screen;

async fn verbs(selected: RwSignal<usize>) -> Screen {
    let strip = move || {
        view! {
            <Segmented
                legend="Verb"
                name="verb-of-test"
                options=vec!["rolling", "melt", "pivot"]
                selected
                on_select=move |index| selected.set(index)
            />
        }
    };
    Screen::show(strip).await
}

#[wasm_bindgen_test]
async fn the_selected_option_is_checked() {
    let screen = verbs(RwSignal::new(1)).await;
    assert!(screen.find("group", "Verb").is_some());
    assert_eq!(["rolling", "melt", "pivot"].map(|verb| screen.is_checked(verb)), [false, true, false]);
}

#[wasm_bindgen_test]
async fn a_click_reports_the_index_of_its_option() {
    let selected = RwSignal::new(0);
    let screen = verbs(selected).await;
    screen.click("radio", "pivot").await;
    assert_eq!(selected.get_untracked(), 2);
    assert!(screen.is_checked("pivot"));
}

#[wasm_bindgen_test]
async fn the_strip_follows_its_signal_after_a_click() {
    let selected = RwSignal::new(0);
    let screen = verbs(selected).await;
    screen.click("radio", "melt").await;
    selected.set(2);
    tick().await;
    assert_eq!(["rolling", "melt", "pivot"].map(|verb| screen.is_checked(verb)), [false, false, true]);
}
