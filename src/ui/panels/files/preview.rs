//! What the chosen file would become, before any of it is taken.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Files;
use super::columns::ColumnsTable;
use super::reading::ReadingFields;
use super::sample::SampleTable;
use super::start::StartForm;
use super::state::TITLE_ID;
use crate::pipeline::sniff::{Answer, Question, RefusedReason};
use crate::ui::components::button::Button;
use crate::ui::model::file_preview::{
    answer, file_text, loaded_text, problems_of, question_text, result_text, sample_text,
};
use crate::ui::model::quantity::{counted, grouped};

/// The preview: what the file is, how it is read, its columns, its first rows, and the button that loads it.
#[component]
pub(super) fn PreviewPane(
    /// The chosen files.
    files: Files,
) -> impl IntoView {
    let is_chosen = Memo::new(move |_| files.shown().is_some());
    let has_preview = Memo::new(move |_| files.shown().is_some_and(|file| file.preview.is_some()));
    let name = Memo::new(move |_| files.shown().map(|file| file.name).unwrap_or_default());
    let remove = move || {
        if let Some(id) = files.selected.get_untracked() {
            files.dismiss(id);
        }
    };
    view! {
        <section class="file-preview" aria-labelledby=TITLE_ID hidden=move || !is_chosen.get()>
            <div class="panel__head">
                <h3 class="panel__title file-preview__name" id=TITLE_ID tabindex="-1">
                    {name}
                </h3>
                <Button class="button button--quiet" text="Remove" label="Remove this file" on_press=remove/>
            </div>
            <p class="panel__sentence" role="status" data-testid="file-standing">{move || standing_text(files)}</p>
            <Problems files/>
            <Show when=move || has_preview.get()>
                <Remembered files/>
                <Questions files/>
                <ReadingFields files/>
                <ColumnsTable files/>
                <p class="file-preview__result">
                    {move || {
                        let agg = files.pipeline.setting("agg");
                        files.of_preview(|file| format!("It becomes {}.", result_text(&file.preview.reading, &agg)))
                    }}
                </p>
                <SampleTable files/>
                <Refusals files/>
                <Notes files/>
                <StartForm files/>
            </Show>
        </section>
    }
}

/// What the file is, and how much of it was looked at.
fn standing_text(files: Files) -> String {
    let Some(file) = files.shown() else { return String::new() };
    match &file.preview {
        None if file.is_awaited() => "Looking at its first rows\u{2026}".to_owned(),
        None => String::new(),
        Some(preview) => {
            let sample = file.live.map(|live| format!("A sample of {}: ", counted(live.messages, "message")));
            format!("{}{}. {}", sample.unwrap_or_default(), file_text(preview), sample_text(&preview.preview))
        }
    }
}

/// Why the file cannot be loaded as it would be read.
#[component]
fn Problems(
    /// The chosen files.
    files: Files,
) -> impl IntoView {
    let problems = Memo::new(move |_| {
        let file = files.shown();
        let of_preview = file.as_ref().and_then(|file| file.preview.as_ref()).map(|preview| problems_of(preview));
        [file.map(|file| file.problems).unwrap_or_default(), of_preview.unwrap_or_default()].concat()
    });
    let is_read = move || files.shown().is_none_or(|file| !file.is_unread || file.is_awaited());
    let retry = move || {
        if let Some(id) = files.selected.get_untracked() {
            spawn_local(files.look_at(id));
        }
    };
    view! {
        <div class="file-preview__problems" role="alert" data-testid="file-problems">
            <Sentences sentences=problems/>
        </div>
        <Button class="button file-preview__retry" text="Look at it again" hidden=is_read on_press=retry/>
    }
}

/// Sentences, each in a paragraph of its own.
#[component]
fn Sentences(
    /// The sentences.
    #[prop(into)]
    sentences: Signal<Vec<String>>,
) -> impl IntoView {
    move || sentences.get().into_iter().map(|sentence| view! { <p>{sentence}</p> }).collect_view()
}

/// Choices that come from an earlier file.
#[component]
fn Remembered(
    /// The chosen files.
    files: Files,
) -> impl IntoView {
    let is_remembered = Memo::new(move |_| files.shown().is_some_and(|file| file.is_remembered));
    view! {
        <p class="file-preview__remembered" hidden=move || !is_remembered.get() data-testid="file-remembered">
            "Read as you corrected an earlier file with these columns. "
            <Button class="button button--quiet" text="Guess again" on_press=move || files.guess_again()/>
        </p>
    }
}

/// What cannot be guessed, each with its answers.
#[component]
fn Questions(
    /// The chosen files.
    files: Files,
) -> impl IntoView {
    let questions = Memo::new(move |_| files.of_preview(|file| file.preview.questions.clone()));
    let item = move |question: Question| {
        let text = question_text(&question);
        let answers = question.answers.clone();
        let button = |Answer { value, meaning }: Answer| {
            let question = question.clone();
            let choose = move || files.choose(|choices, _| Ok(answer(choices, &question, &value)));
            view! { <Button text=meaning on_press=choose/> }
        };
        view! {
            <div class="file-preview__question" role="group" aria-label=text.clone() data-testid="file-question">
                <span>{text.clone()}</span>
                {answers.into_iter().map(button).collect_view()}
            </div>
        }
    };
    view! { <div>{move || questions.get().into_iter().map(item).collect_view()}</div> }
}

/// Why rows of the sample would be refused.
#[component]
fn Refusals(
    /// The chosen files.
    files: Files,
) -> impl IntoView {
    let refusals = Memo::new(move |_| files.of_preview(|file| file.preview.refusals.clone()));
    let item = |RefusedReason { reason, line, rows }: RefusedReason| {
        view! { <li>{format!("line {}: {reason} ({})", grouped(line as u64), counted(rows as u64, "row"))}</li> }
    };
    view! {
        <div class="file-preview__refusals" hidden=move || refusals.read().is_empty() data-testid="file-refusals">
            <p class="field__label">"Would be refused"</p>
            <ul>{move || refusals.get().into_iter().map(item).collect_view()}</ul>
        </div>
    }
}

/// What a person should know, and how far the file was loaded before.
#[component]
fn Notes(
    /// The chosen files.
    files: Files,
) -> impl IntoView {
    let notes = Memo::new(move |_| {
        files.of_preview(|file| {
            file.preview.notes.iter().cloned().chain(file.loaded.map(loaded_text)).collect::<Vec<_>>()
        })
    });
    view! {
        <div class="file-preview__notes" data-testid="file-notes">
            <Sentences sentences=notes/>
        </div>
    }
}
