//! The API console, generated from `openapi.json`.

use std::rc::Rc;

use leptos::prelude::untrack;
use leptos::task::spawn_local;

use super::console_form::ConsoleForm;
use super::exchange::Exchange;
use crate::client::{ApiAccess, Connection};
use crate::ui::components::choice::choice;
use crate::ui::components::copy_button::copy_button;
use crate::ui::components::parameter_field::parameter_field;
use crate::ui::focus::Focus;
use crate::ui::html::{a, button, div, form as form_element, h2, label, p, section, select, submit, textarea};
use crate::ui::live::{El, State, effect};
use crate::ui::model::address::bounds;
use crate::ui::model::endpoints::{Endpoint, Parameter};
use crate::ui::state::Pipeline;

/// Choose an endpoint, fill in its fields, send the request, read the response. The console takes the focus when the
/// page is opened at `#console`.
#[must_use]
pub fn console_panel(pipeline: Pipeline, focus: Focus) -> El {
    let form = ConsoleForm::new();
    follow(pipeline, form, focus);
    let exchange = Exchange::new();
    let problem = State::new(String::new());
    effect(move || {
        let is_connected = matches!(*pipeline.connection().read(), Connection::Owner | Connection::Attached);
        // Another tab may run another version, so its endpoints are requested again.
        if is_connected {
            spawn_local(learn(pipeline, form, problem));
        }
    });
    let send = move || spawn_local(exchange.send(pipeline, untrack(|| form.request())));
    section("panel console").id("console").attr("aria-labelledby", "console-title").attr("tabindex", "-1").with([
        h2("panel__title").id("console-title").text("API console"),
        form_element("console__form")
            .on("submit", move |event| {
                event.prevent_default();
                send();
            })
            .with([
                endpoint_choice(pipeline, form),
                p("console__error").role("alert").hidden_when(move || problem.read().is_empty()).live(problem),
                p("console__address").with([El::new("code").live(move || form.line(pipeline.base_address()))]),
                p("console__summary").live(move || form.chosen().summary.clone()),
                parameters(pipeline, form),
                body(form),
                actions(pipeline, form, exchange),
            ]),
        div("console__answer").attr("aria-live", "polite").swap(move || vec![exchange.view()]),
    ])
}

/// The chart's range fills `start` and `end`; the request and the page's address are kept in sync.
fn follow(pipeline: Pipeline, form: ConsoleForm, focus: Focus) {
    effect(move || form.follow_range(bounds(focus.range.get())));
    effect(move || {
        let request = form.to_address();
        if form.is_touched.get() && *focus.request.peek() != request {
            focus.request.set(request);
        }
    });
    effect(move || {
        let wanted = focus.request.get();
        let is_other =
            !form.endpoints.read().is_empty() && !wanted.is_empty() && wanted != untrack(|| form.to_address());
        if !is_other {
            return;
        }
        let is_known = form.restore(&wanted);
        if !is_known {
            let sentence = ["request \"", &wanted, "\" in the address is none that is answered here"].concat();
            pipeline.problems().update(|all| all.push(sentence));
        }
        focus.request.set(if is_known { untrack(|| form.to_address()) } else { String::new() });
    });
}

/// Loads the endpoints of the pipeline.
async fn learn(pipeline: Pipeline, form: ConsoleForm, problem: State<String>) {
    match pipeline.endpoints().await {
        Ok(endpoints) => {
            problem.set(String::new());
            let is_new = !form.endpoints.peek().iter().map(Rc::as_ref).eq(&endpoints);
            if is_new {
                form.offer(endpoints);
            }
        }
        Err(sentence) => problem.set(format!("The endpoints are not known: {sentence}.")),
    }
}

/// The list of endpoints.
fn endpoint_choice(pipeline: Pipeline, form: ConsoleForm) -> El {
    let choose = move |index: usize| {
        form.choose(index);
        form.is_touched.set(true);
        if untrack(|| form.chosen()).has_bounds() && form.parameters.peek().is_empty() {
            pipeline.peek(|frame| form.fill_bounds(&frame.snapshot));
        }
    };
    let option = move |(index, endpoint): (usize, &Rc<Endpoint>)| {
        let option = El::new("option").attr("value", &index.to_string()).text(&endpoint.label());
        option.set_flag("selected", form.is_chosen(endpoint));
        option
    };
    div("field").with([
        label("field__label").attr("for", "console-endpoint").text("Endpoint"),
        select("input input--choice input--code")
            .id("console-endpoint")
            .disabled_when(move || form.endpoints.read().is_empty())
            .swap(move || form.endpoints.read().iter().enumerate().map(option).collect())
            .on_change(move |index| choose(index.parse().unwrap_or(0))),
    ])
}

/// The parameters of the chosen endpoint.
fn parameters(pipeline: Pipeline, form: ConsoleForm) -> El {
    let fields = move |endpoint: &Endpoint| {
        let field = |parameter: &Parameter| {
            let (read, written) = (parameter.name.clone(), parameter.name.clone());
            let fill = move |text| {
                form.fill(&written, text);
                form.is_touched.set(true);
            };
            parameter_field(parameter, move || form.parameter(&read), fill)
        };
        div("console__parameters").with_all(endpoint.parameters.iter().map(field))
    };
    let fill = move || pipeline.peek(|frame| form.fill_bounds(&frame.snapshot)).unwrap_or_default();
    let presets = move |endpoint: &Endpoint| {
        let bounds = endpoint.has_bounds().then_some("Bounds of the newest batch");
        div("console__presets")
            .with_all(bounds.map(|text| button("button button--quiet", text).on_click(fill)))
            .with([button("button button--quiet", "Clear").on_click(move || form.parameters.set(Vec::new()))])
    };
    div("console__part").swap(move || match form.chosen() {
        endpoint if endpoint.parameters.is_empty() => Vec::new(),
        endpoint => vec![fields(&endpoint), presets(&endpoint)],
    })
}

/// The body editor, for endpoints that take one.
fn body(form: ConsoleForm) -> El {
    let content_type = move |endpoint: &Endpoint| {
        let types = endpoint.bodies.iter().map(|body| (body.content_type.as_str(), body.content_type.as_str()));
        div("field").with([
            label("field__label").attr("for", "console-content-type").text("Content type"),
            choice("console-content-type", types, form.content_type).on_change(move |name| {
                form.choose_content_type(name);
                form.is_touched.set(true);
            }),
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
        endpoint if endpoint.bodies.is_empty() => Vec::new(),
        endpoint => vec![content_type(&endpoint), editor()],
    })
}

/// Send, stop, and the request as code or link.
fn actions(pipeline: Pipeline, form: ConsoleForm, exchange: Exchange) -> El {
    let base = pipeline.base_address();
    let said = move || match (exchange.is_listening(), exchange.is_sending.get()) {
        (true, _) => "Listening\u{2026}",
        (false, true) => "Sending\u{2026}",
        (false, false) => "Send",
    };
    div("console__actions").with([
        submit("button button--primary")
            .disabled_when(move || exchange.is_sending.get() || form.endpoints.read().is_empty())
            .live(move || said().to_owned()),
        button("button", "Stop").hidden_when(move || !exchange.is_listening()).on_click(move || exchange.stop()),
        copy_button("Copy as fetch", move || untrack(|| form.snippet(base))),
        copy_button("Copy as EventSource", move || untrack(|| form.event_source(base)))
            .hidden_when(move || !form.chosen().is_event_stream()),
        copy_button("Copy as Python", move || untrack(|| form.python(base)))
            .hidden_when(move || !form.chosen().is_data()),
        open_link(pipeline, form),
    ])
}

/// A link that opens the request in a new tab, when the service worker answers such requests.
fn open_link(pipeline: Pipeline, form: ConsoleForm) -> El {
    let is_answered = move || form.chosen().is_link() && *pipeline.api().read() == ApiAccess::Live;
    a("button")
        .live_attr("href", move || format!("{}{}", pipeline.base_address(), form.target()))
        .attr("target", "_blank")
        .attr("rel", "noopener")
        .hidden_when(move || !is_answered())
        .text("Open in a new tab")
}
