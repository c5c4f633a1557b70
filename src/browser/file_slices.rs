//! A file that came with a message, as it is now.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

use super::error::sentence;
use super::message::FileRef;

// A handle of the File System Access API, which gives the file as it is at the moment.
#[wasm_bindgen]
extern "C" {
    type Handle;
    #[wasm_bindgen(method, catch, js_name = getFile)]
    fn current(this: &Handle) -> Result<js_sys::Promise, JsValue>;
}

impl FileRef {
    /// The file as it is now, where a handle of it came; else as it was when it was chosen.
    ///
    /// # Errors
    /// A sentence, when it is gone, or the page may not read it any more.
    pub async fn open(&self) -> Result<Blob, String> {
        if let Some(file) = self.0.dyn_ref::<File>() {
            return Ok(file.clone().into());
        }
        let refused = |error: JsValue| {
            format!("the file cannot be opened: {}; choose it again, and it goes on", sentence(&error))
        };
        let handle: &Handle = self.0.unchecked_ref();
        let file = JsFuture::from(handle.current().map_err(refused)?).await.map_err(refused)?;
        file.dyn_into().map_err(|_| "what was sent is not a file; choose it again".to_owned())
    }
}
