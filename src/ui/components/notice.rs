//! A message that concerns the whole page.

use leptos::prelude::*;

use crate::ui::model::connection::Health;

/// A full-width message.
#[component]
pub fn Notice(
    /// How bad it is; broken ones are announced at once.
    health: Health,
    /// What happened, in a few words.
    title: &'static str,
    /// More, and what to do.
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
