//! A field of the console for one parameter.

use super::choice::choice;
use crate::ui::html::{div, input, label, span};
use crate::ui::live::{El, Follow};
use crate::ui::model::endpoints::Parameter;

/// Label, input and hint of a parameter; `on_change` is called on each change.
#[must_use]
pub fn parameter_field(
    parameter: &Parameter,
    value: impl Follow<String>,
    on_change: impl FnMut(String) + 'static,
) -> El {
    let id = format!("parameter-{}", parameter.name);
    let hint_id = format!("{id}-hint");
    let field = if parameter.choices.is_empty() {
        input("input")
            .id(&id)
            .attr("type", "text")
            .attr("autocomplete", "off")
            .attr("spellcheck", "false")
            .attr("placeholder", &parameter.example)
            .live_value(value)
            .on_input(on_change)
    } else {
        let choices = parameter.choices.iter().map(|name| (name.as_str(), name.as_str()));
        choice(&id, [("", "\u{2013}")].into_iter().chain(choices), value).on_change(on_change)
    };
    div("field").with([
        label("field__label field__label--code").attr("for", &id).text(&parameter.name),
        field.attr("aria-describedby", &hint_id),
        span("field__hint").id(&hint_id).text(&parameter.hint),
    ])
}
