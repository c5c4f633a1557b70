//! The response to an API request.

use leptos::prelude::*;

use super::copy_button::CopyButton;
use crate::browser::download::Growing;
use crate::client::ConsoleResponse;
use crate::ui::model::quantity::{bytes_text, millis_text};
use crate::ui::model::response_text::{body_text, file_name, format_name, header, status_name};

/// Status, time, headers and body of a response.
#[component]
pub fn ResponseView(
    /// The response.
    response: ConsoleResponse,
    /// Path and query of the request; they name the file in which the body is saved.
    target: String,
) -> impl IntoView {
    let mut response = response;
    let more = if response.is_cut { "more than " } else { "" };
    let facts = format!(
        "{}, {more}{}, {}",
        millis_text(response.elapsed_millis),
        bytes_text(response.body.len() as u64),
        route_text(&response)
    );
    let content_type = header(&response.headers, "content-type");
    let body = body_text(content_type, &response.body, response.is_cut);
    let name = file_name(&target, format_name(content_type));
    let is_saved = is_good(response.status) && !response.is_cut && !response.body.is_empty();
    let (is_shown, copied) = (body.cut_notice.is_none(), body.text.clone());
    let bytes = std::mem::take(&mut response.body);
    view! {
        <Response response facts>
            <div class="response__actions">
                {is_shown.then(|| view! { <CopyButton label="Copy body" text=move |()| copied.clone()/> })}
                {is_saved.then(|| view! { <SaveButton name bytes/> })}
            </div>
            <BodyBox text=body.text/>
            {body.cut_notice.map(|notice| view! { <p class="response__notice">{notice}</p> })}
        </Response>
    }
}

/// A button that saves the body as a file.
#[component]
fn SaveButton(
    /// The name of the file.
    name: String,
    /// The body.
    bytes: Vec<u8>,
) -> impl IntoView {
    let label = format!("Save as {name}");
    let save = move |_| {
        let file = Growing::default();
        file.push(&bytes);
        file.save(&name);
    };
    view! {
        <button type="button" class="button button--quiet" on:click=save>
            {label}
        </button>
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
    let is_refused = !is_good(response.status);
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
            <p class="response__status" class=("response__status--refused", is_refused)>
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

/// Whether the request was accepted: 304 says that the known answer still holds.
fn is_good(status: u16) -> bool {
    (200..400).contains(&status)
}

/// How the request reached the pipeline.
fn route_text(response: &ConsoleResponse) -> &'static str {
    if response.is_through_fetch { "through fetch" } else { "straight to the pipeline" }
}
