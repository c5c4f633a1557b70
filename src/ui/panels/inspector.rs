//! The inspector: details of the stage opened in the picture.

mod api;
mod batch;
mod details;
mod fact;
mod opened;
mod queue;
mod results;
mod source;
mod transforms;

use leptos::html::Section;
use leptos::prelude::*;

use self::api::ApiDetails;
use self::batch::BatchDetails;
pub use self::opened::Opened;
use self::queue::QueueDetails;
use self::results::ResultsDetails;
use self::source::SourceDetails;
use self::transforms::TransformsDetails;
use crate::ui::model::stage_health::StageKind;
use crate::ui::store::Pipeline;

/// Number of events shown of each end of the queue while its stage is open.
const QUEUE_ROWS: u32 = 20;

/// The details of the open stage; nothing while none is open. It takes the focus when a stage is opened.
#[component]
pub fn InspectorPanel() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let opened = Opened::expect();
    let panel = NodeRef::<Section>::new();
    Effect::new(move || {
        let queue_rows = if opened.stage() == Some(StageKind::Queue) { QUEUE_ROWS } else { 1 };
        pipeline.look(|view| view.queue_rows = queue_rows);
    });
    Effect::new(move || {
        if opened.stage().is_some() {
            // The browser scrolls to what has the focus: the details have to be on the page by then.
            request_animation_frame(move || {
                if let Some(panel) = panel.get_untracked() {
                    // A focus that the browser refuses stays where it is.
                    let _ = panel.focus();
                }
            });
        }
    });
    view! {
        <section
            class="inspector"
            id="inspector"
            tabindex="-1"
            aria-labelledby="inspector-title"
            node_ref=panel
            on:keydown=move |event| opened.close_on_escape(&event)
        >
            {move || opened.stage().map(details)}
        </section>
    }
}

fn details(stage: StageKind) -> AnyView {
    match stage {
        StageKind::Source => view! { <SourceDetails/> }.into_any(),
        StageKind::Queue => view! { <QueueDetails/> }.into_any(),
        StageKind::Batch => view! { <BatchDetails/> }.into_any(),
        StageKind::Transforms => view! { <TransformsDetails/> }.into_any(),
        StageKind::Results => view! { <ResultsDetails/> }.into_any(),
        StageKind::Api => view! { <ApiDetails/> }.into_any(),
    }
}
