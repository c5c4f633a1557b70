//! The endpoints that the console offers, read out of `openapi.json`.

use serde_json::Value;

use super::pretty_json::pretty_json;

/// Maximum number of bytes of a sample body.
const SAMPLE_BYTES: usize = 4_096;

/// A parameter of the query or a header.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Whether it is a header.
    pub is_header: bool,
    /// The allowed values; empty for any.
    pub choices: Vec<String>,
    /// The placeholder of the empty field.
    pub example: String,
    /// What it does, as a short text.
    pub hint: String,
}

/// A body that an endpoint reads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sample {
    /// Its content type.
    pub content_type: String,
    /// The sample text.
    pub text: String,
}

/// An endpoint of the API.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Endpoint {
    /// The method, in upper case.
    pub method: String,
    /// The path relative to the app's base.
    pub path: String,
    /// What the response holds, in one line.
    pub summary: String,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// The bodies that it reads, the default first; empty when it takes no body.
    pub bodies: Vec<Sample>,
    /// Content types of its response; empty when it has no body.
    pub answers: Vec<String>,
    /// Whether the response is `latest`, `melted` and `pivoted`.
    pub has_tables: bool,
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

impl Endpoint {
    /// `GET /latest`, as the list of endpoints shows it.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} /{}", self.method, self.path)
    }

    /// Whether a link can open it.
    #[must_use]
    pub fn is_link(&self) -> bool {
        self.method == "GET"
    }

    /// Whether the response is an endless stream of events.
    #[must_use]
    pub fn is_event_stream(&self) -> bool {
        self.answers.iter().any(|content_type| content_type == "text/event-stream")
    }

    /// Whether a saved response can be read as data.
    #[must_use]
    pub fn is_data(&self) -> bool {
        self.is_link() && self.answers.iter().any(|content_type| content_type == "application/json")
    }

    /// Whether it takes a time range.
    #[must_use]
    pub fn has_bounds(&self) -> bool {
        ["start", "end"].iter().all(|name| self.parameters.iter().any(|parameter| parameter.name == *name))
    }

    /// Whether it reads bodies of this content type.
    #[must_use]
    pub fn reads(&self, content_type: &str) -> bool {
        self.bodies.iter().any(|body| body.content_type == content_type)
    }

    /// The sample body of this content type.
    #[must_use]
    pub fn sample(&self, content_type: &str) -> &str {
        self.bodies.iter().find(|body| body.content_type == content_type).map_or("", |body| &body.text)
    }
}

/// The endpoints of a document, in document order.
#[must_use]
pub fn endpoints(document: &Value) -> Vec<Endpoint> {
    members(&document["paths"])
        .flat_map(|(path, item)| members(item).filter_map(move |(method, operation)| endpoint(path, method, operation)))
        .collect()
}

fn endpoint(path: &str, method: &str, operation: &Value) -> Option<Endpoint> {
    METHODS.contains(&method).then_some(())?;
    // The first response is that of success.
    let answers = members(&operation["responses"]).take(1).flat_map(|(_, response)| members(&response["content"]));
    Some(Endpoint {
        method: method.to_ascii_uppercase(),
        path: path.trim_start_matches('/').to_owned(),
        summary: plain_text(&operation["summary"]),
        parameters: items(&operation["parameters"]).map(parameter).collect(),
        bodies: members(&operation["requestBody"]["content"]).map(sample).collect(),
        answers: answers.clone().map(|(content_type, _)| content_type.to_owned()).collect(),
        has_tables: answers.filter_map(|(_, answer)| answer["schema"]["$ref"].as_str()).any(is_tables),
    })
}

/// Whether a schema's reference is to the three tables.
fn is_tables(reference: &str) -> bool {
    reference.ends_with("/Tables")
}

fn parameter(parameter: &Value) -> Parameter {
    Parameter {
        name: plain_text(&parameter["name"]),
        is_header: parameter["in"] == "header",
        choices: items(&parameter["schema"]["enum"]).map(plain_text).collect(),
        example: plain_text(&parameter["example"]),
        hint: plain_text(&parameter["description"]),
    }
}

fn sample((content_type, content): (&str, &Value)) -> Sample {
    let text = match &content["example"] {
        json @ (Value::Array(_) | Value::Object(_)) => pretty_json(&json.to_string(), SAMPLE_BYTES),
        plain => plain_text(plain),
    };
    Sample { content_type: content_type.to_owned(), text }
}

/// The members of an object, in order; none for any other value.
fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> + Clone {
    value.as_object().into_iter().flatten().map(|(name, member)| (name.as_str(), member))
}

/// The items of an array; none for any other value.
fn items(value: &Value) -> std::slice::Iter<'_, Value> {
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

/// The value as a form field shows it: texts without quotes, the items of an array separated by commas.
fn plain_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain_text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{App, Request};
    use crate::pipeline::Settings;
    use crate::time::{Timestamp, Zone};

    /// The endpoints that this version's console lists.
    fn listed() -> Vec<Endpoint> {
        let now = Timestamp::from_nanos(0);
        let mut app = App::in_memory(Settings::default(), Zone::UTC, [0; 32], now).unwrap();
        let response = app.handle(&Request::new("GET", "openapi.json"), now);
        let body = response.into_bytes(app.service(), now);
        endpoints(&serde_json::from_slice(&body).unwrap())
    }

    #[test]
    fn every_path_is_listed_and_the_common_ones_come_first() {
        let labels: Vec<String> = listed().iter().map(Endpoint::label).collect();
        assert_eq!(labels[..2], ["GET /latest", "GET /query"]);
        for path in App::paths() {
            assert!(labels.iter().any(|label| label.ends_with(&format!(" /{path}"))), "{path}");
        }
    }

    #[test]
    fn parameters_have_choices_example_and_hint() {
        let query = listed().into_iter().find(|endpoint| endpoint.path == "query").unwrap();
        assert!(query.has_bounds() && query.has_tables && query.is_data() && !query.is_event_stream());
        let named = |name: &str| query.parameters.iter().find(|parameter| parameter.name == name).unwrap().clone();
        assert_eq!(named("closed").choices, ["right", "left", "both", "neither"]);
        assert_eq!((named("ids").example.as_str(), named("limit").example.as_str()), ("pump-1,pump-2", "100"));
        assert!(query.parameters.iter().all(|parameter| !parameter.hint.is_empty() && !parameter.is_header));
    }

    #[test]
    fn only_endpoints_with_a_body_have_samples_and_each_is_readable() {
        for endpoint in listed() {
            assert_eq!(endpoint.bodies.is_empty(), ["GET", "DELETE"].contains(&endpoint.method.as_str()));
            assert!(endpoint.bodies.iter().all(|body| !body.text.is_empty()), "{}", endpoint.label());
        }
        let post = listed().into_iter().find(|endpoint| endpoint.method == "POST").unwrap();
        assert_eq!(post.sample("text/csv").lines().next(), Some("id,value"));
        assert!(post.sample("application/json").contains("\"value\": 12.5"), "{}", post.sample("application/json"));
    }

    #[test]
    fn another_document_lists_its_own_endpoints() {
        let text = r#"{"paths":{"/stream":{"summary":"x","get":{"parameters":[{"name":"Last-Event-ID","in":"header"}],
            "responses":{"200":{"content":{"text/event-stream":{}}}}}},"/nothing":{}}}"#;
        let found = endpoints(&serde_json::from_str(text).unwrap());
        assert_eq!((found.len(), found[0].is_event_stream(), found[0].parameters[0].is_header), (1, true, true));
        assert_eq!(endpoints(&serde_json::json!([])), []);
    }
}
