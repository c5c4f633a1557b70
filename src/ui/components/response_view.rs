//! The response to an API request.

use crate::client::ConsoleResponse;
use crate::ui::html::{dd, details, div, dl, dt, p, pre, span};
use crate::ui::live::{El, Follow};
use crate::ui::model::quantity::{bytes_text, millis_text};
use crate::ui::model::response_text::{body_text, header, status_name};

/// Status, time, headers and body of a response.
#[must_use]
pub fn response_view(response: &ConsoleResponse) -> El {
    let more = if response.is_cut { "more than " } else { "" };
    let facts = format!(
        "{}, {more}{}, {}",
        millis_text(response.elapsed_millis),
        bytes_text(response.body.len() as u64),
        way(response)
    );
    let body = body_text(header(&response.headers, "content-type"), &response.body, response.is_cut);
    head(response, &facts)
        .with([body_box("response__body").text(&body.text)])
        .with_all(body.cut_notice.map(|notice| p("response__notice").text(&notice)))
}

/// Status, headers and the newest events of a stream; only the state of the stream is announced, not each event.
#[must_use]
pub fn event_stream_view(response: &ConsoleResponse, events: impl Follow<String>, standing: impl Follow<String>) -> El {
    head(response, way(response)).with([
        p("response__notice").test_id("console-stream").live(standing),
        body_box("response__body response__body--stream").attr("aria-live", "off").live(events),
    ])
}

fn way(response: &ConsoleResponse) -> &'static str {
    if response.is_through_fetch { "through fetch" } else { "straight to the pipeline" }
}

fn head(response: &ConsoleResponse, facts: &str) -> El {
    let is_good = (200..300).contains(&response.status);
    let status = format!("{} {}", response.status, status_name(response.status));
    let headers = response
        .headers
        .iter()
        .flat_map(|(name, value)| [dt("response__header-name").text(name), dd("response__header-value").text(value)]);
    div("response").with([
        p(if is_good { "response__status" } else { "response__status response__status--refused" }).with([
            El::new("strong").test_id("console-status").text(status.trim_end()),
            span("response__facts").text(facts),
        ]),
        details("response__headers").with([
            El::new("summary").text(&format!("{} headers", response.headers.len())),
            dl("response__header-list").with_all(headers),
        ]),
    ])
}

fn body_box(class: &str) -> El {
    pre(class).test_id("console-body").attr("tabindex", "0").role("region").label("Response body")
}
