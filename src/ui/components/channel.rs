//! A channel between two stages of the pipeline picture.

use leptos::prelude::*;

use crate::ui::model::stage_text::channel_class;

/// A channel: a drop moves along it whenever the count changes, or a stream at a high rate.
#[component]
pub fn Channel(
    /// Number of items that have passed so far.
    #[prop(into)]
    drops: Signal<u64>,
    /// Whether the rate is too high to draw single drops.
    #[prop(into)]
    is_streaming: Signal<bool>,
    /// Whether the items are whole batches.
    #[prop(optional)]
    carries_batches: bool,
) -> impl IntoView {
    view! {
        <div class=move || channel_class(drops.get(), is_streaming.get(), carries_batches) aria-hidden="true">
            <span class="channel__water"></span>
            <span class="channel__drop"></span>
        </div>
    }
}
