//! A field for one setting.

use super::choice::choice;
use crate::pipeline::{Field as Schema, Kind, Limits};
use crate::ui::html::{button, div, input, label, p, span};
use crate::ui::live::{El, Live, State};
use crate::ui::model::settings::FieldLabel;

/// Label, input, meaning, facts, reset button, and the reason of a refusal.
pub struct SettingField {
    /// The texts of the setting.
    pub field: &'static FieldLabel,
    /// Its schema in the API.
    pub schema: &'static Schema,
    /// The content of the field: the draft, or the value in force.
    pub value: Live<String>,
    /// Why the typed text is refused; empty when it is valid.
    pub error: State<String>,
    /// Whether the value in force differs from the default.
    pub is_changed: Live<bool>,
}

impl SettingField {
    /// The field; `on_draft` is called on each keystroke, `on_apply` on a finished change; an empty text is the
    /// default.
    #[must_use]
    pub fn view(self, on_draft: impl FnMut(String) + 'static, on_apply: impl Fn(String) + Clone + 'static) -> El {
        let Self { field, schema, value, error, is_changed } = self;
        let id = ["setting-", field.name].concat();
        let [note_id, facts_id, error_id] = ["-note", "-facts", "-error"].map(|end| [&id, end].concat());
        let is_invalid = Live::new(move || !error.read().is_empty());
        let is_choice = field.options(schema).next().is_some();
        let entry = if is_choice {
            choice(&id, field.options(schema), value)
        } else {
            text_input(&id, field, schema, value).on_input(on_draft)
        };
        let reset = on_apply.clone();
        let parts = [
            label("field__label").attr("for", &id).text(field.label),
            entry
                .attr("aria-describedby", &[&error_id, " ", &note_id, " ", &facts_id].concat())
                .live_attr("aria-invalid", move || is_invalid.get().to_string())
                .on_change(on_apply),
            p("field__error").id(&error_id).attr("aria-live", "polite").live(error),
            p("field__hint").id(&note_id).text(&field.meaning(schema)),
            p("field__facts").with([
                span("").id(&facts_id).text(&field.facts(schema)),
                button("button button--quiet field__reset", "Reset")
                    .label(&["Reset ", field.label, " to its default"].concat())
                    .hidden_when(move || !is_changed.get())
                    .on_click(move || reset(String::new())),
            ]),
        ];
        let class = move || match (is_invalid.get(), is_changed.get()) {
            (true, _) => "field field--refused",
            (false, true) => "field field--changed",
            (false, false) => "field",
        };
        let offers = (!field.offers.is_empty()).then(|| offered(&id, field.offers));
        div("field").live_class(move || class().to_owned()).with(parts).with_all(offers)
    }
}

fn text_input(id: &str, field: &FieldLabel, schema: &Schema, value: Live<String>) -> El {
    let entry = input("input")
        .id(id)
        .attr("type", "text")
        .attr("autocomplete", "off")
        .attr("spellcheck", "false")
        .attr("placeholder", field.unset)
        .live_value(value);
    match (schema.kind, schema.limits) {
        (Kind::Number, Limits::Whole(..)) => entry.attr("inputmode", "numeric"),
        _ if !field.offers.is_empty() => entry.attr("list", &offers_id(id)),
        _ => entry,
    }
}

/// Suggestions while typing.
fn offered(id: &str, offers: &[&str]) -> El {
    let offers = offers.iter().map(|offer| El::new("option").attr("value", offer));
    El::new("datalist").id(&offers_id(id)).with_all(offers)
}

fn offers_id(id: &str) -> String {
    [id, "-offers"].concat()
}
