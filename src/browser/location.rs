//! Where the page is.

use wasm_bindgen::prelude::*;

/// The page's whole address; empty outside a page.
#[must_use]
pub fn page_address() -> String {
    web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default()
}

/// The folder that serves the page, as a path: `/` or `/millrace/`.
#[must_use]
pub fn base_path() -> String {
    let path = web_sys::window().and_then(|window| window.location().pathname().ok()).unwrap_or_default();
    path.rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("{folder}/"))
}

/// What follows `?` in the page's address.
#[must_use]
pub fn query() -> String {
    let search = web_sys::window().and_then(|window| window.location().search().ok()).unwrap_or_default();
    search.trim_start_matches('?').to_owned()
}

/// What follows `#` in the page's address.
#[must_use]
pub fn fragment() -> String {
    let hash = web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    hash.trim_start_matches('#').to_owned()
}

/// Loads the page again.
pub fn reload() {
    if let Some(window) = web_sys::window() {
        // A page that may not be loaded again stays as it is.
        let _ = window.location().reload();
    }
}

/// Changes what follows `?` in the page's address without loading anything; the part after `#` stays.
pub fn set_query(text: &str) {
    replace(text, &fragment());
}

/// Changes what follows `#` in the page's address; nobody is told, and nothing moves.
pub fn set_fragment(text: &str) {
    if fragment() != text {
        replace(&query(), text);
    }
}

fn replace(query: &str, fragment: &str) {
    let Some(window) = web_sys::window() else { return };
    let mut address = window.location().pathname().unwrap_or_default();
    for (mark, part) in [('?', query), ('#', fragment)] {
        if !part.is_empty() {
            address.push(mark);
            address.push_str(part);
        }
    }
    if let Ok(history) = window.history() {
        // A refusal (too many changes a second) leaves the old address, and the next change tries again.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}

/// Calls back whenever somebody changes what follows `#`, for as long as the page stays.
pub fn on_fragment(callback: impl Fn() + 'static) {
    let callback = Closure::<dyn Fn()>::new(callback).into_js_value();
    if let Some(window) = web_sys::window() {
        // Refused nowhere: it is a function, and there is such an event.
        let _ = window.add_event_listener_with_callback("hashchange", callback.unchecked_ref());
    }
}

/// Loads the page anew, from its bare address.
pub fn start_over() {
    if let Some(window) = web_sys::window() {
        // Only an address that is none is refused, and the page has one.
        let _ = window.location().replace(&base_path());
    }
}

/// What the browser calls itself.
#[must_use]
pub fn user_agent() -> String {
    web_sys::window().and_then(|window| window.navigator().user_agent().ok()).unwrap_or_default()
}
