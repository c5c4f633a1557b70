//! Files that the page creates and the browser saves.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::HtmlAnchorElement;

/// The id of the link that `ui/app.rs` keeps on the page, out of view: browsers save a file when a link is clicked.
pub const LINK_ID: &str = "download";
/// Time limit for the browser to read a saved file.
const READ_MILLIS: u32 = 60_000;

#[wasm_bindgen]
extern "C" {
    type Blob;
    #[wasm_bindgen(constructor)]
    fn new(parts: &Array) -> Blob;
    #[wasm_bindgen(js_namespace = URL, js_name = createObjectURL)]
    fn address_of(blob: &JsValue) -> String;
    #[wasm_bindgen(thread_local_v2, js_namespace = URL, js_name = revokeObjectURL)]
    static REVOKE: JsValue;
    #[wasm_bindgen(js_name = setTimeout)]
    fn later(call: &JsValue, millis: u32, argument: &str);
}

/// A file that is being written. The browser holds its content, on disk when it is large.
#[derive(Debug, Default)]
pub struct Growing(Array);

impl Growing {
    /// Appends bytes.
    pub fn push(&self, bytes: &[u8]) {
        self.0.push(&Blob::new(&Array::of1(&Uint8Array::from(bytes))));
    }

    /// Saves the file under a name, like a click on a download link.
    pub fn save(&self, name: &str) {
        save(&Blob::new(&self.0), name);
    }
}

/// Saves a blob under a name.
pub(super) fn save(blob: &JsValue, name: &str) {
    let address = address_of(blob);
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(link) = document.and_then(|document| document.get_element_by_id(LINK_ID)) {
        let link: HtmlAnchorElement = link.unchecked_into();
        link.set_href(&address);
        link.set_download(name);
        link.click();
    }
    REVOKE.with(|revoke| later(revoke, READ_MILLIS, &address));
}
