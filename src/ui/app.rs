//! The page as a whole: a bar, the view that is shown, the settings beside it, and what opens over them.
//!
//! `index.html` shows a skeleton of it until the program is loaded: the bar, and grey places for the panels.
//! `style/layout.css` reserves the space of content that arrives later.

use leptos::prelude::*;

use super::activity_state::Activity;
use super::focus::Focus;
use super::keyboard::follow_keys;
use super::navigation::Navigation;
use super::panels::activity::ActivityPanel;
use super::panels::bar::Bar;
use super::panels::chart::ChartContext;
use super::panels::files::Files;
use super::panels::inspector::Opened;
use super::panels::keys::KeysDialog;
use super::panels::notices::NoticesPanel;
use super::panels::palette::Palette;
use super::panels::settings::SettingsPanel;
use super::panels::tables::Explanation;
use super::panels::tour::{Tour, TourCard};
use super::panels::transfer::Transfer;
use super::store::Pipeline;
use super::theme::Theme;
use super::views::api::ApiView;
use super::views::data::DataView;
use super::views::history::HistoryView;
use super::views::live::LiveView;
use super::views::storage::StorageView;
use crate::browser::download::LINK_ID;

/// Starts the pipeline, provides the contexts, and arranges the page in the body.
#[component]
pub fn App() -> impl IntoView {
    let (pipeline, focus) = (Pipeline::start(), Focus::new());
    let navigation = Navigation::follow_address(pipeline, focus);
    provide_context(pipeline);
    provide_context(focus);
    provide_context(navigation);
    provide_context(Theme::new());
    provide_context(Activity::new());
    provide_context(Transfer::new());
    let files = Files::new();
    files.follow_drops();
    files.follow_ends();
    provide_context(files);
    provide_context(Opened::new());
    provide_context(Tour::new());
    let chart = ChartContext::new(pipeline, focus);
    provide_context(chart);
    provide_context(Explanation::new(pipeline, chart));
    follow_keys();
    let (has_settings, is_chart_large) = (navigation.has_settings(), navigation.is_chart_large);
    view! {
        <a class="skip-link" href="#main">"Skip to the view"</a>
        <div
            class="workspace"
            class=("workspace--with-settings", has_settings)
            class=("workspace--presenting", navigation.is_presenting)
            class=("workspace--large-chart", is_chart_large)
        >
            <Bar/>
            <main class="page" id="main" tabindex="-1">
                <NoticesPanel/>
                <LiveView/>
                <HistoryView/>
                <ApiView/>
                <DataView/>
                <StorageView/>
            </main>
            <SettingsPanel/>
        </div>
        <ActivityPanel/>
        <TourCard/>
        <Palette/>
        <KeysDialog/>
        <a id=LINK_ID hidden></a>
    }
}
