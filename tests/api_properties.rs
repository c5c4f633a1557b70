//! Whatever is asked, the answer is one that `openapi.json` describes.
//!
//! Requests are made from the document itself: each operation with fitting and unfitting parameters, headers, methods
//! and bodies, down to plain garbage, in sessions on one pipeline. No answer may be an unexpected failure, none a status
//! or a body that the document does not know.

use std::cell::Cell;
use std::collections::HashMap;

use jsonschema::Validator;
use millrace::api::Request;
use millrace::pipeline::Overflow;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::Union;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::form::{cases, in_form};
use super::schemas::fitting;
use super::service::{Answer, Service};

/// Sessions of 50 requests on average.
const SESSIONS: u32 = 25;

/// The document, and its schemas ready to be held against bodies.
struct Contract {
    document: Value,
    schemas: HashMap<String, Validator>,
}

impl Contract {
    fn new() -> Self {
        let document = Service::new(&[]).get("openapi.json");
        let components = &document["components"];
        let compile = |name: &String| {
            let schema = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$ref": format!("#/components/schemas/{name}"),
                "components": components,
            });
            (name.clone(), jsonschema::validator_for(&schema).unwrap())
        };
        let schemas = components["schemas"].as_object().unwrap().keys().map(compile).collect();
        Self { document, schemas }
    }

    /// What stands there, or what it refers to.
    fn follow<'a>(&'a self, value: &'a Value) -> &'a Value {
        value["$ref"].as_str().map_or(value, |reference| self.document.pointer(&reference[1..]).unwrap())
    }

    /// Path, method and description of every operation.
    fn operations(&self) -> Vec<(&str, String, &Value)> {
        let paths = self.document["paths"].as_object().unwrap();
        let operations = paths.iter().flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().iter();
            methods.map(move |(method, operation)| (&path[1..], method.to_uppercase(), operation))
        });
        operations.collect()
    }

    /// Why a JSON value does not fit a schema of this content.
    fn misfit(&self, content: &Value, body: &Value) -> Option<String> {
        let name = content["schema"]["$ref"].as_str()?.rsplit('/').next()?;
        let error = self.schemas[name].validate(body).err()?;
        Some(format!("{name} at {}: {error}", error.instance_path()))
    }

    /// What is wrong with an answer.
    fn fault(&self, request: &Request, answer: &Answer) -> Option<String> {
        let paths = &self.document["paths"];
        let item = paths.get(format!("/{}", request.path)).and_then(Value::as_object);
        let is_head = request.method == "HEAD";
        let method = if is_head { "GET" } else { request.method.as_str() };
        let operation = item.and_then(|item| {
            item.iter().find(|(known, _)| known.to_uppercase() == method).map(|(_, operation)| operation)
        });
        let Some(operation) = operation else {
            let expected = match request.path.strip_suffix('/') {
                Some(stem) if paths.get(format!("/{stem}")).is_some() => 307,
                _ if item.is_none() => 404,
                _ if method == "OPTIONS" => 204,
                _ => 405,
            };
            return (answer.status != expected).then(|| format!("{} instead of {expected}", answer.status));
        };
        let documented = &operation["responses"][answer.status.to_string()];
        if documented.is_null() {
            return Some(format!("status {} is not documented", answer.status));
        }
        let documented = self.follow(documented);
        for name in ["WWW-Authenticate", "Retry-After", "Location"] {
            if documented["headers"].get(name).is_some() && answer.header(name).is_none() {
                return Some(format!("{name} is missing"));
            }
        }
        if is_head {
            return (!answer.body.is_empty()).then(|| "HEAD has a body".to_owned());
        }
        let Some(contents) = documented.get("content") else {
            return (!answer.body.is_empty()).then(|| "there should be no body".to_owned());
        };
        let content_type = answer.header("content-type").unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default();
        let Some(content) = contents.get(media_type) else {
            return Some(format!("content type {content_type} is not documented"));
        };
        if media_type != "application/json" {
            let is_readable = !media_type.starts_with("text/") || std::str::from_utf8(&answer.body).is_ok();
            return (!is_readable).then(|| "the text is not UTF-8".to_owned());
        }
        match serde_json::from_slice(&answer.body) {
            Ok(body) => self.misfit(content, &body),
            Err(error) => Some(format!("the body is not JSON: {error}")),
        }
    }
}

#[test]
fn every_answer_to_any_request_is_a_documented_one() {
    let contract = Contract::new();
    let requests = Union::new(
        contract
            .operations()
            .into_iter()
            .map(|(path, method, operation)| request(&contract, path.to_owned(), method, operation)),
    );
    let sessions = (select(Overflow::NAMES), select(vec!["1", "3", "10"]), vec(requests, 20..100));
    let (sent, by_status) = (Cell::new(0), std::cell::RefCell::new(std::collections::BTreeMap::new()));
    TestRunner::new_with_rng(cases(SESSIONS), proptest::test_runner::TestRng::deterministic_rng(Default::default()))
        .run(&sessions, |(overflow, batch_size, requests)| {
            let mut service = Service::new(&[("overflow", overflow), ("batch_size", batch_size)]);
            for request in requests {
                // A request may change the policy itself.
                let is_rejecting = service.app.service().engine().settings().overflow == Overflow::Reject;
                let answer = service.send(&request);
                sent.set(sent.get() + 1);
                *by_status.borrow_mut().entry(answer.status).or_insert(0) += 1;
                let is_failure = answer.status >= 500 && !(answer.status == 503 && is_rejecting);
                prop_assert!(!is_failure, "{request:?}: {} {}", answer.status, answer.text());
                let fault = contract.fault(&request, &answer);
                prop_assert!(fault.is_none(), "{request:?}: {fault:?}: {:.300}", answer.text());
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    println!("openapi properties: {} requests, by status {:?}", sent.get(), by_status.borrow());
    assert!(sent.get() >= in_form(1_000, 10_000), "only {} requests", sent.get());
}

#[test]
fn the_examples_of_the_document_fit_its_schemas() {
    let contract = Contract::new();
    let shared = contract.document["components"]["responses"].as_object().unwrap().values();
    let operations = contract.operations();
    let own = operations.iter().flat_map(|(_, _, operation)| {
        operation["responses"].as_object().unwrap().values().chain(operation.get("requestBody"))
    });
    let mut checked = 0;
    for (media_type, content) in shared.chain(own).filter_map(|part| part["content"].as_object()).flatten() {
        if let Some(example) = content.get("example") {
            assert_eq!(contract.misfit(content, example), None, "{media_type} {example}");
            checked += 1;
        }
    }
    assert!(checked >= 10, "{checked}");
}

#[test]
fn the_settings_and_their_defaults_fit_their_schema() {
    let contract = Contract::new();
    let settings = Service::new(&[]).get("config");
    assert_eq!(contract.schemas["Settings"].validate(&settings).err().map(|error| error.to_string()), None);
    for (name, field) in contract.document["components"]["schemas"]["Settings"]["properties"].as_object().unwrap() {
        let patch = json!({ name: field["default"] });
        assert!(contract.schemas["SettingsPatch"].is_valid(&patch), "{patch}");
    }
}

/// Requests of one operation, most of them nearly right.
fn request(contract: &Contract, path: String, method: String, operation: &Value) -> BoxedStrategy<Request> {
    let none = Vec::new();
    let parameters = operation["parameters"].as_array().unwrap_or(&none);
    let of = |place: &str| {
        let pairs = parameters.iter().filter(|parameter| parameter["in"] == place).map(|parameter| {
            let name = parameter["name"].as_str().unwrap().to_owned();
            option::weighted(0.3, text_for(&parameter["schema"]))
                .prop_map(move |text| text.map(|text| (name.clone(), text)))
        });
        pairs.collect::<Vec<_>>().prop_map(|pairs| pairs.into_iter().flatten().collect::<Vec<_>>())
    };
    let headers = (of("header"), option::weighted(0.2, odd_header())).prop_map(|(mut headers, odd)| {
        headers.extend(odd);
        headers
    });
    let odd_path = path.clone();
    let paths = prop_oneof![
        30 => Just(path.clone()),
        1 => Just(format!("{path}/")),
        1 => any_text().prop_map(move |text| format!("{odd_path}{text}").replace('?', "")),
    ];
    let methods = prop_oneof![
        20 => Just(method),
        2 => select(vec!["HEAD", "OPTIONS", "PUT", "POST", "DELETE"]).prop_map(str::to_owned),
        1 => any_text(),
    ];
    (methods, paths, query(of("query").boxed()), headers, body(contract, operation), any::<bool>())
        .prop_map(|(method, path, query, mut headers, body, is_own)| {
            let (content_type, body) = body.unwrap_or_default();
            headers.extend(content_type.map(|content_type| ("Content-Type".to_owned(), content_type)));
            Request { method, path, query, headers, body, is_own }
        })
        .boxed()
}

/// The parameters as a form encodes them, with others among them; now and then plain garbage.
fn query(parameters: BoxedStrategy<Vec<(String, String)>>) -> BoxedStrategy<String> {
    let odd = vec((any_text(), any_text()), 0..3);
    let encoded = (parameters, odd, any::<Index>()).prop_map(|(mut pairs, odd, place)| {
        let at = place.index(pairs.len() + 1);
        pairs.splice(at..at, odd);
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    });
    prop_oneof![8 => encoded, 1 => ".{0,80}", 1 => Just(String::new())].boxed()
}

/// Three fitting texts for one that need not fit.
fn text_for(schema: &Value) -> BoxedStrategy<String> {
    prop_oneof![3 => fitting(schema), 1 => any_text()].boxed()
}

fn instant() -> BoxedStrategy<String> {
    let second = (0_u32..60, select(vec!["", "Z", "+02:00", "-11:30", ".5", ".123456789Z"]));
    let near = second.prop_map(|(second, rest)| format!("2025-06-01T12:00:{second:02}{rest}"));
    let odd =
        select(vec!["1677-09-21", "1700-01-01", "2262-04-11T23:47:16", "2025-02-30", "2025-06-01 12", "0000-00-00"]);
    prop_oneof![4 => near, 1 => odd.prop_map(str::to_owned)].boxed()
}

fn any_text() -> BoxedStrategy<String> {
    let odd = vec!["", "0", "-1", "1e309", "NaN", "null", "\0", "a,b", "../../x", "%zz", "\u{2028}🦀", "=&+#;"];
    prop_oneof![select(odd).prop_map(str::to_owned), "\\PC{0,12}", ".{0,20}"].boxed()
}

fn odd_header() -> BoxedStrategy<(String, String)> {
    let names = vec!["Accept", "Authorization", "Last-Event-ID", "Content-Length", "Range", "X-Odd"];
    let texts = prop_oneof![
        any_text(),
        select(vec!["text/csv", "application/x-ndjson", "application/vnd.apache.arrow.stream", "*/*", "Bearer x"])
            .prop_map(str::to_owned),
    ];
    (select(names).prop_map(str::to_owned), texts).boxed()
}

/// Content type and body, for operations that read one; others get one now and then.
fn body(contract: &Contract, operation: &Value) -> BoxedStrategy<Option<(Option<String>, Vec<u8>)>> {
    let garbage = vec(any::<u8>(), 0..60);
    let anything = (option::of(any_text()), garbage.clone()).boxed();
    let Some(contents) = operation["requestBody"]["content"].as_object() else {
        return option::weighted(0.05, anything).boxed();
    };
    let media_types: Vec<String> = contents.keys().cloned().collect();
    let nearly = contents.iter().map(|(media_type, content)| {
        let media_type = media_type.clone();
        let text = match (media_type.as_str(), content["schema"]["$ref"].as_str()) {
            ("application/json", Some("#/components/schemas/SettingsPatch")) => {
                patch(&contract.document["components"]["schemas"]["SettingsPatch"]["properties"])
            }
            ("application/json", _) => prop_oneof![
                event().prop_map(|event| event.to_string()),
                vec(event(), 0..8).prop_map(|events| Value::Array(events).to_string()),
            ]
            .boxed(),
            ("text/csv", _) => csv(),
            _ => vec(event(), 0..8)
                .prop_map(|events| events.iter().map(|event| format!("{event}\n")).collect::<String>())
                .boxed(),
        };
        text.prop_map(move |text| (Some(media_type.clone()), text.into_bytes())).boxed()
    });
    let wrong_bytes = (select(media_types).prop_map(Some), garbage);
    prop_oneof![8 => Union::new(nearly), 2 => wrong_bytes, 1 => anything].prop_map(Some).boxed()
}

/// An event, some of whose fields are missing or wrong.
fn event() -> BoxedStrategy<Value> {
    let numbers = prop_oneof![
        (-1000..1000).prop_map(|n| json!(n)),
        any::<f64>().prop_map(|n| json!(n)),
        any_text().prop_map(|text| json!(text)),
    ];
    let ids = prop_oneof![4 => select(vec!["a", "b", "c"]).prop_map(str::to_owned), 1 => any_text()];
    let texts = prop_oneof![6 => instant(), 1 => any_text()];
    (option::of(texts), option::of(ids), option::weighted(0.9, numbers))
        .prop_map(|(timestamp, id, value)| json!({"timestamp": timestamp, "id": id, "value": value}))
        .boxed()
}

fn csv() -> BoxedStrategy<String> {
    let head = select(vec!["timestamp,id,value", "id,value", "value", "value,value,id", "id", ""]);
    let field = || prop_oneof![instant(), (-9..9).prop_map(|n: i32| n.to_string()), any_text()];
    let row = vec(field(), 1..4).prop_map(|fields| fields.join(","));
    (head, vec(row, 0..6)).prop_map(|(head, rows)| format!("{head}\n{}", rows.join("\n"))).boxed()
}

/// A change of a few settings, each by its schema or not at all fitting.
fn patch(properties: &Value) -> BoxedStrategy<String> {
    let change = |(name, schema): (&String, &Value)| {
        let name = name.clone();
        let kind = schema["type"][0].as_str();
        let fitting = match kind {
            Some("boolean") => any::<bool>().prop_map(|truth| json!(truth)).boxed(),
            Some("integer" | "number") => prop_oneof![
                (1_u32..200).prop_map(|n| json!(n)).boxed(),
                Just(schema.get("maximum").cloned().unwrap_or(json!(5))).boxed(),
                any::<f64>().prop_map(|n| json!(n)).boxed(),
            ]
            .boxed(),
            _ => text_for(schema).prop_map(|text| json!(text)).boxed(),
        };
        let odd = select(vec![json!(null), json!([]), json!({"a": 1}), json!(-1), json!("x"), json!(true)]);
        prop_oneof![5 => fitting, 1 => odd].prop_map(move |value| (name.clone(), value)).boxed()
    };
    let changes = Union::new(properties.as_object().unwrap().iter().map(change));
    vec(changes, 0..4).prop_map(|changes| Value::Object(changes.into_iter().collect()).to_string()).boxed()
}
