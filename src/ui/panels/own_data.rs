//! The user's own events: files, and a text field.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::files::{Files, FilesArea};
use crate::client::ConsoleRequest;
use crate::ui::activity_state::Activity;
use crate::ui::components::choice::{Choice, plain};
use crate::ui::components::outcome::OutcomeView;
use crate::ui::model::measures::measure_names;
use crate::ui::model::payload::{CONTENT_TYPES, Outcome, SAMPLES, guess_content_type};
use crate::ui::model::quantity::bytes_text;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

const NOTHING_TAKEN: &str = "Nothing was taken: see Your own events";

/// Files that are looked at before they are loaded, and a text field whose events are sent to `POST /events`.
#[component]
pub fn OwnDataPanel() -> impl IntoView {
    let (pipeline, activity, files) = (Pipeline::expect(), Activity::expect(), Files::expect());
    let parcel = Parcel::new();
    let field = move |name: &'static str| move || pipeline.setting(name);
    let measures = move || measure_names(&pipeline.page().settings().read()).join(", ");
    let submit_text = move || if parcel.is_sending.get() { "Sending\u{2026}" } else { "Send events" };
    view! {
        <section class="panel own-data" id="own-data" aria-labelledby="own-data-title">
            <h2 class="panel__title" id="own-data-title" tabindex="-1">"Your own events"</h2>
            <FilesArea/>
            <form
                class="own-data__form"
                // A file that is looked at has the room.
                hidden=move || !files.is_empty()
                on:submit=move |event| {
                    event.prevent_default();
                    spawn_local(parcel.send(pipeline, activity));
                }
            >
                <p class="panel__sentence">
                    "Or paste CSV, NDJSON or JSON with a " <code>{measures}</code> ", and if you like "
                    <code>{field("timestamp_field")}</code> " and " <code>{field("id_field")}</code>
                    ". Valid rows join the stream; the others are refused, each with its reason."
                </p>
                <Editor parcel/>
                <div class="own-data__actions">
                    <div class="field own-data__format">
                        <label class="visually-hidden" for="own-data-format">"Format"</label>
                        <Choice
                            id="own-data-format"
                            options=plain(CONTENT_TYPES)
                            value=parcel.content_type
                            on_change=move |name| parcel.content_type.set(name)
                        />
                    </div>
                    <button
                        type="submit"
                        class="button button--primary"
                        disabled=move || parcel.is_sending.get() || parcel.is_empty()
                    >
                        {submit_text}
                    </button>
                </div>
            </form>
            <div class="own-data__outcome" role="status">
                <For
                    each=move || parcel.outcome.get()
                    key=|(number, _)| *number
                    children=|(_, outcome)| view! { <SendingOutcome outcome/> }
                />
            </div>
        </section>
    }
}

/// The text to send, with samples.
#[component]
fn Editor(
    /// What is sent.
    parcel: Parcel,
) -> impl IntoView {
    let sample = |(name, sample): &'static (&str, &str)| {
        view! {
            <button type="button" class="button button--quiet" on:click=move |_| parcel.type_in((*sample).to_owned())>
                {format!("{name} sample")}
            </button>
        }
    };
    view! {
        <div class="field">
            <label class="field__label" for="own-data-text">"Events"</label>
            <textarea
                class="input input--code"
                id="own-data-text"
                rows="5"
                spellcheck="false"
                placeholder="timestamp,id,value"
                prop:value=parcel.typed
                on:input:target=move |event| parcel.type_in(event.target().value())
            ></textarea>
            <div class="own-data__samples">{SAMPLES.iter().map(sample).collect_view()}</div>
        </div>
    }
}

/// The result of sending.
#[component]
fn SendingOutcome(
    /// The result.
    outcome: Outcome,
) -> impl IntoView {
    let refused = || "Nothing was taken".to_owned();
    let (is_good, title, reasons, count) = match outcome {
        Outcome::Taken(receipt) => (true, receipt.title(), receipt.reasons(), receipt.rejected_count),
        Outcome::NoneValid(receipt) => (false, refused(), receipt.reasons(), receipt.rejected_count),
        Outcome::Refused(sentences) => (false, refused(), sentences, 0),
    };
    view! { <OutcomeView is_good test_id="post-result" title reasons count/> }
}

/// The text to send, and the result.
#[derive(Clone, Copy)]
struct Parcel {
    typed: RwSignal<String>,
    content_type: RwSignal<String>,
    /// The result, numbered: an equal one has elements of its own, so that it is announced again.
    outcome: RwSignal<Option<(u32, Outcome)>>,
    is_sending: RwSignal<bool>,
}

impl Parcel {
    fn new() -> Self {
        Self {
            typed: RwSignal::default(),
            content_type: RwSignal::new(CONTENT_TYPES[0].to_owned()),
            outcome: RwSignal::default(),
            is_sending: RwSignal::default(),
        }
    }

    fn is_empty(self) -> bool {
        self.typed.read().trim().is_empty()
    }

    fn type_in(self, text: String) {
        self.content_type.set(guess_content_type(&text).to_owned());
        self.typed.set(text);
    }

    async fn send(self, pipeline: Pipeline, activity: Activity) {
        let request = ConsoleRequest {
            method: "POST".to_owned(),
            target: "events".to_owned(),
            content_type: Some(self.content_type.get_untracked()),
            body: Some(self.typed.get_untracked().into_bytes()),
            ..ConsoleRequest::default()
        };
        self.is_sending.set(true);
        let size = request.body.as_ref().map_or(0, Vec::len);
        let job = activity.begin(&format!("Sending {}\u{2026}", bytes_text(size as u64)), false);
        let outcome = match pipeline.request(request).await {
            Ok(response) => Outcome::read(response.status, &response.body),
            Err(sentence) => Outcome::Refused(vec![sentence]),
        };
        job.end();
        match &outcome {
            Outcome::Taken(receipt) => {
                activity.settle(NOTHING_TAKEN);
                activity.notify(&receipt.news());
            }
            Outcome::NoneValid(_) | Outcome::Refused(_) => activity.fail(NOTHING_TAKEN),
        }
        self.show(outcome);
        self.is_sending.set(false);
    }

    fn show(self, outcome: Outcome) {
        self.outcome.update(|shown| {
            let number = shown.as_ref().map_or(0, |(number, _)| number + 1);
            *shown = Some((number, outcome));
        });
    }
}
