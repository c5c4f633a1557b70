//! What a request may be answered with, before it is sent.

use leptos::prelude::*;

use crate::ui::model::endpoints::{BodyDoc, ResponseDoc};

/// Each response with its status, its meaning and the schema of its body.
#[component]
pub fn ResponseDocs(
    /// The responses.
    responses: Vec<ResponseDoc>,
) -> impl IntoView {
    let has_optional = responses.iter().flat_map(|response| &response.bodies).any(|body| body.schema.contains("\"?: "));
    let response = |response| view! { <ResponseDocView response/> };
    (!responses.is_empty()).then(|| {
        view! {
            <details class="response-docs" open>
                <summary>"Answer"</summary>
                {has_optional.then(|| view! {
                    <p class="response-docs__note">"A member with ? behind its name may be missing."</p>
                })}
                {responses.into_iter().map(response).collect_view()}
            </details>
        }
    })
}

/// One response; that of success is open.
#[component]
fn ResponseDocView(
    /// The response.
    response: ResponseDoc,
) -> impl IntoView {
    let is_open = response.is_success();
    let headers = (!response.headers.is_empty()).then(|| {
        let text = format!("Headers: {}", response.headers.join(", "));
        view! { <p class="response-docs__note">{text}</p> }
    });
    let is_empty = response.bodies.is_empty();
    view! {
        <details class="response-docs__response" open=is_open>
            <summary>
                <code class="response-docs__status" class=("response-docs__status--refused", !is_open)>
                    {response.status}
                </code>
                " "
                {response.description}
            </summary>
            {response.bodies.into_iter().map(|body| view! { <BodyDocView body/> }).collect_view()}
            {is_empty.then(|| view! { <p class="response-docs__note">"No body."</p> })}
            {headers}
        </details>
    }
}

/// The content type of a body, and its schema.
#[component]
fn BodyDocView(
    /// The body.
    body: BodyDoc,
) -> impl IntoView {
    let schema = if body.schema.is_empty() { "bytes".to_owned() } else { body.schema };
    view! {
        <p class="response-docs__note">{body.content_type}</p>
        <pre class="response-docs__schema">{schema}</pre>
    }
}
