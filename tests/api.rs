//! The HTTP surface, called as a function: statuses, headers and bodies of every endpoint.

use millrace::api::{App, MAX_BODY_BYTES, Request};
use millrace::pipeline::{Input, Settings};
use millrace::time::{Timestamp, Zone};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::service::{Answer, NOON, Service};

fn body(response: &Answer) -> Value {
    response.json()
}

fn column(records: &Value, name: &str) -> Vec<Value> {
    records.as_array().unwrap().iter().map(|record| record[name].clone()).collect()
}

/// Status, and for each problem where it is and what was given.
fn problems(response: &Answer) -> (u16, Vec<(Value, Value)>) {
    let detail = body(response)["detail"].clone();
    let list = detail.as_array().cloned().unwrap_or_default();
    (response.status, list.into_iter().map(|problem| (problem["loc"].clone(), problem["input"].clone())).collect())
}

#[wasm_bindgen_test(unsupported = test)]
fn trigger_says_what_the_original_says() {
    let expected = json!({"message": "Data pipeline triggered (auto-started on app launch)"});
    assert_eq!(Service::new(&[]).get("trigger"), expected);
}

#[wasm_bindgen_test(unsupported = test)]
fn every_answer_has_the_common_headers() {
    let mut service = Service::new(&[]);
    for target in ["latest", "nothing", "query?start=x"] {
        let response = service.send(&Request::new("GET", target));
        assert_eq!(response.header("cache-control"), Some("no-store"), "{target}");
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"), "{target}");
        assert_eq!(response.header("content-type"), Some("application/json"), "{target}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn latest_and_query_are_empty_before_the_first_batch() {
    let mut service = Service::new(&[]);
    for target in ["latest", "query", "latest?start=garbage", "query?start=2025-01-01", "query?start=&end="] {
        assert_eq!(service.get(target), json!({}), "{target}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn latest_shows_the_newest_batch_in_the_originals_form() {
    let mut service = Service::new(&[("batch_size", "3")]);
    service.fill(7);
    let latest = service.get("latest");
    let rows = json!([
        {"timestamp": "2025-06-01T12:00:03Z", "id": "a", "value": 3.0, "moving_avg": 1.5},
        {"timestamp": "2025-06-01T12:00:04Z", "id": "b", "value": 4.0, "moving_avg": 2.0},
        {"timestamp": "2025-06-01T12:00:05Z", "id": "c", "value": 5.0, "moving_avg": 3.0},
    ]);
    assert_eq!(latest["latest"], rows);
    assert_eq!(column(&latest["melted"], "variable")[2..4], [json!("timestamp"), json!("value")]);
    assert_eq!(latest["pivoted"][0], json!({"id": "a", "timestamp": "2025-06-01T12:00:03Z", "value": 3.0}));
    assert_eq!(service.get("query"), latest);
    assert_eq!(service.get("latest?views=latest"), latest, "latest ignores all parameters");
}

#[wasm_bindgen_test(unsupported = test)]
fn query_bounds_are_closed_and_may_be_reversed_or_missing() {
    let mut service = Service::new(&[]);
    service.fill(60);
    let mut values = |target: &str| match service.get(target) {
        Value::Object(answer) if answer.is_empty() => vec![],
        answer => column(&answer["latest"], "value"),
    };
    assert_eq!(values("query?start=2025-06-01T12:00:10&end=2025-06-01T12:00:12"), [10.0, 11.0, 12.0]);
    assert_eq!(values("query?start=2025-06-01T12:00:12&end=2025-06-01T12:00:10"), [0.0; 0]);
    assert_eq!(values("query?end=2025-06-01T12:00:01").len(), 2);
    assert_eq!(values("query?start=2025-06-01T12:00:58&end=").len(), 2);
    assert_eq!(values("query?start=2025-06-01T14:00:58%2B02:00"), [58.0, 59.0]);
    assert_eq!(values("query?start=2025-06-01T14:00:58+02:00"), [58.0, 59.0], "a bare + of an offset");
    assert_eq!(values("query?start=x&start=2025-06-01T12:00:59"), [59.0], "the last of a repeated name counts");
    assert_eq!(values("query?end=2025-06-01"), [0.0; 0], "a date is its midnight");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_moving_average_looks_over_the_edge_of_a_query_in_stream_scope_only() {
    let target = "query?start=2025-06-01T12:00:10&views=latest&limit=1";
    for (scope, expected) in [("stream", 8.0), ("batch", 10.0)] {
        let mut service = Service::new(&[("rolling_scope", scope)]);
        service.fill(60);
        assert_eq!(service.get(target)["latest"][0]["moving_avg"], expected, "{scope}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn rows_of_one_instant_that_paging_skips_still_count_in_the_window() {
    let mut service = Service::new(&[("batch_size", "4")]);
    let rows = r#"[{"timestamp":"2025-06-01","value":1},{"timestamp":"2025-06-01","value":3},
                   {"timestamp":"2025-06-01","value":5},{"timestamp":"2025-06-01","value":7}]"#;
    assert_eq!(service.post("application/json", rows).status, 202);
    let answer = service.get("query?start=2025-06-01&offset=2");
    assert_eq!(column(&answer["latest"], "moving_avg"), [3.0, 4.0]);
}

#[wasm_bindgen_test(unsupported = test)]
fn ids_views_limit_and_offset_narrow_the_answer() {
    let mut service = Service::new(&[]);
    service.fill(60);
    let answer = service.get("query?start=2025-06-01&ids=a,c&views=pivoted,latest&limit=3&offset=1");
    assert_eq!(answer.as_object().unwrap().keys().collect::<Vec<_>>(), ["latest", "pivoted"]);
    assert_eq!(column(&answer["latest"], "value"), [2.0, 3.0, 5.0]);
    assert_eq!(column(&answer["latest"], "moving_avg"), [1.0, 1.5, 3.0], "the average belongs to the stream");
    assert_eq!(column(&answer["pivoted"], "id"), ["a", "c"]);
    // Without bounds they apply to the newest batch, here rows 50 to 59.
    assert_eq!(column(&service.get("query?ids=b&limit=2")["latest"], "value"), [52.0, 55.0]);
}

#[wasm_bindgen_test(unsupported = test)]
fn paging_tells_the_total_and_the_next_page() {
    let mut service = Service::new(&[]);
    service.fill(60);
    let mut target = "query?start=2025-06-01&ids=a&limit=8".to_owned();
    let mut values = Vec::new();
    loop {
        let response = service.send(&Request::new("GET", &target));
        assert_eq!(response.header("x-total-count"), Some("20"));
        values.extend(column(&body(&response)["latest"], "value"));
        let Some(link) = response.header("link") else { break };
        target = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).unwrap().to_owned();
    }
    assert_eq!(values, (0..20).map(|row| f64::from(row * 3)).collect::<Vec<_>>());
    assert_eq!(service.get("query?start=2025-06-01&offset=99"), json!({}));
}

#[wasm_bindgen_test(unsupported = test)]
fn all_bad_parameters_of_a_query_are_reported_at_once() {
    let response =
        Service::new(&[]).send(&Request::new("GET", "query?start=garbage&end=2025-02-30&views=all&limit=-1"));
    let (status, problems) = problems(&response);
    assert_eq!(status, 422);
    let expected = [("start", "garbage"), ("end", "2025-02-30"), ("views", "all"), ("limit", "-1")];
    assert_eq!(problems, expected.map(|(name, input)| (json!(["query", name]), json!(input))));
    assert!(body(&response)["detail"][0]["msg"].as_str().unwrap().contains("garbage"));
}

#[wasm_bindgen_test(unsupported = test)]
fn unknown_paths_wrong_methods_and_slashes_answer_as_fastapi_does() {
    let mut service = Service::new(&[]);
    let response = service.send(&Request::new("GET", "nothing"));
    assert_eq!((response.status, body(&response)), (404, json!({"detail": "Not Found"})));
    assert_eq!(service.send(&Request::new("GET", "Latest")).status, 404);
    let response = service.send(&Request::new("POST", "latest"));
    assert_eq!((response.status, body(&response)), (405, json!({"detail": "Method Not Allowed"})));
    assert_eq!(response.header("allow"), Some("GET, HEAD, OPTIONS"));
    let response = service.send(&Request::new("GET", "query/?start=2025-06-01"));
    assert_eq!((response.status, response.header("location")), (307, Some("../query?start=2025-06-01")));
}

#[wasm_bindgen_test(unsupported = test)]
fn head_is_get_without_the_body_and_options_names_the_methods() {
    let mut service = Service::new(&[]);
    let response = service.send(&Request::new("HEAD", "latest"));
    assert_eq!(
        (response.status, response.header("content-type"), response.body.len()),
        (200, Some("application/json"), 0)
    );
    let response = service.send(&Request::new("OPTIONS", "events"));
    assert_eq!(
        (response.status, response.header("allow"), response.body.len()),
        (204, Some("POST, DELETE, OPTIONS"), 0)
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn events_are_read_from_json_ndjson_and_csv_alike() {
    let rows = [
        (
            "application/json",
            r#"[{"timestamp":"2025-06-01T12:00:00","id":"a","value":1.5},{"id":"b","value":"2"},{"value":3}]"#,
        ),
        (
            "application/x-ndjson",
            "{\"timestamp\":\"2025-06-01 12:00\",\"id\":\"a\",\"value\":1.5}\n\n{\"id\":\"b\",\"value\":2,\"colour\":[]}\r\n{\"value\":3,\"id\":null}\n",
        ),
        ("text/csv; charset=utf-8", "id,value,timestamp\na,1.5,2025-06-01T12:00:00Z\nb, 2 ,\n,3,\n"),
    ];
    for (content_type, text) in rows {
        let mut service = Service::new(&[("batch_size", "3")]);
        let response = service.post(content_type, text);
        let mut receipt = json!({"accepted": 3, "rejected_count": 0, "rejected": []});
        if text.contains("colour") {
            receipt["ignored"] = json!(["colour"]);
        }
        assert_eq!((response.status, body(&response)), (202, receipt), "{content_type}");
        let latest = service.get("latest")["latest"].clone();
        assert_eq!(column(&latest, "value"), [1.5, 2.0, 3.0]);
        assert_eq!(column(&latest, "id")[..2], ["a", "b"]);
        assert_eq!(latest[2]["id"].as_str().map(str::len), Some(36), "a missing id is a random UUID");
        assert_eq!(latest[2]["timestamp"], "2025-06-01T12:00:00Z", "a missing timestamp is the time of arrival");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_single_object_is_one_event() {
    let mut service = Service::new(&[("batch_size", "1")]);
    assert_eq!(service.post("application/json", r#"{"value": 7}"#).status, 202);
    assert_eq!(service.get("latest")["latest"][0]["value"], 7.0);
}

#[wasm_bindgen_test(unsupported = test)]
fn posted_numbers_are_read_to_the_last_digit() {
    let mut service = Service::new(&[("batch_size", "1")]);
    for text in ["57.54999999999999", "1e23", "9007199254740993", "2.2250738585072014e-308", "0.1"] {
        service.post("application/json", &format!("{{\"value\": {text}}}"));
        let answer = service.send(&Request::new("GET", "latest"));
        let answer = String::from_utf8(answer.body).unwrap();
        let written = answer.split("\"value\":").nth(1).unwrap().split(',').next().unwrap();
        assert_eq!(written.parse::<f64>().unwrap().to_bits(), text.parse::<f64>().unwrap().to_bits(), "{text}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn unusable_rows_are_refused_with_reasons_and_the_others_kept() {
    let mut service = Service::new(&[("batch_size", "1")]);
    let text = "timestamp,id,value\n2025-06-01,a,1\n2025-06-01,a,NaN\nyesterday,a,2\n2025-06-01,a,\n2025-06-01,a,3,4\n2025-06-01,a,x\n,,5\n";
    let response = service.post("text/csv", text);
    let answer = body(&response);
    assert_eq!((response.status, &answer["accepted"]), (202, &json!(2)));
    assert_eq!(answer["rejected_count"], 5);
    assert_eq!(column(&answer["rejected"], "row"), [1, 2, 3, 4, 5]);
    assert_eq!(column(&answer["rejected"], "line"), [3, 4, 5, 6, 7]);
    let reasons = column(&answer["rejected"], "reason");
    for (reason, part) in
        reasons.iter().zip(["not finite", "\"yesterday\"", "missing", "4 fields", "x is not a number"])
    {
        assert!(reason.as_str().unwrap().contains(part), "{reason} should name {part}");
    }
    let letters = service.get("rejected");
    assert_eq!((&letters["total"], letters["rejected"].as_array().unwrap().len()), (&json!(5), 5));
    let newest = &letters["rejected"][0];
    assert_eq!(
        (&newest["source"], &newest["row"], &newest["line"], &newest["input"]),
        (&json!("POST /events"), &json!(5), &json!(7), &json!("2025-06-01,a,x"))
    );
    assert_eq!(newest["arrived"], "2025-06-01T12:00:00Z");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_body_without_a_usable_row_is_422() {
    let mut service = Service::new(&[]);
    let (status, found) = problems(&service.post("application/json", r#"[{"value":null},{"id":5,"value":1}]"#));
    assert_eq!((status, found[1].0.clone(), found.len()), (422, json!(["body", 1]), 2));
    for (content_type, text) in [
        ("application/json", "[]"),
        ("application/json", "[{\"value\": 1}"),
        ("application/json", "\"text\""),
        ("application/x-ndjson", ""),
        ("text/csv", "timestamp,id\n2025-06-01,a\n"),
        ("text/csv", ""),
        ("text/csv", "value\n"),
    ] {
        assert_eq!(service.post(content_type, text).status, 422, "{content_type} {text}");
    }
    assert_eq!(service.get("rejected")["total"], 3, "rows become dead letters, broken bodies do not");
}

#[wasm_bindgen_test(unsupported = test)]
fn ids_have_one_to_256_bytes() {
    let mut service = Service::new(&[]);
    for (bytes, status) in [(0, 422), (1, 202), (256, 202), (257, 422)] {
        let text = json!({"id": "x".repeat(bytes), "value": 1}).to_string();
        assert_eq!(service.post("application/json", &text).status, status, "{bytes} bytes");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn bodies_of_another_type_or_beyond_64_mib_are_refused() {
    let mut service = Service::new(&[]);
    let response = service.post("text/plain;charset=UTF-8", "1");
    assert_eq!(response.status, 415);
    assert!(body(&response)["detail"].as_str().unwrap().contains("text/plain"));
    let large = Request::new("POST", "events").with_body("text/csv", vec![b' '; MAX_BODY_BYTES + 1]);
    assert_eq!(service.send(&large).status, 413);
    let response = service.post("text/csv; charset=iso-8859-1", "value\n1\n");
    assert_eq!(response.status, 415);
    assert!(body(&response)["detail"].as_str().unwrap().contains("iso-8859-1"));
    let response = service.post(&"x".repeat(5000), "1");
    assert!(response.status == 415 && response.body.len() < 500, "the type is cut");
}

/// Status, `accepted` and `rejected_count`.
fn counts(response: &Answer) -> (u16, Value, Value) {
    let receipt = body(response);
    (response.status, receipt["accepted"].clone(), receipt["rejected_count"].clone())
}

#[wasm_bindgen_test(unsupported = test)]
fn each_name_of_a_format_is_heard_and_spoken() {
    let mut service = Service::new(&[("batch_size", "1")]);
    let ndjson = "{\"id\":\"a\",\"value\":1}\n{\"id\":\"b\",\"value\":2}\n";
    for (name, text, spoken) in [
        ("application/json", "[{\"value\":1},{\"value\":2}]", "application/json"),
        ("application/vnd.mine+json", "[{\"value\":1},{\"value\":2}]", "application/json"),
        ("application/x-ndjson", ndjson, "application/x-ndjson"),
        ("application/ndjson", ndjson, "application/x-ndjson"),
        ("Application/JSONL; charset=UTF-8", ndjson, "application/x-ndjson"),
        ("application/x-jsonlines", ndjson, "application/x-ndjson"),
        ("text/csv; header=present", "id,value\na,1\nb,2\n", "text/csv; charset=utf-8"),
        ("text/tab-separated-values", "id\tvalue\na,b\t1\n\"c\td\"\t2,5\n", "text/tab-separated-values; charset=utf-8"),
    ] {
        assert_eq!(counts(&service.post(name, text)), (202, json!(2), json!(0)), "{name}");
        let mut request = Request::new("GET", "query?start=2025-01-01&views=latest");
        request.headers.push(("Accept".into(), name.to_owned()));
        assert_eq!(service.send(&request).header("content-type"), Some(spoken), "{name}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn the_rows_that_go_out_as_tsv_come_in_again() {
    let mut service = Service::new(&[("batch_size", "1")]);
    let ids = [" a ", "a", "b\tc", "d\n\"e\",f"];
    let rows = ids.map(|id| json!({"timestamp": "2025-06-01T12:00:00Z", "id": id, "value": 1.5}));
    service.post("application/json", &json!(rows).to_string());
    let mut request = Request::new("GET", "query?start=2025-01-01&views=latest");
    request.headers.push(("Accept".into(), "text/tab-separated-values".into()));
    let table = String::from_utf8(service.send(&request).body).unwrap();
    let mut other = Service::new(&[("batch_size", "1")]);
    assert_eq!(counts(&other.post("text/tab-separated-values", &table)), (202, json!(4), json!(0)), "{table}");
    assert_eq!(column(&other.get("query?start=2025-01-01")["latest"], "id"), ids);
}

#[wasm_bindgen_test(unsupported = test)]
fn compressed_bodies_are_read_and_other_codings_named() {
    let gzip = gzip_stored(b"id,value\na,1\nb,x\n");
    let mut service = Service::new(&[]);
    let mut post = |coding: &str, bytes: &[u8]| {
        let mut request = Request::new("POST", "events").with_body("text/csv", bytes);
        request.headers.push(("Content-Encoding".into(), coding.to_owned()));
        service.send(&request)
    };
    for coding in ["gzip", "x-gzip", "GZIP, identity"] {
        assert_eq!(counts(&post(coding, &gzip)), (202, json!(1), json!(1)), "{coding}");
    }
    assert_eq!(post("identity", b"value\n1\n").status, 202);
    assert_eq!(post("", b"value\n1\n").status, 202);
    let unknown = post("br", &gzip);
    assert_eq!((unknown.status, unknown.header("accept-encoding")), (415, Some("gzip, deflate")));
    assert!(body(&unknown)["detail"].as_str().unwrap().contains("\"br\""));
    let damaged = post("gzip", &gzip[..gzip.len() - 2]);
    assert_eq!(damaged.status, 422);
    assert!(body(&damaged)["detail"][0]["msg"].as_str().unwrap().contains("not gzip"));
}

/// A gzip member that holds a short text as it is.
fn gzip_stored(text: &[u8]) -> Vec<u8> {
    let sum = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(text).to_le_bytes();
    let length = text.len() as u16;
    let (stored, inverted) = (length.to_le_bytes(), (!length).to_le_bytes());
    let size = u32::from(length).to_le_bytes();
    [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1][..], &stored, &inverted, text, &sum, &size].concat()
}

#[wasm_bindgen_test(unsupported = test)]
fn the_delimiter_of_csv_can_be_given() {
    let mut service = Service::new(&[]);
    let mut post =
        |query: &str| service.send(&Request::new("POST", query).with_body("text/csv", "id|x;value\na|b;1,5\n"));
    assert_eq!(counts(&post("events")), (202, json!(1), json!(0)));
    assert_eq!(counts(&post("events?delimiter=%3B")), (202, json!(1), json!(0)));
    assert_eq!(post("events?delimiter=,").status, 422);
    let (status, found) = problems(&post("events?delimiter=;;"));
    assert_eq!((status, found), (422, vec![(json!(["query", "delimiter"]), json!(";;"))]));
}

#[wasm_bindgen_test(unsupported = test)]
fn of_many_refused_rows_the_first_thousand_are_listed_and_all_counted() {
    let mut service = Service::new(&[]);
    let bad = format!("value\n{}", format!("{}\n", "x".repeat(300)).repeat(2500));
    for (text, status, accepted) in [(format!("{bad}7\n"), 202, 1), (bad, 422, 0)] {
        let response = service.post("text/csv", &text);
        assert_eq!(counts(&response), (status, json!(accepted), json!(2500)));
        let answer = body(&response);
        assert_eq!(column(&answer["rejected"], "row"), (0..1000).map(Value::from).collect::<Vec<_>>());
        assert!(response.body.len() < 1_000_000, "{} bytes", response.body.len());
        if status == 422 {
            let last = &answer["detail"][999];
            assert_eq!((&last["loc"], &last["line"]), (&json!(["body", 999]), &json!(1001)));
            assert_eq!(last["input"], json!(format!("{}\u{2026}", "x".repeat(200))));
        }
    }
    let letters = service.get("rejected");
    assert_eq!((&letters["total"], &letters["rejected"][999]["row"]), (&json!(5000), &json!(1500)));
    let odd = format!("value\n{}", format!("{}\n", "\u{1}".repeat(300)).repeat(2500));
    assert!(service.post("text/csv", &odd).body.len() < 1_000_000);
}

#[wasm_bindgen_test(unsupported = test)]
fn late_rows_are_listed_among_the_refused_ones_with_their_lines() {
    let mut service = Service::new(&[("late", "reject"), ("lateness", "1min")]);
    let text = "timestamp,value\n2025-06-01T11:59:00Z,1\n,x\n2025-06-01T10:00:00Z,2\n\n,y\n";
    let response = service.post("text/csv", text);
    assert_eq!(counts(&response), (202, json!(1), json!(3)));
    assert_eq!(column(&body(&response)["rejected"], "row"), [1, 2, 3]);
    assert_eq!(column(&body(&response)["rejected"], "line"), [3, 4, 6]);
}

#[wasm_bindgen_test(unsupported = test)]
fn deleting_events_clears_everything_but_the_settings() {
    let mut service = Service::new(&[("batch_size", "3")]);
    service.fill(6);
    service.post("application/json", "[{}]");
    assert_eq!(service.send(&Request::new("DELETE", "events")).status, 204);
    assert_eq!(service.get("latest"), json!({}));
    assert_eq!(service.get("query?start=2000-01-01"), json!({}));
    assert_eq!(service.get("rejected"), json!({"total": 0, "rejected": []}));
    assert_eq!(service.get("config")["batch_size"], 3);
    service.fill(3);
    assert_eq!(column(&service.get("latest")["latest"], "moving_avg"), [0.0, 0.5, 1.0]);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_queue_that_the_source_keeps_full_answers_503_under_reject() {
    let source = [("source", "simulated"), ("interval", "1us"), ("batch_size", "1"), ("queue_capacity", "3000")];
    for (overflow, status) in [("reject", 503), ("block", 202)] {
        let mut service = Service::new(&source);
        service.patch(&json!({"overflow": overflow}));
        service.now = service.now + millrace::time::Duration::from_secs(1);
        service.app.service_mut().step(Input::Tick, service.now).unwrap();
        let response = service.post("application/json", r#"{"value": 1}"#);
        assert_eq!(response.status, status, "{overflow}");
        assert_eq!(response.header("retry-after").is_some(), status == 503);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn config_lists_every_setting_with_its_type() {
    let config = Service::new(&[]).get("config");
    let names: Vec<_> = config.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "source",
        "interval",
        "distinct_ids",
        "seed",
        "min_value",
        "max_value",
        "clock",
        "batch_size",
        "batch_wait",
        "window",
        "min_periods",
        "closed",
        "agg",
        "rolling_scope",
        "rolling_by",
        "measures",
        "missing",
        "timestamp_field",
        "id_field",
        "aggfunc",
        "queue_capacity",
        "overflow",
        "lateness",
        "late",
        "history_rows",
        "history_age",
        "memory_rows",
        "persist",
        "api_key",
        "rate_limit",
        "paused",
        "source_url",
        "source_format",
        "delimiter",
        "decimal",
        "header",
        "timestamp_format",
        "timestamp_zone",
        "replay_speed",
        "poll_interval",
        "nats_stream",
        "nats_subject",
        "nats_start",
        "nats_mode",
        "nats_durable",
        "sink_subject",
    ];
    assert_eq!(names.len(), expected.len());
    assert!(expected.iter().all(|name| names.contains(name)));
    let some = ["interval", "distinct_ids", "min_value", "batch_size", "persist", "paused"].map(|name| &config[name]);
    assert_eq!(some, [&json!("1s"), &Value::Null, &json!(10), &json!(10), &json!(true), &json!(false)]);
}

#[wasm_bindgen_test(unsupported = test)]
fn patch_merges_and_applies_and_null_sets_the_default() {
    let mut service = Service::new(&[]);
    let response = service.patch(&json!({"batch_size": 2.0, "window": "1min", "paused": true, "seed": 42}));
    assert_eq!(response.status, 200);
    let config = body(&response);
    assert_eq!(
        [&config["batch_size"], &config["window"], &config["paused"], &config["seed"]],
        [&json!(2), &json!("1min"), &json!(true), &json!(42)]
    );
    assert_eq!(service.get("health")["state"], "paused");
    service.fill(2);
    assert_eq!(service.get("latest")["latest"].as_array().unwrap().len(), 2);
    assert_eq!(body(&service.patch(&json!({"seed": null, "batch_size": null})))["batch_size"], 10);
}

#[wasm_bindgen_test(unsupported = test)]
fn patch_lists_every_bad_field_and_changes_nothing() {
    let mut service = Service::new(&[]);
    let before = service.get("config");
    let (status, found) = problems(
        &service.patch(&json!({"batch_size": 0, "overflow": "panic", "window": "1 day", "colour": 1, "paused": true})),
    );
    assert_eq!(status, 422);
    let mut places: Vec<_> = found.iter().map(|(place, _)| place[1].as_str().unwrap()).collect();
    places.sort_unstable();
    assert_eq!(places, ["batch_size", "colour", "overflow", "window"]);
    for text in ["[]", "{", "7"] {
        let request = Request::new("PATCH", "config").with_body("application/json", text);
        assert_eq!(service.send(&request).status, 422, "{text}");
    }
    assert_eq!(service.send(&Request::new("PATCH", "config").with_body("text/csv", "a")).status, 415);
    assert_eq!(service.patch(&json!({"window": {"secs": 5}})).status, 422);
    assert_eq!(service.get("config"), before);
}

#[wasm_bindgen_test(unsupported = test)]
fn health_tells_state_version_storage_and_uptime() {
    let mut service = Service::new(&[]);
    service.now = Timestamp::from_nanos(NOON + 90_500_000_000);
    let expected = json!({"status": "ok", "state": "running", "version": env!("CARGO_PKG_VERSION"), "storage": "memory", "uptime_secs": 90.5});
    assert_eq!(service.get("health"), expected);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_clock_setting_decides_how_times_are_read_and_printed() {
    let berlin = Zone::new(3600, vec![(1_743_296_400, 7200), (1_761_440_400, 3600)]);
    let settings = Settings::default().merged([("source", Some("none")), ("batch_size", Some("1"))]).unwrap();
    let now = Timestamp::from_nanos(NOON);
    let mut service = Service { app: App::in_memory(settings, berlin, [3; 32], now).unwrap(), now };
    service.post("application/json", r#"{"timestamp":"2025-06-01T14:00:00.5","value":1}"#);
    assert_eq!(service.get("latest")["latest"][0]["timestamp"], "2025-06-01T14:00:00.500000");
    assert_eq!(
        service.get("query?start=2025-06-01T12:00:00Z&end=2025-06-01T14:00:01")["latest"].as_array().unwrap().len(),
        1
    );
    service.patch(&json!({"clock": "utc"}));
    assert_eq!(service.get("latest")["latest"][0]["timestamp"], "2025-06-01T12:00:00.500000Z");
}

#[wasm_bindgen_test(unsupported = test)]
fn the_other_aggregates_name_and_fill_their_columns() {
    let mut service = Service::new(&[("agg", "max"), ("aggfunc", "sum"), ("batch_size", "6")]);
    service.fill(6);
    let latest = service.get("latest");
    assert_eq!(column(&latest["latest"], "moving_max"), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!(column(&latest["pivoted"], "value"), [3.0, 5.0, 7.0]);
    assert_eq!(latest["pivoted"][0]["timestamp"], "2025-06-01T12:00:01.500000Z");
}

#[wasm_bindgen_test(unsupported = test)]
fn every_aggregate_of_the_contract_works_in_a_batch() {
    for agg in ["mean", "sum", "min", "max", "count", "std", "var", "median", "sem"] {
        for aggfunc in ["mean", "sum", "min", "max", "count", "median", "std", "first", "last"] {
            let mut service = Service::new(&[]);
            assert_eq!(service.patch(&json!({"agg": agg, "aggfunc": aggfunc})).status, 200);
            service.fill(20);
            assert_eq!(service.get("latest")["pivoted"].as_array().unwrap().len(), 3, "{agg} {aggfunc}");
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn simulated_events_reach_the_api() {
    let mut service = Service::new(&[("source", "simulated"), ("seed", "42"), ("distinct_ids", "3")]);
    for _ in 0..10 {
        service.app.service_mut().step(Input::Tick, service.now).unwrap();
        service.now = service.now + millrace::time::Duration::from_secs(1);
    }
    let latest = service.get("latest");
    assert_eq!(latest["latest"].as_array().unwrap().len(), 10);
    assert_eq!(latest["pivoted"].as_array().unwrap().len(), 3);
}

#[wasm_bindgen_test(unsupported = test)]
fn history_keeps_the_newest_rows() {
    let mut service = Service::new(&[("history_rows", "25")]);
    service.fill(60);
    let values = column(&service.get("query?start=2000-01-01")["latest"], "value");
    assert_eq!((values.len(), values[0].clone()), (25, json!(35.0)));
}

#[wasm_bindgen_test(unsupported = test)]
fn the_service_worker_relays_exactly_the_routers_paths() {
    let script = include_str!("../src/browser/service_worker/sw.js");
    let list = script.split("ENDPOINTS = new Set([").nth(1).and_then(|rest| rest.split("])").next()).unwrap();
    let mut relayed: Vec<&str> = list.split(',').map(|name| name.trim().trim_matches('"')).collect();
    let mut routed: Vec<&str> = App::paths().collect();
    relayed.sort_unstable();
    routed.sort_unstable();
    assert_eq!(relayed, routed);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_service_worker_speaks_the_protocol() {
    use millrace::protocol::{FromWorker, PartKind, Role, ToServiceWorker, VERSION, pack};
    let script = include_str!("../src/browser/service_worker/sw.js");
    let contains = |text: &str| assert!(script.contains(text), "sw.js lacks {text}");
    contains(&format!("const VERSION = {VERSION};"));
    // What it sends and what it reads, as it writes that down; `protocol::relay` has a test of the same as JSON.
    for sent in [
        "{ hello: { build: null, start: null } }",
        "{ request: { id, ...request } }",
        "{ body: { id, ...part } }",
        "{ abandon: { id } }",
        "{ pull: { stream } }",
        "{ cancel: { stream } }",
        "{ holding: { lock: PRESENCE } }",
        "\"alive\"",
        "\"goodbye\"",
    ] {
        contains(&format!(", {sent}"));
    }
    for read in ["message !== \"welcome\"", "message?.response", "message?.more", "message?.part"] {
        contains(read);
    }
    for part in [PartKind::Bytes, PartKind::Last, PartKind::Lost] {
        contains(&serde_json::to_string(&part).unwrap());
    }
    // What it adds to a port that it hands to a page, which `browser/service_worker.rs` reads, and what it tells a page
    // on a port that it can hand to nobody.
    contains("isPage: true");
    contains(&format!("const WAITING = new Uint8Array({:?}).buffer;", pack(&FromWorker::Role(Role::Waiting))));
    use ToServiceWorker::{Attach, Claim, Forget, GiveWay, KeepAwake, Owner, Restarted, TakeOver};
    for message in [Claim, Attach, KeepAwake, Restarted, Owner { at: 0.0 }, GiveWay, TakeOver, Forget] {
        let kind = serde_json::to_value(message).unwrap()["kind"].as_str().unwrap().to_owned();
        contains(&format!("event.data?.kind === \"{kind}\""));
    }
}
