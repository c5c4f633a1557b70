//! The places of the next batch.

use leptos::prelude::*;

use crate::ui::model::stage_text::{MOST_SLOTS, bar_transform};
use crate::ui::signals::{flag, text};

/// A place for each event of the batch, filled by those that wait; a bar when there are many.
#[component]
pub fn Slots(
    /// Events that wait.
    #[prop(into)]
    waiting: Signal<u64>,
    /// Events in a batch.
    #[prop(into)]
    batch_size: Signal<u64>,
) -> impl IntoView {
    let bar = text(move || bar_transform(waiting.get(), batch_size.get()));
    let slots = (0..MOST_SLOTS)
        .map(|slot| {
            view! {
                <span
                    class=text(move || slot_class(waiting.get() > slot))
                    hidden=flag(move || !(slot + 1..=MOST_SLOTS).contains(&batch_size.get()))
                ></span>
            }
        })
        .collect_view();
    view! {
        <div class="slots" aria-hidden="true">
            {slots}
            <span class="slots__bar" hidden=flag(move || batch_size.get() <= MOST_SLOTS) style:transform=bar></span>
        </div>
    }
}

fn slot_class(is_filled: bool) -> String {
    let state = if is_filled { " slots__slot--filled" } else { "" };
    format!("slots__slot{state}")
}
