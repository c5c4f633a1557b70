//! Import of the user's own events.

use leptos::task::spawn_local;

use crate::browser::file::{ChosenFile, read_chosen};
use crate::client::ConsoleRequest;
use crate::ui::activity_state::Activity;
use crate::ui::components::choice::{choice, plain};
use crate::ui::components::outcome::outcome;
use crate::ui::html::{button, div, form, h2, input, label, p, section, submit, textarea};
use crate::ui::live::{El, Live, State};
use crate::ui::model::payload::{CONTENT_TYPES, Outcome, SAMPLES, guess_content_type};
use crate::ui::model::quantity::bytes_text;
use crate::ui::state::Pipeline;

/// The text or file to send, and the result.
#[derive(Clone, Copy)]
struct Parcel {
    typed: State<String>,
    file: State<Option<ChosenFile>>,
    content_type: State<String>,
    outcome: State<Option<Outcome>>,
    is_sending: State<bool>,
}

impl Parcel {
    fn new() -> Self {
        Self {
            typed: State::new(String::new()),
            file: State::new(None),
            content_type: State::new(CONTENT_TYPES[0].to_owned()),
            outcome: State::new(None),
            is_sending: State::new(false),
        }
    }

    fn type_in(self, text: String) {
        self.content_type.set(guess_content_type("", &text).to_owned());
        self.typed.set(text);
    }

    /// Reads the chosen file.
    async fn choose(self, event: leptos::ev::Event) {
        match read_chosen(event).await {
            Ok(Some(chosen)) => {
                let start = String::from_utf8_lossy(&chosen.bytes[..chosen.bytes.len().min(4096)]).into_owned();
                self.content_type.set(guess_content_type(&chosen.name, &start).to_owned());
                self.outcome.set(None);
                self.file.set(Some(chosen));
            }
            Ok(None) => {}
            Err(sentence) => self.outcome.set(Some(Outcome::Refused(vec![sentence]))),
        }
    }

    async fn send(self, pipeline: Pipeline, activity: Activity) {
        let body = self.file.peek().as_ref().map(|file| file.bytes.clone());
        let request = ConsoleRequest {
            method: "POST".to_owned(),
            target: "events".to_owned(),
            content_type: Some(self.content_type.peek().clone()),
            body: Some(body.unwrap_or_else(|| self.typed.peek().clone().into_bytes())),
            ..ConsoleRequest::default()
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
            Outcome::Taken(receipt) => activity.notify(&receipt.news()),
            Outcome::Refused(_) => activity.fail("Nothing was taken: see Your own events"),
        }
        self.outcome.set(Some(outcome));
        self.is_sending.set(false);
    }

    fn is_empty(self) -> bool {
        self.file.read().is_none() && self.typed.read().trim().is_empty()
    }
}

/// A text field and a file input; their events are sent to `POST /events`.
#[must_use]
pub fn own_data_panel(pipeline: Pipeline, activity: Activity) -> El {
    let parcel = Parcel::new();
    let said = move || if parcel.is_sending.get() { "Sending\u{2026}" } else { "Send events" }.to_owned();
    section("panel own-data").attr("aria-labelledby", "own-data-title").with([
        h2("panel__title").id("own-data-title").text("Your own events"),
        sentence(),
        form("own-data__form")
            .on("submit", move |event| {
                event.prevent_default();
                spawn_local(parcel.send(pipeline, activity));
            })
            .with([
                editor(parcel),
                file_chip(parcel),
                div("own-data__actions").with([
                    file_button(parcel),
                    div("field own-data__format").with([
                        label("visually-hidden").attr("for", "own-data-format").text("Format"),
                        choice("own-data-format", plain(CONTENT_TYPES), parcel.content_type)
                            .on_change(move |name| parcel.content_type.set(name)),
                    ]),
                    submit("button button--primary")
                        .disabled_when(move || parcel.is_sending.get() || parcel.is_empty())
                        .live(said),
                ]),
            ]),
        div("own-data__outcome").role("status").swap(move || parcel.outcome.read().iter().map(outcome_view).collect()),
    ])
}

fn sentence() -> El {
    let name = |name: &str| [El::new("code").text(name)];
    p("panel__sentence")
        .text("Paste CSV, NDJSON or JSON with a ")
        .with(name("value"))
        .text(", and if you like ")
        .with(name("timestamp"))
        .text(" and ")
        .with(name("id"))
        .text(". Valid rows join the stream; the others become dead letters.")
}

/// The text to send, with samples; a chosen file replaces it.
fn editor(parcel: Parcel) -> El {
    let sample = |(name, sample): &'static (&str, &str)| {
        button("button button--quiet", &format!("{name} sample")).on_click(move || parcel.type_in((*sample).to_owned()))
    };
    div("field").hidden_when(move || parcel.file.read().is_some()).with([
        label("field__label").attr("for", "own-data-text").text("Events"),
        textarea("input input--code")
            .id("own-data-text")
            .attr("rows", "5")
            .attr("spellcheck", "false")
            .attr("placeholder", "timestamp,id,value")
            .live_value(parcel.typed)
            .on_input(move |text| parcel.type_in(text)),
        div("own-data__samples").with_all(SAMPLES.iter().map(sample)),
    ])
}

/// The chosen file.
fn file_chip(parcel: Parcel) -> El {
    let name = Live::new(move || parcel.file.read().as_ref().map_or_else(String::new, file_text));
    p("own-data__file").hidden_when(move || parcel.file.read().is_none()).with([
        El::new("span").live(name),
        button("button button--quiet", "Remove").on_click(move || parcel.file.set(None)),
    ])
}

fn file_text(file: &ChosenFile) -> String {
    format!("{}, {}", file.name, bytes_text(file.bytes.len() as u64))
}

fn file_button(parcel: Parcel) -> El {
    label("button file-button")
        .with([input("visually-hidden")
            .attr("type", "file")
            .attr("accept", ".csv,.json,.ndjson,.jsonl,text/csv,application/json")
            .on("change", move |event| spawn_local(parcel.choose(event)))])
        .text("Choose a file\u{2026}")
}

fn outcome_view(parcel: &Outcome) -> El {
    match parcel {
        Outcome::Taken(receipt) => outcome(true, "post-result", &receipt.title(), &receipt.reasons()),
        Outcome::Refused(sentences) => outcome(false, "post-result", "Nothing was taken", sentences),
    }
}
