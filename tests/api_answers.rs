//! What is said of events with several measures: the text of each answer, ignored fields, buckets, pages, the document.

use millrace::api::Request;
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::service::{Answer, Service};

const EVENTS: &str = r#"[
    {"timestamp":"2025-06-01T12:00:00","id":"b","temp":10,"hum":50},
    {"timestamp":"2025-06-01T12:00:02","id":"a","temp":20,"hum":70},
    {"timestamp":"2025-06-01T12:00:04","id":"b","temp":30,"hum":60}
]"#;

/// A pipeline of two measures that processes three events at once.
fn sensors(changes: &[(&'static str, &'static str)]) -> Service {
    let all = [("measures", "temp,hum"), ("batch_size", "3")];
    Service::new(&all.iter().chain(changes).copied().collect::<Vec<_>>())
}

fn post(service: &mut Service, content_type: &str, body: &str) -> Answer {
    service.send(&Request::new("POST", "events?complete=true").with_body(content_type, body))
}

fn text(service: &mut Service, target: &str) -> String {
    let answer = service.ask("GET", target);
    assert_eq!(answer.status, 200, "{target}: {}", answer.text());
    answer.text()
}

#[wasm_bindgen_test(unsupported = test)]
fn each_measure_has_a_column_an_average_and_a_block() {
    let mut service = sensors(&[]);
    assert_eq!(
        post(&mut service, "application/json", EVENTS).text(),
        r#"{"accepted":3,"rejected_count":0,"rejected":[]}"#
    );
    let expected = concat!(
        r#"{"latest":[{"timestamp":"2025-06-01T12:00:00Z","id":"b","temp":10.0,"hum":50.0,"temp_moving_avg":10.0,"hum_moving_avg":50.0},"#,
        r#"{"timestamp":"2025-06-01T12:00:02Z","id":"a","temp":20.0,"hum":70.0,"temp_moving_avg":15.0,"hum_moving_avg":60.0},"#,
        r#"{"timestamp":"2025-06-01T12:00:04Z","id":"b","temp":30.0,"hum":60.0,"temp_moving_avg":20.0,"hum_moving_avg":60.0}],"#,
        r#""melted":[{"id":"b","variable":"timestamp","val":"2025-06-01T12:00:00Z"},"#,
        r#"{"id":"a","variable":"timestamp","val":"2025-06-01T12:00:02Z"},"#,
        r#"{"id":"b","variable":"timestamp","val":"2025-06-01T12:00:04Z"},"#,
        r#"{"id":"b","variable":"temp","val":10.0},{"id":"a","variable":"temp","val":20.0},{"id":"b","variable":"temp","val":30.0},"#,
        r#"{"id":"b","variable":"hum","val":50.0},{"id":"a","variable":"hum","val":70.0},{"id":"b","variable":"hum","val":60.0}],"#,
        r#""pivoted":[{"id":"a","timestamp":"2025-06-01T12:00:02Z","temp":20.0,"hum":70.0},"#,
        r#"{"id":"b","timestamp":"2025-06-01T12:00:02Z","temp":20.0,"hum":55.0}]}"#,
    );
    assert_eq!(text(&mut service, "latest"), expected);
    for target in
        ["query", "query?start=2025-06-01", "query?limit=3", "query?start=2025-06-01&window=5s&rolling_by=all"]
    {
        assert_eq!(text(&mut service, target), expected, "{target}");
    }
    let csv = text(&mut service, "query?start=2025-06-01&views=latest&format=csv&agg=max&ids=b");
    let expected = "timestamp,id,temp,hum,temp_moving_max,hum_moving_max\n\
                    2025-06-01T12:00:00Z,b,10.0,50.0,10.0,50.0\n2025-06-01T12:00:04Z,b,30.0,60.0,30.0,70.0\n";
    assert_eq!(csv, expected);
    let deviations = service.get("query?start=2025-06-01&views=pivoted&aggfunc=sum");
    assert_eq!(
        deviations["pivoted"][1],
        json!({"id": "b", "timestamp": "2025-06-01T12:00:02Z", "temp": 40.0, "hum": 110.0})
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn value_among_others_keeps_the_name_of_its_average() {
    let mut service = Service::new(&[("measures", "value,val"), ("agg", "sum")]);
    assert_eq!(post(&mut service, "text/csv", "id,val,value\na,1,2\n").status, 202);
    let row = service.get("query?views=latest")["latest"][0].clone();
    let names: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["id", "moving_sum", "timestamp", "val", "val_moving_sum", "value"]);
    assert_eq!((&row["value"], &row["moving_sum"], &row["val_moving_sum"]), (&json!(2.0), &json!(2.0), &json!(1.0)));
    // The column of melted has the same name as a measure.
    let melted = service.get("query?views=melted")["melted"].clone();
    assert_eq!(melted[2], json!({"id": "a", "variable": "val", "val": 1.0}));
}

#[wasm_bindgen_test(unsupported = test)]
fn fields_that_no_event_is_made_of_are_named_once() {
    let mut service = sensors(&[("timestamp_field", "at"), ("id_field", "pump")]);
    let events =
        r#"[{"at":"2025-06-01","pump":"p","temp":1,"hum":2,"note":"x","id":"no"},{"temp":1,"hum":2,"note":"y"}]"#;
    let answer = post(&mut service, "application/json", events).json();
    assert_eq!((&answer["accepted"], &answer["ignored"]), (&json!(2), &json!(["note", "id"])));
    let answer = post(&mut service, "text/csv", "hum,temp,value,pump\n1,2,3,q\n").json();
    assert_eq!((&answer["accepted"], &answer["ignored"]), (&json!(1), &json!(["value"])));
    let rows = service.get("query?start=2025-06-01&end=2025-06-01&views=latest")["latest"].clone();
    assert_eq!((&rows[0]["id"], &rows[0]["temp"], &rows[0]["hum"]), (&json!("p"), &json!(1.0), &json!(2.0)));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_measure_may_be_missing_where_that_is_allowed_and_one_is_there() {
    let lines = "{\"id\":\"a\",\"temp\":1}\n{\"id\":\"a\",\"hum\":null}\n{\"id\":\"a\",\"hum\":2}\n";
    let refused = post(&mut sensors(&[]), "application/x-ndjson", lines);
    assert_eq!((refused.status, refused.json()["rejected_count"].as_u64()), (422, Some(3)));

    let mut service = sensors(&[("missing", "allow"), ("rolling_scope", "batch")]);
    let answer = post(&mut service, "application/x-ndjson", lines).json();
    assert_eq!((&answer["accepted"], &answer["rejected_count"]), (&json!(2), &json!(1)));
    let tables = service.get("latest");
    let cells = |table: &str, name: &str| -> Vec<Value> {
        tables[table].as_array().unwrap().iter().map(|row| row[name].clone()).collect()
    };
    assert_eq!(cells("latest", "temp"), [json!(1.0), Value::Null]);
    assert_eq!(cells("latest", "hum"), [Value::Null, json!(2.0)]);
    assert_eq!(cells("latest", "hum_moving_avg"), [Value::Null, json!(2.0)]);
    assert_eq!(cells("melted", "val")[2..], [json!(1.0), Value::Null, Value::Null, json!(2.0)]);
    assert_eq!((cells("pivoted", "temp"), cells("pivoted", "hum")), (vec![json!(1.0)], vec![json!(2.0)]));
    let counts = service.get("query?views=pivoted&aggfunc=count")["pivoted"][0].clone();
    assert_eq!(counts, json!({"id": "a", "timestamp": 2, "temp": 1, "hum": 1}));
    let csv = text(&mut service, "query?views=latest&format=csv");
    assert!(csv.lines().nth(1).unwrap().ends_with(",a,1.0,,1.0,"), "{csv}");
}

#[wasm_bindgen_test(unsupported = test)]
fn buckets_have_a_column_for_each_measure_and_id() {
    let mut service = sensors(&[]);
    post(&mut service, "application/json", EVENTS);
    let rows = service.get("query?start=2025-06-01&views=pivoted&bucket=4s")["pivoted"].clone();
    let first =
        json!({"timestamp": "2025-06-01T12:00:00Z", "temp_a": 20.0, "temp_b": 10.0, "hum_a": 70.0, "hum_b": 50.0});
    assert_eq!(rows[0], first);
    assert_eq!((&rows[1]["temp_a"], &rows[1]["hum_b"]), (&Value::Null, &json!(60.0)));
    // Of one measure the ids alone are the names, whatever it is called.
    let mut service = Service::new(&[("measures", "temp"), ("batch_size", "1")]);
    post(&mut service, "text/csv", "timestamp,id,temp\n2025-06-01T12:00:00,a,1\n");
    let rows = service.get("query?start=2025-06-01&views=pivoted&bucket=4s")["pivoted"].clone();
    assert_eq!(rows[0], json!({"timestamp": "2025-06-01T12:00:00Z", "a": 1.0}));
    // Two columns of one name are refused: "x" and "x_y" of "y_z" and "z".
    let mut service = Service::new(&[("measures", "x,x_y"), ("batch_size", "1")]);
    post(&mut service, "text/csv", "timestamp,id,x,x_y\n2025-06-01T12:00:00,y_z,1,2\n2025-06-01T12:00:00,z,1,2\n");
    let refused = service.ask("GET", "query?start=2025-06-01&views=pivoted&bucket=4s");
    assert!(refused.status == 422 && refused.text().contains("x_y_z"), "{}", refused.text());
}

#[wasm_bindgen_test(unsupported = test)]
fn pages_of_rows_with_several_measures_have_each_row_once() {
    let mut service = sensors(&[]);
    let row = |number: usize| format!("2025-06-01T12:00:00,a,{},{}\n", number / 4, number % 4);
    let rows: String = (0..10).map(row).collect();
    post(&mut service, "text/csv", &format!("timestamp,id,temp,hum\n{rows}"));
    let mut target = "query?start=2025-06-01&views=latest&limit=3".to_owned();
    let mut found = Vec::new();
    loop {
        let answer = service.ask("GET", &target);
        let rows = answer.json()["latest"].as_array().cloned().unwrap_or_default();
        found.extend(rows.iter().map(|row| (row["temp"].as_f64().unwrap(), row["hum"].as_f64().unwrap())));
        let Some(link) = answer.header("link") else { break };
        target = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
    }
    assert_eq!(found, (0..10).map(|number| ((number / 4) as f64, (number % 4) as f64)).collect::<Vec<_>>());
}

#[wasm_bindgen_test(unsupported = test)]
fn an_empty_body_is_told_which_measures_it_lacks() {
    let refused = |service: &mut Service| post(service, "application/x-ndjson", "").json()["detail"][0]["msg"].clone();
    assert_eq!(refused(&mut Service::new(&[])), "the body holds no events; send at least one with a \"value\"");
    assert_eq!(refused(&mut sensors(&[])), "the body holds no events; send at least one with the measures temp,hum");
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn the_document_describes_events_of_the_measures_in_force() {
    for (missing, cases) in [
        ("reject", [(json!({"temp": 1, "hum": "2"}), true), (json!({"temp": 1}), false), (json!({"value": 1}), false)]),
        (
            "allow",
            [(json!({"temp": null, "hum": 2}), true), (json!({"temp": 1}), true), (json!({"temp": null}), false)],
        ),
    ] {
        let mut service = sensors(&[("missing", missing)]);
        let document = service.get("openapi.json");
        let whole = json!({"components": document["components"], "$ref": "#/components/schemas/Event"});
        let event = jsonschema::validator_for(&whole).unwrap();
        for (body, fits) in cases {
            assert_eq!(event.is_valid(&body), fits, "{missing} {body}");
            let expected = if fits { 202 } else { 422 };
            assert_eq!(post(&mut service, "application/json", &body.to_string()).status, expected, "{missing} {body}");
        }
        for (content_type, body) in [
            ("application/x-ndjson", "{\"id\": \"a\", \"temp\": 1, \"hum\": 2}"),
            ("text/csv", "timestamp,id,temp,hum\n2025-06-01T12:00:00Z,a,1,2.5\n"),
            ("text/tab-separated-values", "temp\thum\n1\t2\n"),
        ] {
            let name = &document["paths"]["/events"]["post"]["requestBody"]["content"][content_type]["schema"]["$ref"];
            let name = name.as_str().unwrap().rsplit('/').next().unwrap();
            let schema = jsonschema::validator_for(&document["components"]["schemas"][name]).unwrap();
            assert!(schema.is_valid(&json!(body)), "{content_type}");
            assert_eq!(post(&mut service, content_type, body).status, 202, "{content_type}");
        }
    }
}
