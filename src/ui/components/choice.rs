//! A drop-down list.

use crate::ui::signals::{flag, text};
use leptos::prelude::*;

/// A `<select>`; the label belongs to the form around it.
#[component]
pub fn Choice(
    /// The id that its label names.
    id: String,
    /// Values with their labels.
    options: Vec<(&'static str, &'static str)>,
    /// The chosen value.
    #[prop(into)]
    value: Signal<String>,
    /// Hears of a new choice.
    on_change: Callback<String>,
    /// The id of a text that describes it.
    #[prop(optional, into)]
    described_by: Option<String>,
    /// Whether the chosen value was refused.
    #[prop(optional, into)]
    is_invalid: Signal<bool>,
) -> impl IntoView {
    let options = options
        .into_iter()
        .map(|(known, label)| {
            view! {
                <option value=known prop:selected=flag(move || value.read().as_str() == known)>
                    {label}
                </option>
            }
        })
        .collect_view();
    view! {
        <select
            class="input input--choice"
            id=id
            aria-describedby=described_by
            aria-invalid=text(move || is_invalid.get().to_string())
            on:change=move |event| on_change.run(event_target_value(&event))
        >
            {options}
        </select>
    }
}
