//! The request of the console: its operation, its fields, and what it may be answered with.

use leptos::prelude::*;

use super::console_form::ConsoleForm;
use super::exchange::Exchange;
use crate::client::ApiAccess;
use crate::ui::components::choice::Choice;
use crate::ui::components::link_warning::LinkWarning;
use crate::ui::components::method_badge::MethodBadge;
use crate::ui::components::parameter_field::ParameterField;
use crate::ui::components::response_docs::ResponseDocs;
use crate::ui::model::endpoints::{Endpoint, Parameter};
use crate::ui::store::Pipeline;

/// The chosen operation, with Send above its fields.
#[component]
pub fn RequestFields(
    /// The console's form.
    form: ConsoleForm,
    /// The request that was sent last.
    exchange: Exchange,
    /// The question that stands below Send.
    children: Children,
) -> impl IntoView {
    let description = move || form.endpoint.read().description.clone();
    let chosen = move || [form.endpoint.get()];
    let parameters = move |endpoint: Endpoint| view! { <Parameters form endpoint/> };
    let docs = |endpoint: Endpoint| view! { <ResponseDocs responses=endpoint.responses/> };
    view! {
        <Head form exchange>{children()}</Head>
        <LinkWarning
            method=Signal::derive(move || form.endpoint.read().method.clone())
            is_from_link=form.is_from_link
        />
        <p class="console__summary">{move || form.endpoint.read().summary.clone()}</p>
        <p class="console__note" hidden=move || form.endpoint.read().description.is_empty()>{description}</p>
        <For each=chosen key=Endpoint::clone children=parameters/>
        <Body form/>
        <For each=chosen key=Endpoint::clone children=docs/>
    }
}

/// The operation, its buttons and its address; it stays in view while the fields scroll.
#[component]
fn Head(
    /// The console's form.
    form: ConsoleForm,
    /// The request that was sent last.
    exchange: Exchange,
    /// The question that stands below Send.
    children: Children,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    let address = move || format!("{} {}", form.endpoint.read().method, form.address(&pipeline.base_address()));
    view! {
        <div class="console__head" hidden=move || form.endpoints.read().is_empty()>
            <div class="console__line">
                <h3 class="console__operation">
                    {move || view! { <MethodBadge method=form.endpoint.read().method.clone()/> }}
                    " "
                    {move || format!("/{}", form.endpoint.read().path)}
                </h3>
                <Actions form exchange/>
            </div>
            {children()}
            <p class="console__address">
                <code>{address}</code>
            </p>
        </div>
    }
}

/// Send, stop, and the request as a link.
#[component]
fn Actions(
    /// The console's form.
    form: ConsoleForm,
    /// The request that was sent last.
    exchange: Exchange,
) -> impl IntoView {
    let send_text = move || match (exchange.is_listening(), exchange.is_sending.get()) {
        (true, _) => "Listening\u{2026}",
        (false, true) => "Sending\u{2026}",
        (false, false) => "Send",
    };
    view! {
        <div class="console__actions">
            <OpenLink form/>
            <button
                type="button"
                class="button"
                hidden=move || !exchange.is_listening()
                on:click=move |_| exchange.stop()
            >
                "Stop"
            </button>
            <button
                type="submit"
                class="button button--primary"
                title="Ctrl+Enter or \u{2318}Enter"
                disabled=move || exchange.is_sending.get() || form.endpoints.read().is_empty()
            >
                {send_text}
            </button>
        </div>
    }
}

/// A link that opens the request in a new tab, when the service worker answers such requests.
#[component]
fn OpenLink(
    /// The console's form.
    form: ConsoleForm,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    let is_answered = move || form.endpoint.read().is_link() && *pipeline.api().read() == ApiAccess::Live;
    view! {
        <a
            class="button button--quiet"
            href=move || form.address(&pipeline.base_address())
            target="_blank"
            rel="noopener"
            hidden=move || !is_answered()
        >
            "Open in a new tab"
        </a>
    }
}

/// The parameters of an operation: of many, the common ones first.
#[component]
fn Parameters(
    /// The console's form.
    form: ConsoleForm,
    /// The operation.
    endpoint: Endpoint,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    let (common, others) = endpoint.split_parameters();
    let (has_bounds, has_fields) = (endpoint.has_bounds(), !common.is_empty());
    let fill_bounds = move |_| pipeline.peek(|page| form.fill_bounds(page.batch.as_ref())).unwrap_or_default();
    let clear = move |_| form.parameters.set(Vec::new());
    let bounds = move || {
        view! {
            <button type="button" class="button button--quiet" on:click=fill_bounds>
                "Bounds of the newest batch"
            </button>
        }
    };
    has_fields.then(|| {
        view! {
            <div class="console__parameters">{fields(form, common)}</div>
            <div class="console__presets">
                {has_bounds.then(bounds)}
                <button type="button" class="button button--quiet" on:click=clear>
                    "Clear"
                </button>
            </div>
            {(!others.is_empty()).then(|| view! { <MoreParameters form parameters=others/> })}
        }
    })
}

/// The parameters that are seldom needed; open as soon as one of them is filled.
#[component]
fn MoreParameters(
    /// The console's form.
    form: ConsoleForm,
    /// The parameters.
    parameters: Vec<Parameter>,
) -> impl IntoView {
    let names: Vec<String> = parameters.iter().map(|parameter| parameter.name.clone()).collect();
    let is_open = Memo::new(move |before: Option<&bool>| {
        before.copied().unwrap_or_default() || names.iter().any(|name| !form.parameter(name).is_empty())
    });
    view! {
        <details class="console__more" open=move || is_open.get()>
            <summary>"More parameters"</summary>
            <div class="console__parameters">{fields(form, parameters)}</div>
        </details>
    }
}

/// A field for each parameter.
fn fields(form: ConsoleForm, parameters: Vec<Parameter>) -> impl IntoView {
    let field = move |parameter: Parameter| {
        let (read, written) = (parameter.name.clone(), parameter.name.clone());
        let value = Signal::derive(move || form.parameter(&read));
        let fill = move |text: String| {
            form.fill(&written, text);
            form.is_touched.set(true);
        };
        view! { <ParameterField parameter value on_change=fill/> }
    };
    parameters.into_iter().map(field).collect_view()
}

/// The body editor, for endpoints that take one.
#[component]
fn Body(
    /// The console's form.
    form: ConsoleForm,
) -> impl IntoView {
    let content_types = Memo::new(move |_| {
        let endpoint = form.endpoint.read();
        endpoint.bodies.iter().map(|body| body.content_type.clone()).collect::<Vec<_>>()
    });
    let choose = move |name: String| {
        form.choose_content_type(name);
        form.is_touched.set(true);
    };
    let choice = move || {
        let options = content_types.get().into_iter().map(|name| (name.clone(), name)).collect::<Vec<_>>();
        view! { <Choice id="console-content-type" options value=form.content_type on_change=choose/> }
    };
    view! {
        <Show when=move || !content_types.read().is_empty()>
            <div class="field">
                <label class="field__label" for="console-content-type">"Content type"</label>
                {choice}
            </div>
            <div class="field">
                <label class="field__label" for="console-request-body">"Body"</label>
                <textarea
                    class="input input--code"
                    id="console-request-body"
                    rows="8"
                    spellcheck="false"
                    prop:value=form.body
                    on:input:target=move |event| form.body.set(event.target().value())
                ></textarea>
            </div>
        </Show>
    }
}
