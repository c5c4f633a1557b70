//! Whether somebody can see the page.

use wasm_bindgen::prelude::*;

/// Calls `callback` whenever the page comes into view again, as long as it lives.
pub fn on_visible(callback: impl Fn() + 'static) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let watched = document.clone();
    let closure = Closure::<dyn Fn()>::new(move || {
        if !watched.hidden() {
            callback();
        }
    });
    // Only a listener that is none is refused.
    let _ = document.add_event_listener_with_callback("visibilitychange", closure.as_ref().unchecked_ref());
    // The page's own listener: it ends with the page.
    closure.forget();
}
