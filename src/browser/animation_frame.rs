//! Waits for the moment before the browser paints; hidden pages never paint.

use js_sys::Promise;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;

/// Completes just before the next paint; returns that time, in milliseconds since the page was opened.
pub async fn next_frame() -> f64 {
    let promise = Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            // Only an argument that is no function fails.
            let _ = window.request_animation_frame(resolve.unchecked_ref());
        }
    });
    JsFuture::from(promise).await.ok().and_then(|moment| moment.as_f64()).unwrap_or(0.0)
}
