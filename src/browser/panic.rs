//! What a panic leaves behind.

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

/// Lets a panic end as an error of the browser that says what happened and where: the console shows it, and a page hears
/// of its worker's panics as it hears of all other errors there.
pub fn set_hook() {
    panic::set_hook(Box::new(|what| wasm_bindgen::throw_str(&format!("{what}\n\n{}", Place::new().stack()))));
}
