//! `Idempotency-Key` on `POST /events`: what is sent again is taken once, over reloads and kills too.

use std::rc::Rc;

use millrace::api::{App, Request};
use millrace::pipeline::Settings;
use millrace::service::PipelineService;
use millrace::store::{Disk, Durability, MemoryStorage, Storage, StorageChoice};
use millrace::time::{Timestamp, Zone};
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use super::service::{Answer, NOON, Service};

const ALL: &str = "query?start=1970-01-01";

fn request(key: &str, target: &str, content_type: &str, body: &str) -> Request {
    let mut request = Request::new("POST", target).with_body(content_type, body);
    request.headers.push(("Idempotency-Key".to_owned(), key.to_owned()));
    request
}

fn post(service: &mut Service, key: &str, csv: &str) -> Answer {
    service.send(&request(key, "events", "text/csv", csv))
}

/// Asserts that an answer is the first one again.
fn assert_replays(again: &Answer, first: &Answer) {
    assert_eq!((again.status, again.text()), (first.status, first.text()));
    assert_eq!(again.header("content-type"), first.header("content-type"));
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), (None, Some("true")));
}

fn rows(service: &mut Service) -> usize {
    service.values(ALL).len()
}

fn refused_total(service: &mut Service) -> u64 {
    service.get("rejected")["total"].as_u64().unwrap()
}

fn on_disk(storage: &Rc<MemoryStorage>) -> Service {
    let changes = [("source", Some("none")), ("clock", Some("utc")), ("batch_size", Some("1"))];
    let settings = Settings::default().merged(changes).unwrap();
    let now = Timestamp::from_nanos(NOON);
    let disk = Disk::Files(Rc::clone(storage) as Rc<dyn Storage>);
    Service { app: App::new(PipelineService::open(disk, settings, [false; 2], Zone::UTC, [3; 32], now).unwrap()), now }
}

#[wasm_bindgen_test(unsupported = test)]
fn the_same_post_twice_is_one_set_of_rows() {
    let mut service = Service::new(&[("batch_size", "1")]);
    for (content_type, body) in [
        ("text/csv", "id,value\na,1\nb,2\n"),
        ("application/json", r#"[{"value":1},{"value":2}]"#),
        ("application/x-ndjson", "{\"value\":1}\n{\"value\":2}\n"),
    ] {
        let before = rows(&mut service);
        let send = |service: &mut Service| service.send(&request(content_type, "events", content_type, body));
        let first = send(&mut service);
        assert_eq!(first.status, 202);
        assert_replays(&send(&mut service), &first);
        assert_replays(&send(&mut service), &first);
        assert_eq!(rows(&mut service), before + 2, "{content_type}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn without_a_key_or_with_another_one_rows_are_taken_again() {
    let mut service = Service::new(&[("batch_size", "1")]);
    let csv = "id,value\na,1\n";
    for key in ["k1", "k2", "K1", "k1x"] {
        assert_eq!(post(&mut service, key, csv).header("idempotency-replayed"), None, "{key}");
    }
    for _ in 0..2 {
        service.send(&Request::new("POST", "events").with_body("text/csv", csv));
    }
    assert_eq!(rows(&mut service), 6);
}

#[wasm_bindgen_test(unsupported = test)]
fn refused_rows_are_listed_again_and_counted_once() {
    let mut service = Service::new(&[("batch_size", "1")]);
    let csv = "id,value\na,1\nb,x\nc,3\nd,\n";
    let first = post(&mut service, "some", csv);
    assert_eq!((first.status, first.json()["rejected"].as_array().unwrap().len()), (202, 2));
    assert_replays(&post(&mut service, "some", csv), &first);
    assert_eq!((rows(&mut service), refused_total(&mut service)), (2, 2));
    // Nothing was usable: the refused rows are in the dead letters, once.
    let first = post(&mut service, "none", "id,value\na,x\n");
    assert_eq!(first.status, 422);
    assert_replays(&post(&mut service, "none", "id,value\na,x\n"), &first);
    assert_eq!((rows(&mut service), refused_total(&mut service)), (2, 3));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_key_of_accepted_events_takes_no_other_request() {
    let mut service = Service::new(&[("batch_size", "1")]);
    let first = post(&mut service, "key", "id,value\na,1\n");
    for (target, content_type, body) in [
        ("events", "text/csv", "id,value\na,2\n"),
        ("events?complete=true", "text/csv", "id,value\na,1\n"),
        ("events", "application/json", r#"{"id":"a","value":1}"#),
    ] {
        let answer = service.send(&request("key", target, content_type, body));
        assert_eq!(answer.status, 422, "{target} {body}");
        let problem = &answer.json()["detail"][0];
        assert_eq!((&problem["loc"], &problem["input"]), (&json!(["header", "idempotency-key"]), &json!("key")));
        assert_eq!(answer.header("idempotency-replayed"), None);
    }
    assert_replays(&post(&mut service, "key", "id,value\na,1\n"), &first);
    assert_eq!(rows(&mut service), 1);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_mended_body_is_taken_under_the_key_of_a_refused_one() {
    let mut service = Service::new(&[("batch_size", "1")]);
    assert_eq!(post(&mut service, "rows", "id,value\na,x\n").status, 422);
    let mended = post(&mut service, "rows", "id,value\na,1\n");
    assert_eq!((mended.status, mended.header("idempotency-replayed")), (202, None));
    assert_replays(&post(&mut service, "rows", "id,value\na,1\n"), &mended);
    // What refuses the whole request leaves nothing behind.
    assert_eq!(service.send(&request("whole", "events", "text/plain", "a")).status, 415);
    assert_eq!(service.send(&request("whole", "events?complete=perhaps", "text/csv", "value\n1\n")).status, 422);
    assert_eq!(post(&mut service, "whole", "value\n1\n").status, 202);
    assert_eq!(rows(&mut service), 2);
}

#[wasm_bindgen_test(unsupported = test)]
fn keys_are_1_to_255_printable_characters() {
    let mut service = Service::new(&[("batch_size", "1")]);
    let (longest, too_long) = ("k".repeat(255), "k".repeat(256));
    let csv = "id,value\na,1\n";
    for key in ["x", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "a b", &longest] {
        assert_eq!(post(&mut service, key, csv).status, 202, "{key}");
        assert_eq!(post(&mut service, key, csv).header("idempotency-replayed"), Some("true"), "{key}");
    }
    for key in ["", " ", "ä", "a\tb", "a\u{7f}", &too_long] {
        let answer = post(&mut service, key, csv);
        assert_eq!(answer.status, 422, "{key}");
        let problem = &answer.json()["detail"][0];
        assert_eq!(problem["loc"], json!(["header", "idempotency-key"]));
        assert!(problem["input"].as_str().unwrap().len() <= 200);
    }
    assert_eq!(rows(&mut service), 4);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_newest_ten_thousand_keys_are_known() {
    let mut service = Service::new(&[("batch_size", "1")]);
    let csv = "id,value\na,1\n";
    for key in 0..10_001 {
        assert_eq!(post(&mut service, &format!("key-{key}"), csv).status, 202);
    }
    assert_eq!(post(&mut service, "key-1", csv).header("idempotency-replayed"), Some("true"));
    assert_eq!(post(&mut service, "key-0", csv).header("idempotency-replayed"), None, "it is 10,001 keys ago");
}

#[wasm_bindgen_test(unsupported = test)]
fn delete_forgets_keys_with_the_events() {
    let mut service = Service::new(&[("batch_size", "1")]);
    for _ in 0..2 {
        assert_eq!(post(&mut service, "key", "id,value\na,1\n").header("idempotency-replayed"), None);
        assert_eq!(rows(&mut service), 1);
        service.ask("DELETE", "events");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn keys_outlive_kills_power_losses_and_checkpoints() {
    let mut storage = Rc::new(MemoryStorage::tracking());
    let posts = ["id,value\na,1\nb,x\n", "id,value\nb,x\n", "id,value\nc,3\n"];
    let first: Vec<Answer> = {
        let mut service = on_disk(&storage);
        posts.iter().enumerate().map(|(key, csv)| post(&mut service, &format!("key-{key}"), csv)).collect()
    };
    let total = 2;
    // Each start reads the groups of the one before, or its checkpoint alone.
    for round in 0..4 {
        storage = Rc::new(if round % 2 == 0 { storage.lose_power(|_, _| 0) } else { storage.after_crash() });
        let mut service = on_disk(&storage);
        for (key, csv) in posts.iter().enumerate() {
            assert_replays(&post(&mut service, &format!("key-{key}"), csv), &first[key]);
        }
        assert_eq!((rows(&mut service), refused_total(&mut service)), (2, total), "round {round}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_kill_during_a_post_leaves_events_and_key_or_neither() {
    let csv = "id,value\na,1\nb,2\nc,3\n";
    let mut outcomes = [0, 0];
    for lifetime_bytes in 0..400 {
        let storage = Rc::new(MemoryStorage::tracking());
        let mut service = on_disk(&storage);
        storage.set_lifetime(Some(lifetime_bytes));
        post(&mut service, "key", csv);
        let mut after = on_disk(&Rc::new(storage.after_crash()));
        let found = rows(&mut after);
        let is_known = post(&mut after, "key", csv).header("idempotency-replayed").is_some();
        assert_eq!(found, if is_known { 3 } else { 0 }, "after {lifetime_bytes} bytes");
        assert_eq!(rows(&mut after), 3, "after {lifetime_bytes} bytes");
        outcomes[usize::from(is_known)] += 1;
    }
    assert!(outcomes[0] > 0 && outcomes[1] > 0, "{outcomes:?}");
}

#[wasm_bindgen_test(unsupported = test)]
fn while_the_disk_is_full_a_key_is_answered_whose_events_are_in_the_files() {
    let storage = Rc::new(MemoryStorage::tracking());
    let mut service = on_disk(&storage);
    let csv = "id,value\na,1\n";
    let first = post(&mut service, "key", csv);
    storage.set_room(Some(storage.total_bytes()));
    let large = format!("id,value\n{}", "b,2\n".repeat(20_000));
    assert_eq!(post(&mut service, "large", &large).status, 507);
    assert_eq!(post(&mut service, "large", &large).status, 507, "nothing was taken, so nothing is known");
    assert_replays(&post(&mut service, "key", csv), &first);
    assert_eq!(post(&mut service, "key", "id,value\na,2\n").status, 422, "another post under the key");
    // The same after a start on the full disk.
    let full = Rc::new(storage.after_crash());
    full.set_room(Some(full.total_bytes() / 2));
    let mut next = on_disk(&full);
    assert!(matches!(next.app.service().store().durability(), Durability::Full(_)));
    assert_replays(&post(&mut next, "key", csv), &first);
    assert_eq!(post(&mut next, "new", csv).status, 507);
    assert_eq!((rows(&mut service), rows(&mut next)), (1, 1));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_key_whose_events_are_in_memory_alone_is_not_acknowledged() {
    let storage = Rc::new(MemoryStorage::tracking());
    let mut service = on_disk(&storage);
    let csv = "id,value\na,1\n";
    assert_eq!(post(&mut service, "before", csv).status, 202);
    // The write fails, and with the next attempt the disk is full.
    storage.set_lifetime(Some(0));
    assert_eq!(post(&mut service, "key", csv).status, 507);
    storage.set_lifetime(None);
    storage.set_room(Some(0));
    service.app.service_mut().choose_storage(StorageChoice::Retry, service.now);
    assert!(matches!(service.app.service().store().durability(), Durability::Full(_)));
    assert_eq!(post(&mut service, "key", csv).status, 507);
    assert_eq!(post(&mut service, "before", csv).header("idempotency-replayed"), Some("true"));
    storage.set_room(None);
    service.app.service_mut().choose_storage(StorageChoice::Retry, service.now);
    let again = post(&mut service, "key", csv);
    assert_eq!((again.status, again.header("idempotency-replayed")), (202, Some("true")));
    assert_eq!(rows(&mut on_disk(&Rc::new(storage.after_crash()))), 2, "they are there once");
}

#[wasm_bindgen_test(unsupported = test)]
fn long_answers_are_bounded_and_keep_their_counts() {
    let mut service = Service::new(&[("batch_size", "1")]);
    let csv = format!("id,value\na,1\n{}", "b,x\n".repeat(1000));
    let first: Vec<Answer> = (0..60).map(|key| post(&mut service, &format!("key-{key}"), &csv)).collect();
    assert_replays(&post(&mut service, "key-59", &csv), &first[59]);
    let old = post(&mut service, "key-0", &csv);
    assert_eq!((old.status, old.header("idempotency-replayed")), (202, Some("true")));
    assert_eq!(old.json()["accepted"], 1);
    let bytes: usize = service.app.service().engine().receipts().newest_first().map(|receipt| receipt.body.len()).sum();
    assert!(bytes < 2 << 20, "{bytes} bytes");
}
