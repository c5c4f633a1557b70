//! Where the page is.

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
pub fn set_query(query: &str) {
    let Some(window) = web_sys::window() else { return };
    let (path, hash) = (window.location().pathname().unwrap_or_default(), window.location().hash().unwrap_or_default());
    let mark = if query.is_empty() { "" } else { "?" };
    if let Ok(history) = window.history() {
        // A refusal (too many changes a second) leaves the old address, and the next change tries again.
        let address = format!("{path}{mark}{query}{hash}");
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&address));
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
