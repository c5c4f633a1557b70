//! The end of the page: it is closed, reloaded or left. Browsers may put a page that is left aside, and show it again
//! as it was.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::Event;

/// Calls `left` when the page is closed, reloaded or left, and `returned` when the browser shows it again as it was. A
/// page whose process crashes calls neither.
pub fn on_departure(left: impl Fn() + 'static, returned: impl Fn() + 'static) {
    let Some(window) = web_sys::window() else { return };
    let hidden = Closure::<dyn Fn(Event)>::new(move |_: Event| left());
    let shown = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        // The event comes after the first load too, and is not persisted then.
        if Reflect::get(&event, &"persisted".into()).is_ok_and(|is_persisted| is_persisted.is_truthy()) {
            returned();
        }
    });
    for (name, listener) in [("pagehide", hidden), ("pageshow", shown)] {
        // Only an invalid listener is refused.
        let _ = window.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
        // The listener lives as long as the page.
        listener.forget();
    }
}
