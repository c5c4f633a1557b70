//! The offer of a newer version of the app.

use crate::ui::html::{button, div, strong};
use crate::ui::live::El;
use crate::ui::state::Pipeline;

/// Says that a newer version is there, once, and offers to take it. The place is there before that: what comes into it is
/// announced when there is time.
#[must_use]
pub fn update_notice(pipeline: Pipeline) -> El {
    let has_update = pipeline.has_update();
    div("update-notice").role("status").swap(move || has_update.get().then(|| offer(pipeline)).into_iter().collect())
}

fn offer(pipeline: Pipeline) -> El {
    let take = button("button", "Reload all tabs").on_click(move || pipeline.update());
    div("notice").with([strong("notice__title").text("A new version is ready."), take])
}
