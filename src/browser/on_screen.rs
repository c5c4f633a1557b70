//! Watches whether an element is in view.

use wasm_bindgen::prelude::*;

use super::element::El;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = IntersectionObserver)]
    type Observer;
    #[wasm_bindgen(constructor, js_class = "IntersectionObserver")]
    fn new(callback: &Closure<dyn Fn(js_sys::Array)>) -> Observer;
    #[wasm_bindgen(method)]
    fn observe(this: &Observer, element: &web_sys::Element);
    #[wasm_bindgen(method)]
    fn disconnect(this: &Observer);

    type Entry;
    #[wasm_bindgen(method, getter, js_name = isIntersecting)]
    fn is_intersecting(this: &Entry) -> bool;
}

/// Watches an element until it is dropped.
pub struct OnScreenWatch {
    observer: Observer,
    _callback: Closure<dyn Fn(js_sys::Array)>,
}

impl OnScreenWatch {
    /// Calls back with whether any part of the element is in view, once soon and on each change.
    pub fn new(element: &El, callback: impl Fn(bool) + 'static) -> Self {
        let callback = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
            callback(entries.pop().unchecked_ref::<Entry>().is_intersecting());
        });
        let observer = Observer::new(&callback);
        observer.observe(element.as_ref());
        Self { observer, _callback: callback }
    }
}

impl Drop for OnScreenWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
