//! A number that changes in place.

use crate::ui::html::span;
use crate::ui::live::{El, Live};
use crate::ui::model::digits::{GROUPS, digit_group};

/// A number in groups of three digits; its text stays the plain number.
#[must_use]
pub fn counter(value: Live<u64>, test_id: &str) -> El {
    let group = |index| span("counter__group").live(move || digit_group(value.get(), index));
    span("counter").test_id(test_id).with_all((0..GROUPS).map(group))
}
