//! Watches the size of an element.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;

/// Watches an element until it is dropped.
pub struct ResizeWatch {
    observer: web_sys::ResizeObserver,
    _on_resize: Closure<dyn Fn(js_sys::Array)>,
}

impl ResizeWatch {
    /// Calls back with width and height of the element's content, in CSS pixels, now and after each change.
    pub fn new(element: &web_sys::Element, on_resize: impl Fn(f64, f64) + 'static) -> Option<Self> {
        let on_resize = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
            let entry: web_sys::ResizeObserverEntry = entries.get(0).unchecked_into();
            let content = entry.content_rect();
            on_resize(content.width(), content.height());
        });
        let observer = web_sys::ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _on_resize: on_resize })
    }
}

impl Drop for ResizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
