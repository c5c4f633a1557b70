//! The notice of settings in the address that would take stored rows away.

use leptos::prelude::*;
use leptos::task::tick;
use millrace::protocol::HeldSetting;
use millrace::ui::components::held_notice::HeldNotice;
use wasm_bindgen_test::wasm_bindgen_test;

use super::Screen;

/// The settings of `?history_rows=1&persist=false` with 1,000 rows stored.
fn settings() -> Vec<HeldSetting> {
    let setting = |name: &str, value: &str, removed_rows| HeldSetting {
        name: name.to_owned(),
        value: value.to_owned(),
        in_force: None,
        server: None,
        removed_rows,
        stored_rows: 1000,
    };
    vec![setting("history_rows", "1", 999), setting("persist", "false", 0)]
}

/// The notice, and how often its buttons were pressed: apply, keep.
async fn notice(held: RwSignal<Vec<HeldSetting>>, is_framed: bool) -> (Screen, [RwSignal<u32>; 2]) {
    let pressed = [RwSignal::new(0), RwSignal::new(0)];
    let view = move || {
        let [apply, keep] = pressed.map(|times| move |()| times.update(|times| *times += 1));
        view! { <HeldNotice held error=String::new() is_framed on_apply=apply on_keep=keep/> }
    };
    (Screen::show(view).await, pressed)
}

#[wasm_bindgen_test]
async fn it_says_what_would_go_and_asks() {
    let held = RwSignal::new(Vec::new());
    let (screen, [apply, keep]) = notice(held, false).await;
    assert!(screen.find("button", "Apply").is_none(), "nothing is held back");
    held.set(settings());
    tick().await;
    let text = screen.select("[data-testid=held-settings]").text_content().unwrap_or_default();
    assert!(text.contains("?history_rows=1 would remove 999 of 1\u{202f}000 stored rows."), "{text}");
    assert!(text.contains("?persist=false would"), "{text}");
    assert_eq!((apply.get_untracked(), keep.get_untracked()), (0, 0));
    screen.click("button", "Keep").await;
    screen.click("button", "Apply").await;
    assert_eq!((apply.get_untracked(), keep.get_untracked()), (1, 1));
}

#[wasm_bindgen_test]
async fn in_a_frame_of_another_site_it_does_not_apply() {
    let (screen, [apply, keep]) = notice(RwSignal::new(settings()), true).await;
    assert!(screen.has_attribute("button", "Apply", "disabled"));
    screen.click("button", "Apply").await;
    screen.click("button", "Keep").await;
    assert_eq!((apply.get_untracked(), keep.get_untracked()), (0, 1));
}
