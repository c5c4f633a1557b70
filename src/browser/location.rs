//! The page's address, and the pages around it.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

/// The page's absolute address; empty outside a page.
#[must_use]
pub fn page_address() -> String {
    web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default()
}

/// The page's scheme, host and port; empty outside a page.
#[must_use]
pub fn origin() -> String {
    web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
}

/// Whether this page or worker came over `https:`, and from which host, without its port; an empty host where that is not
/// known.
#[must_use]
pub fn scheme_and_host() -> (bool, String) {
    // Pages and workers have different types of locations, with the same fields.
    let location = Reflect::get(&js_sys::global(), &"location".into()).unwrap_or_default();
    let field = |name: &str| Reflect::get(&location, &name.into()).ok().and_then(|text| text.as_string());
    (field("protocol").as_deref() == Some("https:"), field("hostname").unwrap_or_default())
}

/// The folder that serves the page, as a path: `/` or `/millrace/`.
#[must_use]
pub fn base_path() -> String {
    let path = web_sys::window().and_then(|window| window.location().pathname().ok()).unwrap_or_default();
    path.rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("{folder}/"))
}

/// The part of the page's address after `?`.
#[must_use]
pub fn query() -> String {
    let search = web_sys::window().and_then(|window| window.location().search().ok()).unwrap_or_default();
    search.trim_start_matches('?').to_owned()
}

/// The part of the page's address after `#`.
#[must_use]
pub fn fragment() -> String {
    let hash = web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    hash.trim_start_matches('#').to_owned()
}

/// Reloads the page.
pub fn reload() {
    if let Some(window) = web_sys::window() {
        // A page that may not be reloaded stays as it is.
        let _ = window.location().reload();
    }
}

/// Replaces the part of the page's address after `?` without a reload; the part after `#` stays.
pub fn set_query(text: &str) {
    replace(text, &fragment());
}

/// Replaces the part of the page's address after `#`, without an event and without scrolling.
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

/// Loads the page from its bare address.
pub fn start_over() {
    if let Some(window) = web_sys::window() {
        // Only an invalid address is refused.
        let _ = window.location().replace(&base_path());
    }
}

/// The browser's user agent.
#[must_use]
pub fn user_agent() -> String {
    web_sys::window().and_then(|window| window.navigator().user_agent().ok()).unwrap_or_default()
}

/// Whether a page of another origin frames this one, itself or further out: it may lay something over this page, so
/// that a click here is not what its user meant. A page on another port is of another origin.
///
/// Each ancestor is asked for its origin, which the browser refuses where it differs. `location.ancestorOrigins` says
/// the same, but not in every browser.
#[must_use]
pub fn is_framed_by_another_site() -> bool {
    let Some(mut window) = web_sys::window() else { return false };
    let own = window.location().origin().ok();
    loop {
        // The outermost window is its own parent.
        let Some(parent) = window.parent().ok().flatten().filter(|parent| *parent != window) else { return false };
        if parent.location().origin().ok() != own {
            return true;
        }
        window = parent;
    }
}
