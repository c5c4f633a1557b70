//! `openapi.json`: OpenAPI 3.1 of the whole surface.
//!
//! Read [`document`] first.
//! The paths and methods come from the router, so the document lists exactly the existing routes; their descriptions
//! are in `compat` and `extensions`, common parts in `shared`, and the settings describe themselves. What an event has to
//! be depends on the settings in force, so the document does too.

mod bodies;
mod compat;
mod extensions;
mod operation;
mod settings;
mod shared;
mod write;

use self::operation::{Content, Operation, Parameter, Shape};
use self::shared::{COMPONENTS, HEAD, HEADERS, REFUSALS};
use self::write::Writer;
use crate::pipeline::Settings;

/// The document over these paths, each with its methods, under these settings.
pub(super) fn document<'a>(routes: impl Iterator<Item = (&'a str, Vec<&'a str>)>, in_force: &Settings) -> Vec<u8> {
    let mut out = Writer(Vec::with_capacity(64_000));
    out.raw(HEAD);
    out.key("paths");
    out.open(b'{');
    for (path, methods) in routes {
        out.key(&["/", path].concat());
        out.open(b'{');
        for method in methods {
            if let Some(operation) = operations().find(|known| known.path == path && known.method == method) {
                write_operation(&mut out, operation);
            }
        }
        out.close(b'}');
    }
    out.close(b'}');
    out.key("components");
    out.raw(COMPONENTS);
    bodies::write(&mut out, in_force);
    settings::write(&mut out);
    out.0.extend_from_slice(b"}}}");
    out.0
}

fn operations() -> impl Iterator<Item = &'static Operation> {
    compat::OPERATIONS.iter().chain(extensions::OPERATIONS)
}

fn write_operation(out: &mut Writer, operation: &Operation) {
    let method = operation.method.to_ascii_lowercase();
    out.key(&method);
    out.open(b'{');
    out.text_member("operationId", &[method.as_str(), "_", &operation.path.replace(['.', '/'], "_")].concat());
    out.text_member("summary", operation.summary);
    out.text_member("description", operation.description);
    if !operation.parameters.is_empty() {
        out.key("parameters");
        out.open(b'[');
        for parameter in operation.parameters {
            write_parameter(out, parameter);
        }
        out.close(b']');
    }
    if !operation.bodies.is_empty() {
        out.key("requestBody");
        out.open(b'{');
        out.raw_member("required", "true");
        write_contents(out, operation.bodies);
        out.close(b'}');
    }
    out.key("responses");
    out.open(b'{');
    let answer = &operation.answer;
    out.key(answer.status);
    out.open(b'{');
    out.text_member("description", answer.description);
    out.key("headers");
    out.open(b'{');
    for header in answer.headers.iter().chain(&HEADERS) {
        out.reference(header, "headers", header);
    }
    out.close(b'}');
    if !answer.contents.is_empty() {
        write_contents(out, answer.contents);
    }
    out.close(b'}');
    for status in operation.refusals.iter().chain(&REFUSALS) {
        out.reference(status, "responses", status);
    }
    out.close(b'}');
    out.close(b'}');
}

fn write_contents(out: &mut Writer, contents: &[Content]) {
    out.key("content");
    out.open(b'{');
    for content in contents {
        out.key(content.media_type);
        out.open(b'{');
        if !content.schema.is_empty() {
            out.reference("schema", "schemas", content.schema);
        }
        out.raw_member("example", content.example);
        out.close(b'}');
    }
    out.close(b'}');
}

fn write_parameter(out: &mut Writer, parameter: &Parameter) {
    out.open(b'{');
    out.text_member("name", parameter.name);
    out.text_member("in", parameter.place);
    out.text_member("description", parameter.description);
    if parameter.place == "query" {
        out.raw_member("allowEmptyValue", "true");
    }
    if matches!(parameter.shape, Shape::Choices(_)) {
        out.raw_member("explode", "false");
    }
    out.key("schema");
    out.open(b'{');
    match parameter.shape {
        Shape::Text(pattern) => {
            out.text_member("type", "string");
            // An empty value of the query is absent; what an empty header is, its own pattern says.
            let empty = if parameter.place == "query" { "^$|" } else { "" };
            out.text_member("pattern", &[empty, pattern].concat());
        }
        // The number, or the text that stands in the address: both are described, since either may be held against it.
        Shape::Count(most) => {
            out.texts_member("type", &["integer", "string"]);
            limits(out, "0", &most.to_string());
            out.text_member("pattern", &count_pattern(most));
        }
        Shape::Choice(names) => {
            out.text_member("type", "string");
            out.texts_member("enum", &[names, &[""]].concat());
        }
        Shape::Choices(names) => {
            out.text_member("type", "array");
            out.key("items");
            out.open(b'{');
            out.texts_member("enum", &[names, &[""]].concat());
            out.close(b'}');
        }
    }
    out.close(b'}');
    match parameter.shape {
        Shape::Count(_) => out.raw_member("example", parameter.example),
        Shape::Choices(_) => {
            out.texts_member("example", &parameter.example.split(',').collect::<Vec<_>>());
        }
        _ => out.text_member("example", parameter.example),
    }
    out.close(b'}');
}

/// The digits of a whole number from zero to `most`, or nothing.
fn count_pattern(most: u64) -> String {
    let most = most.to_string();
    let mut forms = vec![most.clone()];
    if most.len() > 1 {
        forms.push(format!("[0-9]{{1,{}}}", most.len() - 1));
    }
    // Numbers of as many digits that are smaller from one digit on.
    for (place, digit) in most.bytes().enumerate() {
        let least = if place == 0 { b'1' } else { b'0' };
        if digit > least {
            let (same, rest) = (&most[..place], most.len() - place - 1);
            forms.push(format!("{same}[{}-{}][0-9]{{{rest}}}", char::from(least), char::from(digit - 1)));
        }
    }
    format!("^(\\+?0*({}))?$", forms.join("|"))
}

/// Bounds of a number.
fn limits(out: &mut Writer, least: &str, most: &str) {
    out.raw_member("minimum", least);
    out.raw_member("maximum", most);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::router;

    #[test]
    fn descriptions_match_the_routes() {
        let mut described: Vec<_> = operations().map(|known| (known.path, known.method)).collect();
        let mut routed: Vec<_> = router::routes()
            .flat_map(|(path, methods)| methods.into_iter().map(move |method| (path, method)))
            .collect();
        described.sort_unstable();
        routed.sort_unstable();
        assert_eq!(described, routed);
    }

    #[cfg(not(target_arch = "wasm32"))]
    #[test]
    fn digits_up_to_a_number() {
        assert_eq!(count_pattern(1_000), "^(\\+?0*(1000|[0-9]{1,3}))?$");
        assert_eq!(count_pattern(70), "^(\\+?0*(70|[0-9]{1,1}|[1-6][0-9]{1}))?$");
        let schema = serde_json::json!({ "pattern": count_pattern(u64::MAX) });
        let pattern = jsonschema::validator_for(&schema).unwrap();
        for (text, fits) in [
            ("", true),
            ("0", true),
            ("+007", true),
            ("18446744073709551615", true),
            ("18446744073709551609", true),
            ("17999999999999999999", true),
            ("18446744073709551616", false),
            ("18446744073709551700", false),
            ("99999999999999999999", false),
            ("+", false),
            ("-1", false),
            ("1.5", false),
        ] {
            assert_eq!(pattern.is_valid(&serde_json::json!(text)), fits, "{text}");
            assert_eq!(text.is_empty() || text.parse::<u64>().is_ok(), fits, "{text}");
        }
    }

    #[test]
    fn every_reference_in_the_document_resolves() {
        let measures = [("measures", Some("temperature,\"a \"\"b\"\"\""))];
        for settings in [Settings::default(), Settings::default().merged(measures).unwrap()] {
            check_references(&settings);
        }
    }

    fn check_references(settings: &Settings) {
        let all = operations().map(|known| (known.path, vec!["GET", "POST", "PUT", "PATCH", "DELETE"]));
        let text = String::from_utf8(document(all, settings)).unwrap();
        let whole: serde_json::Value = serde_json::from_str(&text).unwrap();
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().unwrap();
            assert!(whole.pointer(pointer).is_some(), "{pointer}");
        }
        for known in operations() {
            assert!(whole["paths"][format!("/{}", known.path)][known.method.to_lowercase()].is_object());
        }
    }
}
