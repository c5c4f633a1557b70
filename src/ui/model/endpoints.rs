//! The endpoints that the console offers, read out of `openapi.json`.

use serde_json::Value;

use super::pretty_json::pretty_json;
use super::schema_text::{resolved, schema_text};
use super::typescript::Types;

/// Maximum number of bytes of a sample body.
const SAMPLE_BYTES: usize = 4_096;
/// An endpoint with at most as many parameters shows all of them at once.
const FEW_PARAMETERS: usize = 4;
/// The parameters that come first where there are many.
const COMMON_PARAMETERS: [&str; 3] = ["start", "end", "limit"];
/// The schema of the data of a stream's events: OpenAPI describes the stream only as text.
const EVENT_SCHEMA: &str = "#/components/schemas/Tables";

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
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Sample {
    /// Its content type.
    pub content_type: String,
    /// The sample text.
    pub text: String,
}

/// A response that an endpoint may send.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ResponseDoc {
    /// Its status, such as `200`.
    pub status: String,
    /// When it is sent.
    pub description: String,
    /// Its headers.
    pub headers: Vec<String>,
    /// Its bodies; empty when it has none.
    pub bodies: Vec<BodyDoc>,
}

impl ResponseDoc {
    /// Whether the request was accepted.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.starts_with('2')
    }
}

/// A body that a response may have.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct BodyDoc {
    /// Its content type.
    pub content_type: String,
    /// Its schema as text; empty for bytes that no schema describes.
    pub schema: String,
}

/// An endpoint of the API.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Endpoint {
    /// The method, in upper case.
    pub method: String,
    /// The path relative to the app's base.
    pub path: String,
    /// The group that it belongs to; empty for none.
    pub tag: String,
    /// What the response holds, in one line.
    pub summary: String,
    /// What else is to know; may be empty.
    pub description: String,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// The bodies that it reads, the default first; empty when it takes no body.
    pub bodies: Vec<Sample>,
    /// Content types of its response; empty when it has no body.
    pub answers: Vec<String>,
    /// Whether the response is `latest`, `melted` and `pivoted`.
    pub has_tables: bool,
    /// The responses, that of success first.
    pub responses: Vec<ResponseDoc>,
    /// The type of the JSON answer, or of the data of a stream's events.
    pub types: Types,
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

    /// Whether it removes what is stored, so that the page asks before it is sent.
    #[must_use]
    pub fn takes_all_away(&self) -> bool {
        self.method == "DELETE"
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

    /// The parameters to show at once, and the others.
    #[must_use]
    pub fn split_parameters(&self) -> (Vec<Parameter>, Vec<Parameter>) {
        let all = &self.parameters;
        if all.len() <= FEW_PARAMETERS {
            return (all.clone(), Vec::new());
        }
        let named = |name: &&str| all.iter().find(|parameter| parameter.name == **name);
        let common: Vec<&Parameter> = COMMON_PARAMETERS.iter().filter_map(named).collect();
        let common = if common.is_empty() { all.iter().take(FEW_PARAMETERS).collect() } else { common };
        let others = all.iter().filter(|parameter| !common.contains(parameter)).cloned().collect();
        (common.into_iter().cloned().collect(), others)
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
        .flat_map(|(path, item)| {
            members(item).filter_map(move |(method, operation)| endpoint(document, path, method, operation))
        })
        .collect()
}

/// The endpoints in groups: the name of each, and the indices of its endpoints. A group stands where its first endpoint
/// does.
#[must_use]
pub fn groups(endpoints: &[Endpoint]) -> Vec<(String, Vec<usize>)> {
    let mut groups = Vec::<(String, Vec<usize>)>::new();
    for (index, endpoint) in endpoints.iter().enumerate() {
        match groups.iter_mut().find(|(tag, _)| *tag == endpoint.tag) {
            Some((_, indices)) => indices.push(index),
            None => groups.push((endpoint.tag.clone(), vec![index])),
        }
    }
    groups
}

fn endpoint(document: &Value, path: &str, method: &str, operation: &Value) -> Option<Endpoint> {
    METHODS.contains(&method).then_some(())?;
    // The first response is that of success.
    let answers = members(&operation["responses"]).take(1).flat_map(|(_, response)| members(&response["content"]));
    let mut endpoint = Endpoint {
        method: method.to_ascii_uppercase(),
        path: path.trim_start_matches('/').to_owned(),
        tag: plain_text(&operation["tags"][0]),
        summary: plain_text(&operation["summary"]),
        description: plain_text(&operation["description"]),
        parameters: items(&operation["parameters"]).map(parameter).collect(),
        bodies: members(&operation["requestBody"]["content"]).map(sample).collect(),
        answers: answers.clone().map(|(content_type, _)| content_type.to_owned()).collect(),
        has_tables: answers.clone().filter_map(|(_, answer)| answer["schema"]["$ref"].as_str()).any(is_tables),
        responses: members(&operation["responses"])
            .map(|(status, response)| response_doc(document, status, response))
            .collect(),
        types: Types::default(),
    };
    let json = answers.clone().find(|(content_type, _)| *content_type == "application/json");
    endpoint.types = if endpoint.is_event_stream() {
        event_types(document)
    } else {
        json.map(|(_, answer)| Types::new(document, &answer["schema"])).unwrap_or_default()
    };
    Some(endpoint)
}

/// The types of the data of a stream's events; none when the document does not know its schema.
fn event_types(document: &Value) -> Types {
    let schema = serde_json::json!({ "$ref": EVENT_SCHEMA });
    let is_known = !resolved(document, &schema).0.is_empty();
    if is_known { Types::new(document, &schema) } else { Types::default() }
}

fn response_doc(document: &Value, status: &str, response: &Value) -> ResponseDoc {
    let (_, response) = resolved(document, response);
    let body = |(content_type, content): (&str, &Value)| BodyDoc {
        content_type: content_type.to_owned(),
        schema: content.get("schema").map(|schema| schema_text(document, schema)).unwrap_or_default(),
    };
    ResponseDoc {
        status: status.to_owned(),
        description: plain_text(&response["description"]),
        headers: members(&response["headers"]).map(|(name, _)| name.to_owned()).collect(),
        bodies: members(&response["content"]).map(body).collect(),
    }
}

/// Whether a schema's reference is to the three tables.
fn is_tables(reference: &str) -> bool {
    reference.ends_with("/Tables")
}

fn parameter(parameter: &Value) -> Parameter {
    Parameter {
        name: plain_text(&parameter["name"]),
        is_header: parameter["in"] == "header",
        // An empty value is none, and the form has a choice for that.
        choices: items(&parameter["schema"]["enum"]).map(plain_text).filter(|name| !name.is_empty()).collect(),
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
    fn the_common_ones_of_many_parameters_come_first() {
        let names = |parameters: Vec<Parameter>| -> Vec<String> {
            parameters.into_iter().map(|parameter| parameter.name).collect()
        };
        let query = listed().into_iter().find(|endpoint| endpoint.path == "query").unwrap();
        let (common, others) = query.split_parameters();
        assert_eq!(others.len() + common.len(), query.parameters.len());
        assert_eq!(names(common), ["start", "end", "limit"]);
        let stream = listed().into_iter().find(|endpoint| endpoint.path == "stream").unwrap();
        assert_eq!(stream.split_parameters(), (stream.parameters.clone(), Vec::new()));
    }

    #[test]
    fn every_response_is_described_with_the_schema_of_its_body() {
        for endpoint in listed() {
            assert!(endpoint.responses.iter().any(|response| response.status == "503"), "{}", endpoint.label());
            for response in &endpoint.responses {
                assert!(!response.description.is_empty(), "{} {}", endpoint.label(), response.status);
            }
        }
        let latest = listed().into_iter().find(|endpoint| endpoint.path == "latest").unwrap();
        let success = &latest.responses[0];
        assert!(success.is_success() && success.bodies[0].schema.contains("\"latest\"?: [ {"), "{success:?}");
        assert!(success.bodies[0].schema.contains("\"timestamp\": string (Instant)"), "{success:?}");
        assert!(latest.types.declarations.contains("export interface LatestRow {"), "{}", latest.types.declarations);
        assert_eq!(latest.types.name, "Tables");
        let stream = listed().into_iter().find(Endpoint::is_event_stream).unwrap();
        assert_eq!(stream.types, latest.types);
    }

    #[test]
    fn endpoints_are_grouped_by_their_tags() {
        let tagged = |tag: &str| Endpoint { tag: tag.to_owned(), ..Endpoint::default() };
        let list = [tagged("a"), tagged("b"), tagged("a")];
        assert_eq!(groups(&list), [("a".to_owned(), vec![0, 2]), ("b".to_owned(), vec![1])]);
        assert_eq!(groups(&[tagged("")]), [(String::new(), vec![0])]);
    }

    #[test]
    fn only_endpoints_with_a_body_have_samples_and_each_is_readable() {
        let with_bodies: Vec<Endpoint> = listed().into_iter().filter(|endpoint| !endpoint.bodies.is_empty()).collect();
        let labels: Vec<String> = with_bodies.iter().map(Endpoint::label).collect();
        assert_eq!(labels, ["POST /events", "PATCH /config", "POST /source/seek", "PUT /credentials"]);
        for endpoint in &with_bodies {
            assert!(endpoint.bodies.iter().all(|body| !body.text.is_empty()), "{}", endpoint.label());
        }
        let post = &with_bodies[0];
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
