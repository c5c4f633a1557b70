//! What concerns the whole page: failures, refused settings of the address, another tab's pipeline.

use leptos::prelude::*;

use crate::client::{ApiAccess, Connection};
use crate::ui::components::notice::Notice;
use crate::ui::model::connection::Health;
use crate::ui::state::Pipeline;

/// The messages above everything else; nothing when all is well.
#[component]
pub fn Notices() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let connection = pipeline.connection();
    let about_connection = move || {
        match connection.get() {
        Connection::Failed(sentence) => view! {
            <Notice health=Health::Broken title="The pipeline does not run.">
                {sentence}
            </Notice>
        }
        .into_any(),
        Connection::Attached => view! {
            <Notice health=Health::Pending title="Another tab runs the pipeline.">
                "This tab is a window onto it: what you change here changes there. It takes over when the other tab is closed."
            </Notice>
        }
        .into_any(),
        Connection::Connecting | Connection::Owner => ().into_any(),
    }
    };
    let api = pipeline.api();
    let about_api = move || match api.get() {
        ApiAccess::ConsoleOnly(sentence) => view! {
            <Notice health=Health::Limited title="The API answers only the console on this page.">
                {sentence}
            </Notice>
        }
        .into_any(),
        ApiAccess::Pending | ApiAccess::Live => ().into_any(),
    };
    view! {
        <div class="notices">
            {about_connection} {about_api} <Problems problems=pipeline.problems() on_dismiss=Callback::new(move |()| pipeline.dismiss_problems()) />
        </div>
    }
}

/// The settings of the address that were refused.
#[component]
fn Problems(
    /// A sentence each.
    problems: Signal<Vec<String>>,
    /// Has read them.
    on_dismiss: Callback<()>,
) -> impl IntoView {
    let has_problems = Memo::new(move |_| !problems.read().is_empty());
    let list = move || {
        let problems = problems.get();
        problems.into_iter().map(|sentence| view! { <li>{sentence}</li> }).collect_view()
    };
    move || {
        has_problems.get().then(|| {
            view! {
                <Notice health=Health::Limited title="Some settings in the address were refused.">
                    <ul class="notice__list" data-testid="problems">
                        {list}
                    </ul>
                    <button type="button" class="button button--quiet" on:click=move |_| on_dismiss.run(())>
                        "Dismiss"
                    </button>
                </Notice>
            }
        })
    }
}
