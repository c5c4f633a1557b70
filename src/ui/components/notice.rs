//! A message for the whole page.

use crate::ui::html::{div, strong};
use crate::ui::live::El;
use crate::ui::model::connection::Health;

/// A full-width message: a title, and more below it. Messages of broken health are announced at once.
#[must_use]
pub fn notice<const N: usize>(health: Health, title: &str, more: [El; N]) -> El {
    let role = if health == Health::Broken { "alert" } else { "status" };
    div(&format!("notice notice--{}", health.class_part()))
        .role(role)
        .with([strong("notice__title").text(title), div("notice__text").with(more)])
}
