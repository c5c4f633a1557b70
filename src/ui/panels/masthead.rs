//! The head of the page: title and status.

use super::tour::Tour;
use crate::client::{ApiAccess, Connection};
use crate::ui::components::copy_button::copy_button;
use crate::ui::components::status_pill::status_pill;
use crate::ui::html::{code, div, span};
use crate::ui::live::{El, Live};
use crate::ui::model::connection::{Health, Status};
use crate::ui::state::Pipeline;

/// Fills the placeholder of `index.html` beside title and subtitle: run state, connection and the reach of the API.
pub fn masthead(pipeline: Pipeline, tour: Tour) {
    let (is_known, is_paused) = (pipeline.is_known(), pipeline.is_paused());
    let (connection, api) = (pipeline.connection(), pipeline.api());
    let is_unreachable = Live::new(move || {
        matches!((&*connection.read(), &*api.read()), (Connection::Failed(_), _) | (_, ApiAccess::ConsoleOnly(_)))
    });
    let base_address = pipeline.base_address();
    let parts = [
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
    ];
    if let Some(place) = El::find(".masthead__status") {
        place.clear();
        place.append(&parts);
    }
    tour.invite();
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
