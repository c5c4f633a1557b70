//! Writing to the clipboard.

use wasm_bindgen_futures::JsFuture;

/// Writes text to the clipboard; returns `false` where the browser refuses, as it does without a secure context.
pub async fn write_text(text: &str) -> bool {
    let Some(navigator) = web_sys::window().map(|window| window.navigator()) else { return false };
    let clipboard = navigator.clipboard();
    if wasm_bindgen::JsValue::from(clipboard.clone()).is_undefined() {
        return false;
    }
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}
