//! Import of the user's own events.

use leptos::ev::Event;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::MAX_BODY_BYTES;
use crate::browser::file::{ChosenFile, LargeFile};
use crate::client::ConsoleRequest;
use crate::ui::activity_state::Activity;
use crate::ui::components::choice::{Choice, plain};
use crate::ui::components::outcome::OutcomeView;
use crate::ui::model::payload::{ACCEPTED_FILES, CONTENT_TYPES, Cut, FileFormat, Outcome, SAMPLES, guess_content_type};
use crate::ui::model::quantity::bytes_text;
use crate::ui::store::Pipeline;

const NOTHING_TAKEN: &str = "Nothing was taken: see Your own events";

/// A text field and a file input; their events are sent to `POST /events`.
#[component]
pub fn OwnDataPanel() -> impl IntoView {
    let (pipeline, activity) = (Pipeline::expect(), Activity::expect());
    let parcel = Parcel::new();
    let submit_text = move || if parcel.is_sending.get() { "Sending\u{2026}" } else { "Send events" };
    view! {
        <section class="panel own-data" id="own-data" aria-labelledby="own-data-title">
            <h2 class="panel__title" id="own-data-title" tabindex="-1">"Your own events"</h2>
            <p class="panel__sentence">
                "Paste CSV, NDJSON or JSON with a " <code>"value"</code> ", and if you like " <code>"timestamp"</code>
                " and " <code>"id"</code> ". Valid rows join the stream; the others are refused, each with its reason."
            </p>
            <form
                class="own-data__form"
                on:submit=move |event| {
                    event.prevent_default();
                    spawn_local(parcel.send(pipeline, activity));
                }
            >
                <Editor parcel/>
                <FileChip parcel/>
                <div class="own-data__actions">
                    <FileButton parcel/>
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

/// The text to send, with samples; a chosen file replaces it.
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
        <div class="field" hidden=move || parcel.file.read().is_some()>
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

/// The chosen file.
#[component]
fn FileChip(
    /// What is sent.
    parcel: Parcel,
) -> impl IntoView {
    view! {
        <p class="own-data__file" hidden=move || parcel.file.read().is_none()>
            <span>{move || parcel.file.read().as_ref().map(file_text)}</span>
            <button type="button" class="button button--quiet" on:click=move |_| parcel.file.set(None)>
                "Remove"
            </button>
        </p>
    }
}

/// Reads a file that fits into one body.
///
/// # Errors
/// A sentence, when it is larger or cannot be read.
async fn read_body(file: &LargeFile) -> Result<ChosenFile, String> {
    if file.len() <= MAX_BODY_BYTES as f64 {
        return file.read_whole().await;
    }
    let name = file.name();
    let format = FileFormat::guess(&name, &file.read(0.0, FileFormat::SAMPLE_BYTES as f64).await?);
    Err(match format.cut() {
        // The import under Storage cannot send it either.
        Cut::Never => format.too_large(&name),
        Cut::Records { .. } | Cut::Lines => {
            let most = MAX_BODY_BYTES >> 20;
            format!("\"{name}\" is larger than {most} MiB; import it under Storage, which sends parts")
        }
    })
}

/// The format of a file, by its name and its first bytes.
fn format_of(file: &ChosenFile) -> FileFormat {
    FileFormat::guess(&file.name, &file.bytes[..file.bytes.len().min(FileFormat::SAMPLE_BYTES)])
}

fn file_text(file: &ChosenFile) -> String {
    format!("{}, {}", file.name, bytes_text(file.bytes.len() as u64))
}

/// The button that chooses a file.
#[component]
fn FileButton(
    /// What is sent.
    parcel: Parcel,
) -> impl IntoView {
    view! {
        <label class="button file-button">
            <input
                class="visually-hidden"
                type="file"
                accept=ACCEPTED_FILES
                on:change=move |event| spawn_local(parcel.choose(event))
            />
            "Choose a file\u{2026}"
        </label>
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

/// The text or file to send, and the result.
#[derive(Clone, Copy)]
struct Parcel {
    typed: RwSignal<String>,
    file: RwSignal<Option<ChosenFile>>,
    content_type: RwSignal<String>,
    /// The result, numbered: an equal one has elements of its own, so that it is announced again.
    outcome: RwSignal<Option<(u32, Outcome)>>,
    is_sending: RwSignal<bool>,
}

impl Parcel {
    fn new() -> Self {
        Self {
            typed: RwSignal::default(),
            file: RwSignal::default(),
            content_type: RwSignal::new(CONTENT_TYPES[0].to_owned()),
            outcome: RwSignal::default(),
            is_sending: RwSignal::default(),
        }
    }

    fn is_empty(self) -> bool {
        self.file.read().is_none() && self.typed.read().trim().is_empty()
    }

    fn type_in(self, text: String) {
        self.content_type.set(guess_content_type("", text.as_bytes()).to_owned());
        self.typed.set(text);
    }

    /// Reads the chosen file.
    async fn choose(self, event: Event) {
        let Some(file) = LargeFile::chosen(&event) else { return };
        match read_body(&file).await {
            Ok(chosen) => {
                self.content_type.set(format_of(&chosen).content_type.to_owned());
                self.outcome.set(None);
                self.file.set(Some(chosen));
            }
            Err(sentence) => self.show(Outcome::Refused(vec![sentence])),
        }
    }

    async fn send(self, pipeline: Pipeline, activity: Activity) {
        let (body, more_headers) = match &*self.file.read_untracked() {
            Some(file) => (file.bytes.clone(), format_of(file).more_headers()),
            None => (self.typed.get_untracked().into_bytes(), Vec::new()),
        };
        let request = ConsoleRequest {
            method: "POST".to_owned(),
            target: "events".to_owned(),
            content_type: Some(self.content_type.get_untracked()),
            body: Some(body),
            more_headers,
        };
        self.is_sending.set(true);
        let size = request.body.as_ref().map_or(0, Vec::len);
        let job = activity.begin(&format!("Sending {}\u{2026}", bytes_text(size as u64)), false);
        let outcome = match pipeline.request(request).await {
            Ok(response) => Outcome::read(response.status, &response.body),
            Err(sentence) => Outcome::Refused(vec![sentence]),
        };
        // Sending the same file again by accident would duplicate its events.
        if matches!(outcome, Outcome::Taken(_)) {
            self.file.set(None);
        }
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
