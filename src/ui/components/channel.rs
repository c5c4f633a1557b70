//! The water between two stages.

use crate::ui::html::{div, span};
use crate::ui::live::{El, Live};
use crate::ui::model::stage_text::channel_class;

/// A piece of channel: one drop runs along it whenever the count changes, or a stream while things come fast.
pub struct Channel {
    /// How many things have come along so far.
    pub drops: Live<u64>,
    /// Whether they come too fast to be told apart.
    pub is_streaming: Live<bool>,
    /// Whether they are whole batches.
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
