//! A message for the whole page.

use leptos::prelude::*;

use crate::ui::model::connection::Health;

/// A full-width message: a title, and more below it. Messages of broken health are announced at once.
#[component]
pub fn Notice(
    /// The health that the message reports.
    health: Health,
    /// The title.
    title: &'static str,
    /// The content below the title.
    children: Children,
) -> impl IntoView {
    let role = if health == Health::Broken { "alert" } else { "status" };
    view! {
        <div class=format!("notice notice--{}", health.class_part()) role=role>
            <strong class="notice__title">{title}</strong>
            <div class="notice__text">{children()}</div>
        </div>
    }
}
