//! Opening files that hold anything: a real log with bytes changed, cut or put in, or no log at all. Whatever is there,
//! the app opens, answers, invents no row, shows none twice, and goes on.
//!
//! [`check`] is a target of the fuzzer too (`tests/fuzz`), which finds inputs by the branches that they reach; here it gets
//! random ones.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::OnceLock;

use millrace::api::{App, Request};
use millrace::pipeline::{Cursor, Settings};
use millrace::service::PipelineService;
use millrace::store::{Disk, Durability, FORMAT_VERSION, MemoryStorage, Storage};
use millrace::time::{Timestamp, Zone};

const NOW: Timestamp = Timestamp::from_nanos(1_748_779_200_000_000_000);

fn open(storage: &Rc<MemoryStorage>) -> App {
    let changes = [("source", Some("none")), ("clock", Some("utc")), ("batch_size", Some("3"))];
    let settings = Settings::default().merged(changes).expect("these settings are valid");
    let disk = Disk::Files(Rc::clone(storage) as Rc<dyn Storage>);
    App::new(PipelineService::open(disk, settings, [false; 2], Zone::UTC, [1; 32], NOW).expect("the window is valid"))
}

fn post(app: &mut App, csv: String) -> u16 {
    app.handle(&Request::new("POST", "events").with_body("text/csv", csv), NOW).status
}

/// A post of five rows, one of them unusable, with a key of its own.
fn keyed(run: usize, round: usize) -> Request {
    let row = |row: usize| format!("2025-06-01T12:{run:02}:{round:02}.{row}Z,row-{run}-{round}-{row},{row}\n");
    let csv = format!("timestamp,id,value\n{}bad,x,y\n", (0..5).map(row).collect::<String>());
    let mut request = Request::new("POST", "events").with_body("text/csv", csv);
    request.headers.push(("Idempotency-Key".to_owned(), format!("key-{run}-{round}")));
    request
}

/// The ids of all rows.
fn ids(app: &mut App) -> Vec<String> {
    let request = Request::new("GET", "query?start=1970-01-01&views=latest&format=csv");
    let text = app.handle(&request, NOW).into_bytes(app.service(), NOW);
    let text = String::from_utf8(text).expect("answers are UTF-8");
    text.lines().skip(1).filter_map(|line| line.split(',').nth(1)).map(str::to_owned).collect()
}

/// Files as an app left them: two journals, blocks, waiting events, refused rows.
fn written() -> &'static Vec<Vec<u8>> {
    static FILES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    FILES.get_or_init(|| {
        let storage = Rc::new(MemoryStorage::default());
        for run in 0..3 {
            let mut app = open(&storage);
            for round in 0..8 {
                let row =
                    |row: usize| format!("2025-06-01T12:{run:02}:{round:02}.{row}Z,row-{run}-{round}-{row},{row}\n");
                assert_eq!(
                    post(&mut app, format!("timestamp,id,value\n{}bad,x,y\n", (0..5).map(row).collect::<String>())),
                    202
                );
            }
        }
        let read = |file| without_room(storage.read_all(file).expect("memory can be read"));
        storage.files().into_iter().map(read).collect()
    })
}

/// Most of a journal is room taken in advance: changes are to hit what is written.
fn without_room(mut bytes: Vec<u8>) -> Vec<u8> {
    let written = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bytes.truncate(written + 32);
    bytes
}

/// All files but the fence, the only one that an app writes which cannot read the others: the first of a real log, however
/// it is damaged, or else nothing but a header of 128 bytes.
fn blocks_and_journals(storage: &MemoryStorage, is_log: bool) -> Vec<Vec<u8>> {
    let files = storage.files().into_iter().skip(usize::from(is_log));
    let files = files.map(|file| storage.read_all(file).expect("memory can be read"));
    files.filter(|bytes| bytes.len() > 128).collect()
}

/// Opens files that are damaged as `data` says: its first byte chooses between damage of a real log and arbitrary files.
pub(crate) fn check(data: &[u8]) {
    let storage = Rc::new(MemoryStorage::default());
    let (kind, changes) = data.split_first().map_or((0, data), |(kind, changes)| (kind % 4, changes));
    if kind > 0 {
        for bytes in written() {
            let file = storage.create().expect("memory has files");
            storage.write(file, 0, bytes).expect("memory has room");
        }
        for change in changes.chunks_exact(5) {
            let file = u32::from(change[0]) % written().len() as u32;
            let place = usize::from(u16::from_le_bytes([change[1], change[2]]));
            storage.damage(file, |bytes| {
                let place = place % bytes.len().max(1);
                match change[3] % 8 {
                    0 => bytes.truncate(place),
                    1 => bytes.insert(place.min(bytes.len()), change[4]),
                    _ if bytes.is_empty() => {}
                    _ => bytes[place] = change[4],
                }
            });
        }
    } else {
        for part in changes.chunks(1 + changes.len() / 2) {
            let file = storage.create().expect("memory has files");
            storage.write(file, 0, part).expect("memory has room");
        }
    }
    let before_opening = blocks_and_journals(&storage, kind > 0);
    let mut app = open(&storage);
    for _ in 0..20 {
        app.service_mut().maintain(NOW);
    }
    let found = ids(&mut app);
    let distinct: HashSet<&String> = found.iter().collect();
    assert_eq!(distinct.len(), found.len(), "a row is there twice");
    assert!(found.iter().all(|id| id.starts_with("row-")), "a row was invented");
    let before = found.len();
    assert_eq!(post(&mut app, "id,value\nn1,1\nn2,2\nn3,3\n".to_owned()), 202, "the pipeline goes on");
    assert!(ids(&mut app).len() >= before.min(3));
    let is_replayed = |app: &mut App| {
        let answer = app.handle(&keyed(50, 0), NOW);
        assert_eq!(answer.status, 202);
        answer.header("idempotency-replayed").is_some()
    };
    assert!(!is_replayed(&mut app) && is_replayed(&mut app), "a new key is taken, once");
    if *app.service().store().durability() != Durability::Durable {
        // Told on the page and by /health: what comes in now is in memory, and what cannot be read stays for its export.
        assert!(blocks_and_journals(&storage, kind > 0) == before_opening, "what could not be read was changed");
        return;
    }
    let mut again = open(&storage);
    for _ in 0..20 {
        again.service_mut().maintain(NOW);
    }
    assert!(is_replayed(&mut again), "an acknowledged key is still known");
    assert_eq!(ids(&mut again), ids(&mut app), "what was recovered is recovered again");
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(crate::tests::form::cases(64))]

        #[test]
        fn whatever_the_files_hold_the_app_opens_and_goes_on(data in prop::collection::vec(any::<u8>(), 0..120)) {
            super::check(&data);
        }
    }

    /// Found by the fuzzer: the fence is longer than a header, and no checkpoint can be read.
    #[test]
    fn a_fence_that_grew_is_still_the_fence() {
        super::check(&[
            0x46, 0xf4, 0xc9, 1, 0, 0, 6, 0, 0, 0, 0, 0x30, 0, 6, 0, 0, 4, 0, 0, 0, 0, 0x62, 0, 0x80, 0xda, 0, 0x41,
            0xff, 0xff, 0xf9, 0x80,
        ]);
    }

    /// The files in `tests/fixtures/journal/v<version>`: version 1 was written by the build of 2026-11-28, version 2 by
    /// that of 2026-11-29, version 3 by that of 2026-11-30, each with the answers that it gave.
    fn fixture(version: u32) -> (PathBuf, Rc<MemoryStorage>) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/journal/v{version}"));
        let storage = Rc::new(MemoryStorage::default());
        for number in 0.. {
            let Ok(bytes) = fs::read(folder.join(format!("{number:04}"))) else { break };
            let file = storage.create().unwrap();
            storage.write(file, 0, &bytes).unwrap();
        }
        (folder, storage)
    }

    fn answer(app: &mut App, target: &str) -> String {
        let answer = app.handle(&Request::new("GET", target), NOW).into_bytes(app.service(), NOW);
        String::from_utf8(answer).unwrap()
    }

    #[test]
    fn files_of_an_earlier_build_open_as_they_were() {
        for version in 1..FORMAT_VERSION {
            let (folder, storage) = fixture(version);
            let mut app = open(&storage);
            for (name, target) in [("query", "query?start=1970-01-01"), ("latest", "latest"), ("rejected", "rejected")]
            {
                let expected = fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
                assert_eq!(answer(&mut app, target), expected, "version {version}, {target}");
            }
            assert_eq!(*app.service().store().durability(), Durability::Durable);
        }
    }

    #[test]
    fn rows_of_an_earlier_build_lack_the_measures_that_it_did_not_know() {
        let (_, storage) = fixture(2);
        let mut app = open(&storage);
        let patch = Request::new("PATCH", "config").with_body("application/json", r#"{"measures":"flow,value"}"#);
        assert_eq!(app.handle(&patch, NOW).status, 200);
        let text = answer(&mut app, "query?start=1970-01-01&views=latest&format=csv&limit=1");
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("timestamp,id,flow,value,flow_moving_avg,moving_avg"));
        let cells: Vec<&str> = lines.next().unwrap().split(',').collect();
        assert_eq!((cells[2], cells[4]), ("", ""));
        assert!(cells[3].parse::<f64>().is_ok() && cells[5].parse::<f64>().is_ok(), "{cells:?}");
    }

    #[test]
    fn versions_from_2_on_keep_positions_lines_and_idempotency_keys() {
        for version in 2..FORMAT_VERSION {
            let (folder, storage) = fixture(version);
            let mut app = open(&storage);
            let expected = fs::read_to_string(folder.join("stream.txt")).unwrap();
            assert_eq!(answer(&mut app, "stream?last_event_id=0"), expected, "version {version}");
            let again = app.handle(&keyed(2, 7), NOW);
            assert_eq!((again.status, again.header("idempotency-replayed")), (202, Some("true")), "version {version}");
        }
    }

    #[test]
    fn version_3_keeps_measures_and_cursors() {
        let (_, storage) = fixture(3);
        let mut app = open(&storage);
        let start = Cursor::new("file:pumps.csv", 0x7a37_3cc5_dac6_c75e);
        let expected = Cursor { position: 128, taken: 4, rows: 4, lines: 5, is_done: true, ..start };
        assert_eq!(app.service().engine().cursors().newest_first().collect::<Vec<_>>(), [&expected]);
        let patch = Request::new("PATCH", "config").with_body("application/json", r#"{"measures":"flow,value"}"#);
        assert_eq!(app.handle(&patch, NOW).status, 200);
        let text = answer(&mut app, "query?start=1970-01-01&views=latest&format=csv");
        let flows = text.lines().skip(1).filter(|line| line.split(',').nth(2) == Some("0.25")).count();
        assert_eq!(flows, 20);
    }

    #[test]
    fn files_of_earlier_versions_go_on_in_the_present_one() {
        for version in 1..FORMAT_VERSION {
            go_on(version as u8);
        }
    }

    fn go_on(version: u8) {
        let data_files = |storage: &MemoryStorage, version: u8| {
            let files = storage.files().into_iter().map(|file| storage.read_all(file).unwrap());
            files.filter(|bytes| bytes[8] == version && bytes[12] == 1).collect::<Vec<_>>()
        };
        let (_, mut storage) = fixture(version.into());
        let before = data_files(&storage, version);
        let mut expected = ids(&mut open(&storage));
        for run in 10..13 {
            let mut app = open(&storage);
            for round in 0..8 {
                let posted = app.handle(&keyed(run, round), NOW);
                assert_eq!((posted.status, posted.header("idempotency-replayed")), (202, None));
            }
            storage = Rc::new(storage.after_crash());
            let mut app = open(&storage);
            for _ in 0..20 {
                app.service_mut().maintain(NOW);
            }
            let again = app.handle(&keyed(run, 7), NOW);
            assert_eq!((again.status, again.header("idempotency-replayed")), (202, Some("true")));
            let found = ids(&mut app);
            assert!(expected.iter().all(|id| found.contains(id)), "all rows are there, version {version}, run {run}");
            assert_eq!(app.service().store().notes(), Vec::<String>::new());
            expected = found;
        }
        let after = data_files(&storage, version);
        assert!(after.iter().all(|file| before.contains(file)), "no blocks are appended to files of version {version}");
        assert!(!data_files(&storage, FORMAT_VERSION as u8).is_empty(), "blocks go to files of the present version");
    }
}
