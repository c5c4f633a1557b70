//! Files of people's own: what becomes of their rows, and that each of them comes once.

use std::rc::Rc;

use bytes::Bytes;
use millrace::api::{App, Request};
use millrace::decoder::{self, Decoder};
use millrace::pipeline::sources::{Ask, FileReader, Input, Pace, ReadFrom, ReadingOn, RowBlock, Seek, file_epoch};
use millrace::pipeline::{Settings, settings_of_address, sniff};
use millrace::protocol::{Coding, FileState, FileView, View};
use millrace::service::{FileJob, PipelineService, WorkerStats, snapshot};
use millrace::store::{Disk, MemoryStorage, Storage};
use millrace::time::{Clock, Duration, Timestamp, Zone};
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use super::service::{NOON, Service};

const ALL: &str = "query?start=1970-01-01";

fn reading(measures: &[&str]) -> sniff::Reading {
    sniff::Reading {
        source_format: "csv".into(),
        header: Some(true),
        timestamp_field: Some("timestamp".into()),
        timestamp_format: "auto".into(),
        timestamp_zone: "utc".into(),
        id_field: Some("id".into()),
        measures: measures.iter().map(|measure| (*measure).to_owned()).collect(),
        missing: "reject".into(),
        ..sniff::Reading::default()
    }
}

fn job(file: &[u8], reading: sniff::Reading, pace: Pace) -> FileJob {
    FileJob {
        name: "pumps.csv".into(),
        epoch: file_epoch(file),
        bytes: file.len() as u64,
        reading_on: ReadingOn::Byte,
        reading,
        pace,
        is_continued: true,
    }
}

/// Adds a file and begins to read it.
fn begin<'a>(service: &mut Service, job: FileJob, file: &'a [u8], piece: usize) -> Reading<'a> {
    let number = service.app.service_mut().add_file(job).unwrap();
    assert_eq!(service.app.service().next_file(), Some((number, false)));
    assert!(service.app.service_mut().begin_file(number, service.now));
    Reading { number, file, reader: None, piece, input: Input::Tick }
}

/// Reads a file as the worker does, in pieces.
struct Reading<'a> {
    number: u32,
    file: &'a [u8],
    reader: Option<FileReader>,
    piece: usize,
    input: Input,
}

impl Reading<'_> {
    /// Feeds it so many times, or until it has ended or waits for a later instant; returns whether it has ended.
    fn feed(&mut self, service: &mut Service, times: usize) -> bool {
        let (file, now) = (self.file, service.now);
        for _ in 0..times {
            let mut is_idle = true;
            let input = std::mem::replace(&mut self.input, Input::Tick);
            for ask in service.app.service_mut().feed_file(self.number, input, now) {
                match ask {
                    Ask::Open(from) => {
                        self.reader = Some(reader(service, self.number, from));
                        self.input = Input::Opened { bytes: Some(file.len() as u64), epoch: file_epoch(file) };
                    }
                    Ask::Read => self.input = Input::Rows(self.read_block().into()),
                    Ask::Close => return true,
                    Ask::Wake(at) => is_idle &= at > now,
                }
            }
            if is_idle && self.input == Input::Tick {
                return false;
            }
        }
        false
    }

    fn read_block(&mut self) -> RowBlock {
        let reader = self.reader.as_mut().unwrap();
        loop {
            if let Some(block) = reader.next_block() {
                return block;
            }
            let from = self.file.len().min(reader.next_byte() as usize);
            let until = self.file.len().min(from + self.piece);
            reader.push(self.file[from..until].to_vec(), until == self.file.len());
        }
    }
}

/// What another program reads the rows with.
fn reader(service: &Service, number: u32, from: ReadFrom) -> FileReader {
    let (settings, reading) = service.app.service().file_reading(number).unwrap();
    let zones = sniff::Zones { clock: &Clock::Utc, local: &Zone::UTC, find: &|_| None };
    let resolved = reading.resolve(&settings_of_address(&settings).0, zones).unwrap();
    FileReader::new(resolved.format, resolved.mapping, from)
}

fn load(service: &mut Service, file: &[u8], job: FileJob) {
    assert!(begin(service, job, file, 64).feed(service, 100_000));
}

fn views(service: &mut Service) -> Vec<FileView> {
    snapshot(service.app.service_mut(), &View::default(), service.now, WorkerStats::default()).0.files
}

#[wasm_bindgen_test(unsupported = test)]
fn a_file_becomes_rows_of_its_measures_and_refused_rows_with_their_lines() {
    let file = "timestamp;id;T;p;note\n2025-06-01 12:00:00;a;1,5;10;x\n2025-06-01 12:00:01;a;oops;11;y\n\n\
                2025-06-01 12:00:02;b;2,5;12;z\n";
    let reading = sniff::Reading { delimiter: Some(";".into()), decimal: Some(",".into()), ..reading(&["T", "p"]) };
    let mut service = Service::new(&[]);
    load(&mut service, file.as_bytes(), job(file.as_bytes(), reading, Pace::AtOnce));
    let rows = service.get(&format!("{ALL}&views=latest"))["latest"].as_array().cloned().unwrap();
    let rows: Vec<_> = rows.iter().map(|row| json!([row["id"], row["T"], row["p"], row["T_moving_avg"]])).collect();
    assert_eq!(rows, [json!(["a", 1.5, 10.0, 1.5]), json!(["b", 2.5, 12.0, 2.0])]);
    let refused = &service.get("rejected")["rejected"][0];
    assert_eq!(
        (&refused["source"], &refused["row"], &refused["line"]),
        (&json!("file:pumps.csv"), &json!(1), &json!(3))
    );
    let view = &views(&mut service)[0];
    assert_eq!((view.state, view.accepted, view.refused, view.bytes_read), (FileState::Done, 2, 1, file.len() as u64));
    assert_eq!((&view.ignored[..], view.problem.as_deref()), (&["note".to_owned()][..], None));
    let source = service.get("source");
    assert_eq!(
        (&source["source"], &source["state"], &source["cursor"]["taken"]),
        (&json!("file"), &json!("done"), &json!(3))
    );
}

/// What is read of a file: of Arrow the columns that the decoder makes of it.
fn decoded(file: &[u8], source_format: &str) -> Vec<u8> {
    if source_format != "arrow" {
        return file.to_vec();
    }
    let (mut decoder, _) = Decoder::open(Bytes::copy_from_slice(file), Coding::Arrow, None, 0).unwrap();
    std::iter::from_fn(|| decoder.next_piece().unwrap()).flat_map(|(piece, _)| piece).collect()
}

#[wasm_bindgen_test(unsupported = test)]
fn an_export_becomes_the_same_rows_again_without_a_question() {
    let zones = sniff::Zones { clock: &Clock::Utc, local: &Zone::UTC, find: &|_| None };
    for (measures, ids, agg) in [("value", ["pump 1", "a,\"b\""], "mean"), ("flow,level", ["1.5", "2"], "std")] {
        let settings = [("measures", measures), ("missing", "allow"), ("agg", agg)];
        let measures: Vec<&str> = measures.split(',').collect();
        let mut service = Service::new(&settings);
        for (row, second) in (0..20).enumerate() {
            let mut event = json!({ "timestamp": format!("2025-06-01T12:00:{second:02}.5Z"), "id": ids[row % 2] });
            // Of several measures one may be missing.
            for (place, measure) in measures.iter().enumerate().filter(|(place, _)| *place == 0 || row % 3 > 0) {
                event[measure] = json!(row as f64 / 4.0 - place as f64);
            }
            assert_eq!(service.post("application/json", &event.to_string()).status, 202);
        }
        let expected = service.get(&format!("{ALL}&views=latest"));
        assert_eq!(expected["latest"].as_array().map(Vec::len), Some(20));
        for format in ["csv", "csv&spreadsheet=true", "ndjson", "arrow"] {
            let file = service.ask("GET", &format!("{ALL}&views=latest&format={format}")).body;
            let settings = Settings::default();
            let (_, preview) =
                decoder::preview(Bytes::from(file.clone()), "millrace", &sniff::Choices::default(), &settings, zones)
                    .unwrap();
            let sniff::Preview { reading, questions, problems, refused_rows, .. } = preview.preview;
            assert_eq!((&questions[..], &problems[..], refused_rows), (&[][..], &[][..], 0), "{format}");
            assert_eq!(reading.measures, measures, "{format}: averages are left out");
            let mut other = Service::new(&[("agg", agg)]);
            let bytes = decoded(&file, &reading.source_format);
            load(&mut other, &bytes, FileJob { reading_on: ReadingOn::Start, ..job(&bytes, reading, Pace::AtOnce) });
            assert_eq!(other.get(&format!("{ALL}&views=latest")), expected, "{format}");
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn what_cannot_be_loaded_is_said_and_changes_nothing() {
    let mut service = Service::new(&[]);
    let replay = |speed| Pace::Replay { speed, is_looped: false };
    for (reading, pace, expected) in [
        (reading(&["moving_avg"]), Pace::AtOnce, "another column"),
        (sniff::Reading { timestamp_field: None, ..reading(&["value"]) }, replay(1.0), "a replay needs times"),
        (reading(&["value"]), replay(20_000.0), "0.1 to 10000"),
        (sniff::Reading { source_format: "json".into(), ..reading(&["value"]) }, Pace::Follow, "can be followed"),
    ] {
        let sentences = service.app.service_mut().add_file(job(b"", reading, pace)).unwrap_err();
        assert!(sentences[0].contains(expected), "{sentences:?}");
    }
    assert_eq!(service.app.service().next_file(), None);
    assert_eq!(service.get("config")["source"], "none");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_replay_follows_the_clock_and_is_paused_and_sought_by_requests() {
    let second = |second: u32| format!("2025-06-01T10:00:{second:02}Z,a,{second}\n");
    let file = format!("timestamp,id,value\n{}", (0..60).map(second).collect::<String>());
    let mut service = Service::new(&[("batch_size", "1")]);
    let pace = Pace::Replay { speed: 2.0, is_looped: false };
    let mut replay = begin(&mut service, job(file.as_bytes(), reading(&["value"]), pace), file.as_bytes(), 1 << 20);
    let rows = |service: &Service| service.app.service().engine().counters().posted;
    let mut run = |service: &mut Service, secs: i64| {
        service.now = service.now + Duration::from_secs(secs);
        replay.feed(service, 1000);
    };
    run(&mut service, 0);
    run(&mut service, 5);
    assert_eq!(rows(&service), 11);
    assert_eq!(service.ask("POST", "source/pause").status, 200);
    run(&mut service, 9);
    assert_eq!((rows(&service), &service.get("source")["state"]), (11, &json!("waiting")));
    assert_eq!(service.ask("POST", "source/resume").status, 200);
    run(&mut service, 1);
    assert_eq!(rows(&service), 13);
    service.app.service_mut().seek_source(Seek::Row(50), service.now).unwrap();
    run(&mut service, 0);
    run(&mut service, 1);
    assert_eq!(service.get("latest")["latest"][0]["value"], 52.0);
    let faster = Request::new("PATCH", "config").with_body("application/json", r#"{"replay_speed": 4}"#);
    assert_eq!(service.send(&faster).status, 200);
    run(&mut service, 0);
    run(&mut service, 1);
    assert_eq!(service.get("latest")["latest"][0]["value"], 56.0);
    run(&mut service, 9);
    assert_eq!((rows(&service), views(&mut service)[0].state), (23, FileState::Done));
}

fn open(storage: &Rc<MemoryStorage>) -> Service {
    let changes = [("source", "none"), ("clock", "utc"), ("batch_size", "7")];
    let settings = Settings::default().merged(changes.map(|(name, text)| (name, Some(text)))).unwrap();
    let now = Timestamp::from_nanos(NOON);
    let disk = Disk::Files(Rc::clone(storage) as Rc<dyn Storage>);
    Service { app: App::new(PipelineService::open(disk, settings, [true; 2], Zone::UTC, [3; 32], now).unwrap()), now }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_file_that_was_being_read_is_named_after_a_restart_and_known_when_it_is_chosen_again() {
    let file = b"timestamp,id,value\n2025-06-01T10:00:00Z,a,1\n2025-06-01T10:00:01Z,a,2\n";
    let storage = Rc::new(MemoryStorage::tracking());
    let mut service = open(&storage);
    let mut reading = begin(&mut service, job(file, reading(&["value"]), Pace::AtOnce), file, 45);
    while service.app.service().loaded_before("pumps.csv", file_epoch(file)).is_none() {
        reading.feed(&mut service, 1);
    }
    service.app.service_mut().commit(true, service.now).unwrap();
    let settings = service.app.service().engine().settings().clone();
    let disk = Disk::Files(Rc::new(storage.after_crash()) as Rc<dyn Storage>);
    let now = service.now;
    let after = PipelineService::open(disk, settings, [true; 2], Zone::UTC, [3; 32], now).unwrap();
    let mut after = Service { app: App::new(after), now };
    let view = &views(&mut after)[0];
    assert_eq!((&*view.name, view.state, view.skipped), ("pumps.csv", FileState::Lost, 1));
    assert_eq!(after.app.service().loaded_before("pumps.csv", file_epoch(file)).map(|loaded| loaded.rows), Some(1));
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(crate::tests::form::cases(64))]

        #[test]
        fn each_row_is_stored_once_however_often_the_browser_is_killed(
            rows in 1_usize..400,
            kills in prop::collection::vec((1_usize..30, any::<bool>()), 0..20),
            piece in 20_usize..2000,
        ) {
            let line = |row: usize| match row % 11 {
                10 => "not a row\n".to_owned(),
                _ => format!("2025-06-01T10:{:02}:{:02}Z,a,{row}\n", row / 60, row % 60),
            };
            let file = format!("timestamp,id,value\n{}", (0..rows).map(line).collect::<String>());
            let job = || job(file.as_bytes(), reading(&["value"]), Pace::AtOnce);
            let mut storage = Rc::new(MemoryStorage::tracking());
            for (times, is_written) in kills {
                let mut service = open(&storage);
                let mut reading = begin(&mut service, job(), file.as_bytes(), piece);
                reading.feed(&mut service, times);
                if is_written {
                    service.app.service_mut().commit(false, service.now).unwrap();
                }
                // What was taken and not written is lost with the cursor behind it.
                reading.feed(&mut service, 3);
                storage = Rc::new(storage.after_crash());
            }
            let mut service = open(&storage);
            load(&mut service, file.as_bytes(), job());
            let stored = service.get(&format!("{ALL}&views=latest"))["latest"].as_array().cloned().unwrap_or_default();
            let stored: Vec<_> = stored.iter().filter_map(|row| row["value"].as_f64()).collect();
            let expected: Vec<_> = (0..rows).filter(|row| row % 11 != 10).map(|row| row as f64).collect();
            prop_assert_eq!(stored, expected);
            let refused = (0..rows).filter(|row| row % 11 == 10).count() as u64;
            prop_assert_eq!(service.app.service().engine().dead_letters().total(), refused);
        }
    }
}
