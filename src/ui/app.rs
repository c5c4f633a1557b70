//! The page as a whole.
//!
//! `index.html` has its head and grey placeholders for the panels, which show before the program is loaded. The panels
//! replace the placeholders; `style/layout.css` reserves the space of content that arrives later.

use leptos::task::spawn_local;

use super::activity_state::Activity;
use super::focus::Focus;
use super::html::div;
use super::live::{El, effect};
use super::panels::activity::activity;
use super::panels::chart::chart_panel;
use super::panels::console::console_panel;
use super::panels::dead_letters::dead_letters_panel;
use super::panels::history::history_panel;
use super::panels::inspector::{Opened, inspector};
use super::panels::masthead::masthead;
use super::panels::notices::notices;
use super::panels::own_data::own_data_panel;
use super::panels::pipeline::pipeline_panel;
use super::panels::settings::settings_panel;
use super::panels::storage::storage_panel;
use super::panels::tables::tables_panel;
use super::panels::tour::Tour;
use super::panels::transfer::Transfer;
use super::share::{follow_address, panel};
use super::state::Pipeline;
use crate::browser::animation_frame::next_frame;

/// Starts the pipeline, passes it to the panels, and arranges them in the body.
pub fn app() {
    let pipeline = Pipeline::start();
    let news = Activity::new();
    let transfer = Transfer::new(pipeline, news);
    let focus = Focus::new();
    let opened = Opened::new();
    let place = follow_address(pipeline, focus);
    let tour = Tour::new();
    let panels = [
        notices(pipeline, transfer),
        pipeline_panel(pipeline, opened),
        inspector(pipeline, opened),
        settings_panel(pipeline),
        chart_panel(pipeline, focus),
        tables_panel(pipeline),
        history_panel(pipeline, focus, transfer, news),
        console_panel(pipeline, focus),
        div("page__inlet").with([
            own_data_panel(pipeline, news),
            dead_letters_panel(pipeline),
            storage_panel(pipeline, transfer),
        ]),
    ];
    masthead(pipeline, tour);
    if let Some(page) = El::find(".page") {
        page.clear();
        page.class("page").append(&panels);
    }
    El::body().append(&[activity(pipeline, news), tour.card()]);
    // The browser searched for the panel before it existed.
    if let Some(panel) = panel(&place) {
        panel.reveal();
        stay_at(panel, pipeline);
    }
}

/// Keeps a panel in view while those above it fill, unless the user has moved elsewhere.
fn stay_at(panel: El, pipeline: Pipeline) {
    let (is_known, latest) = (pipeline.is_known(), pipeline.table(0));
    let mut seen = (false, false);
    effect(move || {
        let filled = (is_known.get(), latest.read().visible_rows() > 0);
        if filled != seen && panel.has_focus() {
            let panel = panel.clone();
            spawn_local(async move {
                next_frame().await;
                panel.reveal();
            });
        }
        seen = filled;
    });
}
