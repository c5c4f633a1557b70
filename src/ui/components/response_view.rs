//! What an API request brought back.

use leptos::prelude::*;

use crate::client::ConsoleResponse;
use crate::ui::model::quantity::{bytes_text, millis_text};
use crate::ui::model::response_text::{body_text, header, status_name};

/// Status, time, headers and body of a response.
#[component]
pub fn ResponseView(
    /// The response.
    response: ConsoleResponse,
) -> impl IntoView {
    let is_good = (200..300).contains(&response.status);
    let body = body_text(header(&response.headers, "content-type"), &response.body);
    let way = if response.is_through_fetch { "through fetch" } else { "straight to the pipeline" };
    let facts = format!("{}, {}, {way}", millis_text(response.elapsed_millis), bytes_text(response.body.len() as u64));
    let header_count = response.headers.len();
    let headers = response
        .headers
        .into_iter()
        .map(|(name, value)| {
            view! {
                <dt class="response__header-name">{name}</dt>
                <dd class="response__header-value">{value}</dd>
            }
        })
        .collect_view();
    view! {
        <div class="response">
            <p class=if is_good { "response__status" } else { "response__status response__status--refused" }>
                <strong data-testid="console-status">
                    {format!("{} {}", response.status, status_name(response.status)).trim_end().to_owned()}
                </strong>
                <span class="response__facts">{facts}</span>
            </p>
            <details class="response__headers">
                <summary>{format!("{header_count} headers")}</summary>
                <dl class="response__header-list">{headers}</dl>
            </details>
            <pre class="response__body" tabindex="0" aria-label="Response body" role="region" data-testid="console-body">
                {body.text}
            </pre>
            {body.cut_notice.map(|notice| view! { <p class="response__notice">{notice}</p> })}
        </div>
    }
}
