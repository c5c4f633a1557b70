//! What outlives a reload of the tab but not the tab, and what outlives both.

use wasm_bindgen::prelude::*;

// The storage itself is refused where the browser allows none, so it is reached for in each call.
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

/// Leaves a mark. Where the browser allows none, the next page knows less.
pub fn mark(name: &str) {
    keep(name, "1");
}

/// Whether there is such a mark; it is taken away.
pub fn take_mark(name: &str) -> bool {
    let is_marked = kept(name).is_some();
    keep(name, "");
    is_marked
}

/// Keeps a text for the pages that this tab shows next; an empty one is forgotten.
pub fn keep(name: &str, text: &str) {
    let _ = if text.is_empty() { remove_item(name) } else { set_item(name, text) };
}

/// The text that an earlier page of this tab has kept.
pub fn kept(name: &str) -> Option<String> {
    get_item(name).ok().flatten()
}

/// Leaves a mark for all pages to come. Where the browser allows none, they know less.
pub fn mark_for_good(name: &str) {
    let _ = set_lasting(name, "1");
}

/// Whether there is such a mark.
pub fn is_marked_for_good(name: &str) -> bool {
    matches!(get_lasting(name), Ok(Some(_)))
}

/// Takes such a mark away.
pub fn forget_for_good(name: &str) {
    let _ = remove_lasting(name);
}
