//! Events with several numeric fields, from the post to every table and format.

use millrace::api::Request;
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::service::Service;

/// Three rows of two measures: the second lacks one, if `is_whole` is false.
fn rows(is_whole: bool) -> Value {
    let mut rows = json!([
        {"timestamp": "2025-06-01T12:00:00Z", "id": "b", "flow": 1.5, "level": 10, "note": "new filter"},
        {"timestamp": "2025-06-01T12:00:01Z", "id": "a", "flow": 2.5, "level": 20},
        {"timestamp": "2025-06-01T12:00:02Z", "id": "b", "flow": 3.5, "level": 60},
    ]);
    if !is_whole {
        rows[1].as_object_mut().unwrap().remove("level");
    }
    rows
}

fn service(changes: &[(&'static str, &'static str)]) -> Service {
    let all = [("measures", "flow,level"), ("batch_size", "3")];
    Service::new(&all.iter().chain(changes).copied().collect::<Vec<_>>())
}

/// The members of each row with these names.
fn pick(rows: &Value, names: &[&str]) -> Vec<Vec<Value>> {
    let row = |row: &Value| names.iter().map(|name| row[name].clone()).collect();
    rows.as_array().unwrap().iter().map(row).collect()
}

fn names(row: &Value) -> Vec<&str> {
    row.as_object().unwrap().keys().map(String::as_str).collect()
}

#[wasm_bindgen_test(unsupported = test)]
fn every_table_has_every_measure() {
    let mut service = service(&[]);
    let answer = service.post("application/json", &rows(true).to_string());
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert_eq!((&answer.json()["accepted"], &answer.json()["ignored"]), (&json!(3), &json!(["note"])));
    for target in
        ["latest", "query", "query?start=2025-06-01", "query?end=2025-06-02T00:00Z&views=latest,melted,pivoted"]
    {
        let tables = service.get(target);
        let columns = ["timestamp", "id", "flow", "level", "flow_moving_avg", "level_moving_avg"];
        assert_eq!(names(&tables["latest"][0]), columns, "{target}");
        assert_eq!(
            pick(&tables["latest"], &columns[1..]),
            [
                [json!("b"), json!(1.5), json!(10.0), json!(1.5), json!(10.0)],
                [json!("a"), json!(2.5), json!(20.0), json!(2.0), json!(15.0)],
                [json!("b"), json!(3.5), json!(60.0), json!(2.5), json!(30.0)],
            ],
            "{target}"
        );
        assert_eq!(
            pick(&tables["melted"], &["id", "variable", "val"])[2..],
            [
                [json!("b"), json!("timestamp"), json!("2025-06-01T12:00:02Z")],
                [json!("b"), json!("flow"), json!(1.5)],
                [json!("a"), json!("flow"), json!(2.5)],
                [json!("b"), json!("flow"), json!(3.5)],
                [json!("b"), json!("level"), json!(10.0)],
                [json!("a"), json!("level"), json!(20.0)],
                [json!("b"), json!("level"), json!(60.0)],
            ],
            "{target}"
        );
        assert_eq!(names(&tables["pivoted"][0]), ["id", "timestamp", "flow", "level"], "{target}");
        assert_eq!(
            pick(&tables["pivoted"], &["id", "timestamp", "flow", "level"]),
            [
                [json!("a"), json!("2025-06-01T12:00:01Z"), json!(2.5), json!(20.0)],
                [json!("b"), json!("2025-06-01T12:00:01Z"), json!(2.5), json!(35.0)],
            ],
            "{target}"
        );
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_query_chooses_the_aggregate_of_all_measures() {
    let mut service = service(&[]);
    service.post("application/json", &rows(true).to_string());
    for scope in ["stream", "batch"] {
        assert_eq!(service.patch(&json!({"rolling_scope": scope})).status, 200);
        let tables = service.get("query?start=2025-06-01T12:00:01&agg=sum&window=2s&aggfunc=sum&ids=b");
        let expected = if scope == "stream" { [json!(6.0), json!(80.0)] } else { [json!(3.5), json!(60.0)] };
        assert_eq!(pick(&tables["latest"], &["flow_moving_sum", "level_moving_sum"]), [expected], "{scope}");
        let expected = [json!("2025-06-01T12:00:02Z"), json!(3.5), json!(60.0)];
        assert_eq!(pick(&tables["pivoted"], &["timestamp", "flow", "level"]), [expected], "{scope}");
    }
    let csv = service.ask("GET", "query?views=latest&format=csv");
    let header = csv.text().lines().next().map(str::to_owned);
    assert_eq!(header.as_deref(), Some("timestamp,id,flow,level,flow_moving_avg,level_moving_avg"));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_missing_measure_is_null_everywhere_or_refused() {
    let mut strict = service(&[]);
    let answer = strict.post("application/json", &rows(false).to_string()).json();
    assert_eq!((&answer["accepted"], &answer["rejected_count"]), (&json!(2), &json!(1)));
    let reason = answer["rejected"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("level") && reason.contains("missing"), "{reason}");

    let mut lenient = service(&[("missing", "allow")]);
    assert_eq!(lenient.post("application/json", &rows(false).to_string()).json()["accepted"], 3);
    for target in ["latest", "query?start=2025-06-01"] {
        let tables = lenient.get(target);
        let levels = [[json!(10.0), json!(10.0)], [Value::Null, json!(10.0)], [json!(60.0), json!(35.0)]];
        assert_eq!(pick(&tables["latest"], &["level", "level_moving_avg"]), levels, "{target}");
        assert_eq!(pick(&tables["melted"], &["val"])[7], [Value::Null], "{target}");
        assert_eq!(pick(&tables["pivoted"], &["level"]), [[Value::Null], [json!(35.0)]], "{target}");
    }
    let none = r#"[{"id": "a", "other": 1}, {"id": "a", "flow": null, "level": null}]"#;
    assert_eq!(lenient.post("application/json", none).status, 422, "at least one measure has to be there");
}

#[wasm_bindgen_test(unsupported = test)]
fn rows_keep_their_measures_by_name_when_the_setting_changes() {
    let mut service = service(&[]);
    service.post("application/json", &rows(true).to_string());
    assert_eq!(service.patch(&json!({"measures": "level,value"})).status, 200);
    let body = r#"[{"timestamp": "2025-06-01T12:00:03Z", "id": "c", "value": 7, "level": 40}]"#;
    let request = Request::new("POST", "events?complete=true").with_body("application/json", body);
    assert_eq!(service.send(&request).status, 202);
    let tables = service.get("query?start=2025-06-01");
    let columns = ["timestamp", "id", "level", "value", "level_moving_avg", "moving_avg"];
    assert_eq!(names(&tables["latest"][0]), columns);
    assert_eq!(
        pick(&tables["latest"], &["level", "value", "level_moving_avg", "moving_avg"]),
        [
            [json!(10.0), Value::Null, json!(10.0), Value::Null],
            [json!(20.0), Value::Null, json!(15.0), Value::Null],
            [json!(60.0), Value::Null, json!(30.0), Value::Null],
            [json!(40.0), json!(7.0), json!(32.5), json!(7.0)],
        ]
    );
    service.patch(&json!({"measures": "flow,level"}));
    let flows = pick(&service.get("query?start=2025-06-01")["latest"], &["flow"]);
    assert_eq!(flows, [[json!(1.5)], [json!(2.5)], [json!(3.5)], [Value::Null]]);
}

#[wasm_bindgen_test(unsupported = test)]
fn other_names_of_a_sender_are_found_and_the_answers_keep_theirs() {
    let mut service = service(&[("timestamp_field", "Time (UTC)"), ("id_field", "sensor"), ("batch_size", "1")]);
    let csv = "Time (UTC);sensor;flow;level;id\n2025-06-01T12:00:00Z;a;1,5;2;x\n";
    let answer = service.post("text/csv", csv);
    assert_eq!((answer.status, &answer.json()["ignored"]), (202, &json!(["id"])), "{}", answer.text());
    let latest = &service.get("latest")["latest"];
    let row = [json!("2025-06-01T12:00:00Z"), json!("a"), json!(1.5), json!(2.0)];
    assert_eq!(pick(latest, &["timestamp", "id", "flow", "level"]), [row]);
}

#[wasm_bindgen_test(unsupported = test)]
fn names_that_cannot_be_columns_are_refused_and_nothing_changes() {
    let mut service = Service::new(&[]);
    for measures in ["a,a", "timestamp", "id", "a,,b", "flow,flow_moving_avg", "moving_sum", "a,\"b", &"x".repeat(65)] {
        let answer = service.patch(&json!({"measures": measures, "batch_size": 1}));
        assert_eq!(answer.status, 422, "{measures}");
        assert_eq!(answer.json()["detail"][0]["loc"], json!(["body", "measures"]), "{measures}");
    }
    let settings = service.get("config");
    assert_eq!((&settings["measures"], &settings["batch_size"]), (&json!("value"), &json!(10)));
    for (field, text) in [("id_field", "timestamp"), ("timestamp_field", "value")] {
        assert_eq!(service.patch(&json!({field: text})).status, 422, "{field}");
    }
}
