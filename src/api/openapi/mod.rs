//! `openapi.json`: OpenAPI 3.1 of the whole surface.
//!
//! Read [`document`] first.
//! The paths and methods come from the router, so the document lists exactly the existing routes; their descriptions
//! are in `compat` and `extensions`, common parts in `shared`, and the settings describe themselves.

mod compat;
mod extensions;
mod operation;
mod settings;
mod shared;
mod write;

use self::operation::{Content, Operation, Parameter, Shape};
use self::shared::{COMPONENTS, HEAD, HEADERS, REFUSALS};
use self::write::Writer;

/// Lengths of time as [`Duration::parse`](crate::time::Duration::parse) reads them.
const DURATION: &str = "^[0-9.]*(ns|us|ms|s|min|h|d|D)$";

/// The document over these paths, each with its methods.
pub(super) fn document<'a>(routes: impl Iterator<Item = (&'a str, Vec<&'a str>)>) -> Vec<u8> {
    let mut out = Writer(Vec::with_capacity(40_000));
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
    out.text_member("operationId", &[method.as_str(), "_", &operation.path.replace('.', "_")].concat());
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
    if matches!(parameter.shape, Shape::List | Shape::Choices(_)) {
        out.raw_member("explode", "false");
    }
    out.key("schema");
    out.open(b'{');
    let kind = match parameter.shape {
        Shape::List | Shape::Choices(_) => "array",
        Shape::Count => "integer",
        _ => "string",
    };
    out.text_member("type", kind);
    match parameter.shape {
        Shape::Text => {}
        Shape::Duration => out.text_member("pattern", DURATION),
        Shape::Count => out.raw_member("minimum", "0"),
        Shape::Choice(names) => out.texts_member("enum", names),
        Shape::List => out.raw_member("items", r#"{"type":"string"}"#),
        Shape::Choices(names) => {
            out.key("items");
            out.open(b'{');
            out.texts_member("enum", names);
            out.close(b'}');
        }
    }
    out.close(b'}');
    match parameter.shape {
        Shape::Count => out.raw_member("example", parameter.example),
        Shape::List | Shape::Choices(_) => {
            out.texts_member("example", &parameter.example.split(',').collect::<Vec<_>>());
        }
        _ => out.text_member("example", parameter.example),
    }
    out.close(b'}');
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

    #[test]
    fn every_reference_in_the_document_resolves() {
        let all = operations().map(|known| (known.path, vec!["GET", "POST", "PATCH", "DELETE"]));
        let text = String::from_utf8(document(all)).unwrap();
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
