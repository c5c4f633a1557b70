//! How full something is.

use leptos::prelude::*;

/// A bar; the number beside it says the same, so it is hidden from those who do not see it.
#[component]
pub fn Gauge(
    /// How its level is drawn: see `stage_text::bar_transform`.
    transform: Signal<String>,
) -> impl IntoView {
    view! {
        <span class="gauge" aria-hidden="true">
            <span class="gauge__level" style:transform=transform></span>
        </span>
    }
}
