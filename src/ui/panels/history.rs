//! The table of the whole history.

use crate::ui::focus::Focus;
use crate::ui::html::div;
use crate::ui::live::El;
use crate::ui::state::Pipeline;

/// The table of the whole history.
#[must_use]
pub fn history_panel(_pipeline: Pipeline, _focus: Focus) -> El {
    div("history")
}
