//! Marks for whoever measures how the page starts: `performance.getEntriesByType("mark")`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Notes that this moment was reached.
    #[wasm_bindgen(js_namespace = performance, js_name = mark)]
    pub fn reached(name: &str);
}
