//! A field for one setting.

use super::choice::choice;
use crate::ui::html::{div, input, label, span};
use crate::ui::live::{El, Live, State};
use crate::ui::model::settings::{Field, FieldKind};

/// Label, input, hint and the reason of a refusal.
pub struct SettingField {
    /// The setting.
    pub field: &'static Field,
    /// What the field shows: the draft, or what applies.
    pub value: Live<String>,
    /// Why the last change was refused; empty when it was not.
    pub error: State<String>,
}

impl SettingField {
    /// The field; `on_draft` hears of each keystroke, `on_apply` of a finished change.
    #[must_use]
    pub fn view(self, on_draft: impl FnMut(String) + 'static, on_apply: impl FnMut(String) + 'static) -> El {
        let Self { field, value, error } = self;
        let id = format!("setting-{}", field.name);
        let note_id = format!("{id}-note");
        let is_invalid = Live::new(move || !error.read().is_empty());
        let entry = match field.kind {
            FieldKind::Choice(options) => choice(&id, options.iter().copied(), value),
            kind => text_input(&id, field, kind, value).on_input(on_draft),
        };
        let mut parts = vec![
            label("field__label").attr("for", &id).text(field.label),
            entry
                .attr("aria-describedby", &note_id)
                .live_attr("aria-invalid", move || is_invalid.get().to_string())
                .on_change(on_apply),
        ];
        if let FieldKind::Duration(offers) = field.kind {
            parts.push(offered(&id, offers));
        }
        parts.push(
            span("field__hint")
                .id(&note_id)
                .attr("aria-live", "polite")
                .live(move || error_or_hint(&error.read(), field.hint)),
        );
        div("field").live_class(move || field_class(is_invalid.get())).with_all(parts)
    }
}

fn text_input(id: &str, field: &Field, kind: FieldKind, value: Live<String>) -> El {
    let entry = input("input")
        .id(id)
        .attr("type", "text")
        .attr("autocomplete", "off")
        .attr("spellcheck", "false")
        .attr("placeholder", field.placeholder)
        .live_value(value);
    match kind {
        FieldKind::Number => entry.attr("inputmode", "decimal"),
        FieldKind::Duration(_) => entry.attr("list", &offers_id(id)),
        _ => entry,
    }
}

/// What is offered while typing.
fn offered(id: &str, offers: &[&str]) -> El {
    let offers = offers.iter().map(|offer| El::new("option").attr("value", offer));
    El::new("datalist").id(&offers_id(id)).with_all(offers)
}

fn offers_id(id: &str) -> String {
    format!("{id}-offers")
}

fn error_or_hint(error: &str, hint: &str) -> String {
    if error.is_empty() { hint.to_owned() } else { error.to_owned() }
}

fn field_class(is_invalid: bool) -> String {
    if is_invalid { "field field--refused".to_owned() } else { "field".to_owned() }
}
