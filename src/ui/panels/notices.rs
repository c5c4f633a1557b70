//! What concerns the whole page: a newer version, failures, refused settings of the address, another tab's pipeline.

use super::update_notice::update_notice;
use crate::client::{ApiAccess, Connection};
use crate::ui::components::notice::notice;
use crate::ui::html::{button, div, ul};
use crate::ui::live::El;
use crate::ui::model::connection::Health;
use crate::ui::state::Pipeline;

const WINDOW_ONTO_IT: &str =
    "This tab is a window onto it: what you change here changes there. It takes over when the other tab is closed.";

/// The messages above everything else; nothing when all is well.
#[must_use]
pub fn notices(pipeline: Pipeline) -> El {
    let (connection, api, problems) = (pipeline.connection(), pipeline.api(), pipeline.problems());
    let others = div("notices__place").swap(move || {
        let about_connection = about_connection(&connection.read());
        let about_api = about_api(&api.read());
        let about_address = about_address(pipeline, &problems.read());
        [about_connection, about_api, about_address].into_iter().flatten().collect()
    });
    div("notices").with([update_notice(pipeline), others])
}

fn about_connection(connection: &Connection) -> Option<El> {
    match connection {
        Connection::Failed(sentence) => {
            Some(notice(Health::Broken, "The pipeline does not run.", [El::words(sentence)]))
        }
        Connection::Attached => {
            Some(notice(Health::Pending, "Another tab runs the pipeline.", [El::words(WINDOW_ONTO_IT)]))
        }
        Connection::Connecting | Connection::Owner => None,
    }
}

fn about_api(api: &ApiAccess) -> Option<El> {
    match api {
        ApiAccess::ConsoleOnly(sentence) => {
            let title = "The API answers only the console on this page.";
            Some(notice(Health::Limited, title, [El::words(sentence)]))
        }
        ApiAccess::Pending | ApiAccess::Live => None,
    }
}

/// The settings of the address that were refused.
fn about_address(pipeline: Pipeline, problems: &[String]) -> Option<El> {
    let list =
        ul("notice__list").test_id("problems").with_all(problems.iter().map(|problem| El::new("li").text(problem)));
    let dismiss = button("button button--quiet", "Dismiss").on_click(move || pipeline.dismiss_problems());
    let title = "Some settings in the address were refused.";
    (!problems.is_empty()).then(|| notice(Health::Limited, title, [list, dismiss]))
}
