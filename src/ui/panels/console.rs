//! The API console.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::console_form::ConsoleForm;
use crate::client::{ApiAccess, ConsoleResponse};
use crate::ui::components::choice::Choice;
use crate::ui::components::copy_button::CopyButton;
use crate::ui::components::parameter_field::ParameterField;
use crate::ui::components::response_view::ResponseView;
use crate::ui::model::endpoints::ENDPOINTS;
use crate::ui::signals::{flag, text};
use crate::ui::state::Pipeline;

/// Choose an endpoint, fill it in, send it, read the answer.
#[component]
pub fn ConsolePanel() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let form = ConsoleForm::new();
    let is_sending = RwSignal::new(false);
    let outcome = RwSignal::new(None::<Result<ConsoleResponse, String>>);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let request = untrack(|| form.request());
        is_sending.set(true);
        spawn_local(async move {
            outcome.set(Some(pipeline.request(request).await));
            is_sending.set(false);
        });
    };
    let summary = text(move || form.chosen().summary.to_owned());
    let answer = move || match outcome.get() {
        None => view! { <p class="console__empty">"Send a request to see its status, headers and body here."</p> }
            .into_any(),
        Some(Ok(response)) => view! { <ResponseView response=response /> }.into_any(),
        Some(Err(sentence)) => view! {
            <p class="console__error" role="alert">
                <strong data-testid="console-status">"No answer"</strong>
                ": "
                {sentence}
            </p>
        }
        .into_any(),
    };
    view! {
        <section class="panel console" id="console" aria-labelledby="console-title">
            <h2 class="panel__title" id="console-title">
                "API console"
            </h2>
            <form class="console__form" on:submit=send>
                <EndpointChoice form=form />
                <p class="console__summary">{summary}</p>
                <Parameters form=form />
                <Body form=form />
                <div class="console__actions">
                    <button
                        type="submit"
                        class="button button--primary"
                        prop:disabled=flag(move || is_sending.get())
                    >
                        {text(move || if is_sending.get() { "Sending\u{2026}" } else { "Send" }.to_owned())}
                    </button>
                    <OpenLink form=form />
                    <CopyButton
                        label="Copy as fetch"
                        text=Callback::new(move |()| untrack(|| form.snippet(&pipeline.base_address())))
                    />
                </div>
            </form>
            <div class="console__answer" aria-live="polite">{answer}</div>
        </section>
    }
}

/// The list of endpoints and the address that results.
#[component]
fn EndpointChoice(
    /// The form.
    form: ConsoleForm,
) -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let choose = move |index: usize| {
        form.choose(index);
        let is_unfilled = form.parameters.with_untracked(Vec::is_empty);
        if ENDPOINTS[index].path == "query" && is_unfilled {
            pipeline.peek(|frame| form.fill_bounds(&frame.snapshot));
        }
    };
    let labels: Vec<(&'static str, String)> =
        ENDPOINTS.iter().map(|endpoint| (endpoint.path, endpoint.label())).collect();
    let options = labels
        .into_iter()
        .enumerate()
        .map(|(index, (_, label))| {
            view! {
                <option value=index.to_string() prop:selected=flag(move || form.endpoint.get() == index)>
                    {label}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="field">
            <label class="field__label" for="console-endpoint">
                "Endpoint"
            </label>
            <select
                class="input input--choice input--code"
                id="console-endpoint"
                on:change=move |event| choose(event_target_value(&event).parse().unwrap_or(0))
            >
                {options}
            </select>
        </div>
        <p class="console__address">
            <code>{text(move || format!("{} {}{}", form.chosen().method, pipeline.base_address(), form.target()))}</code>
        </p>
    }
}

/// The parameters of the chosen endpoint.
#[component]
fn Parameters(
    /// The form.
    form: ConsoleForm,
) -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    move || {
        let parameters = form.chosen().parameters;
        (!parameters.is_empty()).then(|| {
            let fields = parameters
                .iter()
                .map(|parameter| {
                    let name = parameter.name;
                    view! {
                        <ParameterField
                            parameter=*parameter
                            value=text(move || form.parameter(name))
                            on_change=Callback::new(move |text| form.fill(name, text))
                        />
                    }
                })
                .collect_view();
            let fill = move |_| {
                pipeline.peek(|frame| form.fill_bounds(&frame.snapshot));
            };
            view! {
                <div class="console__parameters">{fields}</div>
                <div class="console__presets">
                    <button type="button" class="button button--quiet" on:click=fill>
                        "Bounds of the newest batch"
                    </button>
                    <button type="button" class="button button--quiet" on:click=move |_| form.parameters.set(Vec::new())>
                        "Clear"
                    </button>
                </div>
            }
        })
    }
}

/// The body editor, for endpoints that take one.
#[component]
fn Body(
    /// The form.
    form: ConsoleForm,
) -> impl IntoView {
    move || {
        let content_types = form.chosen().content_types;
        (!content_types.is_empty()).then(|| {
            view! {
                <div class="field">
                    <label class="field__label" for="console-content-type">
                        "Content type"
                    </label>
                    <Choice
                        id="console-content-type".to_owned()
                        options=content_types.iter().map(|name| (*name, *name)).collect()
                        value=form.content_type
                        on_change=Callback::new(move |name| form.content_type.set(name))
                    />
                </div>
                <div class="field">
                    <label class="field__label" for="console-request-body">
                        "Body"
                    </label>
                    <textarea
                        class="input input--code"
                        id="console-request-body"
                        rows="5"
                        spellcheck="false"
                        prop:value=text(move || form.body.get())
                        on:input=move |event| form.body.set(event_target_value(&event))
                    ></textarea>
                </div>
            }
        })
    }
}

/// A link that opens the request in a new tab, when anybody's request is answered.
#[component]
fn OpenLink(
    /// The form.
    form: ConsoleForm,
) -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let api = pipeline.api();
    view! {
        <a
            class="button"
            href=text(move || format!("{}{}", pipeline.base_address(), form.target()))
            target="_blank"
            rel="noopener"
            hidden=flag(move || !form.chosen().is_link() || *api.read() != ApiAccess::Live)
        >
            "Open in a new tab"
        </a>
    }
}
