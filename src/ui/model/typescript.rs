//! A JSON Schema of `openapi.json` as TypeScript types.
//!
//! Read [`Types::new`] first. Each named object becomes an `interface`, each named choice a `type`, in the order in
//! which they are needed.

use serde_json::Value;

use super::schema_text::{is_required, literals, meaning, members, plain_start, resolved, type_names, variants};

/// Levels of nesting that are written out within one declaration.
const MAX_DEPTH: usize = 8;

/// The type of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Types {
    /// The declarations that the type needs; empty when it needs none.
    pub declarations: String,
    /// The type; empty when there is no schema.
    pub name: String,
}

impl Types {
    /// The types of the values that match a schema.
    #[must_use]
    pub fn new(document: &Value, schema: &Value) -> Self {
        if schema.is_null() {
            return Self::default();
        }
        let mut writer = Writer { document, declared: Vec::new() };
        let name = writer.type_of(schema, 0);
        let texts: Vec<&str> = writer.declared.iter().map(|(_, text)| text.as_str()).collect();
        Self { declarations: texts.join("\n\n"), name }
    }
}

/// Collects declarations.
struct Writer<'a> {
    document: &'a Value,
    /// The name and the text of each declaration.
    declared: Vec<(String, String)>,
}

impl Writer<'_> {
    fn type_of(&mut self, schema: &Value, depth: usize) -> String {
        if depth > MAX_DEPTH {
            return "unknown".to_owned();
        }
        let document = self.document;
        let (name, target) = resolved(document, schema);
        let is_named = !variants(target).is_empty() || type_names(target).contains(&"object");
        if is_named && is_identifier(name) {
            self.declare(name, target);
            return name.to_owned();
        }
        let mut types = literals(target);
        for variant in variants(target) {
            types.push(self.type_of(variant, depth + 1));
        }
        if types.is_empty() {
            types = type_names(target).into_iter().map(|kind| self.kind_of(target, kind, depth)).collect();
        }
        types.dedup();
        if types.is_empty() { "unknown".to_owned() } else { types.join(" | ") }
    }

    fn kind_of(&mut self, schema: &Value, kind: &str, depth: usize) -> String {
        match kind {
            "integer" => "number".to_owned(),
            "object" => self.object(schema, depth),
            "array" => {
                let item = self.type_of(&schema["items"], depth + 1);
                if is_identifier(&item) { format!("{item}[]") } else { format!("Array<{item}>") }
            }
            plain => plain.to_owned(),
        }
    }

    /// Declares a named schema once.
    fn declare(&mut self, name: &str, schema: &Value) {
        if self.declared.iter().any(|(known, _)| known == name) {
            return;
        }
        let place = self.declared.len();
        // Known before it is written: a schema may contain itself.
        self.declared.push((name.to_owned(), String::new()));
        let is_interface = variants(schema).is_empty() && type_names(schema) == ["object"];
        let text = if is_interface {
            format!("export interface {name} {}", self.object(schema, 0))
        } else {
            format!("export type {name} = {};", self.type_of(schema, 0))
        };
        self.declared[place].1 = text;
    }

    fn object(&mut self, schema: &Value, depth: usize) -> String {
        let mut text = "{".to_owned();
        let mut types = Vec::new();
        for (name, member) in members(&schema["properties"]) {
            let kind = self.type_of(member, depth + 1);
            let is_optional = !is_required(schema, name);
            let note = meaning(member).replace("*/", "* /");
            if !note.is_empty() {
                text.push_str(&format!("\n  /** {note}. */"));
            }
            let name = if is_identifier(name) { name.to_owned() } else { Value::from(name.as_str()).to_string() };
            let mark = if is_optional { "?" } else { "" };
            text.push_str(&format!("\n  {name}{mark}: {};", kind.replace('\n', "\n  ")));
            types.push(kind);
            types.extend(is_optional.then(|| "undefined".to_owned()));
        }
        for (key, kind) in self.indexes(schema, types, depth) {
            text.push_str(&format!("\n  [name: {key}]: {};", kind.replace('\n', "\n  ")));
        }
        text.push_str("\n}");
        text
    }

    /// The members without fixed names: the type of the name and of the value. `known` are the types of the others,
    /// which TypeScript wants within that of an index over all names.
    fn indexes(&mut self, schema: &Value, known: Vec<String>, depth: usize) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut others = Vec::new();
        for (pattern, member) in members(&schema["patternProperties"]) {
            let kind = self.type_of(member, depth + 1);
            match plain_start(pattern) {
                Some(start) => found.push((format!("`{start}${{string}}`"), kind)),
                None => others.push(kind),
            }
        }
        match &schema["additionalProperties"] {
            further @ Value::Object(_) => others.push(self.type_of(further, depth + 1)),
            Value::Null if known.is_empty() && found.is_empty() => others.push("unknown".to_owned()),
            _ => {}
        }
        if !others.is_empty() {
            let patterned = found.iter().map(|(_, kind)| kind.clone());
            let all = others.into_iter().chain(patterned).chain(known);
            found.push(("string".to_owned(), union(all)));
        }
        found
    }
}

/// One type of several, each named once.
fn union(types: impl Iterator<Item = String>) -> String {
    let mut parts = Vec::<String>::new();
    for part in types.flat_map(|kind| parts_of(&kind)) {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    if parts.iter().any(|part| part == "unknown") { "unknown".to_owned() } else { parts.join(" | ") }
}

/// The parts of a union of plain names; any other type is one part.
fn parts_of(kind: &str) -> Vec<String> {
    if kind.contains(['{', '<', '"']) {
        return vec![kind.to_owned()];
    }
    kind.split(" | ").map(str::to_owned).collect()
}

fn is_identifier(text: &str) -> bool {
    text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && text.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn named_objects_become_interfaces() {
        let document = json!({"components": {"schemas": {
            "Instant": {"type": "string", "pattern": "^\\d{4}"},
            "Row": {"type": "object", "required": ["timestamp"], "properties": {
                "timestamp": {"$ref": "#/components/schemas/Instant"},
                "count": {"type": ["integer", "null"], "description": "How many. Or none."}},
                "patternProperties": {"^moving_": {"type": ["number", "null"]}}, "additionalProperties": false},
            "Tables": {"type": "object", "properties": {
                "latest": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}}}},
        }}});
        let types = Types::new(&document, &json!({"$ref": "#/components/schemas/Tables"}));
        assert_eq!(types.name, "Tables");
        let expected = "export interface Tables {\n  latest?: Row[];\n}\n\n\
                        export interface Row {\n  timestamp: string;\n  /** How many. */\n  count?: number | null;\n  \
                        [name: `moving_${string}`]: number | null;\n}";
        assert_eq!(types.declarations, expected);
    }

    #[test]
    fn an_index_over_all_names_holds_the_types_of_the_named_members() {
        let schema = json!({"type": "object", "required": ["at"], "properties": {"at": {"type": "string"}},
            "additionalProperties": {"type": ["number", "null"]}});
        let types = Types::new(&Value::Null, &schema);
        assert_eq!(types.name, "{\n  at: string;\n  [name: string]: number | null | string;\n}");
        assert_eq!(Types::new(&Value::Null, &json!({"type": "object"})).name, "{\n  [name: string]: unknown;\n}");
    }

    #[test]
    fn choices_become_literals_and_unions() {
        let document = json!({"State": {"anyOf": [{"enum": ["on", "off"]}, {"type": "integer"}]}});
        let types = Types::new(&document, &json!({"type": "array", "items": {"$ref": "#/State"}}));
        assert_eq!(types.declarations, "export type State = \"on\" | \"off\" | number;");
        assert_eq!(types.name, "State[]");
        let mixed = json!({"type": "array", "items": {"type": ["string", "integer"]}});
        assert_eq!(Types::new(&document, &mixed).name, "Array<string | number>");
        assert_eq!(Types::new(&document, &Value::Null), Types::default());
    }

    #[test]
    fn names_that_are_no_identifiers_are_quoted_and_a_schema_may_contain_itself() {
        let document = json!({"Node": {"type": "object", "required": ["x-unit", "next"], "properties": {
            "x-unit": {"type": "string"}, "next": {"$ref": "#/Node"}}}});
        let types = Types::new(&document, &json!({"$ref": "#/Node"}));
        assert_eq!(types.declarations, "export interface Node {\n  \"x-unit\": string;\n  next: Node;\n}");
    }
}
