//! The method of an HTTP request.

use leptos::prelude::*;

/// The method, in a colour of its own.
#[component]
pub fn MethodBadge(
    /// The method, in upper case.
    method: String,
) -> impl IntoView {
    let class = format!("method-badge method-badge--{}", method.to_ascii_lowercase());
    view! { <span class=class>{method}</span> }
}
