//! The first messages of a live source, for a preview before anything of it is taken. `source_sample.js` gathers them;
//! it is loaded when it is needed first.

use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use super::error::sentence;
use super::source_file::SourceFile;

#[wasm_bindgen]
extern "C" {
    /// The dynamic `import()`, which is written like a call. Its address is relative to the program's script.
    #[wasm_bindgen(js_name = "import")]
    fn import_script(address: &str) -> Promise;

    type Script;
    #[wasm_bindgen(method)]
    fn sample(this: &Script, kind: &str, name: &str, options: &Object) -> Promise;

    type Gathered;
    #[wasm_bindgen(method, getter)]
    fn file(this: &Gathered) -> File;
    #[wasm_bindgen(method, getter)]
    fn messages(this: &Gathered) -> f64;
}

/// The first messages of a source.
#[derive(Debug)]
pub struct SourceSample {
    /// The messages, one after the other, each of several on a line of its own.
    pub file: SourceFile,
    /// Their number.
    pub messages: u64,
}

/// Connects to a source of this kind (`websocket`, `sse`, `poll`, `nats`), gathers its first messages into a file of
/// this name, and closes the connection. `options` are the texts that the script names: `address`, and `target` where
/// that is another one, which no sentence shows; `stream` and `subject` of `nats`; what the server is shown, as in
/// `PUT /credentials`. To be called after a click: the browser may ask the user.
///
/// # Errors
/// A sentence that says why there are none, and what to do.
pub async fn sample(kind: &str, name: &str, options: &[(&str, String)]) -> Result<SourceSample, String> {
    let object = Object::new();
    for (option, text) in options {
        // Setting a field of an object of our own cannot fail.
        let _ = Reflect::set(&object, &(*option).into(), &text.into());
    }
    let unloaded = |error: JsValue| format!("the part that tests connections cannot be loaded: {}", sentence(&error));
    let script: Script = JsFuture::from(import_script("./source_sample.js")).await.map_err(unloaded)?.unchecked_into();
    let gathered = JsFuture::from(script.sample(kind, name, &object)).await.map_err(|error| sentence(&error))?;
    let gathered: Gathered = gathered.unchecked_into();
    Ok(SourceSample { file: SourceFile::of_js(gathered.file()), messages: gathered.messages() as u64 })
}
