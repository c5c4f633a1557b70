//! The button that copies.

use leptos::prelude::*;
use leptos::task::tick;
use millrace::ui::components::copy_button::CopyButton;
use wasm_bindgen_test::wasm_bindgen_test;

use super::Screen;

#[wasm_bindgen_test]
async fn the_text_is_made_on_each_click_and_not_before() {
    let made = RwSignal::new(0);
    let text = move |()| {
        made.update(|times| *times += 1);
        "df.melt()".to_owned()
    };
    let screen = Screen::show(move || view! { <CopyButton label="Copy pandas" text/> }).await;
    assert_eq!(made.get_untracked(), 0);
    screen.get("button", "Copy pandas").click();
    assert_eq!(made.get_untracked(), 1);
}

#[wasm_bindgen_test]
async fn the_button_follows_its_signals() {
    let [is_disabled, is_hidden] = [RwSignal::new(true), RwSignal::new(false)];
    let button = move || {
        view! { <CopyButton label="Copy link" text=move |()| String::new() disabled=is_disabled hidden=is_hidden/> }
    };
    let screen = Screen::show(button).await;
    assert!(screen.has_attribute("button", "Copy link", "disabled"));
    is_disabled.set(false);
    tick().await;
    assert!(!screen.has_attribute("button", "Copy link", "disabled"));
    is_hidden.set(true);
    tick().await;
    assert!(screen.find("button", "Copy link").is_none());
}
