//! The offer of a newer version of the app.

use crate::ui::html::{button, div, strong};
use crate::ui::live::El;
use crate::ui::state::Pipeline;

/// Reports once that a newer version is available, and offers to activate it. The element exists before that, so that
/// its content is announced politely.
#[must_use]
pub fn update_notice(pipeline: Pipeline) -> El {
    let has_update = pipeline.has_update();
    div("update-notice").role("status").swap(move || has_update.get().then(|| offer(pipeline)).into_iter().collect())
}

fn offer(pipeline: Pipeline) -> El {
    let take = button("button", "Reload all tabs").on_click(move || pipeline.update());
    div("notice").with([strong("notice__title").text("A new version is ready."), take])
}
