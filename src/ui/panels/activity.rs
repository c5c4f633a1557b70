//! The panel of running work and notes.

use leptos::prelude::*;

use crate::client::Connection;
use crate::ui::activity_state::Activity;
use crate::ui::components::toast::{NoteToast, WorkToast};
use crate::ui::model::news::PLACES;
use crate::ui::store::Pipeline;

/// A corner of the page for running work and notes; it covers nothing while there are none.
#[component]
pub fn ActivityPanel() -> impl IntoView {
    let Activity { news, corner } = Activity::expect();
    show_start();
    view! {
        <section class="activity" aria-label="Activity" node_ref=corner>
            {(0..PLACES).map(|place| view! { <WorkToast news place/> }).collect_view()}
            {(0..PLACES).map(|place| view! { <NoteToast news place/> }).collect_view()}
        </section>
    }
}

/// The start of the pipeline is work too; it ends with the first snapshot or with a failure.
fn show_start() {
    let (is_known, connection) = (Pipeline::expect().is_known(), Pipeline::expect().connection());
    let start = Activity::expect().begin("Starting, and reading the log\u{2026}", false);
    Effect::new(move || {
        if is_known.get() || matches!(*connection.read(), Connection::Failed(_)) {
            start.end();
        }
    });
}
