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

/// Focuses an element without scrolling.
pub fn focus_in_place(element: &HtmlElement) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    // Never refused, as above.
    let _ = element.focus_with_options(&options);
}

/// Focuses the first element that matches a selector; `false` where none takes the focus.
pub fn focus_first(selector: &str) -> bool {
    let element = document().and_then(|document| document.query_selector(selector).ok().flatten());
    let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) else { return false };
    // Never refused, as above.
    let _ = element.focus();
    is_focus_in(selector)
}

/// Whether the element with the focus matches a selector, or is inside one that does.
#[must_use]
pub fn is_focus_in(selector: &str) -> bool {
    let focused = document().and_then(|document| document.active_element());
    focused.is_some_and(|element| matches!(element.closest(selector), Ok(Some(_))))
}

/// Whether the element with the focus itself matches a selector.
#[must_use]
pub fn is_focus_on(selector: &str) -> bool {
    let focused = document().and_then(|document| document.active_element());
    focused.is_some_and(|element| matches!(element.matches(selector), Ok(true)))
}

/// Whether an element of the page matches a selector.
#[must_use]
pub fn exists(selector: &str) -> bool {
    document().is_some_and(|document| matches!(document.query_selector(selector), Ok(Some(_))))
}

fn document() -> Option<Document> {
    web_sys::window().and_then(|window| window.document())
}
