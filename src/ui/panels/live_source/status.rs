//! What the live source in force does, and the sink.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::state::LiveForm;
use crate::ui::model::live_form::kind_label;
use crate::ui::model::live_status::{figures_text, problems_text, state_text};
use crate::ui::store::PageSnapshotStoreFields;

/// The state of the source, what hinders it and when it is tried anew, how far behind it is, what is published, and the
/// button that ends it; nothing where the source is not a live one and nothing is published.
#[component]
pub(super) fn LiveStatus(
    /// The form.
    form: LiveForm,
) -> impl IntoView {
    let pipeline = form.pipeline;
    let page = pipeline.page();
    let label = Memo::new(move |_| kind_label(&pipeline.setting("source")));
    let state = Memo::new(move |_| {
        let label = label.get()?;
        let state = state_text(&page.source().read(), page.is_paused().get(), pipeline.clock());
        Some(format!("{label} {}: {state}", pipeline.setting("source_url")))
    });
    let is_live = move || label.read().is_some();
    let problems = Memo::new(move |_| problems_text(&page.source().read(), is_live()));
    let figures = Memo::new(move |_| figures_text(&page.source().read(), is_live(), pipeline.clock()));
    view! {
        <div class="live-status" hidden=move || !is_live() && page.source().read().sink.is_none()>
            <p role="status" data-testid="live-state">{move || state.get().unwrap_or_default()}</p>
            <p class="field__error" role="alert" data-testid="live-problem">{problems}</p>
            <p class="field__hint" data-testid="live-figures">{figures}</p>
            <button
                type="button"
                class="button"
                hidden=move || !is_live()
                on:click=move |_| spawn_local(form.run(form.stop()))
            >
                "Stop this source"
            </button>
        </div>
    }
}
