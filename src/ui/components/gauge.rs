//! How full something is.

use leptos::prelude::*;

/// A bar; the number beside it says the same, so it is hidden from those who do not see it.
#[component]
pub fn Gauge(
    /// From 0 to 1.
    #[prop(into)]
    fill: Signal<f64>,
) -> impl IntoView {
    view! {
        <span class="gauge" aria-hidden="true">
            <span class="gauge__level" style:transform=move || format!("scaleX({:.4})", fill.get())></span>
        </span>
    }
}
