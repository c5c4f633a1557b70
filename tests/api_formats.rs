//! `POST /events` in every format that files have: the same rows, whichever it is.

use millrace::api::Request;
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::service::Service;

const STREAM: &str = "application/vnd.apache.arrow.stream";

fn post(target: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Request {
    Request::new("POST", target).with_body(content_type, body)
}

/// The rows of the history as an Arrow stream.
fn as_arrow(service: &mut Service) -> Vec<u8> {
    let answer = service.ask("GET", "query?start=2025-06-01&views=latest&format=arrow");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some(STREAM)));
    answer.body
}

fn latest(service: &mut Service) -> Value {
    service.get("query?start=2025-06-01&views=latest")["latest"].clone()
}

#[wasm_bindgen_test(unsupported = test)]
fn rows_are_the_same_in_every_format() {
    let service = || {
        let changes = [("measures", "flow,level"), ("missing", "allow"), ("batch_size", "1"), ("timestamp_field", "t")];
        Service::new(&changes)
    };
    let json = r#"{"t":"2025-06-01T12:00:00Z","id":"a","flow":1.5,"level":null},{"t":1748779201,"id":"b;","level":2}"#;
    let mut first = service();
    let answer = first.post("application/json", &format!("[{json}]"));
    assert_eq!((answer.status, answer.json()), (202, json!({"accepted": 2, "rejected_count": 0, "rejected": []})));
    let expected = latest(&mut first);
    assert_eq!(expected.as_array().map(Vec::len), Some(2));
    let mark_and_utf16: Vec<u8> = "\u{feff}t\tid\tflow\tlevel\n2025-06-01T12:00Z\ta\t1,5\t\n1748779201\tb;\tNA\t2\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (content_type, body) in [
        ("application/x-ndjson", json.replace("},{", "}\n{").into_bytes()),
        ("text/csv", b"t,id,flow,level\n2025-06-01T12:00Z,a,1.5,\n1748779201,b;,,2\n".to_vec()),
        ("text/csv", b"T;ID;FLOW;LEVEL\n2025-06-01T12:00Z;a;1,5;\n1748779201;\"b;\";;2\n".to_vec()),
        ("text/tab-separated-values", mark_and_utf16),
    ] {
        let mut service = service();
        let answer = service.send(&post("events", content_type, body));
        assert_eq!(answer.status, 202, "{content_type}: {}", answer.text());
        assert_eq!(latest(&mut service), expected, "{content_type}");
    }
    // What is answered has the column `timestamp`.
    let body = as_arrow(&mut first);
    for content_type in [STREAM, "application/vnd.apache.arrow.file"] {
        let changes = [("measures", "flow,level"), ("missing", "allow"), ("batch_size", "1")];
        let mut service = Service::new(&changes);
        let answer = service.upload(&post("events", content_type, body.clone()));
        assert_eq!(answer.status, 202, "{}", answer.text());
        assert_eq!(answer.json()["ignored"], json!(["flow_moving_avg", "level_moving_avg"]));
        assert_eq!(latest(&mut service), expected, "{content_type}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_damaged_stream_is_refused_as_a_whole_also_behind_many_rows() {
    let mut service = Service::new(&[("batch_size", "10000")]);
    let rows: String = (0..40_000).map(|row| format!("{},s{},{row}\n", 1_748_779_200 + row, row % 7)).collect();
    assert_eq!(service.post("text/csv", &format!("timestamp,id,value\n{rows}")).status, 202);
    let body = as_arrow(&mut service);
    let mut other = Service::new(&[("batch_size", "10000")]);
    for damaged in [&body[..body.len() - 100], &b"timestamp,id,value\n1,a,2\n"[..]] {
        let answer = other.upload(&post("events", STREAM, damaged));
        assert_eq!((answer.status, &answer.json()["detail"][0]["type"]), (422, &json!("arrow_invalid")));
    }
    assert_eq!(other.get("query?start=2025-06-01"), json!({}));
    let answer = other.upload(&post("events", STREAM, body));
    assert_eq!(answer.json()["accepted"], json!(40_000));
    assert_eq!(latest(&mut other), latest(&mut service));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_stream_that_is_sent_again_is_known_by_its_own_bytes() {
    let mut service = Service::new(&[("batch_size", "1"), ("measures", "value,rpm"), ("missing", "allow")]);
    let rows = json!([{"id": "a", "value": 1, "rpm": 3}, {"id": "b", "value": 2}]);
    assert_eq!(service.post("application/json", &rows.to_string()).status, 202);
    let body = as_arrow(&mut service);
    let mut other = Service::new(&[("batch_size", "1")]);
    let keyed = |body: &[u8]| {
        let mut request = post("events", STREAM, body);
        request.headers.push(("Idempotency-Key".to_owned(), "k".to_owned()));
        request
    };
    let first = other.upload(&keyed(&body));
    assert_eq!((first.status, first.header("idempotency-replayed")), (202, None), "{}", first.text());
    // Other columns are needed of it by then.
    assert_eq!(other.patch(&json!({"measures": "rpm", "missing": "allow"})).status, 200);
    let again = other.upload(&keyed(&body));
    assert_eq!((again.status, again.header("idempotency-replayed")), (202, Some("true")), "{}", again.text());
    assert_eq!(again.json(), first.json());
    assert_eq!(other.upload(&keyed(&body[..body.len() - 8])).status, 422, "another body");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_body_without_a_byte_is_refused() {
    for (content_type, reason) in
        [(STREAM, "the body is empty; send an Arrow IPC stream"), ("text/csv", "no header row")]
    {
        let answer = Service::new(&[]).upload(&post("events", content_type, ""));
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains(reason), "{}", answer.text());
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_row_of_a_batch_is_refused_by_its_number() {
    let mut service = Service::new(&[("measures", "flow,level"), ("missing", "allow"), ("batch_size", "1")]);
    let rows = json!([{"id": "a", "flow": 1}, {"id": "b", "level": 2}, {"id": "c", "flow": 3}]);
    assert_eq!(service.post("application/json", &rows.to_string()).status, 202);
    let answer = service.ask("GET", "query?start=2020-01-01&views=latest&format=arrow");
    let mut other = Service::new(&[("measures", "flow"), ("batch_size", "1")]);
    let answer = other.upload(&post("events", STREAM, answer.body));
    assert_eq!((answer.status, &answer.json()["accepted"]), (202, &json!(2)));
    let refused = &answer.json()["rejected"][0];
    assert_eq!((&refused["row"], &refused["line"]), (&json!(1), &json!(2)));
    assert!(refused["reason"].as_str().unwrap().starts_with("flow is missing; send a finite number"), "{refused}");
}

#[wasm_bindgen_test(unsupported = test)]
fn parameters_say_of_csv_what_is_not_found() {
    let mut service = Service::new(&[("batch_size", "1"), ("measures", "column2"), ("id_field", "column1")]);
    let text = "x^2,a,\"1,5\"\nx,b,2\n";
    let answer = service.send(&post("events?header=false&decimal=%2C&delimiter=%2C", "text/csv", text));
    assert_eq!((answer.status, &answer.json()["accepted"]), (202, &json!(2)), "{}", answer.text());
    assert_eq!(answer.json()["ignored"], json!(["column0"]));
    let values = latest(&mut service);
    assert_eq!((&values[0]["column2"], &values[1]["id"]), (&json!(1.5), &json!("b")));
    for (query, part) in [("decimal=x", "is no decimal mark"), ("header=2", "is neither true nor false")] {
        let answer = service.send(&post(&format!("events?{query}"), "text/csv", text));
        assert_eq!(answer.status, 422, "{query}");
        assert!(answer.text().contains(part), "{}", answer.text());
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_content_type_that_is_not_read_is_answered_with_those_that_are() {
    let answer = Service::new(&[]).post("application/vnd.ms-excel", "x");
    assert_eq!(answer.status, 415);
    for name in ["application/json", "text/csv", "arrow.stream", "arrow.file", "application/vnd.apache.parquet"] {
        assert!(answer.text().contains(name), "{}", answer.text());
    }
}
