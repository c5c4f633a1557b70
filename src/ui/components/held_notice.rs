//! The notice of settings in the address that would take stored rows away, or send to others what comes in.

use leptos::prelude::*;

use super::notice::Notice;
use crate::protocol::HeldSetting;
use crate::ui::model::connection::Health;
use crate::ui::model::held_settings::{held_text, held_title};

/// What settings of the address would take away or send, and the choice to apply them; nothing without such settings.
#[component]
pub fn HeldNotice(
    /// The settings.
    #[prop(into)]
    held: Signal<Vec<HeldSetting>>,
    /// Why they could not be applied; empty before an attempt.
    #[prop(into)]
    error: Signal<String>,
    /// Whether they cannot be applied from this page.
    is_framed: bool,
    /// Applies them.
    #[prop(into)]
    on_apply: Callback<()>,
    /// Leaves everything as it is.
    #[prop(into)]
    on_keep: Callback<()>,
) -> impl IntoView {
    let items = move || held.read().iter().map(|setting| view! { <li>{held_text(setting)}</li> }).collect_view();
    view! {
        <Show when=move || !held.read().is_empty()>
            <Notice health=Health::Limited title=held_title(&held.read_untracked()).0>
                <p>{held_title(&held.read_untracked()).1}</p>
                <ul class="notice__list" data-testid="held-settings">
                    {items}
                </ul>
                <div class="notice__actions">
                    <button
                        type="button"
                        class="button button--danger"
                        disabled=is_framed
                        on:click=move |_| on_apply.run(())
                    >
                        "Apply"
                    </button>
                    <button type="button" class="button" on:click=move |_| on_keep.run(())>
                        "Keep"
                    </button>
                </div>
                <p role="alert">{error}</p>
            </Notice>
        </Show>
    }
}
