//! The API console, generated from `openapi.json`.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::console_form::ConsoleForm;
use super::exchange::{Exchange, ExchangeView};
use crate::client::{ApiAccess, Connection};
use crate::ui::components::choice::Choice;
use crate::ui::components::copy_button::CopyButton;
use crate::ui::components::parameter_field::ParameterField;
use crate::ui::focus::Focus;
use crate::ui::model::address::bounds;
use crate::ui::model::endpoints::{Endpoint, Parameter};
use crate::ui::store::Pipeline;

/// Choose an endpoint, fill in its fields, send the request, read the response. The console takes the focus when the
/// page is opened at `#console`.
#[component]
pub fn ConsolePanel() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let form = ConsoleForm::new();
    let exchange = Exchange::new();
    let problem = RwSignal::new(String::new());
    follow_focus(form);
    Effect::new(move |_| {
        // Another tab may run another version, so its endpoints are requested again.
        if matches!(*pipeline.connection().read(), Connection::Owner | Connection::Attached) {
            spawn_local(load_endpoints(pipeline, form, problem));
        }
    });
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        spawn_local(exchange.send(pipeline, untrack(|| form.request())));
    };
    view! {
        <section class="panel console" id="console" aria-labelledby="console-title" tabindex="-1">
            <h2 class="panel__title" id="console-title">"API console"</h2>
            <form class="console__form" on:submit=send>
                <EndpointChoice form/>
                <p class="console__error" role="alert" hidden=move || problem.read().is_empty()>{problem}</p>
                <p class="console__address">
                    <code>
                        {move || format!("{} {}", form.endpoint.read().method, form.address(&pipeline.base_address()))}
                    </code>
                </p>
                <p class="console__summary">{move || form.endpoint.read().summary.clone()}</p>
                <Parameters form/>
                <Body form/>
                <Actions form exchange/>
            </form>
            <ExchangeView exchange/>
        </section>
    }
}

/// The chart's range fills `start` and `end`; the request and the page's address are kept in sync.
fn follow_focus(form: ConsoleForm) {
    let (pipeline, focus) = (Pipeline::expect(), Focus::expect());
    Effect::new(move |_| form.follow_range(bounds(focus.range.get())));
    Effect::new(move |_| {
        let request = form.to_address();
        if form.is_touched.get() && *focus.request.read_untracked() != request {
            focus.request.set(request);
        }
    });
    Effect::new(move |_| {
        let wanted = focus.request.get();
        let is_other =
            !form.endpoints.read().is_empty() && !wanted.is_empty() && wanted != untrack(|| form.to_address());
        if !is_other {
            return;
        }
        let is_known = form.restore(&wanted);
        if !is_known {
            let sentence = format!("request \"{wanted}\" in the address is none that is answered here");
            pipeline.problems().update(|all| all.push(sentence));
        }
        focus.request.set(if is_known { untrack(|| form.to_address()) } else { String::new() });
    });
}

/// Loads the endpoints of the pipeline.
async fn load_endpoints(pipeline: Pipeline, form: ConsoleForm, problem: RwSignal<String>) {
    match pipeline.endpoints().await {
        Ok(endpoints) => {
            problem.set(String::new());
            let is_new = *form.endpoints.read_untracked() != endpoints;
            if is_new {
                form.offer(endpoints);
            }
        }
        Err(sentence) => problem.set(format!("The endpoints are not known: {sentence}.")),
    }
}

/// The list of endpoints.
#[component]
fn EndpointChoice(
    /// The console's form.
    form: ConsoleForm,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    let labels = move || form.endpoints.read().iter().map(Endpoint::label).collect::<Vec<_>>();
    let choose = move |index: usize| {
        form.choose(index);
        form.is_touched.set(true);
        if form.endpoint.read_untracked().has_bounds() && form.parameters.read_untracked().is_empty() {
            pipeline.peek(|page| form.fill_bounds(page.batch.as_ref()));
        }
    };
    view! {
        <div class="field">
            <label class="field__label" for="console-endpoint">"Endpoint"</label>
            <select
                class="input input--choice input--code"
                id="console-endpoint"
                disabled=move || form.endpoints.read().is_empty()
                on:change:target=move |event| choose(event.target().value().parse().unwrap_or(0))
            >
                <ForEnumerate each=labels key=String::clone let(index, label)>
                    <option
                        value=move || index.get().to_string()
                        prop:selected=move || index.get() == form.chosen.get()
                    >
                        {label}
                    </option>
                </ForEnumerate>
            </select>
        </div>
    }
}

/// The parameters of the chosen endpoint.
#[component]
fn Parameters(
    /// The console's form.
    form: ConsoleForm,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    let parameters = move || form.endpoint.read().parameters.clone();
    let field = move |parameter: Parameter| {
        let (read, written) = (parameter.name.clone(), parameter.name.clone());
        let value = Signal::derive(move || form.parameter(&read));
        let fill = move |text: String| {
            form.fill(&written, text);
            form.is_touched.set(true);
        };
        view! { <ParameterField parameter value on_change=fill/> }
    };
    let fill_bounds = move |_| pipeline.peek(|page| form.fill_bounds(page.batch.as_ref())).unwrap_or_default();
    view! {
        <div class="console__part">
            <Show when=move || !form.endpoint.read().parameters.is_empty()>
                <div class="console__parameters">
                    <For each=parameters key=Parameter::clone children=field/>
                </div>
                <div class="console__presets">
                    <Show when=move || form.endpoint.read().has_bounds()>
                        <button type="button" class="button button--quiet" on:click=fill_bounds>
                            "Bounds of the newest batch"
                        </button>
                    </Show>
                    <button
                        type="button"
                        class="button button--quiet"
                        on:click=move |_| form.parameters.set(Vec::new())
                    >
                        "Clear"
                    </button>
                </div>
            </Show>
        </div>
    }
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
        <div class="console__part">
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
                        rows="5"
                        spellcheck="false"
                        prop:value=form.body
                        on:input:target=move |event| form.body.set(event.target().value())
                    ></textarea>
                </div>
            </Show>
        </div>
    }
}

/// Send, stop, and the request as code or link.
#[component]
fn Actions(
    /// The console's form.
    form: ConsoleForm,
    /// The request that was sent last.
    exchange: Exchange,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    let send_text = move || match (exchange.is_listening(), exchange.is_sending.get()) {
        (true, _) => "Listening\u{2026}",
        (false, true) => "Sending\u{2026}",
        (false, false) => "Send",
    };
    view! {
        <div class="console__actions">
            <button
                type="submit"
                class="button button--primary"
                disabled=move || exchange.is_sending.get() || form.endpoints.read().is_empty()
            >
                {send_text}
            </button>
            <button
                type="button"
                class="button"
                hidden=move || !exchange.is_listening()
                on:click=move |_| exchange.stop()
            >
                "Stop"
            </button>
            <CopyButton label="Copy as fetch" text=move |()| untrack(|| form.snippet(&pipeline.base_address()))/>
            <CopyButton
                label="Copy as EventSource"
                text=move |()| untrack(|| form.event_source(&pipeline.base_address()))
                hidden=move || !form.endpoint.read().is_event_stream()
            />
            <CopyButton
                label="Copy as Python"
                text=move |()| untrack(|| form.python(&pipeline.base_address()))
                hidden=move || !form.endpoint.read().is_data()
            />
            <OpenLink form/>
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
            class="button"
            href=move || form.address(&pipeline.base_address())
            target="_blank"
            rel="noopener"
            hidden=move || !is_answered()
        >
            "Open in a new tab"
        </a>
    }
}
