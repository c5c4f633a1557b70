//! Whether the history was in memory alone when a page last showed it: who turned persistence off is not asked for consent
//! again when the page is loaded again.

use crate::browser::{location, session};

/// The name under which the browser keeps it, one for each folder that serves the page.
fn mark() -> String {
    format!("millrace-memory-only:{}", location::base_path())
}

/// Whether persistence was off by the settings that a page of this folder showed last.
pub(super) fn is_off() -> bool {
    session::is_marked_for_good(&mark())
}

/// Keeps whether persistence is off by the settings in force.
pub(super) fn remember(settings: &[(String, Option<String>)]) {
    let is_off = settings.iter().any(|(name, value)| name == "persist" && value.as_deref() == Some("false"));
    if is_off { session::mark_for_good(&mark()) } else { forget() }
}

/// Forgets it, with all else that is stored.
pub(super) fn forget() {
    session::unmark_for_good(&mark());
}
