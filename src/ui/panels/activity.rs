//! What takes its time, and what became of it.

use crate::ui::html::div;
use crate::ui::live::El;
use crate::ui::state::Pipeline;

/// What takes its time, and what became of it.
#[must_use]
pub fn activity(_pipeline: Pipeline) -> El {
    div("activity")
}
