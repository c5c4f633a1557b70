//! A number that changes in place.

use leptos::prelude::*;

use crate::ui::html::span;
use crate::ui::live::El;
use crate::ui::model::digits::{GROUPS, digit_group};
use crate::ui::signals::text;

/// A number in groups of three digits; its text stays the plain number.
#[must_use]
pub fn counter(value: Signal<u64>, test_id: &str) -> El {
    let group = |index| span("counter__group").live(text(move || digit_group(value.get(), index)));
    span("counter").test_id(test_id).with((0..GROUPS).map(group))
}
