//! The page as a whole.
//!
//! `index.html` shows a skeleton of it until the program is loaded: the head, and grey places for the panels.
//! `style/layout.css` reserves the space of content that arrives later.

use leptos::prelude::*;

use super::activity_state::Activity;
use super::focus::Focus;
use super::panels::activity::ActivityPanel;
use super::panels::chart::ChartPanel;
use super::panels::console::ConsolePanel;
use super::panels::dead_letters::DeadLettersPanel;
use super::panels::history::HistoryPanel;
use super::panels::inspector::{InspectorPanel, Opened};
use super::panels::masthead::Masthead;
use super::panels::notices::NoticesPanel;
use super::panels::own_data::OwnDataPanel;
use super::panels::pipeline::PipelinePanel;
use super::panels::settings::SettingsPanel;
use super::panels::storage::StoragePanel;
use super::panels::tables::TablesPanel;
use super::panels::tour::{Tour, TourCard};
use super::panels::transfer::Transfer;
use super::share::follow_address;
use super::store::Pipeline;
use crate::browser::focus::{has_focus, reveal};

/// Starts the pipeline, provides the contexts of the panels, and arranges them in the body.
#[component]
pub fn App() -> impl IntoView {
    let (pipeline, focus) = (Pipeline::start(), Focus::new());
    provide_context(pipeline);
    provide_context(focus);
    provide_context(Activity::new());
    provide_context(Transfer::new());
    provide_context(Opened::new());
    provide_context(Tour::new());
    stay_at(follow_address(pipeline, focus), pipeline);
    view! {
        <a class="skip-link" href="#pipeline">"Skip to the pipeline"</a>
        <Masthead/>
        <main class="page">
            <NoticesPanel/>
            <PipelinePanel/>
            <InspectorPanel/>
            <SettingsPanel/>
            <ChartPanel/>
            <TablesPanel/>
            <HistoryPanel/>
            <ConsolePanel/>
            <div class="page__inlet">
                <OwnDataPanel/>
                <DeadLettersPanel/>
                <StoragePanel/>
            </div>
        </main>
        <ActivityPanel/>
        <TourCard/>
    }
}

/// Shows the panel that the address points to, which did not exist when the browser searched for it, and keeps it in
/// view while those above it fill, unless the user has moved elsewhere.
fn stay_at(panel: String, pipeline: Pipeline) {
    if panel.is_empty() {
        return;
    }
    let (is_known, latest) = (pipeline.is_known(), pipeline.table(0));
    let filled = Memo::new(move |_| (is_known.get(), latest.read().visible_rows() > 0));
    Effect::new(move |before: Option<()>| {
        filled.track();
        if before.is_none() {
            reveal(&panel);
        } else if has_focus(&panel) {
            let panel = panel.clone();
            request_animation_frame(move || reveal(&panel));
        }
    });
}
