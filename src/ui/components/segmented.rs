//! A choice of a few options, all visible.

use leptos::prelude::*;

/// Radio buttons drawn as one strip.
#[component]
pub fn Segmented(
    /// The label of the group, for screen readers.
    legend: &'static str,
    /// The name of the radio group, unique on the page.
    name: &'static str,
    /// The labels of the options.
    options: Vec<&'static str>,
    /// The index of the selected option.
    #[prop(into)]
    selected: Signal<usize>,
    /// Receives the index of a new choice.
    #[prop(into)]
    on_select: Callback<usize>,
) -> impl IntoView {
    let segment = |(index, label)| {
        view! {
            <label class="segmented__segment">
                <input
                    class="segmented__radio"
                    type="radio"
                    name=name
                    prop:checked=move || selected.get() == index
                    on:change=move |_| on_select.run(index)
                />
                <span class="segmented__label">{label}</span>
            </label>
        }
    };
    view! {
        <fieldset class="segmented">
            <legend class="visually-hidden">{legend}</legend>
            {options.into_iter().enumerate().map(segment).collect_view()}
        </fieldset>
    }
}
