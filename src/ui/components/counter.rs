//! A number that changes in place.

use crate::ui::signals::text;
use leptos::prelude::*;

use crate::ui::model::digits::{GROUPS, digit_group};

/// A number in groups of three digits; its text stays the plain number.
#[component]
pub fn Counter(
    /// The number.
    #[prop(into)]
    value: Signal<u64>,
    /// The handle for tests.
    test_id: &'static str,
) -> impl IntoView {
    let groups = (0..GROUPS)
        .map(|index| view! { <span class="counter__group">{text(move || digit_group(value.get(), index))}</span> })
        .collect_view();
    view! {
        <span class="counter" data-testid=test_id>
            {groups}
        </span>
    }
}
