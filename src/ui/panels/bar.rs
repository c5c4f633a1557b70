//! The bar at the top: the views, the state of the pipeline, what controls it, and the ways to everything else.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::menu::Menu;
use super::tour::TourButton;
use crate::client::{ApiAccess, Connection};
use crate::ui::activity_state::Activity;
use crate::ui::components::copy_button::CopyButton;
use crate::ui::components::status_pill::StatusPill;
use crate::ui::model::connection::{Health, Status};
use crate::ui::model::quantity::grouped;
use crate::ui::model::view_id::ViewId;
use crate::ui::navigation::{Navigation, SETTINGS_BUTTON_ID};
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

/// Name, links to the views, status, controls, address, and the buttons of palette, settings and menu.
#[component]
pub fn Bar() -> impl IntoView {
    view! {
        <header class="bar">
            <h1 class="bar__name">
                <svg class="bar__mark" viewBox="0 0 48 48" aria-hidden="true">
                    <path d="M24 4v26M11 17h26M14.8 7.8l18.4 18.4M33.2 7.8 14.8 26.2"></path>
                    <circle cx="24" cy="17" r="9"></circle>
                    <path class="bar__water" d="M2 38c5.5 0 5.5 5 11 5s5.5-5 11-5 5.5 5 11 5 5.5-5 11-5"></path>
                </svg>
                <span class="bar__title">"millrace"</span>
            </h1>
            <ViewLinks/>
            <StatusPills/>
            <RunButtons/>
            <span class="bar__rest"></span>
            <BaseAddress/>
            <TourButton/>
            <OverButtons/>
        </header>
    }
}

/// A link to each view; those of data and storage count what needs a look.
#[component]
fn ViewLinks() -> impl IntoView {
    let view = Navigation::expect().view();
    let page = Pipeline::expect().page();
    let refused = Memo::new(move |_| page.counters().read().rejected);
    let notes = Memo::new(move |_| page.storage().read().notes.len() as u64);
    let link = move |(index, linked): (usize, ViewId)| {
        let badge = match linked {
            ViewId::Data => Some(view! { <Badge number=refused what="refused rows"/> }),
            ViewId::Storage => Some(view! { <Badge number=notes what="notes on the journal"/> }),
            _ => None,
        };
        view! {
            <li>
                <a
                    class="bar__link"
                    href=format!("#{}", linked.anchor())
                    title=format!("Key {}", index + 1)
                    aria-current=move || (view.get() == linked).then_some("page")
                >
                    {linked.title()}
                    {badge}
                </a>
            </li>
        }
    };
    view! {
        <nav class="bar__views" aria-label="Views">
            <ul>{ViewId::ALL.into_iter().enumerate().map(link).collect_view()}</ul>
        </nav>
    }
}

/// The number of what needs a look; nothing while that is none.
#[component]
fn Badge(
    /// The number.
    number: Memo<u64>,
    /// What it counts.
    what: &'static str,
) -> impl IntoView {
    view! {
        <span class="bar__badge" hidden=move || number.get() == 0>
            {move || grouped(number.get())}
            <span class="visually-hidden">" "{what}</span>
        </span>
    }
}

/// Run state, connection and the reach of the API.
#[component]
fn StatusPills() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let (is_known, is_paused) = (pipeline.is_known(), pipeline.is_paused());
    let (connection, api) = (pipeline.connection(), pipeline.api());
    view! {
        <div class="bar__pills">
            <StatusPill
                test_id="run-state"
                status=move || run_status(&connection.read(), is_known.get(), is_paused.get())
            />
            <StatusPill test_id="connection" status=move || connection_status(&connection.read())/>
            <StatusPill test_id="api-status" status=move || api_status(&connection.read(), &api.read())/>
        </div>
    }
}

/// Pauses the source, or makes one event.
#[component]
fn RunButtons() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let is_known = pipeline.is_known();
    let is_unknown = Signal::derive(move || !is_known.get());
    view! {
        <div class="bar__run">
            <PauseButton is_unknown/>
            <button
                type="button"
                class="button bar__step"
                title="Makes one event now (key .)"
                disabled=is_unknown
                on:click=move |_| pipeline.step()
            >
                "Step"
            </button>
        </div>
    }
}

/// The button that pauses the source, or starts it again.
#[component]
fn PauseButton(
    /// Whether no snapshot has arrived yet.
    is_unknown: Signal<bool>,
) -> impl IntoView {
    let (pipeline, activity) = (Pipeline::expect(), Activity::expect());
    let is_paused = pipeline.is_paused();
    view! {
        <button
            type="button"
            class="button button--primary bar__toggle"
            title="Pauses the source, or starts it again (Space)"
            disabled=is_unknown
            on:click=move |_| toggle_run(pipeline, activity)
        >
            {move || if is_paused.get() { "Start" } else { "Pause" }}
        </button>
    }
}

/// Pauses the source, or starts it again; a refusal becomes a note.
pub fn toggle_run(pipeline: Pipeline, activity: Activity) {
    let paused = (!pipeline.is_paused().get_untracked()).to_string();
    spawn_local(async move {
        if let Err(sentences) = pipeline.configure("paused", &paused).await {
            activity.fail(&sentences.join(" "));
        }
    });
}

/// The address that requests start with; hidden while nothing but this page gets a response.
#[component]
fn BaseAddress() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let (connection, api) = (pipeline.connection(), pipeline.api());
    let is_unreachable =
        move || matches!(*connection.read(), Connection::Failed(_)) || matches!(*api.read(), ApiAccess::ConsoleOnly(_));
    view! {
        <div class="bar__address" hidden=is_unreachable>
            <code class="bar__base" data-testid="base-address" title="The address that requests start with">
                {pipeline.base_address()}
            </code>
            <CopyButton label="Copy address" text=move |()| pipeline.base_address()/>
        </div>
    }
}

/// The buttons of what opens over the page: palette, settings, menu.
#[component]
fn OverButtons() -> impl IntoView {
    let navigation = Navigation::expect();
    let has_settings = navigation.has_settings();
    view! {
        <div class="bar__over">
            <button
                type="button"
                class="button bar__palette"
                title="Find a command (Ctrl+K)"
                on:click=move |_| navigation.has_palette.set(true)
            >
                "Find"
                <kbd class="bar__key">"Ctrl K"</kbd>
            </button>
            <button
                type="button"
                class="button"
                id=SETTINGS_BUTTON_ID
                title="Key ,"
                aria-controls="settings"
                aria-expanded=move || has_settings.get().to_string()
                on:click=move |_| navigation.toggle_settings()
            >
                "Settings"
            </button>
            <Menu/>
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
