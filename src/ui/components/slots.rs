//! The slots of the next batch.

use crate::ui::html::{div, span};
use crate::ui::live::{El, Live};
use crate::ui::model::stage_text::{MAX_SLOTS, bar_transform};

/// A slot for each event of the batch, filled by waiting events; a bar when there are many.
#[must_use]
pub fn slots(waiting: Live<u64>, batch_size: Live<u64>) -> El {
    let slot = |slot| {
        El::new("span")
            .live_class(move || slot_class(waiting.get() > slot))
            .hidden_when(move || !(slot + 1..=MAX_SLOTS).contains(&batch_size.get()))
    };
    let bar = span("slots__bar")
        .hidden_when(move || batch_size.get() <= MAX_SLOTS)
        .live_transform(move || bar_transform(waiting.get(), batch_size.get()));
    div("slots").decorative().with_all((0..MAX_SLOTS).map(slot)).with([bar])
}

fn slot_class(is_filled: bool) -> String {
    let state = if is_filled { " slots__slot--filled" } else { "" };
    format!("slots__slot{state}")
}
