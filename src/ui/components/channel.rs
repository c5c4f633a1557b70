//! The water between two stages.

use crate::ui::signals::text;
use leptos::prelude::*;

use crate::ui::model::stage_text::channel_class;

/// A piece of channel: one drop runs along it whenever the count changes, or a stream while things come fast.
#[component]
pub fn Channel(
    /// How many things have come along so far.
    #[prop(into)]
    drops: Signal<u64>,
    /// Whether they come too fast to be told apart.
    #[prop(into)]
    is_streaming: Signal<bool>,
    /// Whether they are whole batches.
    #[prop(optional)]
    carries_batches: bool,
) -> impl IntoView {
    view! {
        <div
            class=text(move || channel_class(drops.get(), is_streaming.get(), carries_batches))
            aria-hidden="true"
        >
            <span class="channel__water"></span>
            <span class="channel__drop"></span>
        </div>
    }
}
