//! The API console.

use leptos::prelude::untrack;
use leptos::task::spawn_local;

use super::console_form::ConsoleForm;
use crate::client::{ApiAccess, ConsoleResponse};
use crate::ui::components::choice::{choice, plain};
use crate::ui::components::copy_button::copy_button;
use crate::ui::components::parameter_field::parameter_field;
use crate::ui::components::response_view::response_view;
use crate::ui::html::{a, button, div, form as form_element, h2, label, p, section, select, submit, textarea};
use crate::ui::live::{El, State};
use crate::ui::model::endpoints::{ENDPOINTS, Endpoint};
use crate::ui::state::Pipeline;

/// Choose an endpoint, fill it in, send it, read the answer.
#[must_use]
pub fn console_panel(pipeline: Pipeline) -> El {
    let form = ConsoleForm::new();
    let is_sending = State::new(false);
    let outcome = State::new(None::<Result<ConsoleResponse, String>>);
    let send = move || {
        let request = untrack(|| form.request());
        is_sending.set(true);
        spawn_local(async move {
            outcome.set(Some(pipeline.request(request).await));
            is_sending.set(false);
        });
    };
    section("panel console").id("console").attr("aria-labelledby", "console-title").with([
        h2("panel__title").id("console-title").text("API console"),
        form_element("console__form")
            .on("submit", move |event| {
                event.prevent_default();
                send();
            })
            .with([
                endpoint_choice(pipeline, form),
                p("console__address").with([El::new("code").live(move || form.line(pipeline.base_address()))]),
                p("console__summary").live(move || form.chosen().summary.to_owned()),
                parameters(pipeline, form),
                body(form),
                div("console__actions").with([
                    submit("button button--primary")
                        .disabled_when(is_sending)
                        .live(move || if is_sending.get() { "Sending\u{2026}" } else { "Send" }.to_owned()),
                    open_link(pipeline, form),
                    copy_button("Copy as fetch", move || untrack(|| form.snippet(pipeline.base_address()))),
                ]),
            ]),
        div("console__answer").attr("aria-live", "polite").swap(move || vec![answer(&outcome.read())]),
    ])
}

fn answer(outcome: &Option<Result<ConsoleResponse, String>>) -> El {
    match outcome {
        None => p("console__empty").text("Send a request to see its status, headers and body here."),
        Some(Ok(response)) => response_view(response),
        Some(Err(sentence)) => p("console__error")
            .role("alert")
            .with([El::new("strong").test_id("console-status").text("No answer")])
            .text(": ")
            .text(sentence),
    }
}

/// The list of endpoints.
fn endpoint_choice(pipeline: Pipeline, form: ConsoleForm) -> El {
    let choose = move |index: usize| {
        form.choose(index);
        if ENDPOINTS[index].path == "query" && form.parameters.peek().is_empty() {
            pipeline.peek(|frame| form.fill_bounds(&frame.snapshot));
        }
    };
    let options = ENDPOINTS
        .iter()
        .enumerate()
        .map(|(index, endpoint)| El::new("option").attr("value", &index.to_string()).text(&endpoint.label()));
    div("field").with([
        label("field__label").attr("for", "console-endpoint").text("Endpoint"),
        select("input input--choice input--code")
            .id("console-endpoint")
            .with_all(options)
            .on_change(move |index| choose(index.parse().unwrap_or(0))),
    ])
}

/// The parameters of the chosen endpoint.
fn parameters(pipeline: Pipeline, form: ConsoleForm) -> El {
    let fields = move |endpoint: Endpoint| {
        endpoint.parameters.iter().map(move |parameter| {
            let name = parameter.name;
            parameter_field(*parameter, move || form.parameter(name), move |text| form.fill(name, text))
        })
    };
    let fill = move || pipeline.peek(|frame| form.fill_bounds(&frame.snapshot)).unwrap_or_default();
    let presets = move || {
        div("console__presets").with([
            button("button button--quiet", "Bounds of the newest batch").on_click(fill),
            button("button button--quiet", "Clear").on_click(move || form.parameters.set(Vec::new())),
        ])
    };
    div("console__part").swap(move || match form.chosen() {
        endpoint if endpoint.parameters.is_empty() => Vec::new(),
        endpoint => vec![div("console__parameters").with_all(fields(endpoint)), presets()],
    })
}

/// The body editor, for endpoints that take one.
fn body(form: ConsoleForm) -> El {
    let content_type = move |endpoint: Endpoint| {
        div("field").with([
            label("field__label").attr("for", "console-content-type").text("Content type"),
            choice("console-content-type", plain(endpoint.content_types), form.content_type)
                .on_change(move |name| form.content_type.set(name)),
        ])
    };
    let editor = move || {
        div("field").with([
            label("field__label").attr("for", "console-request-body").text("Body"),
            textarea("input input--code")
                .id("console-request-body")
                .attr("rows", "5")
                .attr("spellcheck", "false")
                .live_value(form.body)
                .on_input(move |text| form.body.set(text)),
        ])
    };
    div("console__part").swap(move || match form.chosen() {
        endpoint if endpoint.content_types.is_empty() => Vec::new(),
        endpoint => vec![content_type(endpoint), editor()],
    })
}

/// A link that opens the request in a new tab, when anybody's request is answered.
fn open_link(pipeline: Pipeline, form: ConsoleForm) -> El {
    let is_answered = move || form.chosen().is_link() && *pipeline.api().read() == ApiAccess::Live;
    a("button")
        .live_attr("href", move || format!("{}{}", pipeline.base_address(), form.target()))
        .attr("target", "_blank")
        .attr("rel", "noopener")
        .hidden_when(move || !is_answered())
        .text("Open in a new tab")
}
