//! `POST /events` with a Parquet file: the decoder makes columns of it that the settings name, and they are read.

use bytes::Bytes;
use millrace::api::{EncodedBody, MAX_BODY_BYTES, Request, UploadStep};
use millrace::protocol::Coding;
use serde_json::{Value, json};

use super::service::Service;

const PARQUET: &str = "application/vnd.apache.parquet";
const ARROW: &str = "application/vnd.apache.arrow.stream";

fn fixture(name: &str) -> Bytes {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parquet");
    std::fs::read(folder.join(name)).expect("the fixture is there").into()
}

fn head(content_type: &str, coding: &str) -> Request {
    let mut head = Request::new("POST", "events?complete=true").with_body(content_type, "");
    head.headers.push(("Content-Encoding".to_owned(), coding.to_owned()));
    head
}

/// What pyarrow reads in a column of a file.
fn expected(file: &str, column: &str) -> Vec<Value> {
    let all: Value = serde_json::from_slice(&fixture("expected.json")).unwrap();
    let columns = all[file].as_array().unwrap();
    let found = columns.iter().find(|found| found[0] == column).unwrap();
    found[2].as_array().unwrap().clone()
}

#[test]
fn every_row_of_a_file_is_an_event_with_its_measures() {
    for file in ["pyarrow_delta_v2.parquet", "pyarrow_dictionary_v1.parquet", "polars_zstd.parquet"] {
        let mut service = Service::new(&[("measures", "price,size"), ("missing", "allow")]);
        let answer = service.upload(&Request { body: fixture(file).to_vec(), ..head(PARQUET, "identity") });
        let receipt = answer.json();
        assert_eq!(
            (answer.status, &receipt["accepted"], &receipt["rejected_count"]),
            (202, &json!(300), &json!(0)),
            "{file}"
        );
        assert_eq!(receipt["ignored"], json!(["note"]), "{file}");

        let answer = service.get("query?start=2025-01-01&views=latest");
        let rows = answer["latest"].as_array().unwrap();
        let column = |name: &str| rows.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
        let numbers = |name: &str| column(name).iter().map(Value::as_f64).collect::<Vec<_>>();
        let number = |value: &Value| value.as_str().map_or_else(|| value.as_f64(), |text| text.parse().ok());
        for name in ["price", "size"] {
            assert_eq!(numbers(name), expected(file, name).iter().map(number).collect::<Vec<_>>(), "{file}");
        }
        for (found, id) in column("id").iter().zip(expected(file, "id")) {
            assert!(*found == id || id.is_null(), "{file}: {found}, {id}");
        }
    }
}

/// What a body with this head needs before it is read.
fn needed(service: &mut Service, head: Request) -> Option<EncodedBody> {
    let (app, now) = (&mut service.app, service.now);
    let mut upload = app.begin_upload(head, now).unwrap();
    upload.receive(100, app, now).unwrap();
    match upload.step(app, now) {
        UploadStep::Decode(mut body) => {
            body.columns.sort();
            Some(body)
        }
        _ => None,
    }
}

#[test]
fn a_head_says_what_has_to_be_made_of_a_body() {
    let mut service = Service::new(&[("measures", "price,size"), ("timestamp_field", "at")]);
    for (content_type, coding) in
        [(PARQUET, Coding::Parquet), (ARROW, Coding::Arrow), ("application/vnd.apache.arrow.file", Coding::Arrow)]
    {
        let columns = ["at", "id", "price", "size"].map(str::to_owned).into();
        let expected = EncodedBody { codings: "gzip".to_owned(), coding, columns };
        assert_eq!(needed(&mut service, head(content_type, "gzip")), Some(expected));
        let refused = service.app.begin_upload(head(content_type, "br"), service.now).map(|_| ()).unwrap_err();
        assert_eq!(refused.status, 415);
    }
    assert_eq!(needed(&mut service, head("text/csv", "gzip")), None);
}

#[test]
fn columns_that_are_too_large_are_413() {
    for (content_type, most) in [(PARQUET, MAX_BODY_BYTES), (ARROW, 1 << 30)] {
        let mut service = Service::new(&[]);
        let body = needed(&mut service, head(content_type, "")).unwrap();
        assert_eq!(body.max_bytes(), most);
        let (app, now) = (&mut service.app, service.now);
        let mut upload = app.begin_upload(head(content_type, ""), now).unwrap();
        assert!(upload.decoded(&body, most, app, now).is_ok());
        let refused = upload.decoded(&body, most + 1, app, now).unwrap_err();
        assert_eq!(refused.status, 413);
    }
}
