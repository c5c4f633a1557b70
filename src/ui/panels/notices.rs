//! Messages for the whole page: a newer version, failures, refused settings of the address, another tab's pipeline, a
//! full disk.

use super::transfer::Transfer;
use super::update_notice::update_notice;
use crate::client::{ApiAccess, Connection, RecoveryMode};
use crate::protocol::{StorageAction, Tier};
use crate::ui::components::copy_button::copy_button;
use crate::ui::components::notice::notice;
use crate::ui::html::{a, button, div, p, ul};
use crate::ui::live::{El, State};
use crate::ui::model::connection::Health;
use crate::ui::state::{Pipeline, Trouble};

const WINDOW_ONTO_IT: &str =
    "This tab is a window onto it: what you change here changes there. It takes over when the other tab is closed.";

/// The messages at the top of the page; none while everything works.
#[must_use]
pub fn notices(pipeline: Pipeline, transfer: Transfer) -> El {
    let (connection, api, problems) = (pipeline.connection(), pipeline.api(), pipeline.problems());
    let (failure, recovery, tier) = (pipeline.failure(), pipeline.recovery(), pipeline.tier());
    // Each has its own element, so that a change of one does not announce another again.
    div("notices").with([
        update_notice(pipeline),
        place(move || about_connection(&connection.read(), failure, recovery, transfer)),
        place(move || about_storage(pipeline, &tier.read(), transfer)),
        place(move || about_api(&api.read())),
        place(move || about_address(pipeline, &problems.read())),
    ])
}

fn place(notice: impl Fn() -> Option<El> + 'static) -> El {
    div("notices__place").swap(move || notice().into_iter().collect())
}

fn about_connection(
    connection: &Connection,
    failure: State<Option<Trouble>>,
    recovery: State<RecoveryMode>,
    transfer: Transfer,
) -> Option<El> {
    let trouble = failure.get();
    match (connection, trouble) {
        (Connection::Failed(sentence), trouble) => {
            let rest = div("notice__actions");
            if let Some(trouble) = trouble {
                rest.append(&[report_button(trouble), rescue(*recovery.read(), transfer), transfer.view()]);
            }
            Some(notice(Health::Broken, "The pipeline does not run.", [p("").text(sentence), rest]))
        }
        (_, Some(trouble)) => {
            let sentence =
                format!("Its worker stopped: {}. It goes on from what is stored.", trouble.failure.headline());
            let dismiss = button("button button--quiet", "Dismiss").on_click(move || failure.set(None));
            let rest = div("notice__actions").with([report_button(trouble), dismiss]);
            Some(notice(Health::Limited, "The pipeline was restarted.", [p("").text(&sentence), rest]))
        }
        (Connection::Attached, None) => {
            Some(notice(Health::Pending, "Another tab runs the pipeline.", [El::text_node(WINDOW_ONTO_IT)]))
        }
        (Connection::Connecting | Connection::Owner, None) => None,
    }
}

fn report_button(trouble: Trouble) -> El {
    copy_button("Copy report", move || trouble.report.clone())
}

/// The possible actions while the pipeline does not run.
fn rescue(recovery: RecoveryMode, transfer: Transfer) -> El {
    match recovery {
        RecoveryMode::Unneeded => El::text_node("Looking for what is stored\u{2026}"),
        RecoveryMode::Requests => transfer.export_buttons(),
        RecoveryMode::Files => transfer.raw_button(),
        RecoveryMode::Nothing => El::text_node("What is stored cannot be read from here; it stays in this browser."),
    }
}

fn about_storage(pipeline: Pipeline, tier: &Tier, transfer: Transfer) -> Option<El> {
    let choice = |text: &str, action: StorageAction| button("button", text).on_click(move || pipeline.decide(action));
    let (health, title, sentence, actions) = match tier {
        Tier::Pending | Tier::Durable | Tier::Off => return None,
        Tier::Memory(reason) => (Health::Limited, "History is kept in memory only.", reason.clone(), Vec::new()),
        Tier::Full(said) => (
            Health::Broken,
            "The disk is full, and new rows are not kept until you choose.",
            format!("The browser says: {said}"),
            vec![
                choice("Drop the oldest", StorageAction::DropOldest),
                a("button").attr("href", "#storage").text("Export\u{2026}"),
                choice("Try again", StorageAction::Retry),
                choice("Go on in memory", StorageAction::Memory),
            ],
        ),
        Tier::Refused(said) => (
            Health::Limited,
            "What is stored is of a version that this one cannot read.",
            format!("{said} The pipeline goes on in memory; the files stay as they are."),
            vec![transfer.raw_button(), transfer.view()],
        ),
    };
    Some(notice(health, title, [p("").text(&sentence), div("notice__actions").with_all(actions)]))
}

fn about_api(api: &ApiAccess) -> Option<El> {
    match api {
        ApiAccess::ConsoleOnly(sentence) => {
            let title = "The API answers only the console on this page.";
            Some(notice(Health::Limited, title, [El::text_node(sentence)]))
        }
        ApiAccess::Pending | ApiAccess::Live => None,
    }
}

/// The refused settings of the address.
fn about_address(pipeline: Pipeline, problems: &[String]) -> Option<El> {
    let list =
        ul("notice__list").test_id("problems").with_all(problems.iter().map(|problem| El::new("li").text(problem)));
    let dismiss = button("button button--quiet", "Dismiss").on_click(move || pipeline.dismiss_problems());
    let title = "Some of the address was not understood.";
    (!problems.is_empty()).then(|| notice(Health::Limited, title, [list, dismiss]))
}
