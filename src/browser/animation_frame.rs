//! Waiting for the browser to be about to paint; hidden pages never get there.

use js_sys::Promise;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;

/// Ends just before the next paint and answers that moment, in milliseconds since the page was opened.
pub async fn next_frame() -> f64 {
    let promise = Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            // Fails only for a callback that is no function.
            let _ = window.request_animation_frame(resolve.unchecked_ref());
        }
    });
    JsFuture::from(promise).await.ok().and_then(|moment| moment.as_f64()).unwrap_or(0.0)
}
