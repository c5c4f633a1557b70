//! Marks that outlive a reload of the tab, but not the tab.

use web_sys::Storage;

/// Leaves a mark. Without it, where the browser allows no storage, the next page knows less.
pub fn mark(name: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(name, "");
    }
}

/// Whether there is such a mark; it is taken away.
pub fn take_mark(name: &str) -> bool {
    let Some(storage) = storage() else { return false };
    let is_marked = storage.get_item(name).is_ok_and(|value| value.is_some());
    let _ = storage.remove_item(name);
    is_marked
}

fn storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok()?
}
