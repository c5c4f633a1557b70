//! Messages of JavaScript errors.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// An error's message; any other thrown value as text.
pub(super) fn sentence(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok().and_then(|text| text.as_string());
    message.or_else(|| error.as_string()).unwrap_or_else(|| "the browser does not say why".to_owned())
}
