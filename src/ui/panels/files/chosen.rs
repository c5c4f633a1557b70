//! The list of the chosen files, where there are several.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Files;
use super::state::ChosenFile;
use crate::ui::components::button::Button;
use crate::ui::model::file_preview::problems_of;
use crate::ui::model::quantity::{bytes_text, counted};

/// Each chosen file with what is open about it; the one whose preview is shown is marked.
#[component]
pub(super) fn ChosenList(
    /// The chosen files.
    files: Files,
) -> impl IntoView {
    let count = Memo::new(move |_| files.chosen.read().len());
    let ready = Memo::new(move |_| {
        files.chosen.read().iter().filter(|file| file.live.is_none() && file.is_ready()).count() as u64
    });
    let ids = Memo::new(move |_| files.chosen.read().iter().map(|file| file.id).collect::<Vec<_>>());
    view! {
        <div class="chosen-files" hidden=move || { count.get() < 2 }>
            <ul class="chosen-files__list" aria-label="Chosen files">
                <For each=move || ids.get() key=|id| *id let:id>
                    <ChosenItem files id/>
                </For>
            </ul>
            <Button
                text=move || format!("Load {} that need no answer", counted(ready.get(), "file"))
                disabled=move || ready.get() == 0 || files.is_starting.get()
                on_press=move || spawn_local(files.load_ready())
            />
        </div>
    }
}

/// A chosen file: its name shows its preview.
#[component]
fn ChosenItem(
    /// The chosen files.
    files: Files,
    /// Its number.
    id: u32,
) -> impl IntoView {
    let text = move |read: fn(&ChosenFile) -> String| {
        files.chosen.read().iter().find(|file| file.id == id).map(read).unwrap_or_default()
    };
    let name = Memo::new(move |_| text(|file| file.name.clone()));
    view! {
        <li class="chosen-files__item">
            <button
                type="button"
                class="button button--quiet chosen-files__name"
                aria-pressed=move || (files.selected.get() == Some(id)).to_string()
                on:click=move |_| files.selected.set(Some(id))
            >
                {name}
            </button>
            <span class="chosen-files__state">{move || text(state_text)}</span>
            <Button
                class="button button--quiet"
                text="Remove"
                label=move || format!("Remove {}", name.read())
                on_press=move || files.dismiss(id)
            />
        </li>
    }
}

/// Its size, and what is open about it.
fn state_text(file: &ChosenFile) -> String {
    let size = bytes_text(file.bytes);
    let open = match &file.preview {
        _ if !file.problems.is_empty() => "cannot be loaded so",
        _ if file.is_awaited() || file.preview.is_none() => "being looked at",
        Some(preview) if !problems_of(preview).is_empty() => "cannot be loaded so",
        Some(preview) if !preview.preview.questions.is_empty() => "has a question",
        _ => "ready",
    };
    format!("{size}, {open}")
}
