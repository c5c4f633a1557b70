//! The API console, generated from `openapi.json`: the operations, the request, and its answer.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::console_form::ConsoleForm;
use super::console_operations::Operations;
use super::console_request::RequestFields;
use super::console_snippets::Snippets;
use super::exchange::{Exchange, ExchangeView};
use super::menu::ClearQuestion;
use crate::client::Connection;
use crate::ui::focus::Focus;
use crate::ui::model::address::{bounds, quoted};
use crate::ui::navigation::Navigation;
use crate::ui::store::Pipeline;

/// Choose an operation, fill in its fields, send the request, read the response.
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
    let send_now = move || {
        let is_ready = !exchange.is_sending.get_untracked() && !form.endpoints.read_untracked().is_empty();
        if is_ready {
            spawn_local(exchange.send(pipeline, untrack(|| form.request())));
        }
    };
    let is_asked = RwSignal::new(false);
    let send = move || {
        let asks_first = form.endpoint.read_untracked().takes_all_away();
        if asks_first { is_asked.set(true) } else { send_now() }
    };
    // The question is about the operation for which it was asked.
    Effect::new(move |_| {
        form.endpoint.track();
        is_asked.set(false);
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        send();
    };
    let send_by_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            send();
        }
    };
    view! {
        <section class="panel console" id="console" aria-labelledby="console-title">
            <div class="console__column console__column--list">
                <h2 class="panel__title" id="console-title" tabindex="-1">"API"</h2>
                <p class="console__error" role="alert" hidden=move || problem.read().is_empty()>{problem}</p>
                <Operations form/>
                <Access/>
            </div>
            <form class="console__column console__form" on:submit=submit on:keydown=send_by_key>
                <RequestFields form exchange>
                    <ClearQuestion is_asked on_answer=move |()| send_now()/>
                </RequestFields>
            </form>
            <div class="console__column console__column--result">
                <ExchangeView exchange/>
                <Snippets form/>
            </div>
        </section>
    }
}

/// Where the API is, and what it asks of scripts.
#[component]
fn Access() -> impl IntoView {
    let (pipeline, navigation) = (Pipeline::expect(), Navigation::expect());
    let key = move || {
        if pipeline.setting("api_key").is_empty() {
            "No key is set: scripts need none."
        } else {
            "A key is set: scripts send Authorization: Bearer and the key. This page needs none."
        }
    };
    view! {
        <div class="console__access">
            <p class="console__note">"Base address"</p>
            <code>{pipeline.base_address()}</code>
            <p class="console__note">{key}</p>
            <button type="button" class="button button--quiet" on:click=move |_| navigation.open_setting("api_key")>
                "Set a key"
            </button>
        </div>
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
            let wanted = quoted(&wanted);
            let sentence =
                format!("request {wanted} in the address is none that is answered here; choose an operation");
            pipeline.problems().update(|all| all.push(sentence));
            form.reset();
        }
        focus.request.set(if is_known { untrack(|| form.to_address()) } else { String::new() });
    });
    Effect::new(move |before: Option<()>| {
        focus.refused_request.track();
        if before.is_some() {
            form.reset();
        }
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
