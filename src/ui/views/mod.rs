//! The screens of the page: each arranges panels. A view is built when it is shown first, and keeps its state from then on.

pub mod api;
pub mod data;
pub mod history;
pub mod live;
pub mod storage;

use leptos::prelude::*;

use super::components::deferred::Deferred;
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
    let is_shown = Signal::derive(move || shown.get() == id);
    view! {
        <div
            class=format!("view view--{}", id.anchor())
            id=format!("view-{}", id.anchor())
            hidden=move || !is_shown.get()
        >
            <Deferred until=is_shown>{children()}</Deferred>
        </div>
    }
}
