//! A short status with its colour.

use leptos::prelude::*;

use crate::ui::model::connection::Status;

/// A dot and a text; changes are announced politely.
#[component]
pub fn StatusPill(
    /// The test id of the text.
    test_id: &'static str,
    /// The status.
    #[prop(into)]
    status: Signal<Status>,
) -> impl IntoView {
    view! {
        <span
            class=move || format!("status-pill status-pill--{}", status.read().health.class_part())
            role="status"
        >
            <span class="status-pill__dot" aria-hidden="true"></span>
            <span data-testid=test_id>{move || status.read().text}</span>
        </span>
    }
}
