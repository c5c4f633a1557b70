//! A JSON Schema of `openapi.json` as readable text, before a request is sent.
//!
//! Read [`schema_text`] first. References into the document are resolved, so that the text stands alone.

use serde_json::{Map, Value};

/// Levels of nesting that are written out: a schema may contain itself.
const MAX_DEPTH: usize = 8;
/// Characters of a line that hold a whole object.
const LINE_CHARS: usize = 56;

/// The values that match a schema: `{ "total": integer, "rejected": [ { "row": integer | null } ] }`, with `?` behind
/// the name of a member that may be missing, and what a member means behind `//`.
#[must_use]
pub fn schema_text(document: &Value, schema: &Value) -> String {
    value_text(document, schema, 0)
}

/// The schema that a reference leads to, with its name; the schema itself, without a name, when it is no reference.
#[must_use]
pub fn resolved<'a>(document: &'a Value, schema: &'a Value) -> (&'a str, &'a Value) {
    let reference = schema["$ref"].as_str().unwrap_or_default();
    let name = reference.rsplit('/').next().unwrap_or_default();
    match reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer)) {
        Some(target) => (name, target),
        None => ("", schema),
    }
}

/// The names of the types of a schema; those of a schema that lists members are an object's.
#[must_use]
pub fn type_names(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ if schema["properties"].is_object() => vec!["object"],
        _ => Vec::new(),
    }
}

/// The only values that a schema allows, as JSON; none when it lists none.
#[must_use]
pub fn literals(schema: &Value) -> Vec<String> {
    let values = schema.get("const").into_iter().chain(schema["enum"].as_array().into_iter().flatten());
    values.map(Value::to_string).collect()
}

/// The schemas of which a value matches one.
#[must_use]
pub fn variants(schema: &Value) -> &[Value] {
    ["anyOf", "oneOf"].into_iter().find_map(|key| schema[key].as_array()).map(Vec::as_slice).unwrap_or_default()
}

/// The first sentence of what a member means; empty for a reference, whose target is described once.
#[must_use]
pub fn meaning(schema: &Value) -> &str {
    let text = schema["description"].as_str().unwrap_or_default();
    text.split_once(". ").map_or(text, |(sentence, _)| sentence).trim_end_matches('.')
}

/// Whether an object always has this member.
#[must_use]
pub fn is_required(schema: &Value, name: &str) -> bool {
    schema["required"].as_array().into_iter().flatten().any(|required| required == name)
}

/// The members of an object, in order; none for any other value.
#[must_use]
pub fn members(value: &Value) -> &Map<String, Value> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.as_object().unwrap_or(&NONE)
}

fn value_text(document: &Value, schema: &Value, depth: usize) -> String {
    if depth > MAX_DEPTH {
        return "\u{2026}".to_owned();
    }
    let (name, schema) = resolved(document, schema);
    let mut texts = literals(schema);
    texts.extend(variants(schema).iter().map(|variant| value_text(document, variant, depth + 1)));
    if texts.is_empty() {
        texts = type_names(schema).into_iter().map(|kind| kind_text(document, schema, (kind, name), depth)).collect();
    }
    texts.dedup();
    if texts.is_empty() { "any".to_owned() } else { texts.join(" | ") }
}

/// The values of one type of a schema.
fn kind_text(document: &Value, schema: &Value, (kind, name): (&str, &str), depth: usize) -> String {
    match kind {
        "object" => object_text(document, schema, depth),
        "array" => format!("[ {} ]", value_text(document, &schema["items"], depth + 1)),
        "string" => match schema["format"].as_str() {
            Some(format) => format!("string ({format})"),
            // A pattern is for machines; the name of what it checks says more.
            None if !name.is_empty() && schema["pattern"].is_string() => format!("string ({name})"),
            None => kind.to_owned(),
        },
        plain => plain.to_owned(),
    }
}

fn object_text(document: &Value, schema: &Value, depth: usize) -> String {
    let named = members(&schema["properties"]).iter().map(|(name, member)| {
        let mark = if is_required(schema, name) { "" } else { "?" };
        (format!("{}{mark}", Value::from(name.as_str())), member)
    });
    let patterned =
        members(&schema["patternProperties"]).iter().map(|(pattern, member)| (pattern_name(pattern), member));
    let further = Some(&schema["additionalProperties"])
        .filter(|further| further.is_object())
        .map(|further| ("\"\u{2026}\"".to_owned(), further));
    let lines: Vec<(String, &str)> = named
        .chain(patterned)
        .chain(further)
        .map(|(name, member)| {
            let default = member.get("default").map(|value| format!(" = {value}")).unwrap_or_default();
            (format!("{name}: {}{default}", value_text(document, member, depth + 1)), meaning(member))
        })
        .collect();
    braced(&lines)
}

/// `"moving_…"` for `^moving_`, and the pattern itself for one that is not a plain start.
fn pattern_name(pattern: &str) -> String {
    match plain_start(pattern) {
        Some(start) => format!("\"{start}\u{2026}\""),
        None => format!("\"/{pattern}/\""),
    }
}

/// The text that all names begin with which match a pattern such as `^moving_`.
#[must_use]
pub fn plain_start(pattern: &str) -> Option<&str> {
    let is_plain = |text: &&str| text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    pattern.strip_prefix('^').filter(is_plain)
}

/// The members in braces: on one line if they are few and short, else each on its own.
fn braced(lines: &[(String, &str)]) -> String {
    let length = lines.iter().map(|(line, _)| line.chars().count() + 2).sum::<usize>();
    let is_short = length <= LINE_CHARS && lines.iter().all(|(line, note)| note.is_empty() && !line.contains('\n'));
    if lines.is_empty() {
        return "{ \u{2026} }".to_owned();
    }
    if is_short {
        let lines: Vec<&str> = lines.iter().map(|(line, _)| line.as_str()).collect();
        return format!("{{ {} }}", lines.join(", "));
    }
    let mut text = "{".to_owned();
    for (at, (line, note)) in lines.iter().enumerate() {
        text.push_str("\n  ");
        text.push_str(&line.replace('\n', "\n  "));
        text.push_str(if at + 1 < lines.len() { "," } else { "" });
        if !note.is_empty() {
            text.push_str(" // ");
            text.push_str(note);
        }
    }
    text.push_str("\n}");
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plain(schema: &Value) -> String {
        schema_text(&Value::Null, schema)
    }

    #[test]
    fn references_are_resolved_and_the_name_of_a_pattern_is_kept() {
        let document = json!({"components": {"schemas": {
            "Instant": {"type": "string", "pattern": "^\\d{4}"},
            "Row": {"type": "object", "required": ["timestamp"], "properties": {
                "timestamp": {"$ref": "#/components/schemas/Instant"}, "value": {"type": "number"}}},
        }}});
        let rows = json!({"type": "array", "items": {"$ref": "#/components/schemas/Row"}});
        assert_eq!(schema_text(&document, &rows), "[ { \"timestamp\": string (Instant), \"value\"?: number } ]");
        let lost = json!({"$ref": "#/components/schemas/Gone"});
        assert_eq!(schema_text(&document, &lost), "any");
    }

    #[test]
    fn long_objects_take_a_line_for_each_member() {
        let schema = json!({"type": "object", "required": ["status"], "properties": {
            "status": {"const": "ok"},
            "at": {"type": "string", "format": "date-time", "description": "When. In UTC."},
            "inner": {"type": "array", "items": {"type": "object", "properties": {
                "first": {"type": "string"}, "second": {"type": "string"}, "thirteenth": {"type": "string"}}}},
        }});
        let expected = "{\n  \"status\": \"ok\",\n  \"at\"?: string (date-time), // When\n  \"inner\"?: [ {\n    \
                        \"first\"?: string,\n    \"second\"?: string,\n    \"thirteenth\"?: string\n  } ]\n}";
        assert_eq!(plain(&schema), expected);
    }

    #[test]
    fn alternatives_stand_side_by_side() {
        assert_eq!(plain(&json!({"type": ["number", "null"]})), "number | null");
        assert_eq!(plain(&json!({"enum": ["running", "paused", null]})), "\"running\" | \"paused\" | null");
        assert_eq!(plain(&json!({"anyOf": [{"type": "integer"}, {"type": "string"}]})), "integer | string");
        assert_eq!(plain(&json!({})), "any");
    }

    #[test]
    fn members_without_fixed_names_are_listed_too() {
        let schema = json!({"type": "object", "properties": {"id": {"type": "string"}},
            "patternProperties": {"^moving_": {"type": "number"}}, "additionalProperties": {"type": "null"}});
        assert_eq!(plain(&schema), "{ \"id\"?: string, \"moving_\u{2026}\": number, \"\u{2026}\": null }");
        assert_eq!(plain(&json!({"type": "object"})), "{ \u{2026} }");
        assert_eq!(pattern_name("^a|b$"), "\"/^a|b$/\"");
    }

    #[test]
    fn defaults_are_shown() {
        let schema = json!({"properties": {"size": {"type": "integer", "default": 10}}, "required": ["size"]});
        assert_eq!(plain(&schema), "{ \"size\": integer = 10 }");
    }

    #[test]
    fn a_schema_that_contains_itself_ends() {
        let document = json!({"tree": {"type": "array", "items": {"$ref": "#/tree"}}});
        assert!(schema_text(&document, &document["tree"]).contains("[ \u{2026} ]"));
    }
}
