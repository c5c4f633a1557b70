//! The schemas of the settings, from [`Settings::FIELDS`].

use super::limits;
use super::write::Writer;
use crate::frame::write_number;
use crate::pipeline::{Field, Kind, Limits, MASK, Settings};
use crate::time::{Duration, duration_pattern};

/// A length of time as answers have it: in one unit.
const PRINTED_DURATION: &str = "^[0-9]{1,19}(ns|us|ms|s|min|h|d)$";

/// `Settings`, as in responses, and `SettingsPatch`, as in requests, where every setting may be missing or null.
pub(super) fn write(out: &mut Writer) {
    for (schema, is_patch) in [("Settings", false), ("SettingsPatch", true)] {
        out.key(schema);
        out.raw(r#"{"type":"object","additionalProperties":false"#);
        if !is_patch {
            out.texts_member("required", &Settings::FIELDS.each_ref().map(|field| field.name));
        }
        out.key("properties");
        out.open(b'{');
        for field in &Settings::FIELDS {
            write_field(out, field, is_patch);
        }
        out.close(b'}');
        out.close(b'}');
    }
}

fn write_field(out: &mut Writer, field: &Field, is_patch: bool) {
    let default = field.default();
    let is_nullable = is_patch || default.is_none();
    out.key(field.name);
    out.open(b'{');
    let kind = match (field.kind, field.limits) {
        (Kind::Text, _) => "string",
        (Kind::Number, Limits::Whole(..)) => "integer",
        (Kind::Number, _) => "number",
        (Kind::Bool, _) => "boolean",
    };
    let kinds = [kind, "null"];
    out.texts_member("type", if is_nullable { &kinds } else { &kinds[..1] });
    match field.limits {
        Limits::None => {}
        Limits::Choices(names) => {
            out.texts_member("enum", names);
            if is_nullable {
                // Inside the array that was closed just now.
                out.0.pop();
                out.raw("null]");
            }
        }
        Limits::Whole(least, most) => limits(out, &least.to_string(), &most.to_string()),
        Limits::Number(least, most) => limits(out, &write_number(least), &write_number(most)),
        Limits::Above(least, most) => {
            out.raw_member("exclusiveMinimum", &write_number(least));
            out.raw_member("maximum", &write_number(most));
        }
        Limits::Duration(least) if is_patch => {
            out.text_member("pattern", duration_pattern(Duration::from_nanos(least)));
        }
        Limits::Duration(_) => out.text_member("pattern", PRINTED_DURATION),
        Limits::Word(most) => out.text_member("pattern", &format!("^[!-~]{{1,{most}}}$")),
    }
    if let Some(default) = default {
        out.key("default");
        match field.kind {
            Kind::Text => out.text(&default),
            Kind::Number | Kind::Bool => out.raw(&default),
        }
    }
    let description = match field.limits {
        Limits::Duration(least) if least > 0 => {
            format!("{} At least {}.", field.doc, Duration::from_nanos(least))
        }
        _ if field.is_secret() && is_patch => format!("{} {MASK} leaves it as it is.", field.doc),
        _ if field.is_secret() => format!("{} One that is set is shown as {MASK}.", field.doc),
        _ => field.doc.to_owned(),
    };
    out.text_member("description", &description);
    out.text_member("x-unit", field.unit);
    out.close(b'}');
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn schemas() -> Value {
        let mut out = Writer(vec![b'{']);
        write(&mut out);
        out.close(b'}');
        serde_json::from_slice(&out.0).unwrap()
    }

    #[test]
    fn a_schema_has_the_limits_default_and_unit_of_its_row() {
        let schemas = schemas();
        let expected = json!({
            "type": ["integer"], "minimum": 1, "maximum": 1_000_000, "default": 10,
            "description": "The number of events that make a batch.", "x-unit": "events",
        });
        assert_eq!(schemas["Settings"]["properties"]["batch_size"], expected);
        let expected = json!({
            "type": ["number", "null"], "exclusiveMinimum": 0, "maximum": 1_000_000,
            "description": "Requests a second, with a burst of as many; null: no limit.", "x-unit": "requests a second",
        });
        assert_eq!(schemas["Settings"]["properties"]["rate_limit"], expected);
        let late = &schemas["SettingsPatch"]["properties"]["late"];
        assert_eq!(late["enum"], json!(["accept", "reject", null]));
        assert_eq!(late.get("x-unit"), None);
    }
}
