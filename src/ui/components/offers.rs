//! Suggestions for a text field.

use leptos::prelude::*;

/// A `<datalist>` of what a field may hold.
#[component]
pub fn Offers(
    /// The id, which the field names as its `list`.
    #[prop(into)]
    id: String,
    /// The suggestions.
    offers: &'static [&'static str],
) -> impl IntoView {
    let option = |offer: &&'static str| view! { <option value=*offer></option> };
    view! { <datalist id=id>{offers.iter().map(option).collect_view()}</datalist> }
}
