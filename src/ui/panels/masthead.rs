//! The head of the page: what this is, and how it stands.

use super::tour::Tour;
use crate::client::{ApiAccess, Connection};
use crate::ui::components::copy_button::copy_button;
use crate::ui::components::status_pill::status_pill;
use crate::ui::html::{code, div, h1, header, p, span};
use crate::ui::live::{El, Live};
use crate::ui::model::connection::{Health, Status};
use crate::ui::state::Pipeline;

/// Name, sentence, run state, connection and the reach of the API.
#[must_use]
pub fn masthead(pipeline: Pipeline, tour: Tour) -> El {
    let (is_known, is_paused) = (pipeline.is_known(), pipeline.is_paused());
    let (connection, api) = (pipeline.connection(), pipeline.api());
    let is_unreachable = Live::new(move || {
        matches!((&*connection.read(), &*api.read()), (Connection::Failed(_), _) | (_, ApiAccess::ConsoleOnly(_)))
    });
    let base_address = pipeline.base_address();
    header("masthead").with([
        div("masthead__title").with([
            mark(),
            El::new("div").with([
                h1("masthead__name").text("millrace"),
                p("masthead__sentence").text(
                    "A live data pipeline in this browser tab: a stream becomes tables and charts, and answers HTTP.",
                ),
                tour.invitation(),
            ]),
        ]),
        div("masthead__status").with([
            div("masthead__pills").with([
                status_pill("run-state", move || run_status(&connection.read(), is_known.get(), is_paused.get())),
                status_pill("connection", move || connection_status(&connection.read())),
                status_pill("api-status", move || api_status(&connection.read(), &api.read())),
            ]),
            div("masthead__address").hidden_when(is_unreachable).with([
                span("masthead__address-label").text("Fetch from"),
                code("masthead__base").test_id("base-address").text(base_address),
                copy_button("Copy address", move || base_address.to_owned()),
            ]),
        ]),
    ])
}

/// The wheel above the water.
fn mark() -> El {
    let path = |line: &str| El::svg("path").attr("d", line);
    El::svg("svg").class("masthead__mark").attr("viewBox", "0 0 48 48").decorative().with([
        path("M24 4v26M11 17h26M14.8 7.8l18.4 18.4M33.2 7.8 14.8 26.2"),
        El::svg("circle").attr("cx", "24").attr("cy", "17").attr("r", "9"),
        path("M2 38c5.5 0 5.5 5 11 5s5.5-5 11-5 5.5 5 11 5 5.5-5 11-5").class("masthead__water"),
    ])
}

fn run_status(connection: &Connection, is_known: bool, is_paused: bool) -> Status {
    match (connection, is_known, is_paused) {
        (Connection::Failed(_), _, _) => Status::new(Health::Broken, "Stopped"),
        (_, false, _) => Status::new(Health::Pending, "Starting"),
        (_, true, false) => Status::new(Health::Good, "Running"),
        (_, true, true) => Status::new(Health::Limited, "Paused"),
    }
}

fn connection_status(connection: &Connection) -> Status {
    match connection {
        Connection::Connecting => Status::new(Health::Pending, "Connecting"),
        Connection::Owner => Status::new(Health::Good, "Runs in this tab"),
        Connection::Attached => Status::new(Health::Good, "Runs in another tab"),
        Connection::Failed(_) => Status::new(Health::Broken, "Not running"),
    }
}

fn api_status(connection: &Connection, api: &ApiAccess) -> Status {
    match api {
        _ if matches!(connection, Connection::Failed(_)) => Status::new(Health::Broken, "API silent"),
        ApiAccess::Pending => Status::new(Health::Pending, "API starting"),
        ApiAccess::Live => Status::new(Health::Good, "API live"),
        ApiAccess::ConsoleOnly(_) => Status::new(Health::Limited, "API in the console only"),
    }
}
