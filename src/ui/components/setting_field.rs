//! A field for one setting.

use leptos::prelude::*;

use super::choice::Choice;
use crate::pipeline::{Field as Schema, Kind, Limits};
use crate::ui::model::settings::FieldLabel;

/// Label, input, meaning, facts, reset button, and the reason of a refusal.
#[component]
pub fn SettingField(
    /// The texts of the setting.
    field: &'static FieldLabel,
    /// Its schema in the API.
    schema: &'static Schema,
    /// The content of the field: the draft, or the value in force.
    #[prop(into)]
    value: Signal<String>,
    /// Why the typed text is refused; empty when it is valid.
    #[prop(into)]
    error: Signal<String>,
    /// Whether the value in force differs from the default.
    #[prop(into)]
    is_changed: Signal<bool>,
    /// Receives the text after each keystroke.
    #[prop(into)]
    on_draft: Callback<String>,
    /// Receives the text of a finished change; an empty text is the default.
    #[prop(into)]
    on_apply: Callback<String>,
    /// The place of the field, which begins its id: a setting may have a field in several places.
    #[prop(default = "setting")]
    place: &'static str,
) -> impl IntoView {
    let id = format!("{place}-{}", field.name);
    let [note_id, facts_id, error_id] = ["note", "facts", "error"].map(|end| format!("{id}-{end}"));
    let described_by = format!("{error_id} {note_id} {facts_id}");
    let is_invalid = Signal::derive(move || !error.read().is_empty());
    let options: Vec<_> = field.options(schema).map(|(value, label)| (value.to_owned(), label.to_owned())).collect();
    let entry = if options.is_empty() {
        view! { <TextEntry id=id.clone() field schema value described_by is_invalid on_draft on_apply/> }.into_any()
    } else {
        view! { <Choice id=id.clone() options value on_change=on_apply described_by is_invalid/> }.into_any()
    };
    view! {
        <div
            class="field"
            class=("field--refused", is_invalid)
            class=("field--changed", move || is_changed.get() && !is_invalid.get())
        >
            <label class="field__label" for=id.clone()>
                {field.label}
            </label>
            {entry}
            <p class="field__error" id=error_id aria-live="polite">
                {error}
            </p>
            <p class="field__hint" id=note_id>
                {field.meaning(schema)}
            </p>
            <p class="field__facts">
                <span id=facts_id>{field.facts(schema)}</span>
                <button
                    type="button"
                    class="button button--quiet field__reset"
                    aria-label=format!("Reset {} to its default", field.label)
                    hidden=move || !is_changed.get()
                    on:click=move |_| on_apply.run(String::new())
                >
                    "Reset"
                </button>
            </p>
            {(!field.offers.is_empty()).then(|| view! { <Offers id=offers_id(&id) offers=field.offers/> })}
        </div>
    }
}

/// The input of a setting that has no fixed choices.
#[component]
fn TextEntry(
    /// The id, unique on the page.
    id: String,
    /// The texts of the setting.
    field: &'static FieldLabel,
    /// Its schema in the API.
    schema: &'static Schema,
    /// The content.
    value: Signal<String>,
    /// The ids of the elements that describe the input.
    described_by: String,
    /// Whether the text is refused.
    is_invalid: Signal<bool>,
    /// Receives the text after each keystroke.
    on_draft: Callback<String>,
    /// Receives the text of a finished change.
    on_apply: Callback<String>,
) -> impl IntoView {
    let is_whole = matches!((schema.kind, schema.limits), (Kind::Number, Limits::Whole(..)));
    let list = (!field.offers.is_empty()).then(|| offers_id(&id));
    // Browsers offer to save what is typed into a field of a password, unless it is a new one.
    let (kind, autocomplete) = if schema.is_secret() { ("password", "new-password") } else { ("text", "off") };
    view! {
        <input
            class="input"
            id=id
            type=kind
            autocomplete=autocomplete
            spellcheck="false"
            placeholder=field.unset
            inputmode=is_whole.then_some("numeric")
            list=list
            aria-describedby=described_by
            aria-invalid=move || is_invalid.get().to_string()
            prop:value=value
            on:input:target=move |event| on_draft.run(event.target().value())
            on:change:target=move |event| on_apply.run(event.target().value())
        />
    }
}

/// Suggestions while typing.
#[component]
fn Offers(
    /// The id, unique on the page.
    id: String,
    /// The suggested values.
    offers: &'static [&'static str],
) -> impl IntoView {
    let offer = |offer: &&'static str| view! { <option value=*offer></option> };
    view! { <datalist id=id>{offers.iter().map(offer).collect_view()}</datalist> }
}

/// The id of the suggestions for the input with this id.
fn offers_id(id: &str) -> String {
    format!("{id}-offers")
}
