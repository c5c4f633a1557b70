//! What the schemas of `openapi.json` allow is accepted, and what they forbid is refused: every parameter, every setting
//! and every kind of body, each by itself.
//!
//! An API tester does the same to the built app (`tests/e2e/contract.spec.mjs`); this one is quick, and exact about which
//! value differs. Patterns of times and durations are a part of what is read where a pattern cannot say all of it (days of
//! February), so a text that such a pattern forbids is only held against it when it is no time at all.

use jsonschema::Validator;
use millrace::api::Request;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{TestRng, TestRunner};
use serde_json::{Map, Value, json};

use super::form::cases;
use super::schemas::{fitting, garbage, instance, matching, nearly};
use super::service::Service;

fn document() -> Value {
    Service::new(&[]).get("openapi.json")
}

/// A validator of this schema, which may refer to parts of the document.
fn validator(document: &Value, schema: &Value) -> Validator {
    let whole = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": document["components"],
        "allOf": [schema],
    });
    jsonschema::validator_for(&whole).unwrap()
}

/// Runs a property with the same cases each time.
fn check<S: Strategy>(short: u32, strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    TestRunner::new_with_rng(cases(short), TestRng::deterministic_rng(Default::default()))
        .run(strategy, test)
        .unwrap_or_else(|error| panic!("{error}"));
}

/// Every parameter, with the method and the path of its operation.
fn parameters(document: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                found.push((method.to_uppercase(), path[1..].to_owned(), parameter.clone()));
            }
        }
    }
    found
}

/// Whether a request with this value of the parameter, and otherwise nothing that could be refused, is accepted.
fn is_accepted((method, path, parameter): &(String, String, Value), text: &str) -> bool {
    let name = parameter["name"].as_str().unwrap();
    let mut request = Request::new(method, path);
    if method == "POST" {
        request = request.with_body("application/json", r#"{"value":1}"#);
    }
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    if name == "format" {
        // All formats but JSON hold one table.
        pairs.append_pair("views", "latest");
    }
    if parameter["in"] == "query" {
        pairs.append_pair(name, text);
    } else {
        request.headers.push((name.to_owned(), text.to_owned()));
    }
    request.query = pairs.finish();
    let answer = Service::filled().send(&request);
    assert!(answer.status < 300 || answer.status == 422, "{request:?}: {} {}", answer.status, answer.text());
    answer.status != 422
}

/// A header carries no line breaks, and its value has no blanks around it.
fn is_sendable(parameter: &Value, text: &str) -> bool {
    parameter["in"] == "query" || (text == text.trim() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)))
}

#[test]
fn parameters_that_fit_are_accepted() {
    let document = document();
    for parameter in parameters(&document) {
        let schema = &parameter.2["schema"];
        let fits = validator(&document, schema);
        let texts = prop_oneof![4 => fitting(schema), 2 => nearly(fitting(schema)), 1 => Just(String::new())];
        check(48, &texts, |text| {
            prop_assume!(is_sendable(&parameter.2, &text) && fits.is_valid(&instance(schema, &text)));
            prop_assert!(is_accepted(&parameter, &text), "{} {:?} is refused", parameter.2["name"], text);
            Ok(())
        });
    }
}

#[test]
fn parameters_that_do_not_fit_are_refused() {
    let document = document();
    for parameter in parameters(&document) {
        let schema = &parameter.2["schema"];
        let fits = validator(&document, schema);
        let is_free = schema["type"] == "string" && schema["enum"].is_null();
        let long = "x".repeat(257);
        let texts = match parameter.2["name"].as_str().unwrap() {
            // Nearly every text is one of these.
            "ids" => {
                select(vec!["a,,b", ",", "\"a", "\"a\"b", "a\nb", "\"\"", "a,\"\",b"]).prop_map(str::to_owned).boxed()
            }
            "Idempotency-Key" => Just(long.clone()).boxed(),
            _ if is_free => garbage(),
            _ => prop_oneof![garbage(), nearly(fitting(schema))].boxed(),
        };
        let texts = prop_oneof![8 => texts, 1 => Just(" ".to_owned()), 1 => Just("\u{2003}".to_owned())];
        check(48, &texts, |text| {
            // Blanks around a setting, and beside the commas of a list, are ignored.
            let is_blank = text.trim().is_empty() && schema["type"] != "array";
            prop_assume!(is_free || is_blank || !text.contains(char::is_whitespace));
            prop_assume!(is_sendable(&parameter.2, &text) && !fits.is_valid(&instance(schema, &text)));
            prop_assert!(!is_accepted(&parameter, &text), "{} {:?} is accepted", parameter.2["name"], text);
            Ok(())
        });
    }
}

/// JSON values of all types.
fn any_value() -> BoxedStrategy<Value> {
    let odd = vec![json!([]), json!({"a": 1}), json!([1]), json!(null), json!(true), json!(false), json!(0), json!(-1)];
    prop_oneof![
        select(odd),
        garbage().prop_map(Value::from),
        Just(json!("")),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        (0..100).prop_map(Value::from),
    ]
    .boxed()
}

#[test]
fn settings_are_accepted_exactly_when_they_fit() {
    let document = document();
    let patch = &document["components"]["schemas"]["SettingsPatch"];
    let fits = validator(&document, patch);
    for (name, schema) in patch["properties"].as_object().unwrap() {
        let texts = || match schema {
            // Of many names some are the same, which the pattern looks ahead for.
            _ if name == "measures" => {
                select(vec!["value", "a,b", "\"x,y\",z", "a,a", "id", "a,", "\"a", "value,timestamp"])
                    .prop_map(str::to_owned)
                    .boxed()
            }
            _ if schema["enum"].is_array() || schema["pattern"].is_string() => fitting(schema),
            _ => garbage(),
        };
        let whole = schema["minimum"].as_i64().unwrap_or(0)..=schema["maximum"].as_i64().unwrap_or(i64::MAX);
        let bounds = select(vec![schema["minimum"].clone(), schema["maximum"].clone(), json!(null)]);
        let values = prop_oneof![
            3 => texts().prop_map(Value::from),
            2 => whole.prop_map(Value::from),
            1 => bounds,
            2 => any_value(),
        ];
        check(64, &values, |value| {
            let mut body = Map::new();
            // What must fit together is made to.
            for (one, other, room) in [
                ("batch_size", "queue_capacity", json!(10_000_000)),
                ("queue_capacity", "batch_size", json!(1)),
                ("min_value", "max_value", json!(1e12)),
                ("max_value", "min_value", json!(-1e12)),
            ] {
                if name == one {
                    body.insert(other.to_owned(), room);
                }
            }
            body.insert(name.clone(), value);
            let body = Value::Object(body);
            let request = Request::new("PATCH", "config").with_body("application/json", body.to_string());
            let answer = Service::new(&[]).send(&request);
            let expected = if fits.is_valid(&body) { 200 } else { 422 };
            prop_assert_eq!(answer.status, expected, "{}: {}", body, answer.text());
            Ok(())
        });
    }
    for body in [json!({"colour": 1}), json!({"Window": "5s"}), json!([]), json!(7), json!("x"), json!(null)] {
        let request = Request::new("PATCH", "config").with_body("application/json", body.to_string());
        assert!(!fits.is_valid(&body), "{body}");
        assert_eq!(Service::new(&[]).send(&request).status, 422, "{body}");
    }
}

#[test]
fn events_are_accepted_exactly_when_they_fit() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let fits = validator(&document, &schemas["Events"]);
    let event = &schemas["Event"]["properties"];
    let pattern = |member: &str| {
        let branches = event[member]["anyOf"].as_array().unwrap();
        branches.iter().find_map(|branch| branch["pattern"].as_str()).unwrap().to_owned()
    };
    let times = prop_oneof![
        4 => matching(&pattern("timestamp")).prop_map(Value::from),
        2 => (-9_223_372_036_i64..9_223_372_036).prop_map(Value::from),
        1 => (20_000_000_000_i64..9_223_372_036_854).prop_map(Value::from),
        1 => (20_000_000_000_000_i64..9_223_372_036_854_775).prop_map(Value::from),
        1 => (20_000_000_000_000_000_i64..9_223_372_036_854_775_000).prop_map(Value::from),
        1 => (9_223_372_037_i64..20_000_000_000).prop_map(Value::from),
        1 => select(vec![json!(1.5), json!(5e-324), json!(1748779200.123456), json!(-0.0), json!(1e-7)]),
        2 => any_value(),
    ];
    let ids = prop_oneof![
        4 => "\\PC{1,20}".prop_map(Value::from),
        1 => "[a-z ]{250,260}".prop_map(Value::from),
        1 => "[\u{1F980}\u{e9}]{50,64}".prop_map(Value::from),
        1 => any_value(),
    ];
    let values = prop_oneof![
        4 => any::<f64>().prop_filter("JSON has no others", |n| n.is_finite()).prop_map(|n| json!(n)),
        3 => matching(&pattern("value")).prop_map(Value::from),
        2 => any_value(),
    ];
    let maybe = |strategy: BoxedStrategy<Value>| proptest::option::weighted(0.5, strategy);
    let events = (maybe(times.boxed()), maybe(ids.boxed()), proptest::option::weighted(0.9, values)).prop_map(
        |(timestamp, id, value)| {
            let members = [("timestamp", timestamp), ("id", id), ("value", value), ("other", Some(json!({"x": 1})))];
            let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
            Value::Object(members.collect())
        },
    );
    let bodies = prop_oneof![
        3 => events.clone(),
        3 => prop::collection::vec(prop_oneof![4 => events.boxed(), 1 => any_value()], 0..4).prop_map(Value::Array),
        1 => any_value(),
    ];
    check(512, &bodies, |body| {
        let request = Request::new("POST", "events").with_body("application/json", body.to_string());
        let answer = Service::new(&[]).send(&request);
        let expected = if fits.is_valid(&body) { 202 } else { 422 };
        prop_assert_eq!(answer.status, expected, "{}: {}", body, answer.text());
        Ok(())
    });
}

#[test]
fn lines_and_tables_that_fit_are_accepted_and_garbage_is_refused() {
    let document = document();
    let contents = document["paths"]["/events"]["post"]["requestBody"]["content"].as_object().unwrap();
    let mut checked = 0;
    for (media_type, content) in contents.iter().filter(|(media_type, _)| *media_type != "application/json") {
        let name = content["schema"]["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        let schema = &document["components"]["schemas"][name];
        let fits = validator(&document, schema);
        let pattern = schema["pattern"].as_str().unwrap();
        let texts = prop_oneof![2 => matching(pattern), 1 => nearly(matching(pattern)), 1 => garbage()];
        check(64, &texts, |text| {
            let is_garbage = !text.contains("value");
            prop_assume!(is_garbage || fits.is_valid(&json!(text)));
            let answer = Service::new(&[]).send(&Request::new("POST", "events").with_body(media_type, text.as_str()));
            let expected = if is_garbage { 422 } else { 202 };
            prop_assert_eq!(answer.status, expected, "{} {:?}: {}", media_type, text, answer.text());
            Ok(())
        });
        checked += 1;
    }
    assert_eq!(checked, 6);
}

#[test]
fn every_bad_setting_is_listed_whatever_is_wrong_with_it_and_the_answer_stays_small() {
    let refused = |body: String| {
        let answer = Service::new(&[]).send(&Request::new("PATCH", "config").with_body("application/json", body));
        assert!(answer.status == 422 && answer.body.len() < 1_000_000, "{} with {}", answer.status, answer.body.len());
        answer.json()["detail"].as_array().unwrap().clone()
    };
    let names = |detail: Vec<Value>| {
        detail.iter().map(|problem| problem["loc"][1].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let bad = json!({"batch_size": "20", "colour": 1, "overflow": "panic", "paused": 1, "window": " 5s", "agg": ""});
    let mut found = names(refused(bad.to_string()));
    found.sort_unstable();
    assert_eq!(found, ["agg", "batch_size", "colour", "overflow", "paused", "window"]);
    let long: Map<String, Value> = (0..30).map(|n| (format!("\u{1}{n}{}", "\u{2}".repeat(300)), json!([n]))).collect();
    assert!(names(refused(Value::Object(long).to_string())).iter().all(|name| name.chars().count() == 200));
    refused(json!({"window": "\u{1}".repeat(5_000), "late": ["\u{1}".repeat(5_000)]}).to_string());
    let mut many = refused(format!("{{{}\"b\":2}}", "\"a\":1,".repeat(5_000)));
    let last = many.pop().unwrap();
    assert_eq!((many.len(), &last["loc"]), (100, &json!(["body"])));
    assert!(last["msg"].as_str().unwrap().starts_with("4901 more "), "{last}");
}
