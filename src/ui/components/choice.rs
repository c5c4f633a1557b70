//! A drop-down list.

use leptos::prelude::*;

/// A `<select>` of values with their labels; the form around it provides its label.
#[component]
pub fn Choice(
    /// The id, unique on the page.
    #[prop(into)]
    id: String,
    /// The values, each with its label.
    options: Vec<(String, String)>,
    /// The selected value.
    #[prop(into)]
    value: Signal<String>,
    /// Receives a new choice.
    #[prop(into)]
    on_change: Callback<String>,
    /// The ids of the elements that describe the list.
    #[prop(optional, into)]
    described_by: Option<String>,
    /// Whether the choice is refused.
    #[prop(optional, into)]
    is_invalid: Option<Signal<bool>>,
) -> impl IntoView {
    let option = |(value, label)| view! { <option value=value>{label}</option> };
    view! {
        // Leptos writes the property `value` in a microtask, after the options exist.
        <select
            class="input input--choice"
            id=id
            aria-describedby=described_by
            aria-invalid=move || is_invalid.map(|is_invalid| is_invalid.get().to_string())
            prop:value=value
            on:change:target=move |event| on_change.run(event.target().value())
        >
            {options.into_iter().map(option).collect_view()}
        </select>
    }
}

/// Values that are their own labels.
#[must_use]
pub fn plain(values: &'static [&'static str]) -> Vec<(String, String)> {
    values.iter().map(|value| ((*value).to_owned(), (*value).to_owned())).collect()
}
