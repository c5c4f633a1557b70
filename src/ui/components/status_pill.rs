//! A short status with its colour.

use crate::ui::html::span;
use crate::ui::live::El;
use crate::ui::model::connection::Status;

/// A dot and a text; changes are announced politely.
#[must_use]
pub fn status_pill(test_id: &str, status: impl Fn() -> Status + Copy + 'static) -> El {
    El::new("span")
        .live_class(move || format!("status-pill status-pill--{}", status().health.class_part()))
        .role("status")
        .with([
            span("status-pill__dot").decorative(),
            El::new("span").test_id(test_id).live(move || status().text.to_owned()),
        ])
}
