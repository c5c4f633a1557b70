//! The schemas of the settings, from [`Settings::FIELDS`].

use super::write::Writer;
use super::{DURATION, limits};
use crate::frame::write_number;
use crate::pipeline::{Field, Kind, Limits, Settings};

/// `Settings`, as in responses, and `SettingsPatch`, as in requests, where every setting may be missing or null.
pub(super) fn write(out: &mut Writer) {
    let default = Settings::default();
    for (schema, is_patch) in [("Settings", false), ("SettingsPatch", true)] {
        out.key(schema);
        out.raw(r#"{"type":"object","additionalProperties":false"#);
        if !is_patch {
            out.texts_member("required", &Settings::FIELDS.each_ref().map(|field| field.name));
        }
        out.key("properties");
        out.open(b'{');
        for field in &Settings::FIELDS {
            write_field(out, field, field.get(&default), is_patch);
        }
        out.close(b'}');
        out.close(b'}');
    }
}

fn write_field(out: &mut Writer, field: &Field, default: Option<String>, is_patch: bool) {
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
    if !field.choices.is_empty() {
        out.texts_member("enum", field.choices);
        if is_nullable {
            // Inside the array that was closed just now.
            out.0.pop();
            out.raw("null]");
        }
    }
    match field.limits {
        Limits::None => {}
        Limits::Whole(least, most) => limits(out, &least.to_string(), &most.to_string()),
        Limits::Number(least, most) => limits(out, &write_number(least), &write_number(most)),
        Limits::Duration(_) => out.text_member("pattern", DURATION),
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
            format!("{} At least {}.", field.doc, crate::time::Duration::from_nanos(least))
        }
        _ => field.doc.to_owned(),
    };
    out.text_member("description", &description);
    out.close(b'}');
}
