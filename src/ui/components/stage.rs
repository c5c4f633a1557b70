//! A stage of the pipeline picture.

use leptos::prelude::*;

use super::counter::Counter;

/// A stage: name, number, a line about it, and whatever else it shows.
#[component]
pub fn Stage(
    /// Its name.
    name: &'static str,
    /// Its number.
    #[prop(into)]
    count: Signal<u64>,
    /// The handle of the number for tests.
    count_id: &'static str,
    /// What the number counts.
    unit: &'static str,
    /// A line about what goes on.
    #[prop(into)]
    note: Signal<String>,
    /// What else it shows.
    children: Children,
) -> impl IntoView {
    view! {
        <li class="stage">
            <p class="stage__head">
                <b class="stage__name">{name}</b>
                <span class="stage__unit">{unit}</span>
            </p>
            <p class="stage__count">
                <Counter value=count test_id=count_id />
            </p>
            <p class="stage__note">{note}</p>
            <div class="stage__drawing">{children()}</div>
        </li>
    }
}
