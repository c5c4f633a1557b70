//! The drop-down list.

use leptos::prelude::*;
use leptos::task::tick;
use millrace::ui::components::choice::{Choice, plain};
use wasm_bindgen_test::wasm_bindgen_test;

use super::Screen;

async fn closed(value: RwSignal<String>) -> Screen {
    let list = move || {
        view! {
            <label for="closed">"Closed"</label>
            <Choice
                id="closed"
                options=plain(&["right", "left", "both"])
                value
                on_change=move |name| value.set(name)
            />
        }
    };
    Screen::show(list).await
}

#[wasm_bindgen_test]
async fn a_value_other_than_the_first_is_shown_from_the_start() {
    let screen = closed(RwSignal::new("left".to_owned())).await;
    assert_eq!(screen.chosen("Closed"), "left");
}

#[wasm_bindgen_test]
async fn a_choice_is_reported() {
    let value = RwSignal::new("right".to_owned());
    let screen = closed(value).await;
    screen.choose("Closed", "both").await;
    assert_eq!(value.get_untracked(), "both");
}

#[wasm_bindgen_test]
async fn the_list_follows_its_signal_after_a_choice() {
    let value = RwSignal::new("right".to_owned());
    let screen = closed(value).await;
    screen.choose("Closed", "both").await;
    value.set("left".to_owned());
    tick().await;
    assert_eq!(screen.chosen("Closed"), "left");
}

#[wasm_bindgen_test]
async fn a_list_is_marked_invalid_only_where_it_can_be_refused() {
    let is_invalid = RwSignal::new(false);
    let list = move || {
        let value = RwSignal::new("a".to_owned());
        view! {
            <label for="refusable">"Refusable"</label>
            <Choice id="refusable" options=plain(&["a"]) value on_change=|_| () described_by="reason" is_invalid/>
            <label for="free">"Free"</label>
            <Choice id="free" options=plain(&["a"]) value on_change=|_| ()/>
        }
    };
    let screen = Screen::show(list).await;
    assert_eq!(screen.attribute("combobox", "Refusable", "aria-invalid"), "false");
    is_invalid.set(true);
    tick().await;
    assert_eq!(screen.attribute("combobox", "Refusable", "aria-invalid"), "true");
    assert_eq!(screen.attribute("combobox", "Refusable", "aria-describedby"), "reason");
    for attribute in ["aria-invalid", "aria-describedby"] {
        assert!(!screen.has_attribute("combobox", "Free", attribute), "{attribute}");
    }
}
