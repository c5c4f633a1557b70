//! Numbers as texts: the browser has the shortest digits that read back at hand, and the page need not download them.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = String)]
    fn digits(number: f64) -> String;
}

/// The number with as many digits as tell it from its neighbours, and at least one place: `73.0`, `0.1`, `1e+21`.
#[must_use]
pub fn number_text(number: f64) -> String {
    let mut text = digits(number);
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        text.push_str(".0");
    }
    text
}
