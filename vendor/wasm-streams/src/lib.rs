//! As much of `wasm-streams` as Leptos' server functions need to compile.
//!
//! millrace has no server and calls none of them, but the real crate exports JavaScript classes, and what is exported
//! is never left out of a build: each visitor would download 5 KB for nothing.

use wasm_bindgen::JsValue;
use web_sys::ReadableStream as Raw;

/// A stream of the browser's.
pub struct ReadableStream(Raw);

impl ReadableStream {
    /// A stream that the browser made.
    pub fn from_raw(raw: Raw) -> Self {
        Self(raw)
    }

    /// Not to be had here.
    pub fn from_stream<S>(_stream: S) -> Self {
        unimplemented!("millrace has no server functions")
    }

    /// The browser's stream.
    pub fn into_raw(self) -> Raw {
        self.0
    }

    /// Its items: none here.
    pub fn into_stream(self) -> futures_util::stream::Empty<Result<JsValue, JsValue>> {
        futures_util::stream::empty()
    }
}
