//! The response to an API request.

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
    let more = if response.is_cut { "more than " } else { "" };
    let facts = format!(
        "{}, {more}{}, {}",
        millis_text(response.elapsed_millis),
        bytes_text(response.body.len() as u64),
        route_text(&response)
    );
    let body = body_text(header(&response.headers, "content-type"), &response.body, response.is_cut);
    view! {
        <Response response facts>
            <BodyBox text=body.text/>
            {body.cut_notice.map(|notice| view! { <p class="response__notice">{notice}</p> })}
        </Response>
    }
}

/// Status, headers and the newest events of a stream; only the state of the stream is announced, not each event.
#[component]
pub fn EventStreamView(
    /// The response, without its body.
    response: ConsoleResponse,
    /// The newest events.
    #[prop(into)]
    events: Signal<String>,
    /// The state of the stream.
    #[prop(into)]
    standing: Signal<&'static str>,
) -> impl IntoView {
    let facts = route_text(&response);
    view! {
        <Response response facts>
            <p class="response__notice" data-testid="console-stream">
                {standing}
            </p>
            <BodyBox text=events is_stream=true/>
        </Response>
    }
}

/// Status and headers, with the body below.
#[component]
fn Response(
    /// The response.
    response: ConsoleResponse,
    /// The text beside the status.
    #[prop(into)]
    facts: String,
    /// The body.
    children: Children,
) -> impl IntoView {
    let is_good = (200..300).contains(&response.status);
    let status = format!("{} {}", response.status, status_name(response.status));
    let count = response.headers.len();
    let header = |(name, value)| {
        view! {
            <dt class="response__header-name">{name}</dt>
            <dd class="response__header-value">{value}</dd>
        }
    };
    view! {
        <div class="response">
            <p class="response__status" class=("response__status--refused", !is_good)>
                <strong data-testid="console-status">{status.trim_end().to_owned()}</strong>
                <span class="response__facts">{facts}</span>
            </p>
            <details class="response__headers">
                <summary>{format!("{count} headers")}</summary>
                <dl class="response__header-list">{response.headers.into_iter().map(header).collect_view()}</dl>
            </details>
            {children()}
        </div>
    }
}

/// The text of the body in a scroll region.
#[component]
fn BodyBox(
    /// The text.
    #[prop(into)]
    text: Signal<String>,
    /// Whether the text grows while it is shown.
    #[prop(optional)]
    is_stream: bool,
) -> impl IntoView {
    view! {
        <pre
            class="response__body"
            class=("response__body--stream", is_stream)
            data-testid="console-body"
            tabindex="0"
            role="region"
            aria-label="Response body"
            aria-live=is_stream.then_some("off")
        >
            {text}
        </pre>
    }
}

/// How the request reached the pipeline.
fn route_text(response: &ConsoleResponse) -> &'static str {
    if response.is_through_fetch { "through fetch" } else { "straight to the pipeline" }
}
