//! Marks that outlive a reload of the tab, but not the tab.

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
}

/// Leaves a mark. Where the browser allows none, the next page knows less.
pub fn mark(name: &str) {
    let _ = set_item(name, "1");
}

/// Whether there is such a mark; it is taken away.
pub fn take_mark(name: &str) -> bool {
    let is_marked = matches!(get_item(name), Ok(Some(_)));
    let _ = remove_item(name);
    is_marked
}
