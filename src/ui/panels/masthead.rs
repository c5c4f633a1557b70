//! The head of the page: title and status.

use leptos::prelude::*;

use super::tour::TourInvitation;
use crate::client::{ApiAccess, Connection};
use crate::ui::components::copy_button::CopyButton;
use crate::ui::components::status_pill::StatusPill;
use crate::ui::model::connection::{Health, Status};
use crate::ui::store::Pipeline;

/// Title and sentence, the way into the tour, and the status of the pipeline.
#[component]
pub fn Masthead() -> impl IntoView {
    view! {
        <header class="masthead">
            <div class="masthead__title">
                <svg class="masthead__mark" viewBox="0 0 48 48" aria-hidden="true">
                    <path d="M24 4v26M11 17h26M14.8 7.8l18.4 18.4M33.2 7.8 14.8 26.2"></path>
                    <circle cx="24" cy="17" r="9"></circle>
                    <path class="masthead__water" d="M2 38c5.5 0 5.5 5 11 5s5.5-5 11-5 5.5 5 11 5 5.5-5 11-5"></path>
                </svg>
                <div>
                    <h1 class="masthead__name">"millrace"</h1>
                    <p class="masthead__sentence">
                        "A live data pipeline in this browser tab: a stream becomes tables and charts, and answers HTTP."
                    </p>
                    <div class="tour-invitation">
                        <TourInvitation/>
                    </div>
                </div>
            </div>
            <div class="masthead__status">
                <StatusPills/>
                <BaseAddress/>
            </div>
        </header>
    }
}

/// Run state, connection and the reach of the API.
#[component]
fn StatusPills() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let (is_known, is_paused) = (pipeline.is_known(), pipeline.is_paused());
    let (connection, api) = (pipeline.connection(), pipeline.api());
    view! {
        <div class="masthead__pills">
            <StatusPill
                test_id="run-state"
                status=move || run_status(&connection.read(), is_known.get(), is_paused.get())
            />
            <StatusPill test_id="connection" status=move || connection_status(&connection.read())/>
            <StatusPill test_id="api-status" status=move || api_status(&connection.read(), &api.read())/>
        </div>
    }
}

/// The address that requests start with; hidden while nothing but this page gets a response.
#[component]
fn BaseAddress() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let (connection, api) = (pipeline.connection(), pipeline.api());
    let is_unreachable =
        move || matches!(*connection.read(), Connection::Failed(_)) || matches!(*api.read(), ApiAccess::ConsoleOnly(_));
    view! {
        <div class="masthead__address" hidden=is_unreachable>
            <span class="masthead__address-label">"Fetch from"</span>
            <code class="masthead__base" data-testid="base-address">
                {pipeline.base_address()}
            </code>
            <CopyButton label="Copy address" text=move |()| pipeline.base_address()/>
        </div>
    }
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
    match (connection, api) {
        (Connection::Failed(_), _) => Status::new(Health::Broken, "API silent"),
        (_, ApiAccess::Pending) => Status::new(Health::Pending, "API starting"),
        (_, ApiAccess::Live) => Status::new(Health::Good, "API live"),
        (_, ApiAccess::ConsoleOnly(_)) => Status::new(Health::Limited, "API in the console only"),
    }
}
