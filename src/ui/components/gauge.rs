//! How full something is.

use crate::ui::html::span;
use crate::ui::live::{El, Live};

/// A bar, its level drawn as `stage_text::bar_transform` says. The number beside it says the same, so it is hidden from
/// those who do not see it.
#[must_use]
pub fn gauge(transform: Live<String>) -> El {
    span("gauge").decorative().with([span("gauge__level").live_transform(transform)])
}
