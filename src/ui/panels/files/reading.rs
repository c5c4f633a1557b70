//! How the file is read: each guess is a field that can be corrected.

use leptos::prelude::*;

use super::Files;
use crate::ui::components::button::Button;
use crate::ui::components::choice::Choice;
use crate::ui::components::offers::Offers;
use crate::ui::model::file_preview::{ReadingField, choose, is_chosen, reading_fields, reading_text};

/// The fields; which there are depends on the format.
#[component]
pub(super) fn ReadingFields(
    /// The chosen files.
    files: Files,
) -> impl IntoView {
    let fields = Memo::new(move |_| files.of_preview(|file| reading_fields(&file.preview)));
    view! {
        <div class="file-reading" role="group" aria-label="How it is read">
            <For each=move || fields.get() key=|field| field.name let:field>
                <ReadingEntry files field/>
            </For>
        </div>
    }
}

/// A field with its guess, or with what was chosen instead.
#[component]
fn ReadingEntry(
    /// The chosen files.
    files: Files,
    /// Its texts.
    field: ReadingField,
) -> impl IntoView {
    let ReadingField { name, label, options, offers } = field;
    let id = format!("file-{name}");
    let value = Memo::new(move |_| files.of_preview(|file| reading_text(&file.preview.reading, name)));
    let is_changed = Memo::new(move |_| files.shown().is_some_and(|file| is_chosen(&file.choices, name)));
    let apply = move |text: String| files.choose(|choices, _| Ok(choose(choices, name, &text)));
    let entry = if options.is_empty() {
        let list = format!("{id}-offers");
        view! {
            <input
                class="input input--code"
                id=id.clone()
                autocomplete="off"
                spellcheck="false"
                list=list.clone()
                prop:value=value
                on:change:target=move |event| apply(event.target().value())
            />
            <Offers id=list offers/>
        }
        .into_any()
    } else {
        let options = options.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect();
        view! { <Choice id=id.clone() options value on_change=apply/> }.into_any()
    };
    view! {
        <div class="field" class=("field--changed", is_changed)>
            <label class="field__label" for=id>
                {label}
            </label>
            {entry}
            <Button
                class="button button--quiet field__reset"
                text="Guess again"
                label=format!("Guess again: {label}")
                hidden=move || !is_changed.get()
                on_press=move || apply(String::new())
            />
        </div>
    }
}
