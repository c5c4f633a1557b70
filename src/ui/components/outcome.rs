//! The result of sending events.

use crate::ui::html::{div, ul};
use crate::ui::live::El;

/// Maximum number of reasons shown; the dead letters have all of them.
const SHOWN_REASONS: usize = 8;

/// A title, and why rows were refused.
#[must_use]
pub fn outcome(is_good: bool, test_id: &str, title: &str, reasons: &[String]) -> El {
    let list = reasons.iter().take(SHOWN_REASONS).map(|reason| El::new("li").text(reason));
    let result = div(if is_good { "outcome" } else { "outcome outcome--refused" })
        .with([El::new("strong").test_id(test_id).text(title), ul("outcome__reasons").with_all(list)]);
    match reasons.len().saturating_sub(SHOWN_REASONS) {
        0 => result,
        hidden => result.text(&format!("and {hidden} more")),
    }
}
