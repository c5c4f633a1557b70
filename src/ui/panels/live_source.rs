//! A live source: chosen, filled in, tested and started; and what the one in force does.
//!
//! Read `state` first: what is typed, and its way into the pipeline. The first messages of a source that is tested are
//! shown by [`files`](super::files), as those of a file are.

mod credentials;
mod form;
mod state;
mod status;

use leptos::prelude::*;

use self::form::SourceForm;
use self::state::LiveForm;
use self::status::LiveStatus;

/// The source in force, where it is a live one, and the form of another.
#[component]
pub fn LiveSourcePanel() -> impl IntoView {
    let form = LiveForm::new();
    view! {
        <section class="panel live-source" id="live-source" aria-labelledby="live-source-title">
            <h2 class="panel__title" id="live-source-title" tabindex="-1">"Live source"</h2>
            <LiveStatus form/>
            <SourceForm form/>
        </section>
    }
}
