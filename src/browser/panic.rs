//! Panics as errors of the browser.

use std::panic;

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = Error)]
    type Place;
    #[wasm_bindgen(constructor, js_class = "Error")]
    fn new() -> Place;
    #[wasm_bindgen(method, getter)]
    fn stack(this: &Place) -> String;
}

/// Reports a panic as an uncaught browser error with message and location: the console shows it, and a page receives a
/// panic of its worker like any other error there.
pub fn set_hook() {
    panic::set_hook(Box::new(|what| wasm_bindgen::throw_str(&format!("{what}\n\n{}", Place::new().stack()))));
}
