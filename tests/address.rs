//! An address takes nothing away from what is stored: a setting by which less would be kept waits for a person.

use std::rc::Rc;

use millrace::api::App;
use millrace::pipeline::settings_of_address;
use millrace::protocol::HeldSetting;
use millrace::service::PipelineService;
use millrace::store::{Disk, Durability, MemoryStorage, Storage, StoreError};
use millrace::time::{Duration, Timestamp, Zone};
use proptest::prelude::*;
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::service::{NOON, Service};

const ALL: &str = "query?start=1970-01-01";

/// The pipeline that an address opens on this disk an hour after noon, and the settings that it holds back.
fn open_on(disk: Disk, query: &str, is_memory_only: bool) -> (Service, Vec<HeldSetting>) {
    let query = format!("source=none&clock=utc&{query}");
    let (settings, _) = settings_of_address(&query);
    let now = Timestamp::from_nanos(NOON) + Duration::from_secs(3600);
    let opened =
        PipelineService::open_with_address(disk, settings, &query, is_memory_only, Zone::UTC, [3; 32], now).unwrap();
    let mut service = Service { app: App::new(opened.0), now };
    service.app.service_mut().maintain(now);
    (service, opened.1)
}

fn open(storage: &Rc<MemoryStorage>, query: &str) -> (Service, Vec<HeldSetting>) {
    open_on(Disk::Files(Rc::clone(storage) as Rc<dyn Storage>), query, false)
}

/// A disk with so many rows, one a second from noon on, that a pipeline with the settings of this address left.
fn stored(query: &str, rows: usize) -> Rc<MemoryStorage> {
    let storage = Rc::new(MemoryStorage::tracking());
    let (mut service, held) = open(&storage, query);
    assert!(held.is_empty(), "nothing is stored yet");
    if rows > 0 {
        service.fill(rows);
    }
    killed(&storage)
}

/// The same disk after the program was killed.
fn killed(storage: &Rc<MemoryStorage>) -> Rc<MemoryStorage> {
    Rc::new(storage.after_crash())
}

fn names(held: &[HeldSetting]) -> Vec<&str> {
    held.iter().map(|setting| setting.name.as_str()).collect()
}

/// A new server, or a new subject, is agreed upon once; then a reload goes on with it.
#[wasm_bindgen_test(unsupported = test)]
fn a_link_sends_nothing_to_a_server_that_nobody_agreed_to() {
    const OUT: &str = "sink_subject=out&source_url=wss://a.example/x";
    let sink = |service: &Service| service.app.service().engine().settings().sink_subject.is_some();
    let storage = Rc::new(MemoryStorage::tracking());
    let (mut service, held) = open(&storage, OUT);
    assert_eq!((names(&held), sink(&service)), (vec!["sink_subject"], false));
    assert_eq!((&*held[0].value, held[0].server.as_deref()), ("out", Some("https://a.example:443")));
    assert_eq!(service.app.service_mut().sink_run(), None);
    // A person agrees, and a batch is processed.
    assert_eq!(service.patch(&json!({"sink_subject": "out"})).status, 200);
    assert!(service.app.service_mut().sink_run().is_some());
    service.fill(20);
    let storage = killed(&storage);
    let (service, held) = open(&storage, OUT);
    assert!(held.is_empty() && sink(&service));
    drop(service);
    for other in [
        "sink_subject=out&source_url=wss://evil.example/x",
        "sink_subject=out&source_url=ws://a.example/x",
        "sink_subject=other&source_url=wss://a.example/x",
        "sink_subject=out",
    ] {
        let (service, held) = open(&killed(&storage), other);
        assert_eq!((names(&held), sink(&service)), (vec!["sink_subject"], false), "{other}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn the_next_worker_is_told_all_settings_in_force_and_the_key() {
    let (mut service, _) = open_on(Disk::None("no files".to_owned()), "window=7s", false);
    service.patch(&json!({"api_key": "mill-Pond_7", "agg": "max"}));
    let query = service.app.service().address_in_force();
    let (settings, problems) = settings_of_address(&query);
    assert_eq!((&settings, problems), (service.app.service().engine().settings(), Vec::new()), "{query}");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_link_with_fewer_rows_removes_none_and_says_how_many_it_would() {
    let storage = stored("", 1000);
    let (mut service, held) = open(&storage, "history_rows=1");
    let expected = HeldSetting {
        name: "history_rows".to_owned(),
        value: "1".to_owned(),
        in_force: Some("1000000".to_owned()),
        server: None,
        removed_rows: 999,
        stored_rows: 1000,
    };
    assert_eq!(held, [expected]);
    assert_eq!(service.get("config")["history_rows"], 1_000_000);
    assert_eq!(service.values(ALL).len(), 1000);
    // What the page sends once a person has agreed.
    assert_eq!(service.patch(&json!({"history_rows": 1})).status, 200);
    assert_eq!(service.values(ALL), [999.0]);
    assert_eq!(open(&killed(&storage), "").0.values(ALL), [999.0]);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_limit_that_would_trim_only_later_is_held_back_too() {
    let (mut service, held) = open(&stored("history_rows=50", 40), "history_rows=45");
    assert_eq!((names(&held), held[0].removed_rows, held[0].stored_rows), (vec!["history_rows"], 0, 40));
    assert_eq!(held[0].in_force.as_deref(), Some("50"));
    assert_eq!(service.get("config")["history_rows"], 50);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_link_with_a_shorter_age_removes_no_row() {
    // Batches of one, so that all rows are out of the queue.
    let storage = stored("batch_size=1", 100);
    let (mut service, held) = open(&storage, "history_age=30s");
    assert_eq!((names(&held), held[0].removed_rows, held[0].in_force.clone()), (vec!["history_age"], 69, None));
    assert_eq!(service.values(ALL).len(), 100);
    assert_eq!(service.get("config")["history_age"], Value::Null);
    assert_eq!(service.patch(&json!({"history_age": "30s"})).status, 200);
    assert_eq!(service.values(ALL).len(), 31, "as many as were said to stay");
    let (mut longer, held) = open(&killed(&storage), "history_age=1h");
    assert_eq!((held, &longer.get("config")["history_age"]), (Vec::new(), &json!("1h")));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_link_does_not_turn_persistence_off_for_stored_rows() {
    for off in ["persist=false", "persist=0"] {
        let storage = stored("", 10);
        let (mut service, held) = open(&storage, off);
        assert_eq!((names(&held), held[0].value.as_str(), held[0].stored_rows), (vec!["persist"], "false", 10));
        assert_eq!(*service.app.service().store().durability(), Durability::Durable);
        service.fill(10);
        assert_eq!(open(&killed(&storage), "").0.values(ALL).len(), 20, "what is acknowledged is stored");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn persistence_that_was_off_stays_off_and_a_bare_address_turns_it_on() {
    let storage = stored("", 10);
    let disk = || Disk::Files(killed(&storage) as Rc<dyn Storage>);
    let (service, held) = open_on(disk(), "persist=false", true);
    assert_eq!((held, service.app.service().store().durability()), (Vec::new(), &Durability::Off));
    let (service, held) = open_on(disk(), "", true);
    assert_eq!((held, service.app.service().store().durability()), (Vec::new(), &Durability::Durable));
}

#[wasm_bindgen_test(unsupported = test)]
fn with_nothing_stored_an_address_applies() {
    let query = "history_rows=5&history_age=1min&persist=false&memory_rows=3";
    for storage in [Rc::new(MemoryStorage::tracking()), stored("", 0)] {
        let (mut service, held) = open(&storage, query);
        let config = service.get("config");
        assert!(held.is_empty());
        assert_eq!((&config["history_rows"], &config["history_age"]), (&json!(5), &json!("1min")));
        assert_eq!((&config["persist"], &config["memory_rows"]), (&json!(false), &json!(3)));
        assert_eq!(*service.app.service().store().durability(), Durability::Off);
    }
    let (mut service, held) = open_on(Disk::None("no files".to_owned()), query, false);
    assert_eq!((held, &service.get("config")["history_rows"]), (Vec::new(), &json!(5)));
}

#[wasm_bindgen_test(unsupported = test)]
fn with_files_that_cannot_be_read_now_persistence_stays_on() {
    for error in [StoreError::Io("in use".to_owned()), StoreError::Full("no space".to_owned())] {
        let (mut service, held) = open_on(Disk::Unread(error), "persist=false", false);
        assert_eq!((names(&held), &service.get("config")["persist"]), (vec!["persist"], &json!(true)));
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn events_that_wait_for_their_batch_are_stored_too() {
    let storage = stored("batch_size=100", 7);
    let (service, held) = open(&storage, "history_rows=2&persist=false");
    assert_eq!(names(&held), ["history_rows", "persist"]);
    assert_eq!((held[0].removed_rows, held[0].stored_rows), (5, 7));
    assert_eq!(service.app.service().engine().queue().len(), 7);
}

#[wasm_bindgen_test(unsupported = test)]
fn what_keeps_more_applies_and_what_is_refused_changes_nothing() {
    let (mut service, held) = open(&stored("history_rows=50", 50), "history_rows=60&batch_size=7");
    let config = service.get("config");
    assert_eq!((held, &config["history_rows"], &config["batch_size"]), (Vec::new(), &json!(60), &json!(7)));
    for query in ["history_rows=none", "history_rows=0", "history_age=-5s", "persist=maybe", ""] {
        let (mut service, held) = open(&stored("history_rows=50", 50), query);
        assert_eq!((held, service.values(ALL).len()), (Vec::new(), 50), "{query}");
        assert_eq!(service.get("config")["history_rows"], 50, "{query}: as the files say");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn files_that_are_only_read_show_all_rows() {
    let disk = Disk::ReadOnly(stored("", 30) as Rc<dyn Storage>);
    let (mut service, held) = open_on(disk, "history_rows=3", false);
    assert_eq!((names(&held), service.values(ALL).len()), (vec!["history_rows"], 30));
}

proptest! {
    #![proptest_config(crate::tests::form::cases(64))]

    #[test]
    fn no_address_takes_a_row_away(
        before in proptest::option::of(1..60_usize),
        rows in 0..40_usize,
        history_rows in proptest::option::of(1..60_usize),
        age_secs in proptest::option::of(1..60_i64),
        is_kept in any::<bool>(),
    ) {
        let kept = before.map_or(rows, |limit| rows.min(limit));
        let storage = stored(&before.map_or("batch_size=1".to_owned(), |n| format!("batch_size=1&history_rows={n}")), rows);
        let mut query = format!("batch_size=1&persist={is_kept}");
        query.extend(history_rows.map(|rows| format!("&history_rows={rows}")));
        query.extend(age_secs.map(|secs| format!("&history_age={secs}s")));
        let (mut service, held) = open(&storage, &query);
        prop_assert_eq!(service.values(ALL).len(), kept);
        prop_assert!(rows > 0 || held.is_empty());
        prop_assert_eq!(*service.app.service().store().durability() == Durability::Durable, is_kept || rows > 0);
        // A person who agrees to one of them loses what was said.
        for setting in held.iter().filter(|setting| setting.name != "persist") {
            let (mut agreed, _) = open(&killed(&storage), "batch_size=1");
            let value = if setting.name == "history_rows" { json!(history_rows) } else { json!(setting.value) };
            let name = setting.name.as_str();
            prop_assert_eq!(agreed.patch(&json!({name: value})).status, 200);
            prop_assert_eq!(agreed.values(ALL).len() as u64, kept as u64 - setting.removed_rows);
        }
    }
}
