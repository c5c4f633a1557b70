//! What is dragged over the page.

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::Event;

// web-sys has these behind features of their own.
#[wasm_bindgen]
extern "C" {
    type Drag;
    #[wasm_bindgen(method, getter, js_name = dataTransfer)]
    fn data_transfer(this: &Drag) -> Option<DataTransfer>;
    type DataTransfer;
    #[wasm_bindgen(method, getter)]
    fn types(this: &DataTransfer) -> Array;
}

/// Whether a drag brings files or folders; a text or a link is left to the browser.
pub fn brings_files(event: &Event) -> bool {
    let transfer = event.unchecked_ref::<Drag>().data_transfer();
    transfer.is_some_and(|transfer| transfer.types().includes(&"Files".into(), 0))
}
