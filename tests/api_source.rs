//! `GET /source` and its controls, where there is no file.

use millrace::api::Request;
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::service::Service;

#[wasm_bindgen_test(unsupported = test)]
fn a_pipeline_without_a_source_says_so_and_has_nothing_to_control() {
    let mut service = Service::new(&[]);
    let source = service.get("source");
    assert_eq!((&source["source"], &source["state"]), (&json!("none"), &json!("idle")));
    assert_eq!((&source["cursor"], &source["error"], &source["retries"]), (&Value::Null, &Value::Null, &json!(0)));
    for target in ["source/pause", "source/resume", "source/seek?position=0"] {
        let answer = service.ask("POST", target);
        assert_eq!(answer.status, 409, "{target}: {}", answer.text());
        assert!(answer.json()["detail"].is_string());
    }
    for body in
        [json!({}), json!({"position": -1}), json!({"time": "soon"}), json!({"position": 1, "time": 0}), json!([1])]
    {
        let request = Request::new("POST", "source/seek").with_body("application/json", body.to_string());
        assert_eq!(service.send(&request).status, 422, "{body}");
    }
    assert_eq!(service.ask("POST", "source/seek").status, 422, "neither a position nor a time");
    let answer = service.ask("GET", "source/pause/");
    assert_eq!((answer.status, answer.header("location")), (307, Some("../pause")));
    assert_eq!(service.ask("GET", "source/pause").header("allow"), Some("POST, OPTIONS"));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_live_source_that_lacks_a_setting_names_it_until_it_is_there() {
    let mut service = Service::new(&[]);
    for (source, url) in [("websocket", "wss://h"), ("sse", "https://h"), ("poll", "http://h"), ("nats", "ws://h")] {
        assert_eq!(service.patch(&json!({"source": source, "source_url": null})).status, 200);
        let answer = service.get("source");
        assert_eq!((&answer["source"], &answer["state"]), (&json!(source), &json!("failed")));
        assert!(answer["error"].as_str().unwrap().contains("source_url"), "{answer}");
        assert_eq!(service.patch(&json!({"source_url": url})).status, 200);
        let answer = service.get("source");
        let is_failed = answer["state"] == "failed";
        assert_eq!(is_failed, source == "nats", "{answer}");
        let is_named = answer["error"].as_str().is_some_and(|error| error.contains("nats_stream"));
        assert_eq!(is_named, source == "nats", "{answer}");
        let pause = service.ask("POST", "source/pause");
        assert!(pause.status == 409 && pause.json()["detail"].is_string(), "{}", pause.text());
    }
    assert_eq!(service.patch(&json!({"nats_stream": "S"})).status, 200);
    assert_ne!(service.get("source")["state"], "failed");
    assert_eq!(service.ask("POST", "source/pause").json()["state"], "waiting");
    assert_eq!(service.patch(&json!({"nats_mode": "share"})).status, 200);
    assert!(service.get("source")["error"].as_str().unwrap().contains("nats_durable"));
    assert_eq!(service.patch(&json!({"nats_durable": "D"})).status, 200);
    assert_eq!(service.ask("POST", "source/seek?position=7").status, 409, "others read it too");
    let counts = json!({"messages": 0, "accepted": 0, "refused": 0, "dropped": 0, "gaps": 0});
    assert_eq!((&service.get("source")["counts"], &service.get("source")["retries"]), (&counts, &json!(0)));
}

#[wasm_bindgen_test(unsupported = test)]
fn an_address_that_the_source_cannot_read_is_refused_with_the_one_that_it_can() {
    let mut service = Service::new(&[]);
    for (source, url) in [("websocket", "http://h"), ("nats", "https://h"), ("sse", "ws://h"), ("poll", "wss://h")] {
        let answer = service.patch(&json!({"source": source, "source_url": url}));
        assert_eq!(answer.status, 422, "{source} {url}");
        let detail = answer.json()["detail"][0].clone();
        assert_eq!(detail["loc"], json!(["body", "source_url"]));
        assert!(detail["msg"].as_str().unwrap().contains(source), "{detail}");
    }
    assert_eq!(service.get("config")["source"], "none");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_sink_without_a_server_says_so() {
    let mut service = Service::new(&[]);
    assert_eq!(service.get("source")["sink"], Value::Null);
    assert_eq!(service.patch(&json!({"sink_subject": "out"})).status, 200);
    assert!(service.get("source")["sink"]["error"].as_str().unwrap().contains("source_url"));
    assert_eq!(service.patch(&json!({"source_url": "ws://h"})).status, 200);
    service.fill(20);
    let sink = service.get("source")["sink"].clone();
    assert_eq!((&sink["subject"], &sink["waiting"], &sink["error"]), (&json!("out"), &json!(2), &Value::Null));
}
