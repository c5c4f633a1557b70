//! A field of the console for one parameter.

use std::iter::once;

use leptos::prelude::*;

use super::choice::Choice;
use crate::ui::model::endpoints::Parameter;

/// Label, input and hint of a parameter.
#[component]
pub fn ParameterField(
    /// The parameter.
    parameter: Parameter,
    /// The content of the field.
    #[prop(into)]
    value: Signal<String>,
    /// Receives the content after each change.
    #[prop(into)]
    on_change: Callback<String>,
) -> impl IntoView {
    let Parameter { name, is_header, choices, example, hint } = parameter;
    let hint = if is_header { format!("A header. {hint}") } else { hint };
    let id = format!("parameter-{name}");
    let hint_id = format!("{id}-hint");
    let entry = if choices.is_empty() {
        view! {
            <input
                class="input"
                id=id.clone()
                type="text"
                autocomplete="off"
                spellcheck="false"
                placeholder=example
                aria-describedby=hint_id.clone()
                prop:value=value
                on:input:target=move |event| on_change.run(event.target().value())
            />
        }
        .into_any()
    } else {
        let unset = (String::new(), "\u{2013}".to_owned());
        let options = once(unset).chain(choices.into_iter().map(|choice| (choice.clone(), choice))).collect();
        view! { <Choice id=id.clone() options value on_change described_by=hint_id.clone()/> }.into_any()
    };
    view! {
        <div class="field">
            <label class="field__label field__label--code" for=id>
                {name}
            </label>
            {entry}
            <span class="field__hint" id=hint_id>
                {hint}
            </span>
        </div>
    }
}
