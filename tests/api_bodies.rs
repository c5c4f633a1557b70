//! Bodies that come in pieces: they are answered as those that come at once, and no more of them is held.

use std::rc::Rc;

use millrace::api::{App, MAX_BODY_BYTES, Request, Response, UploadStep};
use millrace::pipeline::Settings;
use millrace::service::PipelineService;
use millrace::store::{Disk, MemoryStorage, Storage};
use millrace::time::{Timestamp, Zone};
use proptest::prelude::*;
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::form::cases;
use super::service::{Answer, NOON, Service};

/// More rows than are held before the first is taken.
const MANY: usize = 40_000;

fn answer(service: &Service, response: Response) -> Answer {
    let (status, headers) = (response.status, response.headers.clone());
    Answer { status, headers, body: response.into_bytes(service.app.service(), service.now) }
}

fn post(content_type: &str, body: impl Into<Vec<u8>>) -> Request {
    Request::new("POST", "events").with_body(content_type, body)
}

fn keyed(key: &str, request: Request) -> Request {
    let headers = [request.headers, vec![("Idempotency-Key".to_owned(), key.to_owned())]].concat();
    Request { headers, ..request }
}

fn packed(request: Request) -> Request {
    let headers = [request.headers, vec![("Content-Encoding".to_owned(), "gzip".to_owned())]].concat();
    Request { headers, body: gzip_stored(&request.body), ..request }
}

/// A gzip member that holds a text as it is.
fn gzip_stored(text: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let blocks = text.len().div_ceil(0xffff).max(1);
    for number in 0..blocks {
        let block = &text[(number * 0xffff).min(text.len())..((number + 1) * 0xffff).min(text.len())];
        let length = block.len() as u16;
        out.push(u8::from(number + 1 == blocks));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    out.extend_from_slice(&crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(text).to_le_bytes());
    out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    out
}

/// Sends a request whose body comes `size` bytes at a time; `between` is called between its steps, and stops it by false.
fn send_in_pieces(
    service: &mut Service,
    request: &Request,
    size: usize,
    mut between: impl FnMut(&mut App) -> bool,
) -> Option<Answer> {
    let now = service.now;
    let body = &request.body;
    let head = Request { body: Vec::new(), ..request.clone() };
    let mut upload = match service.app.begin_upload(head, now) {
        Ok(upload) => upload,
        Err(response) => return Some(answer(service, response)),
    };
    for piece in body.chunks(size) {
        if let Err(response) = upload.receive(piece.len(), &mut service.app, now) {
            return Some(answer(service, response));
        }
    }
    loop {
        match upload.step(&mut service.app, now) {
            UploadStep::Read { from } => upload.feed(&body[from..body.len().min(from + size)]),
            UploadStep::Busy => {}
            UploadStep::Decode(body) => panic!("{body:?} is sent to no decoder here"),
            UploadStep::Done(response) => return Some(answer(service, response)),
        }
        upload.pause(&mut service.app);
        if !between(&mut service.app) {
            return None;
        }
    }
}

/// What is written meanwhile, as the worker does it.
fn write(app: &mut App) -> bool {
    app.service_mut().commit(false, Timestamp::from_nanos(NOON)).is_ok()
}

fn in_pieces(service: &mut Service, request: &Request, size: usize) -> Answer {
    send_in_pieces(service, request, size, write).unwrap()
}

fn on_disk(storage: &Rc<MemoryStorage>) -> Service {
    let changes = [("source", Some("none")), ("clock", Some("utc")), ("batch_size", Some("10"))];
    let settings = Settings::default().merged(changes).unwrap();
    let now = Timestamp::from_nanos(NOON);
    let disk = Disk::Files(Rc::clone(storage) as Rc<dyn Storage>);
    Service { app: App::new(PipelineService::open(disk, settings, [false; 2], Zone::UTC, [3; 32], now).unwrap()), now }
}

/// Number of events that were taken.
fn taken(app: &App) -> u64 {
    let engine = app.service().engine();
    engine.counters().processed + engine.queue().len() as u64
}

fn csv(rows: usize) -> String {
    let row = |row: usize| format!("pump-{},{row}\n", row % 7);
    format!("id,value\n{}", (0..rows).map(row).collect::<String>())
}

fn json_rows(rows: usize) -> String {
    let row = |row: usize| format!("{{\"id\":\"a\",\"value\":{row}}}");
    format!("[{}]", (0..rows).map(row).collect::<Vec<_>>().join(","))
}

#[wasm_bindgen_test(unsupported = test)]
fn a_long_body_is_taken_row_by_row() {
    for request in [
        post("text/csv", csv(MANY)),
        post("application/json", json_rows(MANY)),
        packed(post("text/csv", csv(MANY))),
        keyed("key", packed(post("application/json", json_rows(MANY)))),
    ] {
        let (mut one, mut other) = (Service::new(&[]), Service::new(&[]));
        let (whole, found) = (one.send(&request), in_pieces(&mut other, &request, 60_000));
        assert_eq!((found.status, found.text()), (whole.status, whole.text()));
        assert_eq!(found.json(), json!({"accepted": MANY, "rejected_count": 0, "rejected": []}));
        assert_eq!(other.get("query?start=1970-01-01&views=latest"), one.get("query?start=1970-01-01&views=latest"));
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_long_body_that_turns_out_to_be_damaged_changes_nothing() {
    let mut broken = json_rows(MANY);
    broken.pop();
    let mut wrong_sum = packed(post("text/csv", csv(MANY)));
    let sum = wrong_sum.body.len() - 8;
    wrong_sum.body[sum] ^= 1;
    for request in [post("application/json", broken.clone()), wrong_sum, packed(post("application/json", broken))] {
        let mut service = Service::new(&[]);
        let found = in_pieces(&mut service, &request, 60_000);
        assert_eq!((found.status, taken(&service.app)), (422, 0), "{}", found.text());
        assert_eq!(service.get("rejected")["total"], 0);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn what_the_head_says_is_judged_before_the_body() {
    let mut service = Service::new(&[("api_key", "secret")]);
    let mut status = |request: &Request| {
        let (head, now) = (Request { body: Vec::new(), ..request.clone() }, service.now);
        service.app.begin_upload(head, now).err().map(|response| response.status)
    };
    let own = |request: Request| Request { is_own: true, ..request };
    assert_eq!(status(&post("text/csv", "value\n1\n")), Some(401));
    assert_eq!(status(&own(post("text/csv", "value\n1\n"))), None);
    assert_eq!(status(&own(post("text/plain", "value\n1\n"))), Some(415));
    assert_eq!(status(&own(Request::new("POST", "events?complete=perhaps"))), Some(422));
    assert_eq!(status(&own(Request::new("PATCH", "config").with_body("text/csv", "{}"))), Some(415));
    assert_eq!(status(&own(Request::new("PUT", "events"))), Some(405));
    assert_eq!(status(&own(Request::new("POST", "nowhere"))), Some(404));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_body_is_refused_as_soon_as_it_is_too_large() {
    let mut service = Service::new(&[]);
    let now = service.now;
    for (request, max_bytes) in [
        (post("text/csv", ""), MAX_BODY_BYTES),
        (Request::new("PATCH", "config").with_body("application/json", ""), 64 << 10),
    ] {
        let mut upload = service.app.begin_upload(request, now).ok().unwrap();
        assert!(upload.receive(max_bytes, &mut service.app, now).is_ok());
        let response = upload.receive(1, &mut service.app, now).unwrap_err();
        assert_eq!(response.status, 413);
        assert!(answer(&service, response).text().contains(&max_bytes.to_string()));
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn settings_come_in_pieces_too() {
    let mut service = Service::new(&[]);
    let request = Request::new("PATCH", "config").with_body("application/json", r#"{"batch_size": 7, "agg": "max"}"#);
    let found = in_pieces(&mut service, &request, 5);
    assert_eq!((found.status, found.json()["batch_size"].clone()), (200, json!(7)));
    let large = Request { body: vec![b' '; (64 << 10) + 1], ..request };
    assert_eq!(service.send(&large).status, 413);
    assert_eq!(service.get("config")["agg"], "max");
}

#[wasm_bindgen_test(unsupported = test)]
fn what_was_refused_of_a_body_that_is_cut_off_is_kept() {
    let text = csv(9_000).replace("pump-3,3\n", "pump-3,x\n").replace("pump-2,8003\n", "pump-2,y\n");
    let request = post("text/csv", text);
    for is_left in [true, false] {
        let mut service = on_disk(&Rc::new(MemoryStorage::tracking()));
        let now = service.now;
        let head = Request { body: Vec::new(), ..request.clone() };
        let mut upload = service.app.begin_upload(head, now).ok().unwrap();
        assert!(upload.receive(request.body.len(), &mut service.app, now).is_ok());
        while taken(&service.app) < 100 {
            if let UploadStep::Read { from } = upload.step(&mut service.app, now) {
                upload.feed(&request.body[from..]);
            }
        }
        if is_left {
            upload.break_off(&mut service.app, now);
        }
        let rejected = service.get("rejected");
        let reasons =
            if is_left { vec!["value x is not a number; send a decimal number such as 12.5"] } else { vec![] };
        let found: Vec<_> = rejected["rejected"].as_array().unwrap().iter().map(|row| row["reason"].clone()).collect();
        assert_eq!(
            (found, rejected["total"].clone()),
            (reasons.iter().map(|it| json!(it)).collect(), json!(reasons.len()))
        );
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn the_refused_rows_of_a_slice_have_their_places_in_the_file() {
    let mut service = Service::new(&[]);
    let slice = "id,value\na,1\nb,x\n";
    let request = Request::new("POST", "events?rows_before=10&lines_before=12").with_body("text/csv", slice);
    let receipt = service.send(&request).json();
    assert_eq!((&receipt["accepted"], &receipt["rejected"][0]["row"]), (&json!(1), &json!(1)), "those of the body");
    let letter = &service.get("rejected")["rejected"][0];
    assert_eq!((&letter["row"], &letter["line"]), (&json!(11), &json!(15)));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_keyed_body_that_was_cut_off_goes_on_where_it_stopped() {
    let text = csv(9_000).replace("pump-3,3\n", "pump-3,x\n");
    let request = keyed("key", packed(post("text/csv", text)));
    for steps in [1, 40, 120] {
        let storage = Rc::new(MemoryStorage::tracking());
        let mut left = steps;
        let stopped = send_in_pieces(&mut on_disk(&storage), &request, 10_000, |app| {
            left -= usize::from(taken(app) > 0);
            write(app) && left > 0
        });
        assert!(stopped.is_none());
        let mut service = on_disk(&Rc::new(storage.after_crash()));
        let before = taken(&service.app);
        assert!((1..8_999).contains(&before), "{before} after {steps} steps");
        let found = service.send(&request);
        assert_eq!((found.status, found.json()["accepted"].clone()), (202, json!(8_999)));
        assert_eq!((found.json()["rejected_count"].clone(), taken(&service.app)), (json!(1), 8_999));
        assert_eq!(service.send(&request).header("idempotency-replayed"), Some("true"));
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_key_is_taken_by_one_request_at_a_time() {
    let mut service = Service::new(&[]);
    let request = keyed("key", post("text/csv", csv(5_000)));
    let mut statuses = Vec::new();
    let found = send_in_pieces(&mut service, &request, 20_000, |app| {
        let now = Timestamp::from_nanos(NOON);
        let before = app.service().engine().counters().processed;
        if before > 0 {
            statuses.push(app.handle(&request, now).status);
        }
        assert_eq!(app.service().engine().counters().processed, before);
        true
    });
    assert_eq!(found.map(|answer| answer.status), Some(202));
    assert!(!statuses.is_empty() && statuses.iter().all(|status| *status == 503), "{statuses:?}");
    assert_eq!(taken(&service.app), 5_000);
    assert_eq!(service.send(&request).header("idempotency-replayed"), Some("true"));
}

#[wasm_bindgen_test(unsupported = test)]
fn bodies_of_refused_rows_alone_are_answered_in_little() {
    let rows = 300_000;
    for (content_type, body) in [
        ("application/x-ndjson", "x\n".repeat(rows)),
        ("application/json", format!("[{}1]", "1,".repeat(rows - 1))),
        ("text/csv", format!("value\n{}", "x\n".repeat(rows))),
    ] {
        let mut service = Service::new(&[]);
        let found = in_pieces(&mut service, &post(content_type, body), 60_000);
        assert!(found.status == 422 && found.body.len() < 1_000_000, "{} with {}", found.status, found.body.len());
        let answer = found.json();
        assert_eq!((&answer["rejected_count"], answer["rejected"].as_array().unwrap().len()), (&json!(rows), 1000));
        let letters = service.get("rejected");
        assert_eq!((&letters["total"], &letters["rejected"][0]["row"]), (&json!(rows), &json!(rows - 1)));
    }
}

/// A body of a few rows, sound or damaged, and its content type.
fn body() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let csv = prop::collection::vec("[a-c]{0,2},([0-9]{1,3}|x|\"1\"|)", 0..12)
        .prop_map(|rows| ("text/csv", format!("id,value\n{}\n", rows.join("\n"))));
    let json = || prop::collection::vec(r#"(\{"value":[0-9]{1,3}\}|\{"id":"[a-c]{1,2}","value":1\}|1|\{\}|x)"#, 0..12);
    let lines = json().prop_map(|rows| ("application/x-ndjson", rows.join("\n")));
    let array = json().prop_map(|rows| ("application/json", format!("[{}]", rows.join(", "))));
    let texts = prop_oneof![csv, lines, array];
    (texts, prop::option::of((0..200_usize, any::<u8>()))).prop_map(|((content_type, text), change)| {
        let mut body = text.into_bytes();
        if let Some((at, byte)) = change
            && let Some(place) = body.get_mut(at)
        {
            *place = byte;
        }
        (content_type, body)
    })
}

/// An answer without the start of a body that cannot be read: it shows as much as had come.
fn without_start(answer: &str) -> Value {
    let mut answer: Value = serde_json::from_str(answer).unwrap();
    for problem in answer["detail"].as_array_mut().into_iter().flatten() {
        if ["json_invalid", "csv_invalid"].iter().any(|kind| problem["type"] == *kind) {
            problem["input"] = Value::Null;
        }
    }
    answer
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_body_in_pieces_is_answered_as_a_whole_one(
        (content_type, body) in body(),
        size in 1_usize..40,
        is_packed in any::<bool>(),
        is_keyed in any::<bool>(),
        late in prop::sample::select(vec!["accept", "reject"]),
    ) {
        let request = post(content_type, body);
        let request = if is_packed { packed(request) } else { request };
        let request = if is_keyed { keyed("key", request) } else { request };
        let settings = [("batch_size", "3"), ("late", late)];
        let (mut one, mut other) = (Service::new(&settings), Service::new(&settings));
        let (whole, found) = (one.send(&request), in_pieces(&mut other, &request, size));
        prop_assert_eq!((found.status, without_start(&found.text())), (whole.status, without_start(&whole.text())));
        prop_assert_eq!(&found.headers, &whole.headers);
        for target in ["query?start=1970-01-01", "rejected"] {
            prop_assert_eq!(other.get(target), one.get(target));
        }
    }
}
