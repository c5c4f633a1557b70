//! Values that outlive a reload of the tab (session storage), and values that outlive the tab (local storage).

use wasm_bindgen::prelude::*;

// Access to the storage itself throws where the browser blocks it, so each call accesses it anew.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = sessionStorage, js_name = getItem)]
    fn get_item(name: &str) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(catch, js_namespace = sessionStorage, js_name = setItem)]
    fn set_item(name: &str, value: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_namespace = sessionStorage, js_name = removeItem)]
    fn remove_item(name: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_namespace = localStorage, js_name = getItem)]
    fn get_lasting(name: &str) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(catch, js_namespace = localStorage, js_name = setItem)]
    fn set_lasting(name: &str, value: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_namespace = localStorage, js_name = removeItem)]
    fn remove_lasting(name: &str) -> Result<(), JsValue>;
}

/// Sets a mark for this tab. Where the browser blocks storage, it is not set.
pub fn mark(name: &str) {
    keep(name, "1");
}

/// Removes a mark of this tab; returns whether it was set.
pub fn take_mark(name: &str) -> bool {
    let is_marked = kept(name).is_some();
    keep(name, "");
    is_marked
}

/// Stores a text for later pages of this tab; an empty text removes it.
pub fn keep(name: &str, text: &str) {
    let _ = if text.is_empty() { remove_item(name) } else { set_item(name, text) };
}

/// The text that an earlier page of this tab stored.
pub fn kept(name: &str) -> Option<String> {
    get_item(name).ok().flatten()
}

/// The text that an earlier page of this tab stored, which is removed.
pub fn take(name: &str) -> Option<String> {
    let text = kept(name);
    keep(name, "");
    text
}

/// Stores the text that `text` returns when this page goes, for the next page of this tab, and removes it should this page
/// come back: what a tab knows in memory alone survives its reload.
pub fn keep_while_away(name: String, text: impl Fn() -> Option<String> + 'static) {
    let Some(window) = web_sys::window() else { return };
    let away = name.clone();
    let leave = Closure::<dyn Fn()>::new(move || keep(&away, &text().unwrap_or_default()));
    let come_back = Closure::<dyn Fn()>::new(move || keep(&name, ""));
    for (event, closure) in [("pagehide", leave), ("pageshow", come_back)] {
        // Only an invalid listener is refused.
        let _ = window.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        // The listeners live as long as the page.
        closure.forget();
    }
}

/// Stores a text for all later pages; an empty text removes it. Where the browser blocks storage, it is not stored.
pub fn keep_for_good(name: &str, text: &str) {
    let _ = if text.is_empty() { remove_lasting(name) } else { set_lasting(name, text) };
}

/// The text that an earlier page stored for good.
pub fn kept_for_good(name: &str) -> Option<String> {
    get_lasting(name).ok().flatten()
}

/// Sets a permanent mark. Where the browser blocks storage, it is not set.
pub fn mark_for_good(name: &str) {
    let _ = set_lasting(name, "1");
}

/// Whether a permanent mark is set.
pub fn is_marked_for_good(name: &str) -> bool {
    matches!(get_lasting(name), Ok(Some(_)))
}

/// Removes a permanent mark.
pub fn unmark_for_good(name: &str) {
    let _ = remove_lasting(name);
}
