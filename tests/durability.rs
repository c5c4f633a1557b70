//! What the HTTP surface promises of what it has acknowledged, over the death of the app behind it.

use std::rc::Rc;

use millrace::api::{App, Body, Part, Request};
use millrace::pipeline::{Input, Settings};
use millrace::service::PipelineService;
use millrace::store::{Disk, Durability, MemoryStorage, Storage, StorageChoice, StoreError};
use millrace::time::{Duration, Timestamp, Zone};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::service::{NOON, Service};

fn open_with(storage: &Rc<MemoryStorage>, changes: &[(&'static str, &'static str)], are_named: [bool; 2]) -> Service {
    let all = [("source", "none"), ("clock", "utc")];
    let changes = all.iter().chain(changes).map(|(name, text)| (*name, Some(*text)));
    let settings = Settings::default().merged(changes).unwrap();
    let now = Timestamp::from_nanos(NOON);
    let disk = Disk::Files(Rc::clone(storage) as Rc<dyn Storage>);
    Service { app: App::new(PipelineService::open(disk, settings, are_named, Zone::UTC, [3; 32], now).unwrap()), now }
}

fn open(storage: &Rc<MemoryStorage>) -> Service {
    open_with(storage, &[], [false; 2])
}

/// The same disk after the program was killed.
fn killed(storage: &Rc<MemoryStorage>) -> Rc<MemoryStorage> {
    Rc::new(storage.after_crash())
}

fn rows(first: usize, count: usize) -> Value {
    let second = |row: usize| format!("2025-06-01T{:02}:{:02}:{:02}", 12 + row / 3600, row / 60 % 60, row % 60);
    (first..first + count)
        .map(|row| json!({"timestamp": second(row), "id": (["a", "b", "c"][row % 3]), "value": row}))
        .collect()
}

fn post(service: &mut Service, events: &Value) -> u16 {
    service.send(&Request::new("POST", "events").with_body("application/json", events.to_string())).status
}

const ALL: &str = "query?start=1970-01-01";

#[wasm_bindgen_test(unsupported = test)]
fn what_was_answered_with_202_is_there_after_a_power_loss() {
    let storage = Rc::new(MemoryStorage::tracking());
    let mut service = open(&storage);
    assert_eq!(service.get("health")["storage"], "durable");
    assert_eq!(post(&mut service, &rows(0, 25)), 202);
    let mut after = open(&Rc::new(storage.lose_power(|_, _| 0)));
    for target in ["latest", ALL, "rejected"] {
        assert_eq!(after.get(target), service.get(target), "{target}");
    }
    // The five that waited come out with the five that follow, as batch 3.
    for service in [&mut service, &mut after] {
        assert_eq!(post(service, &rows(25, 5)), 202);
        assert_eq!(service.app.service().engine().counters().batches, 3);
    }
    assert_eq!(after.get("latest"), service.get("latest"));
    assert_eq!(after.get(ALL), service.get(ALL));
}

#[wasm_bindgen_test(unsupported = test)]
fn what_a_get_has_shown_is_there_after_a_kill() {
    let storage = Rc::new(MemoryStorage::tracking());
    let mut service = open_with(&storage, &[("source", "simulated"), ("interval", "1ms"), ("seed", "7")], [false; 2]);
    service.now = service.now + Duration::from_secs(1);
    service.app.service_mut().step(Input::Tick, service.now).unwrap();
    let shown = service.get("latest");
    assert_eq!(open(&killed(&storage)).get("latest"), shown);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_run_with_a_seed_goes_on_where_it_was() {
    let storage = Rc::new(MemoryStorage::tracking());
    let simulated = [("source", "simulated"), ("interval", "1ms"), ("seed", "7")];
    let run = |service: &mut Service, millis: i64| {
        service.now = service.now + Duration::from_nanos(millis * 1_000_000);
        service.app.service_mut().step(Input::Tick, service.now).unwrap();
        service.values(ALL)
    };
    let mut service = open_with(&storage, &simulated, [false; 2]);
    run(&mut service, 33);
    let mut found = run(&mut open_with(&killed(&storage), &simulated, [false; 2]), 45);
    let mut expected = run(&mut open_with(&Rc::new(MemoryStorage::tracking()), &simulated, [false; 2]), 100);
    expected.truncate(found.len());
    found.sort_by(f64::total_cmp);
    expected.sort_by(f64::total_cmp);
    assert_eq!(found, expected, "the same values as in one run, none left out and none twice");
}

/// The id that a reader of the stream begins with.
fn present(service: &mut Service) -> String {
    let text = service.ask("GET", "stream").text();
    text.strip_prefix("retry: 1000\nid: ").unwrap().trim_end().to_owned()
}

/// What a reader of the stream with this position gets: the names of the events and the numbers of their batches.
fn resumed(service: &mut Service, position: &str) -> Vec<(String, u64)> {
    let text = service.ask("GET", &format!("stream?last_event_id={position}")).text();
    let event = |block: &str| {
        let field = |name| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
        let (_, number) =
            field("id: ")?.split_once('-').map(|(epoch, number)| (epoch.to_owned(), number.to_owned()))?;
        Some((field("event: ")?, number.parse().unwrap()))
    };
    text.split_terminator("\n\n").filter_map(event).collect()
}

fn named(name: &str, batches: std::ops::RangeInclusive<u64>) -> Vec<(String, u64)> {
    batches.map(|number| (name.to_owned(), number)).collect()
}

#[wasm_bindgen_test(unsupported = test)]
fn a_reader_of_the_stream_resumes_over_a_crash() {
    let storage = Rc::new(MemoryStorage::tracking());
    let mut service = open(&storage);
    assert_eq!(post(&mut service, &rows(0, 20)), 202);
    let position = present(&mut service);
    assert_eq!(post(&mut service, &rows(20, 20)), 202);
    let resume = |service: &mut Service| service.ask("GET", &format!("stream?last_event_id={position}")).text();
    let before = resume(&mut service);
    assert_eq!(resumed(&mut service, &position), named("batch", 3..=4));
    assert_eq!(resume(&mut open(&killed(&storage))), before);
    // Twice: batches of two journals back.
    let twice = killed(&storage);
    drop(open(&twice));
    assert_eq!(resume(&mut open(&killed(&twice))), before);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_epoch_is_kept_over_restarts_and_ends_with_delete_or_the_files() {
    let mut storage = Rc::new(MemoryStorage::tracking());
    let mut service = open(&storage);
    let mut epochs = Vec::new();
    for _ in 0..3 {
        assert_eq!(post(&mut service, &rows(0, 30)), 202);
        let position = present(&mut service);
        epochs.push(position.split_once('-').unwrap().0.to_owned());
        for round in 0..3 {
            // With groups after the checkpoint, and with the checkpoint alone.
            if round > 0 {
                assert_eq!(post(&mut service, &rows(30, 10)), 202);
            }
            let found = if round == 1 { storage.lose_power(|_, _| 0) } else { storage.after_crash() };
            storage = Rc::new(found);
            service = open(&storage);
            assert_eq!(resumed(&mut service, &position), named("batch", 4..=3 + round), "round {round}");
        }
        assert_eq!(service.ask("DELETE", "events").status, 204);
        storage = killed(&storage);
        service = open(&storage);
        assert_eq!(resumed(&mut service, &position), named("gap", 0..=0));
    }
    epochs.dedup();
    assert_eq!(epochs.len(), 3, "{epochs:?}");
}

#[wasm_bindgen_test(unsupported = test)]
fn batches_in_memory_alone_are_another_transcript_than_those_of_the_next_run() {
    let storage = Rc::new(MemoryStorage::tracking());
    let mut service = open(&storage);
    assert_eq!(post(&mut service, &rows(0, 50)), 202);
    let in_files = present(&mut service);
    let off = Request::new("PATCH", "config").with_body("application/json", r#"{"persist":false}"#);
    assert_eq!(service.send(&off).status, 200);
    service.app.service_mut().maintain(service.now);
    assert_eq!(post(&mut service, &rows(50, 30)), 202);
    assert_eq!(resumed(&mut service, &in_files), named("batch", 6..=8), "a reader of the files' batches goes on");
    let in_memory = present(&mut service);
    // The next run has the files alone, and gives the numbers 6 to 9 to other batches.
    let mut next = open(&killed(&storage));
    assert_eq!(post(&mut next, &rows(100, 40)), 202);
    assert_eq!(resumed(&mut next, &in_files), named("batch", 6..=9));
    assert_eq!(resumed(&mut next, &in_memory), [named("gap", 0..=0), named("batch", 1..=9)].concat());
    // Written after all, the batches from memory are those of the next run too.
    let on = Request::new("PATCH", "config").with_body("application/json", r#"{"persist":true}"#);
    assert_eq!(service.send(&on).status, 200);
    service.app.service_mut().maintain(service.now);
    let mut next = open(&killed(&storage));
    assert_eq!(post(&mut next, &rows(100, 10)), 202);
    assert_eq!(resumed(&mut next, &in_memory), named("batch", 9..=9));
    // Of those from memory the checkpoint has the newest alone.
    assert_eq!(resumed(&mut next, &in_files), [named("gap", 7..=7), named("batch", 8..=9)].concat());
}

#[wasm_bindgen_test(unsupported = test)]
fn batches_of_a_full_disk_are_another_transcript_than_those_of_the_next_run() {
    let storage = Rc::new(MemoryStorage::tracking());
    let mut service =
        open_with(&storage, &[("source", "simulated"), ("interval", "1ms"), ("batch_size", "10")], [false; 2]);
    let run = |service: &mut Service| {
        service.now = service.now + Duration::from_nanos(100_000_000);
        service.app.service_mut().step(Input::Tick, service.now).unwrap();
        present(service)
    };
    let in_files = run(&mut service);
    storage.set_lifetime(Some(0));
    let in_memory = run(&mut service);
    assert_eq!(service.get("health")["storage"], "memory");
    let mut next = open(&killed(&storage));
    assert_eq!(post(&mut next, &rows(0, 500)), 202);
    assert_eq!(resumed(&mut next, &in_files)[0].0, "batch");
    assert_eq!(resumed(&mut next, &in_memory)[0].0, "gap");
}

#[wasm_bindgen_test(unsupported = test)]
fn refused_rows_and_counters_go_on() {
    let storage = Rc::new(MemoryStorage::tracking());
    let mut service = open(&storage);
    assert_eq!(post(&mut service, &json!([{"value": 1}, {"value": "x"}])), 202);
    let mut after = open(&killed(&storage));
    assert_eq!(after.get("rejected"), service.get("rejected"));
    assert_eq!(after.app.service().engine().counters(), service.app.service().engine().counters());
}

#[wasm_bindgen_test(unsupported = test)]
fn clearing_everything_clears_it_on_disk() {
    let storage = Rc::new(MemoryStorage::tracking());
    let mut service = open(&storage);
    assert_eq!(post(&mut service, &rows(0, 30)), 202);
    let mut service = open(&killed(&storage));
    assert_eq!(service.ask("DELETE", "events").status, 204);
    let storage = Rc::new(storage.after_crash());
    let mut service = open(&storage);
    assert_eq!(service.ask("DELETE", "events").status, 204);
    let mut after = open(&Rc::new(storage.lose_power(|_, _| 0)));
    assert_eq!((after.get("latest"), after.get(ALL)), (json!({}), json!({})));
    assert_eq!(post(&mut after, &rows(0, 10)), 202);
    assert_eq!(after.app.service().engine().counters().batches, 1, "batch numbers begin anew");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_full_disk_is_507_and_takes_nothing() {
    let storage = Rc::new(MemoryStorage::tracking());
    let mut service = open(&storage);
    assert_eq!(post(&mut service, &rows(0, 10)), 202);
    storage.set_room(Some(storage.total_bytes() + 100_000));
    let mut taken = 10;
    let refused = loop {
        let events = rows(taken, 1000);
        let request = Request::new("POST", "events").with_body("application/json", events.to_string());
        let answer = service.send(&request);
        if answer.status != 202 {
            break answer;
        }
        taken += 1000;
    };
    assert_eq!(refused.status, 507);
    assert!(refused.json()["detail"].as_str().unwrap().contains("the disk is full"), "{}", refused.text());
    assert_eq!(service.values(ALL).len(), taken);
    assert_eq!(service.get("health")["storage"], "memory");
    assert_eq!(open(&killed(&storage)).values(ALL).len(), taken);
    service.app.service_mut().choose_storage(StorageChoice::Memory, service.now);
    assert_eq!(post(&mut service, &rows(taken, 10)), 202);
    storage.set_room(None);
    service.app.service_mut().choose_storage(StorageChoice::Retry, service.now);
    assert_eq!(*service.app.service().store().durability(), Durability::Durable);
    assert_eq!(open(&killed(&storage)).values(ALL).len(), taken + 10);
}

fn no_space() -> StoreError {
    StoreError::Full("no space".to_owned())
}

fn durability(service: &Service) -> &Durability {
    service.app.service().store().durability()
}

fn choose(service: &mut Service, choice: StorageChoice) {
    service.app.service_mut().choose_storage(choice, service.now);
}

/// What was acknowledged and shown.
fn answers(service: &mut Service) -> Vec<Value> {
    ["latest", ALL, "rejected"].map(|target| service.get(target)).to_vec()
}

/// Files with rows in blocks, rows in the journal alone, waiting events and a refused row; and their answers.
fn filled() -> (Rc<MemoryStorage>, Vec<Value>) {
    let mut storage = Rc::new(MemoryStorage::tracking());
    for run in 0..3 {
        let mut service = open(&storage);
        assert_eq!(post(&mut service, &rows(100 * run, 43)), 202);
        storage = killed(&storage);
    }
    let mut service = open(&storage);
    assert_eq!(
        post(&mut service, &json!([{"value": "x"}, {"timestamp": "2025-06-01T13:00:00", "id": "d", "value": 1}])),
        202
    );
    let (answers, files) = (answers(&mut service), killed(&storage));
    // A file that a crash left unfinished.
    let unfinished = files.create().unwrap();
    files.write(unfinished, 0, b"MILL").unwrap();
    (files, answers)
}

/// A start on files that lack space: all rows are read, nothing is taken, and nothing is lost if the program ends now.
fn assert_read_and_refused(service: &mut Service, storage: &Rc<MemoryStorage>, expected: &[Value], what: &str) {
    assert!(matches!(durability(service), Durability::Full(_)), "{what}: {:?}", durability(service));
    assert_eq!(answers(service), expected, "{what}");
    for target in ["events", "events?complete=true"] {
        let request = Request::new("POST", target).with_body("application/json", rows(900, 10).to_string());
        let answer = service.send(&request);
        assert_eq!(answer.status, 507, "{what}, {target}");
        assert!(answer.json()["detail"].as_str().unwrap().contains("the disk is full"), "{}", answer.text());
    }
    assert_eq!(service.get("health")["storage"], "memory", "{what}");
    assert_eq!(answers(service), expected, "{what}: what is refused is not taken");
    let mut next = open(&killed(storage));
    assert_eq!(answers(&mut next), expected, "{what}, at the next start");
    assert_eq!(durability(&next), &Durability::Durable, "{what}, at the next start");
}

/// There is space again, and the user has it tried again.
fn assert_goes_on(service: &mut Service, storage: &Rc<MemoryStorage>, what: &str) {
    choose(service, StorageChoice::Retry);
    assert_eq!(durability(service), &Durability::Durable, "{what}");
    assert_eq!(post(service, &rows(900, 17)), 202, "{what}");
    assert_eq!(answers(&mut open(&killed(storage))), answers(service), "{what}, at the next start");
}

#[wasm_bindgen_test(unsupported = test)]
fn whatever_a_start_cannot_write_for_want_of_space_it_reads_all_and_takes_nothing() {
    let (files, expected) = filled();
    let counted = killed(&files);
    counted.set_faults(0..0, no_space());
    assert_eq!(answers(&mut open(&counted)), expected);
    let calls = counted.changes();
    assert!(calls > 6, "{calls} calls");
    // Once, twice and for ever.
    for first in 0..calls {
        for end in [first + 1, first + 2, usize::MAX] {
            let what = format!("no space for calls {first}..{end} of {calls}");
            let storage = killed(&files);
            storage.set_faults(first..end, no_space());
            let mut service = open(&storage);
            assert_read_and_refused(&mut service, &storage, &expected, &what);
            storage.set_faults(0..0, no_space());
            assert_goes_on(&mut service, &storage, &what);
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn whatever_else_fails_at_the_start_all_rows_are_read() {
    let (files, expected) = filled();
    for first in 0..6 {
        let storage = killed(&files);
        storage.set_faults(first..usize::MAX, StoreError::Io("the medium fails".to_owned()));
        let mut service = open(&storage);
        assert!(matches!(durability(&service), Durability::Memory(_)), "call {first}: {:?}", durability(&service));
        assert_eq!(answers(&mut service), expected, "call {first}");
        assert_eq!(answers(&mut open(&killed(&storage))), expected, "call {first}, at the next start");
        storage.set_faults(0..0, no_space());
        assert_goes_on(&mut service, &storage, &format!("call {first}"));
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn with_any_quota_a_start_reads_all_and_takes_only_what_it_can_keep() {
    let (files, expected) = filled();
    let total = files.total_bytes();
    let quotas = [0, total / 2].into_iter().chain((total..total + 20_000).step_by(409));
    let mut outcomes = [0, 0];
    for quota in quotas {
        let what = format!("quota {quota} over files of {total} bytes");
        let storage = killed(&files);
        storage.set_room(Some(quota));
        let mut service = open(&storage);
        let is_durable = *durability(&service) == Durability::Durable;
        outcomes[usize::from(is_durable)] += 1;
        if is_durable {
            assert_eq!(answers(&mut service), expected, "{what}");
        } else {
            assert_read_and_refused(&mut service, &storage, &expected, &what);
        }
        storage.set_room(None);
        assert_goes_on(&mut service, &storage, &what);
    }
    assert!(outcomes[0] > 3 && outcomes[1] > 3, "{outcomes:?}");
}

#[wasm_bindgen_test(unsupported = test)]
fn after_a_start_on_a_full_disk_it_is_tried_again_without_a_choice() {
    let (files, expected) = filled();
    let total = files.total_bytes();
    files.set_room(Some(total));
    let mut service = open(&files);
    for _ in 0..3 {
        service.app.service_mut().maintain(service.now);
        assert!(matches!(durability(&service), Durability::Full(_)));
        service.now = service.now + Duration::from_secs(6);
    }
    files.set_room(None);
    service.app.service_mut().maintain(service.now);
    assert_eq!(answers(&mut service), expected);
    assert_eq!(durability(&service), &Durability::Durable);
}

#[wasm_bindgen_test(unsupported = test)]
fn after_a_start_on_a_full_disk_one_can_go_on_in_memory() {
    let (files, expected) = filled();
    files.set_room(Some(files.total_bytes() / 2));
    let mut service = open(&files);
    choose(&mut service, StorageChoice::Memory);
    assert!(matches!(durability(&service), Durability::Memory(_)));
    assert_eq!(post(&mut service, &rows(900, 17)), 202);
    assert_eq!(answers(&mut open(&killed(&files))), expected, "what was stored stays");
    files.set_room(None);
    assert_goes_on(&mut service, &files, "after a time in memory");
}

#[wasm_bindgen_test(unsupported = test)]
fn clearing_makes_room_for_a_start_on_a_full_disk() {
    let (files, _) = filled();
    files.set_room(Some(files.total_bytes()));
    let mut service = open(&files);
    assert_eq!(service.ask("DELETE", "events").status, 204);
    assert_eq!(durability(&service), &Durability::Durable);
    let mut next = open(&killed(&files));
    assert_eq!((next.get("latest"), next.get(ALL)), (json!({}), json!({})));
}

#[wasm_bindgen_test(unsupported = test)]
fn files_that_cannot_be_opened_for_want_of_space_are_a_full_disk() {
    let settings = Settings::default().merged([("source", Some("none")), ("clock", Some("utc"))]).unwrap();
    let (disk, now) =
        (Disk::Unread(StoreError::Full("no file can be opened: no space".to_owned())), Timestamp::from_nanos(NOON));
    let pipeline = PipelineService::open(disk, settings, [false; 2], Zone::UTC, [3; 32], now).unwrap();
    let mut service = Service { app: App::new(pipeline), now };
    assert_eq!(post(&mut service, &rows(0, 10)), 507);
    assert_eq!(service.ask("DELETE", "events").status, 507, "what is in the files is not deleted");
    for choice in [StorageChoice::Retry, StorageChoice::DropOldest] {
        choose(&mut service, choice);
        assert_eq!(post(&mut service, &rows(0, 10)), 507, "{choice:?}");
    }
    choose(&mut service, StorageChoice::Memory);
    assert_eq!(post(&mut service, &rows(0, 10)), 202);
    assert_eq!(service.values(ALL).len(), 10);
}

#[wasm_bindgen_test(unsupported = test)]
fn what_could_not_be_read_is_not_deleted() {
    for error in [StoreError::Io("in use".to_owned()), StoreError::Damaged("no checkpoint can be read".to_owned())] {
        let (text, now) = (error.to_string(), Timestamp::from_nanos(NOON));
        let settings = Settings::default().merged([("source", Some("none")), ("clock", Some("utc"))]).unwrap();
        let pipeline =
            PipelineService::open(Disk::Unread(error), settings, [false; 2], Zone::UTC, [3; 32], now).unwrap();
        let mut service = Service { app: App::new(pipeline), now };
        assert_eq!(post(&mut service, &rows(0, 10)), 202);
        let answer = service.ask("DELETE", "events");
        assert!(answer.status == 507 && answer.text().contains(&text), "{}", answer.text());
        assert_eq!(service.values(ALL).len(), 10, "nothing is removed");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn another_link_does_not_shorten_the_history() {
    let storage = Rc::new(MemoryStorage::tracking());
    let mut service = open_with(&storage, &[("history_rows", "50")], [true; 2]);
    assert_eq!(post(&mut service, &rows(0, 60)), 202);
    let mut bare = open_with(&killed(&storage), &[("history_rows", "20")], [false; 2]);
    assert_eq!((bare.values(ALL).len(), &bare.get("config")["history_rows"]), (50, &json!(50)));
    let mut named = open_with(&killed(&storage), &[("history_rows", "20")], [true; 2]);
    assert_eq!(named.values(ALL).len(), 20);
}

#[wasm_bindgen_test(unsupported = test)]
fn complete_processes_what_waits() {
    let mut service = open(&Rc::new(MemoryStorage::tracking()));
    let send = |target: &str| Request::new("POST", target).with_body("application/json", rows(0, 13).to_string());
    assert_eq!(service.send(&send("events?complete=true")).status, 202);
    assert_eq!(service.values(ALL).len(), 13);
    assert_eq!(service.send(&send("events?complete=perhaps")).status, 422);
}

#[wasm_bindgen_test(unsupported = test)]
fn history_larger_than_memory_answers_as_one_in_memory() {
    let storage = Rc::new(MemoryStorage::tracking());
    let settings = [("memory_rows", "1"), ("batch_size", "1000")];
    let mut on_disk = open_with(&storage, &settings, [true; 2]);
    let mut in_memory = Service::new(&settings);
    for round in 0..20 {
        let rows: String = (0..5000)
            .map(|row| format!("2025-06-01T12:{round:02}:{:02}.{:03},s{},{}\n", row / 100, row % 100, row % 17, row))
            .collect();
        for service in [&mut on_disk, &mut in_memory] {
            let request = Request::new("POST", "events").with_body("text/csv", format!("timestamp,id,value\n{rows}"));
            assert_eq!(service.send(&request).status, 202);
            service.app.service_mut().maintain(service.now);
        }
    }
    assert!(
        on_disk.app.service().history().rows_on_disk() > 40_000,
        "{} rows on disk",
        on_disk.app.service().history().rows_on_disk()
    );
    let mut reopened = open_with(&killed(&storage), &settings, [true; 2]);
    for target in [
        "query?start=2025-06-01T12:03:00&end=2025-06-01T12:03:10",
        "query?start=2025-06-01T12:00:00&end=2025-06-01T12:19:59&ids=s3&views=pivoted",
        "query?start=2025-06-01T12:00:00&bucket=1min&views=pivoted",
        "query?start=2025-06-01T12:10:00&limit=5&offset=7000&agg=max&window=2s",
    ] {
        let expected = in_memory.get(target);
        assert_eq!(on_disk.get(target), expected, "{target}");
        assert_eq!(reopened.get(target), expected, "{target}, opened again");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn an_answer_keeps_its_rows_while_the_history_lets_go_of_them() {
    let storage = Rc::new(MemoryStorage::tracking());
    let settings = [("memory_rows", "1"), ("history_rows", "60000"), ("batch_size", "1000")];
    let mut service = open_with(&storage, &settings, [true; 2]);
    let post = |service: &mut Service, round: usize| {
        let rows: String = (0..10_000)
            .map(|row| {
                let (hour, minute) = (10 + round / 60, round % 60);
                format!("2025-06-01T{hour}:{minute:02}:{:02}.{:03},s{},{}\n", row / 200, row % 200, row % 17, row)
            })
            .collect();
        let request = Request::new("POST", "events").with_body("text/csv", format!("timestamp,id,value\n{rows}"));
        assert_eq!(service.send(&request).status, 202);
        for _ in 0..20 {
            service.app.service_mut().maintain(service.now);
        }
    };
    (0..6).for_each(|round| post(&mut service, round));
    let query = Request::new("GET", "query?start=2025-06-01&views=latest&format=csv");
    let expected = service.send(&query).text();
    let Body::Flow(mut flow) = service.app.handle(&query, service.now).body else { panic!("so many rows flow") };
    let Part::Bytes(mut bytes) = flow.next(service.app.service(), service.now) else {
        panic!("the first part is there")
    };
    // So many that every file which held the rows of the answer was left by the history.
    (6..50).for_each(|round| post(&mut service, round));
    loop {
        match flow.next(service.app.service(), service.now) {
            Part::Bytes(part) => bytes.extend_from_slice(&part),
            Part::Wait(_) => {}
            Part::End => break,
        }
    }
    let text = String::from_utf8(bytes).unwrap();
    let differing = text.lines().zip(expected.lines()).filter(|(found, expected)| found != expected).count();
    assert_eq!((text.lines().count(), differing), (expected.lines().count(), 0));
}
