//! The screens of the page: each arranges panels. A view is built when it is shown first, and keeps its state from then on.

pub mod api;
pub mod data;
pub mod history;
pub mod live;
pub mod storage;

use leptos::prelude::*;

use super::model::view_id::ViewId;
use super::navigation::Navigation;

/// The element of a view, hidden unless it is the one that is shown.
#[component]
fn View(
    /// The view.
    id: ViewId,
    /// Its panels.
    children: ChildrenFn,
) -> impl IntoView {
    let shown = Navigation::expect().view();
    let is_built = Memo::new(move |before: Option<&bool>| before == Some(&true) || shown.get() == id);
    view! {
        <div
            class=format!("view view--{}", id.anchor())
            id=format!("view-{}", id.anchor())
            hidden=move || shown.get() != id
        >
            {move || is_built.get().then(|| children())}
        </div>
    }
}
