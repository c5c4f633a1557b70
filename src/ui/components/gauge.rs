//! A gauge of a fill level.

use crate::ui::html::span;
use crate::ui::live::{El, Live};

/// A bar with the transform of `stage_text::bar_transform`. The number beside it has the same value, so the bar is
/// hidden from screen readers.
#[must_use]
pub fn gauge(transform: Live<String>) -> El {
    span("gauge").decorative().with([span("gauge__level").live_transform(transform)])
}
