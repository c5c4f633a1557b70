//! The head of the page: what this is, and how it stands.

use leptos::prelude::*;

use crate::client::{ApiAccess, Connection};
use crate::ui::components::copy_button::CopyButton;
use crate::ui::components::status_pill::StatusPill;
use crate::ui::model::connection::{Health, Status};
use crate::ui::signals::flag;
use crate::ui::state::Pipeline;

/// Name, sentence, run state, connection and the reach of the API.
#[component]
pub fn Masthead() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let is_paused = pipeline.is_paused();
    let is_known = pipeline.is_known();
    let connection = pipeline.connection();
    let api = pipeline.api();
    let run_state = Signal::derive(move || run_status(&connection.read(), is_known.get(), is_paused.get()));
    let is_reachable = move || {
        !matches!((&*connection.read(), &*api.read()), (Connection::Failed(_), _) | (_, ApiAccess::ConsoleOnly(_)))
    };
    let base_address = pipeline.base_address();
    let copied = base_address.clone();
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
                </div>
            </div>
            <div class="masthead__status">
                <div class="masthead__pills">
                    <StatusPill status=run_state test_id="run-state" />
                    <StatusPill status=Signal::derive(move || connection_status(&connection.read())) test_id="connection" />
                    <StatusPill status=Signal::derive(move || api_status(&connection.read(), &api.read())) test_id="api-status" />
                </div>
                <div class="masthead__address" hidden=flag(move || !is_reachable())>
                    <span class="masthead__address-label">"Fetch from"</span>
                    <code class="masthead__base" data-testid="base-address">
                        {base_address}
                    </code>
                    <CopyButton label="Copy address" text=Callback::new(move |()| copied.clone()) />
                </div>
            </div>
        </header>
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
    match api {
        _ if matches!(connection, Connection::Failed(_)) => Status::new(Health::Broken, "API silent"),
        ApiAccess::Pending => Status::new(Health::Pending, "API starting"),
        ApiAccess::Live => Status::new(Health::Good, "API live"),
        ApiAccess::ConsoleOnly(_) => Status::new(Health::Limited, "API in the console only"),
    }
}
