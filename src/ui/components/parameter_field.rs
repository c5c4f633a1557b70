//! A field of the console for one query parameter.

use leptos::prelude::*;

use super::choice::Choice;
use crate::ui::model::endpoints::{Parameter, ParameterKind};

/// Label, input and hint of a query parameter.
#[component]
pub fn ParameterField(
    /// The parameter.
    parameter: Parameter,
    /// What is filled in.
    #[prop(into)]
    value: Signal<String>,
    /// Hears of each change.
    on_change: Callback<String>,
) -> impl IntoView {
    let id = format!("parameter-{}", parameter.name);
    let hint_id = format!("{id}-hint");
    let input = match parameter.kind {
        ParameterKind::Text(example) => view! {
            <input
                class="input"
                id=id.clone()
                type="text"
                autocomplete="off"
                spellcheck="false"
                placeholder=example
                aria-describedby=hint_id.clone()
                prop:value=value
                on:input=move |event| on_change.run(event_target_value(&event))
            />
        }
        .into_any(),
        ParameterKind::Choice(values) => {
            let options =
                std::iter::once(("", "\u{2013}")).chain(values.iter().map(|value| (*value, *value))).collect();
            view! { <Choice id=id.clone() options=options value=value on_change=on_change described_by=hint_id.clone() /> }
                .into_any()
        }
    };
    view! {
        <div class="field">
            <label class="field__label field__label--code" for=id>
                {parameter.name}
            </label>
            {input}
            <span class="field__hint" id=hint_id>
                {parameter.hint}
            </span>
        </div>
    }
}
