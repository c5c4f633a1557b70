//! The slots of the next batch.

use leptos::prelude::*;

use crate::ui::model::stage_text::{MAX_SLOTS, bar_transform};

/// A slot for each event of the batch, filled by waiting events; a bar when there are many.
#[component]
pub fn Slots(
    /// Events that wait.
    #[prop(into)]
    waiting: Signal<u64>,
    /// Events of a full batch.
    #[prop(into)]
    batch_size: Signal<u64>,
) -> impl IntoView {
    let slot = |slot| {
        view! {
            <span
                class="slots__slot"
                class=("slots__slot--filled", move || waiting.get() > slot)
                hidden=move || !(slot + 1..=MAX_SLOTS).contains(&batch_size.get())
            ></span>
        }
    };
    view! {
        <div class="slots" aria-hidden="true">
            {(0..MAX_SLOTS).map(slot).collect_view()}
            <span
                class="slots__bar"
                hidden=move || batch_size.get() <= MAX_SLOTS
                style:transform=move || bar_transform(waiting.get(), batch_size.get())
            ></span>
        </div>
    }
}
