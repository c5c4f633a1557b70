//! A channel between two stages of the pipeline picture.

use crate::ui::html::{div, span};
use crate::ui::live::{El, Live};
use crate::ui::model::stage_text::channel_class;

/// A channel: a drop moves along it whenever the count changes, or a stream at a high rate.
pub struct Channel {
    /// Number of items that have passed so far.
    pub drops: Live<u64>,
    /// Whether the rate is too high to draw single drops.
    pub is_streaming: Live<bool>,
    /// Whether the items are whole batches.
    pub carries_batches: bool,
}

impl Channel {
    /// The channel.
    #[must_use]
    pub fn view(self) -> El {
        let Self { drops, is_streaming, carries_batches } = self;
        div("channel")
            .live_class(move || channel_class(drops.get(), is_streaming.get(), carries_batches))
            .decorative()
            .with([span("channel__water"), span("channel__drop")])
    }
}
