//! The element that has the focus.

use wasm_bindgen::JsCast as _;
use web_sys::{Document, FocusOptions, HtmlElement};

/// Scrolls the element with this id into view and focuses it.
pub fn reveal(id: &str) {
    let element = document().and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.scroll_into_view();
        // Never refused: an element that takes no focus leaves it where it is.
        let _ = element.focus();
    }
}

/// Whether the element with this id itself has the focus, not one inside it.
#[must_use]
pub fn has_focus(id: &str) -> bool {
    let focused = document().and_then(|document| document.active_element());
    focused.is_some_and(|element| element.id() == id)
}

/// Focuses an element without scrolling.
pub fn focus_in_place(element: &HtmlElement) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    // Never refused, as above.
    let _ = element.focus_with_options(&options);
}

fn document() -> Option<Document> {
    web_sys::window().and_then(|window| window.document())
}
