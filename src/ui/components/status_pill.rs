//! A short status with its colour.

use crate::ui::signals::text;
use leptos::prelude::*;

use crate::ui::model::connection::Status;

/// A dot and a text; changes are announced politely.
#[component]
pub fn StatusPill(
    /// What is shown.
    #[prop(into)]
    status: Signal<Status>,
    /// The handle for tests.
    test_id: &'static str,
) -> impl IntoView {
    view! {
        <span class=text(move || format!("status-pill status-pill--{}", status.read().health.class_part())) role="status">
            <span class="status-pill__dot" aria-hidden="true"></span>
            <span data-testid=test_id>{text(move || status.read().text.to_owned())}</span>
        </span>
    }
}
