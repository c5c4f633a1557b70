//! The page as a whole.

use leptos::prelude::*;

use super::panels::chart::ChartPanel;
use super::panels::console::ConsolePanel;
use super::panels::dead_letters::DeadLettersPanel;
use super::panels::masthead::Masthead;
use super::panels::notices::Notices;
use super::panels::own_data::OwnDataPanel;
use super::panels::pipeline::PipelinePanel;
use super::panels::settings::SettingsPanel;
use super::panels::tables::TablesPanel;
use super::state::Pipeline;

/// The page: it starts the pipeline, gives it to the panels as context, and arranges them.
#[component]
pub fn App() -> impl IntoView {
    provide_context(Pipeline::start());
    view! {
        <a class="skip-link" href="#pipeline">
            "Skip to the pipeline"
        </a>
        <Masthead />
        <main class="page">
            <Notices />
            <PipelinePanel />
            <SettingsPanel />
            <ChartPanel />
            <TablesPanel />
            <ConsolePanel />
            <div class="page__inlet">
                <OwnDataPanel />
                <DeadLettersPanel />
            </div>
        </main>
    }
}
