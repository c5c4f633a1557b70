//! A number that changes in place.

use leptos::prelude::*;

use crate::ui::model::digits::{GROUPS, digit_group};

/// A number in groups of three digits; its text stays the plain number.
#[component]
pub fn Counter(
    /// The number.
    #[prop(into)]
    value: Signal<u64>,
    /// The test id.
    test_id: &'static str,
) -> impl IntoView {
    let group = |index| view! { <span class="counter__group">{move || digit_group(value.get(), index)}</span> };
    view! {
        <span class="counter" data-testid=test_id>
            {(0..GROUPS).map(group).collect_view()}
        </span>
    }
}
