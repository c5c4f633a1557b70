//! Streams of bytes that are read part by part: of responses, and of files.

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Response};

// The part of web-sys' streams that is used here.
#[wasm_bindgen]
extern "C" {
    type Source;
    #[wasm_bindgen(method, getter)]
    fn body(this: &Source) -> Option<Stream>;
    #[wasm_bindgen(method)]
    fn stream(this: &Source) -> Stream;
    type Stream;
    #[wasm_bindgen(method, js_name = getReader)]
    fn get_reader(this: &Stream) -> Reader;
    type Reader;
    #[wasm_bindgen(method)]
    fn read(this: &Reader) -> Promise;
    #[wasm_bindgen(method)]
    fn cancel(this: &Reader) -> Promise;
    type Part;
    #[wasm_bindgen(method, getter)]
    fn value(this: &Part) -> Option<Uint8Array>;
}

/// A stream, of which the browser reads a little ahead.
pub(super) struct ByteStream(Reader);

impl ByteStream {
    /// The body of a response, if it has one.
    pub(super) fn of_response(response: &Response) -> Option<Self> {
        let source: &Source = response.unchecked_ref();
        source.body().map(|stream| Self(stream.get_reader()))
    }

    /// The bytes of a file.
    pub(super) fn of_blob(blob: &Blob) -> Self {
        let source: &Source = blob.unchecked_ref();
        Self(source.stream().get_reader())
    }

    /// The next part; `None` at the end, and after [`Self::cancel`].
    ///
    /// # Errors
    /// What the browser says, when the stream ends with an error.
    pub(super) async fn next(&self) -> Result<Option<Vec<u8>>, JsValue> {
        loop {
            let part: Part = JsFuture::from(self.0.read()).await?.unchecked_into();
            match part.value() {
                None => return Ok(None),
                Some(bytes) if bytes.length() > 0 => return Ok(Some(bytes.to_vec())),
                Some(_) => {}
            }
        }
    }

    /// Ends the stream: its source is told, and a pending read ends.
    pub(super) fn cancel(&self) {
        // The result of the cancellation is ignored; awaiting it keeps a rejection from being logged.
        let cancelled = JsFuture::from(self.0.cancel());
        wasm_bindgen_futures::spawn_local(async move { drop(cancelled.await) });
    }
}
