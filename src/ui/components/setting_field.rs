//! A field for one setting.

use crate::ui::signals::{flag, text};
use leptos::prelude::*;

use super::choice::Choice;
use crate::ui::model::settings::{Field, FieldKind};

/// Label, input, hint and the reason of a refusal.
#[component]
pub fn SettingField(
    /// The setting.
    field: &'static Field,
    /// What the field shows: the draft, or what applies.
    #[prop(into)]
    value: Signal<String>,
    /// Why the last change was refused; empty when it was not.
    #[prop(into)]
    error: Signal<String>,
    /// Hears of each keystroke.
    on_draft: Callback<String>,
    /// Hears of a finished change.
    on_apply: Callback<String>,
) -> impl IntoView {
    let id = format!("setting-{}", field.name);
    let note_id = format!("{id}-note");
    let is_invalid = flag(move || !error.read().is_empty());
    let input = match field.kind {
        FieldKind::Choice(options) => view! {
            <Choice
                id=id.clone()
                options=options.to_vec()
                value=value
                on_change=on_apply
                described_by=note_id.clone()
                is_invalid=is_invalid
            />
        }
        .into_any(),
        kind => text_input(&id, &note_id, field, kind, value, is_invalid, on_draft, on_apply).into_any(),
    };
    view! {
        <div class=text(move || field_class(is_invalid.get()))>
            <label class="field__label" for=id>
                {field.label}
            </label>
            {input}
            <span class="field__hint" id=note_id aria-live="polite">
                {text(move || error_or_hint(&error.read(), field.hint))}
            </span>
        </div>
    }
}

#[allow(clippy::too_many_arguments, reason = "the second half of the component above")]
fn text_input(
    id: &str,
    note_id: &str,
    field: &'static Field,
    kind: FieldKind,
    value: Signal<String>,
    is_invalid: Signal<bool>,
    on_draft: Callback<String>,
    on_apply: Callback<String>,
) -> impl IntoView {
    let offers = match kind {
        FieldKind::Duration(offers) => offers,
        _ => &[],
    };
    let list_id = (!offers.is_empty()).then(|| format!("{id}-offers"));
    let offered = list_id.clone().map(|list_id| {
        let options = offers.iter().map(|offer| view! { <option value=*offer></option> }).collect_view();
        view! { <datalist id=list_id>{options}</datalist> }
    });
    view! {
        <input
            class="input"
            id=id.to_owned()
            type="text"
            inputmode=(kind == FieldKind::Number).then_some("decimal")
            autocomplete="off"
            spellcheck="false"
            list=list_id
            placeholder=field.placeholder
            aria-describedby=note_id.to_owned()
            aria-invalid=text(move || is_invalid.get().to_string())
            prop:value=value
            on:input=move |event| on_draft.run(event_target_value(&event))
            on:change=move |event| on_apply.run(event_target_value(&event))
        />
        {offered}
    }
}

fn error_or_hint(error: &str, hint: &str) -> String {
    if error.is_empty() { hint.to_owned() } else { error.to_owned() }
}

fn field_class(is_invalid: bool) -> String {
    if is_invalid { "field field--refused".to_owned() } else { "field".to_owned() }
}
