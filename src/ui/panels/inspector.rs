//! What is inside the stage of the picture that somebody opened.

use crate::ui::html::div;
use crate::ui::live::El;
use crate::ui::state::Pipeline;

/// What is inside the stage of the picture that somebody opened.
#[must_use]
pub fn inspector(_pipeline: Pipeline) -> El {
    div("inspector")
}
