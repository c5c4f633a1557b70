//! A choice of a few, all visible.

use crate::ui::signals::flag;
use leptos::prelude::*;

/// Radio buttons drawn as one strip.
#[component]
pub fn Segmented(
    /// What is chosen, for people who do not see the strip.
    legend: &'static str,
    /// The name of the radio group, unique on the page.
    name: &'static str,
    /// The labels.
    options: Vec<&'static str>,
    /// Which one is chosen.
    #[prop(into)]
    selected: Signal<usize>,
    /// Hears of a new choice.
    on_select: Callback<usize>,
) -> impl IntoView {
    let segments = options
        .into_iter()
        .enumerate()
        .map(|(index, label)| {
            view! {
                <label class="segmented__segment">
                    <input
                        class="segmented__radio"
                        type="radio"
                        name=name
                        prop:checked=flag(move || selected.get() == index)
                        on:change=move |_| on_select.run(index)
                    />
                    <span class="segmented__label">{label}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="segmented">
            <legend class="visually-hidden">{legend}</legend>
            {segments}
        </fieldset>
    }
}
