//! Marks for measurements of the page's start: `performance.getEntriesByType("mark")`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Sets a mark at this moment.
    #[wasm_bindgen(js_namespace = performance, js_name = mark)]
    pub fn reached(name: &str);
}
