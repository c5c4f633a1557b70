//! Watches a CSS media query.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;

/// Listens to a media query until it is dropped.
pub struct MediaQueryWatch {
    list: web_sys::MediaQueryList,
    on_change: Closure<dyn Fn()>,
}

impl MediaQueryWatch {
    /// Calls back on each change with whether the query matches; `None` where the browser does not support the query.
    pub fn new(query: &str, on_change: impl Fn(bool) + 'static) -> Option<Self> {
        let list = web_sys::window()?.match_media(query).ok()??;
        let watched = list.clone();
        let on_change = Closure::<dyn Fn()>::new(move || on_change(watched.matches()));
        list.set_onchange(Some(on_change.as_ref().unchecked_ref()));
        Some(Self { list, on_change })
    }
}

impl Drop for MediaQueryWatch {
    fn drop(&mut self) {
        let _ = &self.on_change;
        self.list.set_onchange(None);
    }
}

/// Whether the query matches now.
#[must_use]
pub fn matches(query: &str) -> bool {
    web_sys::window().and_then(|window| window.match_media(query).ok().flatten()).is_some_and(|list| list.matches())
}
