//! The endpoints that the console offers, read out of `openapi.json`.

use super::json::Json;
use super::pretty_json::pretty_json;

/// A parameter of the query or a header.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
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

    /// The sample body of this content type.
    #[must_use]
    pub fn sample(&self, content_type: &str) -> &str {
        self.bodies.iter().find(|body| body.content_type == content_type).map_or("", |body| &body.text)
    }
}

/// The endpoints of a document, in document order.
#[must_use]
pub fn endpoints(document: &Json) -> Vec<Endpoint> {
    let paths = document.get("paths").map(Json::members).unwrap_or_default();
    paths.iter().flat_map(|(path, item)| item.members().iter().filter_map(|member| endpoint(path, member))).collect()
}

fn endpoint(path: &str, (method, operation): &(String, Json)) -> Option<Endpoint> {
    METHODS.contains(&method.as_str()).then_some(())?;
    let answer = operation.get("responses").and_then(|all| all.members().first()).map(|(_, answer)| answer);
    let contents = answer.and_then(|answer| answer.get("content")).map(Json::members).unwrap_or_default();
    let schema = contents.first().and_then(|(_, content)| content.get("schema")?.text_of("$ref"));
    let bodies = operation.get("requestBody").and_then(|body| body.get("content")).map(Json::members);
    Some(Endpoint {
        method: method.to_ascii_uppercase(),
        path: path.trim_start_matches('/').to_owned(),
        summary: text(operation, "summary"),
        parameters: operation.list_of("parameters").iter().map(parameter).collect(),
        bodies: bodies.unwrap_or_default().iter().map(sample).collect(),
        answers: contents.iter().map(|(content_type, _)| content_type.clone()).collect(),
        has_tables: schema.is_some_and(|schema| schema.ends_with("/Tables")),
    })
}

fn parameter(parameter: &Json) -> Parameter {
    let choices = parameter.get("schema").map(|schema| schema.list_of("enum")).unwrap_or_default();
    let example = match parameter.get("example") {
        Some(Json::List(items)) => items.iter().filter_map(Json::text).collect::<Vec<_>>().join(","),
        _ => text(parameter, "example"),
    };
    Parameter {
        name: text(parameter, "name"),
        is_header: parameter.text_of("in") == Some("header"),
        choices: choices.iter().filter_map(Json::text).map(str::to_owned).collect(),
        example,
        hint: text(parameter, "description"),
    }
}

fn sample((content_type, content): &(String, Json)) -> Sample {
    let text = match content.get("example") {
        Some(Json::Text(text)) => text.clone(),
        Some(json) => pretty_json(&json.write(), 4_096),
        None => String::new(),
    };
    Sample { content_type: content_type.clone(), text }
}

fn text(json: &Json, name: &str) -> String {
    json.text_of(name).unwrap_or_default().to_owned()
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
        endpoints(&Json::parse(std::str::from_utf8(&body).unwrap()).unwrap())
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
        let found = endpoints(&Json::parse(text).unwrap());
        assert_eq!((found.len(), found[0].is_event_stream(), found[0].parameters[0].is_header), (1, true, true));
        assert_eq!(endpoints(&Json::parse("[]").unwrap()), []);
    }
}
