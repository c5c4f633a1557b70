//! A gauge of a fill level.

use leptos::prelude::*;

/// A bar; the number beside it has the same value, so the bar is hidden from screen readers.
#[component]
pub fn Gauge(
    /// The transform of `stage_text::bar_transform`.
    #[prop(into)]
    transform: Signal<String>,
) -> impl IntoView {
    view! {
        <span class="gauge" aria-hidden="true">
            <span class="gauge__level" style:transform=transform></span>
        </span>
    }
}
