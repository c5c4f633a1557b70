//! The schemas of the settings, from [`Settings::FIELDS`].

use super::limits;
use super::write::Writer;
use crate::frame::write_number;
use crate::pipeline::{
    DELIMITER_PATTERN, Field, Kind, Limits, MASK, MAX_MEASURE_BYTES, MAX_MEASURES, MEASURES_PATTERN, Settings,
};
use crate::time::{Duration, TIMESTAMP_PATTERN, duration_pattern};

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
        Limits::Text(most) if !is_patch => out.text_member("pattern", &printed_text(most)),
        Limits::Measures if !is_patch => out.text_member("pattern", &printed_measures()),
        // Its times are printed as they were given, in more forms than a pattern describes.
        Limits::NatsStart if !is_patch => {}
        Limits::Text(most) => out.text_member("pattern", &text_pattern(most)),
        Limits::Measures => out.text_member("pattern", &measures_pattern()),
        Limits::Delimiter => out.text_member("pattern", DELIMITER_PATTERN),
        Limits::Form(pattern) => out.text_member("pattern", pattern),
        Limits::NatsStart => out.text_member("pattern", &nats_start_pattern()),
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

/// A text of up to so many bytes without blanks around it. A pattern counts characters: a quarter of so many of any, or
/// so many of ASCII, are never too many bytes; others are read, but not described.
fn text_pattern(most_bytes: usize) -> String {
    let (ascii, any) = (most_bytes.saturating_sub(2), (most_bytes / 4).saturating_sub(2));
    format!(r"^(?:[!-~](?:[ -~]{{0,{ascii}}}[!-~])?|\S(?:[\s\S]{{0,{any}}}\S)?)$")
}

/// A text of up to so many bytes, as answers have it.
fn printed_text(most_bytes: usize) -> String {
    format!(r"^\S(?:[\s\S]{{0,{}}}\S)?$", most_bytes.saturating_sub(2))
}

/// Names of measures, as answers have them: those that [`MEASURES_PATTERN`] does not describe, too.
fn printed_measures() -> String {
    let name = format!(r#"(?:[^",\r\n]{{1,{MAX_MEASURE_BYTES}}}|"(?:[^"]|""){{1,{MAX_MEASURE_BYTES}}}")"#);
    format!("^{name}(?:,{name}){{0,{}}}$", MAX_MEASURES - 1)
}

/// [`MEASURES_PATTERN`], without lists that name a measure twice or one of the columns beside them.
fn measures_pattern() -> String {
    const TWICE: &str = r"(?!(?:.*,)?([^,]+)(?:,.*)?,\1(?:,|$))";
    const OTHERS: &str = r"(?!(?:.*,)?(?:timestamp|id)(?:,|$))";
    ["^", TWICE, OTHERS, MEASURES_PATTERN.trim_start_matches('^')].concat()
}

/// Words, sequences, and [`TIMESTAMP_PATTERN`] without the blanks around it.
fn nats_start_pattern() -> String {
    const BLANKS: &str = r"[ \t\r\n]*";
    let time = TIMESTAMP_PATTERN.trim_matches(['^', '$']).trim_start_matches(BLANKS).trim_end_matches(BLANKS);
    format!("^(?:new|all|[1-9][0-9]{{0,14}}|{time})$")
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

    #[cfg(not(target_arch = "wasm32"))]
    #[test]
    fn texts_that_a_pattern_describes_are_accepted_and_others_refused() {
        let schemas = schemas();
        for (name, text, fits) in [
            ("measures", "value", true),
            ("measures", "temp,hum", true),
            ("measures", "\"a,b\",c", true),
            ("measures", "temp,temperature,temp_2", true),
            ("measures", "temp,hum,temp", false),
            ("measures", "a,a", false),
            ("measures", "temp,id", false),
            ("measures", "timestamp", false),
            ("measures", "temp,", false),
            ("timestamp_field", "Zeit (lokal)", true),
            ("timestamp_field", "\u{e9}", true),
            ("timestamp_field", " t", false),
            ("timestamp_field", "", false),
            ("delimiter", ";", true),
            ("delimiter", "tab", true),
            ("delimiter", "x", false),
            ("source_url", "ws://127.0.0.1:9222", true),
            ("source_url", "WSS://[::1]:65535/a?b={token}", true),
            ("source_url", "https://example.org:/", true),
            ("source_url", "http://a:65535?x", true),
            ("source_url", "http://a:65536", false),
            ("source_url", "http://a:00080", true),
            ("source_url", "http://a:000080", false),
            ("source_url", "ws://user:password@host/", false),
            ("source_url", "ws:///path", false),
            ("source_url", "ws://user:/pass@host", false),
            ("source_url", "ws://a:80/b@c", true),
            ("source_url", "ws://a:?b", true),
            ("source_url", "http://a/#top", false),
            ("source_url", "http://a/b\\c", false),
            ("source_url", "http://a/\"b", true),
            ("nats_stream", "EVENTS", true),
            ("nats_stream", "a.b", false),
            ("nats_stream", "a/b", false),
            ("nats_durable", "a\\b", false),
            ("nats_subject", ">", true),
            ("nats_subject", "a.*.b.>", true),
            ("nats_subject", "a/b", true),
            ("nats_subject", "a.>.b", false),
            ("nats_subject", "a..b", false),
            ("sink_subject", "plant.out", true),
            ("sink_subject", "plant.*", false),
            ("sink_subject", "$SYS", false),
            ("sink_subject", "a.$b", true),
            ("sink_subject", "a$", true),
            ("nats_start", "new", true),
            ("nats_start", "1", true),
            ("nats_start", "1748811307123456", true),
            ("nats_start", "2025-06-01T21:15:07Z", true),
            ("nats_start", "last", false),
            ("nats_start", "1e3", false),
            ("nats_start", " 1", false),
            ("sink_subject", "a,b", true),
            ("nats_stream", "a,b", true),
        ] {
            let schema = json!({ "pattern": schemas["SettingsPatch"]["properties"][name]["pattern"] });
            let pattern = jsonschema::validator_for(&schema).unwrap();
            assert_eq!(pattern.is_valid(&json!(text)), fits, "{name} {text}");
            let is_plain = text == text.trim() && !text.is_empty();
            let is_accepted = is_plain && Settings::default().merged([(name, Some(text))]).is_ok();
            assert_eq!(is_accepted, fits, "{name} {text}");
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    #[test]
    fn what_is_read_and_not_described_is_printed_as_described() {
        let schemas = schemas();
        for (name, text) in [
            ("measures", "a,b\"\"c-and-more-than-sixteen-characters"),
            ("measures", "Durchfluss im Zulauf in m\u{b3}/h"),
            ("timestamp_field", &"\u{e4}".repeat(30)),
            ("nats_start", "1677-09-22"),
        ] {
            let settings = Settings::default().merged([(name, Some(text))]).unwrap();
            let printed = Settings::field(name).unwrap().get(&settings).unwrap();
            let schema = &schemas["Settings"]["properties"][name];
            assert!(jsonschema::validator_for(schema).unwrap().is_valid(&json!(printed)), "{printed} {schema}");
        }
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
