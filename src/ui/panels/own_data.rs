//! Events that somebody brings along.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::file::{ChosenFile, read_chosen};
use crate::client::ConsoleRequest;
use crate::ui::components::choice::Choice;
use crate::ui::model::payload::{CONTENT_TYPES, Outcome, SAMPLES, guess_content_type};
use crate::ui::model::quantity::{bytes_text, counted};
use crate::ui::signals::{flag, text};
use crate::ui::state::Pipeline;

/// Reasons shown at most; all of them are in the dead letters.
const SHOWN_REASONS: usize = 8;

/// Paste events or choose a file; they go to `POST /events`.
#[component]
pub fn OwnDataPanel() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let typed = RwSignal::new(String::new());
    let file = RwSignal::new(None::<ChosenFile>);
    let content_type = RwSignal::new(CONTENT_TYPES[0].to_owned());
    let outcome = RwSignal::new(None::<Outcome>);
    let is_sending = RwSignal::new(false);
    let type_in = move |text: String| {
        content_type.set(guess_content_type("", &text).to_owned());
        typed.set(text);
    };
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let body = file.with_untracked(|file| file.as_ref().map(|file| file.bytes.clone()));
        let request = ConsoleRequest {
            method: "POST".to_owned(),
            target: "events".to_owned(),
            content_type: Some(content_type.get_untracked()),
            body: Some(body.unwrap_or_else(|| typed.get_untracked().into_bytes())),
        };
        is_sending.set(true);
        spawn_local(async move {
            outcome.set(Some(match pipeline.request(request).await {
                Ok(response) => Outcome::read(response.status, &response.body),
                Err(sentence) => Outcome::Refused(vec![sentence]),
            }));
            // Sending the same file twice by accident would double its events.
            if outcome.with_untracked(|outcome| matches!(outcome, Some(Outcome::Taken(_)))) {
                file.set(None);
            }
            is_sending.set(false);
        });
    };
    let choose = move |event: leptos::ev::Event| {
        spawn_local(async move {
            match read_chosen(event).await {
                Ok(Some(chosen)) => {
                    let start = String::from_utf8_lossy(&chosen.bytes[..chosen.bytes.len().min(4096)]).into_owned();
                    content_type.set(guess_content_type(&chosen.name, &start).to_owned());
                    outcome.set(None);
                    file.set(Some(chosen));
                }
                Ok(None) => {}
                Err(sentence) => outcome.set(Some(Outcome::Refused(vec![sentence]))),
            }
        });
    };
    let samples = SAMPLES
        .iter()
        .map(|(name, sample)| {
            view! {
                <button type="button" class="button button--quiet" on:click=move |_| type_in((*sample).to_owned())>
                    {format!("{name} sample")}
                </button>
            }
        })
        .collect_view();
    let is_empty = move || file.read().is_none() && typed.read().trim().is_empty();
    view! {
        <section class="panel own-data" aria-labelledby="own-data-title">
            <h2 class="panel__title" id="own-data-title">
                "Your own events"
            </h2>
            <p class="panel__sentence">
                "Paste CSV, NDJSON or JSON with a " <code>"value"</code> ", and if you like " <code>"timestamp"</code> " and "
                <code>"id"</code> ". Valid rows join the stream; the others become dead letters."
            </p>
            <form class="own-data__form" on:submit=send>
                <div class="field" hidden=flag(move || file.read().is_some())>
                    <label class="field__label" for="own-data-text">
                        "Events"
                    </label>
                    <textarea
                        class="input input--code"
                        id="own-data-text"
                        rows="5"
                        spellcheck="false"
                        placeholder="timestamp,id,value"
                        prop:value=text(move || typed.get())
                        on:input=move |event| type_in(event_target_value(&event))
                    ></textarea>
                    <div class="own-data__samples">{samples}</div>
                </div>
                <FileChip file=file />
                <div class="own-data__actions">
                    <label class="button own-data__choose">
                        <input
                            class="visually-hidden"
                            type="file"
                            accept=".csv,.json,.ndjson,.jsonl,text/csv,application/json"
                            on:change=choose
                        />
                        "Choose a file\u{2026}"
                    </label>
                    <div class="field own-data__format">
                        <label class="visually-hidden" for="own-data-format">
                            "Format"
                        </label>
                        <Choice
                            id="own-data-format".to_owned()
                            options=CONTENT_TYPES.iter().map(|name| (*name, *name)).collect()
                            value=content_type
                            on_change=Callback::new(move |name| content_type.set(name))
                        />
                    </div>
                    <button
                        type="submit"
                        class="button button--primary"
                        prop:disabled=flag(move || is_sending.get() || is_empty())
                    >
                        {text(move || if is_sending.get() { "Sending\u{2026}" } else { "Send events" }.to_owned())}
                    </button>
                </div>
            </form>
            <div class="own-data__outcome" role="status">
                {move || outcome.get().map(outcome_view)}
            </div>
        </section>
    }
}

/// The chosen file, ready to be sent.
#[component]
fn FileChip(
    /// The file.
    file: RwSignal<Option<ChosenFile>>,
) -> impl IntoView {
    let name = text(move || file.read().as_ref().map_or_else(String::new, file_text));
    view! {
        <p class="own-data__file" hidden=flag(move || file.read().is_none())>
            <span>{name}</span>
            <button type="button" class="button button--quiet" on:click=move |_| file.set(None)>
                "Remove"
            </button>
        </p>
    }
}

fn file_text(file: &ChosenFile) -> String {
    format!("{}, {}", file.name, bytes_text(file.bytes.len() as u64))
}

fn outcome_view(outcome: Outcome) -> impl IntoView {
    let (class, title, reasons) = match outcome {
        Outcome::Taken(receipt) => {
            let reasons: Vec<String> =
                receipt.rejected.iter().map(|refused| format!("row {}: {}", refused.row, refused.reason)).collect();
            let title = format!("{} accepted, {} rejected", counted(receipt.accepted, "event"), reasons.len());
            ("own-data__result", title, reasons)
        }
        Outcome::Refused(sentences) => {
            ("own-data__result own-data__result--refused", "Nothing was taken".to_owned(), sentences)
        }
    };
    let hidden = reasons.len().saturating_sub(SHOWN_REASONS);
    let list = reasons.into_iter().take(SHOWN_REASONS).map(|reason| view! { <li>{reason}</li> }).collect_view();
    let more = (hidden > 0).then(|| format!("and {hidden} more"));
    view! {
        <div class=class>
            <strong data-testid="post-result">{title}</strong>
            <ul class="own-data__reasons">{list}</ul>
            {more}
        </div>
    }
}
