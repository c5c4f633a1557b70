//! The head and the grey places that `index.html` shows until the program has come.

/// Removes them. Called in the task that mounts the page: the browser paints one or the other.
pub fn remove() {
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(skeleton) = document.and_then(|document| document.get_element_by_id("skeleton")) {
        skeleton.remove();
    }
}
