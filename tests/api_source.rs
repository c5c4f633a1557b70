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
