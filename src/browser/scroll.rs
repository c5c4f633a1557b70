//! Scrolls elements into view.

use wasm_bindgen::prelude::*;
use web_sys::Element;

#[wasm_bindgen]
extern "C" {
    // In web-sys the options are structures, of which `container` is not stable yet.
    type Scrolled;
    #[wasm_bindgen(method, js_name = scrollIntoView)]
    fn scroll_into_view(this: &Scrolled, options: &JsValue);
}

/// Scrolls the nearest scroll container so that the element is in view; browsers without the option `container` scroll
/// all of them.
pub fn scroll_near(element: &impl AsRef<Element>) {
    let options = js_sys::Object::new();
    for name in ["block", "inline", "container"] {
        // Only frozen objects fail; this one is plain and new.
        let _ = js_sys::Reflect::set(&options, &name.into(), &"nearest".into());
    }
    element.as_ref().unchecked_ref::<Scrolled>().scroll_into_view(&options);
}
