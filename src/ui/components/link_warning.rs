//! The warning beside a request that a link filled in.

use leptos::prelude::*;

use super::notice::Notice;
use crate::ui::model::connection::Health;

/// Says that a request comes from a link, where it changes something: it is read before it is sent.
#[component]
pub fn LinkWarning(
    /// The method of the request.
    #[prop(into)]
    method: Signal<String>,
    /// Whether a link filled it in.
    #[prop(into)]
    is_from_link: Signal<bool>,
) -> impl IntoView {
    view! {
        <Show when=move || is_from_link.get() && *method.read() != "GET">
            <Notice health=Health::Limited title="This request comes from the address.">
                <p>
                    <code>{method}</code>
                    " changes the pipeline. Nothing is sent by itself: press Send only if you want that."
                </p>
            </Notice>
        </Show>
    }
}
