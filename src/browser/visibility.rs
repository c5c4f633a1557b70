//! Watches the visibility of the page.

use wasm_bindgen::prelude::*;

/// Calls `callback` whenever the page becomes visible again, for the lifetime of the page.
pub fn on_visible(callback: impl Fn() + 'static) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let watched = document.clone();
    let closure = Closure::<dyn Fn()>::new(move || {
        if !watched.hidden() {
            callback();
        }
    });
    // Only an invalid listener is refused.
    let _ = document.add_event_listener_with_callback("visibilitychange", closure.as_ref().unchecked_ref());
    // The listener lives as long as the page.
    closure.forget();
}
