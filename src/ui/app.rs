//! The page as a whole.

use super::html::{a, div, main};
use super::live::El;
use super::panels::chart::chart_panel;
use super::panels::console::console_panel;
use super::panels::dead_letters::dead_letters_panel;
use super::panels::masthead::masthead;
use super::panels::notices::notices;
use super::panels::own_data::own_data_panel;
use super::panels::pipeline::pipeline_panel;
use super::panels::settings::settings_panel;
use super::panels::tables::tables_panel;
use super::state::Pipeline;

/// The page: it starts the pipeline, gives it to the panels, and arranges them in the body.
pub fn app() {
    let pipeline = Pipeline::start();
    El::body().with([
        a("skip-link").attr("href", "#pipeline").text("Skip to the pipeline"),
        masthead(pipeline),
        main("page").with([
            notices(pipeline),
            pipeline_panel(pipeline),
            settings_panel(pipeline),
            chart_panel(pipeline),
            tables_panel(pipeline),
            console_panel(pipeline),
            div("page__inlet").with([own_data_panel(pipeline), dead_letters_panel(pipeline)]),
        ]),
    ]);
}
