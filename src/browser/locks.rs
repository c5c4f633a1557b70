//! Web Locks: one pipeline for each origin and base path.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

#[wasm_bindgen]
extern "C" {
    /// web-sys keeps this one unstable.
    type LockManager;
    #[wasm_bindgen(method)]
    fn request(this: &LockManager, name: &str, options: &Object, callback: &Function) -> Promise;
}

/// How to get a lock that somebody else holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanting {
    /// Wait until it is free.
    Wait,
    /// Take it away: its holder does not answer any more.
    Steal,
}

/// Asks for a lock and calls `granted` once it is ours. It stays ours until this page or worker ends, or until somebody
/// steals it: then `lost` is called.
///
/// Without Web Locks (pages that are no secure context) `granted` is called at once: nobody else can be known of.
pub fn hold(name: &str, wanting: Wanting, granted: impl FnOnce() + 'static, lost: impl FnOnce() + 'static) {
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
    let options = Object::new();
    let _ = Reflect::set(&options, &"steal".into(), &(wanting == Wanting::Steal).into());
    let held = locks.unchecked_into::<LockManager>().request(name, &options, callback.unchecked_ref());
    spawn_local(async move {
        if JsFuture::from(held).await.is_err() {
            lost();
        }
    });
}
