//! Web Locks: one pipeline for each origin and base path.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

#[wasm_bindgen]
extern "C" {
    /// web-sys marks it as unstable.
    type LockManager;
    #[wasm_bindgen(method)]
    fn request(this: &LockManager, name: &str, options: &Object, callback: &Function) -> Promise;
}

/// How to request a lock that another holder has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanting {
    /// Waits until it is free.
    Wait,
    /// Steals it: its holder does not respond.
    Steal,
}

/// Requests a lock and calls `granted` once it is held. It is held until this page or worker ends, or until it is
/// stolen: then `lost` is called.
///
/// Without Web Locks (pages in an insecure context) `granted` is called at once: other holders cannot be detected.
pub fn hold(name: &str, wanting: Wanting, granted: impl FnOnce() + 'static, lost: impl FnOnce() + 'static) {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).unwrap_or(JsValue::UNDEFINED);
    let Some(locks) = Reflect::get(&navigator, &"locks".into()).ok().filter(JsValue::is_object) else {
        granted();
        return;
    };
    let callback = Closure::once_into_js(move || {
        // Not called directly: a panic would become a rejected promise, which is not reported.
        wasm_bindgen_futures::spawn_local(async move { granted() });
        // The lock is held until this promise is settled, which never happens.
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
