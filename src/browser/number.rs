//! Numbers as text: the browser's own formatting gives the shortest digits that parse back, without code to download.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = String)]
    fn digits(number: f64) -> String;
}

/// The number with the fewest digits that parse back to it, and at least one decimal place: `73.0`, `0.1`, `1e+21`.
#[must_use]
pub fn number_text(number: f64) -> String {
    let mut text = digits(number);
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        text.push_str(".0");
    }
    text
}
