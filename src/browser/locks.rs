//! Web Locks: one pipeline for each origin and base path, and whether the other end of a port lives.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::random;

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

/// Begins the names of the locks that [`hold_for_life`] takes, and those of `sw.js`.
const PRESENCE: &str = "millrace presence ";

/// Requests a lock and calls `granted` once it is held. It is held until this page or worker ends, or until it is
/// stolen: then `lost` is called.
///
/// Without Web Locks (pages in an insecure context) `granted` is called at once: other holders cannot be detected.
pub fn hold(name: &str, wanting: Wanting, granted: impl FnOnce() + 'static, lost: impl FnOnce() + 'static) {
    let Some(locks) = manager() else {
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
    let held = locks.request(name, &options, callback.unchecked_ref());
    spawn_local(async move {
        if JsFuture::from(held).await.is_err() {
            lost();
        }
    });
}

/// Takes a lock of a new name for as long as this page or worker lives, and calls `held` with the name: whoever gets
/// the lock after that knows that this page or worker is gone. Without Web Locks `held` is not called.
pub fn hold_for_life(held: impl FnOnce(String) + 'static) {
    if manager().is_some() {
        let name = format!("{PRESENCE}{:x}", random::unit().to_bits());
        hold(&name.clone(), Wanting::Wait, move || held(name), || {});
    }
}

/// Calls `gone` once the page or worker is gone that took this lock by [`hold_for_life`]; never for other names, and
/// never without Web Locks.
pub fn when_gone(name: &str, gone: impl FnOnce() + 'static) {
    let Some(locks) = manager().filter(|_| name.starts_with(PRESENCE)) else { return };
    // The lock is free again as soon as this has returned.
    let callback = Closure::once_into_js(|| {});
    let granted = locks.request(name, &Object::new(), callback.unchecked_ref());
    spawn_local(async move {
        if JsFuture::from(granted).await.is_ok() {
            gone();
        }
    });
}

fn manager() -> Option<LockManager> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let locks = Reflect::get(&navigator, &"locks".into()).ok()?;
    locks.is_object().then(|| locks.unchecked_into())
}
