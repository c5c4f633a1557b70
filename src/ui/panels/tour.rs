//! The tour of a first visit.

use crate::ui::html::div;
use crate::ui::live::El;
use crate::ui::state::Pipeline;

/// The tour of a first visit.
#[must_use]
pub fn tour(_pipeline: Pipeline) -> El {
    div("tour")
}
