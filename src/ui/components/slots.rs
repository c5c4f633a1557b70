//! The places of the next batch.

use leptos::prelude::*;

use crate::ui::model::stage_text::{MOST_SLOTS, batch_fill};

/// A place for each event of the batch, filled by those that wait; a bar when there are many.
#[component]
pub fn Slots(
    /// Events that wait.
    #[prop(into)]
    waiting: Signal<u32>,
    /// Events in a batch.
    #[prop(into)]
    batch_size: Signal<u64>,
) -> impl IntoView {
    let slots = move || {
        let size = batch_size.get();
        if size > MOST_SLOTS {
            return view! {
                <span
                    class="slots__bar"
                    style:transform=move || format!("scaleX({:.3})", batch_fill(waiting.get(), size))
                ></span>
            }
            .into_any();
        }
        (0..size)
            .map(|slot| {
                view! {
                    <span
                        class="slots__slot"
                        class=("slots__slot--filled", move || u64::from(waiting.get()) > slot)
                    ></span>
                }
            })
            .collect_view()
            .into_any()
    };
    view! {
        <div class="slots" aria-hidden="true">
            {slots}
        </div>
    }
}
