//! Web Locks: one pipeline for each origin and base path.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// web-sys keeps this one unstable.
    type LockManager;
    #[wasm_bindgen(method)]
    fn request(this: &LockManager, name: &str, callback: &Function) -> Promise;
}

/// Asks for a lock and calls `granted` once it is ours. It stays ours until this page or worker ends.
///
/// Without Web Locks (pages that are no secure context) `granted` is called at once: nobody else can be known of.
pub fn hold(name: &str, granted: impl FnOnce() + 'static) {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).unwrap_or(JsValue::UNDEFINED);
    let Some(locks) = Reflect::get(&navigator, &"locks".into()).ok().filter(JsValue::is_object) else {
        granted();
        return;
    };
    let callback = Closure::once_into_js(move || {
        // Not from here: a panic would end as a refused promise, which nobody hears of.
        wasm_bindgen_futures::spawn_local(async move { granted() });
        // The lock is held until this is settled, which it never is.
        Promise::new(&mut |_, _| {})
    });
    let _ = locks.unchecked_into::<LockManager>().request(name, callback.unchecked_ref());
}
