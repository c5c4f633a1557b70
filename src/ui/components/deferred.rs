//! What is built only once it is needed.

use leptos::prelude::*;

/// Builds its children when `until` is true first, and keeps them from then on.
#[component]
pub fn Deferred(
    /// Whether they are needed.
    #[prop(into)]
    until: Signal<bool>,
    /// What is built.
    children: ChildrenFn,
) -> impl IntoView {
    let is_needed = Memo::new(move |before: Option<&bool>| before == Some(&true) || until.get());
    move || is_needed.get().then(|| children())
}
