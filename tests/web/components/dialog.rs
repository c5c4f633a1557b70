//! The dialog over the page.

use leptos::prelude::*;
use leptos::task::tick;
use millrace::ui::components::dialog::Dialog;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;

use super::Screen;

async fn dialog(is_open: RwSignal<bool>) -> Screen {
    let dialog = move || {
        view! {
            <button type="button">"Before"</button>
            <Dialog is_open label="Commands" class="inside">
                <button type="button">"Inside"</button>
            </Dialog>
        }
    };
    let screen = Screen::show(dialog).await;
    tick().await;
    screen
}

fn is_open(screen: &Screen) -> bool {
    screen.select("dialog").has_attribute("open")
}

fn has_focus(element: &HtmlElement) -> bool {
    document().active_element().is_some_and(|focused| &focused == element.unchecked_ref())
}

#[wasm_bindgen_test]
async fn it_opens_and_closes_with_its_signal() {
    let signal = RwSignal::new(false);
    let screen = dialog(signal).await;
    assert!(!is_open(&screen));
    signal.set(true);
    tick().await;
    assert!(is_open(&screen));
    signal.set(false);
    tick().await;
    assert!(!is_open(&screen));
}

#[wasm_bindgen_test]
async fn escape_closes_it_and_the_focus_returns() {
    let signal = RwSignal::new(false);
    let screen = dialog(signal).await;
    let before = screen.get("button", "Before");
    before.focus().unwrap();
    signal.set(true);
    tick().await;
    let inside = screen.select(".inside button");
    assert!(has_focus(&inside), "the first control of the dialog has the focus");
    screen.press_key(&screen.select("dialog"), "Escape").await;
    assert!(!signal.get_untracked() && !is_open(&screen));
    assert!(has_focus(&before));
}

#[wasm_bindgen_test]
async fn a_click_beside_it_closes_it_and_one_inside_does_not() {
    let signal = RwSignal::new(true);
    let screen = dialog(signal).await;
    assert!(is_open(&screen));
    for (target, stays) in [(".inside", true), ("dialog", false)] {
        let target = screen.select(target);
        screen.dispatch(&target, "mousedown").await;
        screen.dispatch(&target, "click").await;
        assert_eq!((signal.get_untracked(), is_open(&screen)), (stays, stays));
    }
}
