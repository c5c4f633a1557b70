//! A pipeline with a journal is compared with one that never crashes, over random work, crashes, power losses and torn
//! writes.

use std::rc::Rc;

use proptest::prelude::*;

use super::Sizes;
use crate::frame::{Buffer, Frame, Text};
use crate::pipeline::{
    Cursor, DeadLetter, Engine, Event, Id, Input, Measures, Receipt, RollingBy, Settings, Transcript, Values,
    measures_of,
};
use crate::store::{Disk, Durability, DurableStore, History, MemoryStorage, Storage, StorageChoice, StoreError};
use crate::time::Timestamp;

/// Small files and blocks, so that little work fills several.
const SIZES: Sizes = Sizes { journal_bytes: 3000, data_file_bytes: 1500, room_bytes: 512, many_events: 40 };
const BLOCK_ROWS: usize = 8;

/// A pipeline with its store, as `service::Service` has them.
struct Host {
    engine: Engine,
    store: DurableStore,
}

/// The state of a pipeline that a user can see.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    rows: Vec<Row>,
    waiting: Vec<Row>,
    latest: Option<Latest>,
    posted: u64,
    processed: u64,
    dropped: u64,
    batches: u64,
    reasons: Vec<String>,
    rejected: u64,
    receipts: Vec<Receipt>,
    cursors: Vec<Cursor>,
    transcript: Transcript,
}

/// A row; the bits of its number of each measure.
type Row = (i64, String, Vec<u64>);

/// A table `latest`: the names of its columns, and its rows, each with the bits of its rolling aggregates.
type Latest = (Vec<String>, Vec<(Row, Vec<u64>)>);

/// What the setting `measures` is here, one after the other.
const MEASURES: [&str; 4] = ["value", "value,flow", "flow", "level,value,flow"];
/// All measures that rows have here.
const ALL_MEASURES: &str = "flow,level,value";

const NOW: Timestamp = Timestamp::from_nanos(1_748_779_200_000_000_000);

fn settings(changes: &[(&'static str, &'static str)]) -> Settings {
    let all = [("source", "none"), ("window", "20ns"), ("batch_size", "5"), ("lateness", "1d")];
    Settings::default().merged(all.iter().chain(changes).map(|(name, text)| (*name, Some(*text)))).unwrap()
}

impl Host {
    fn open(disk: Disk, mut settings: Settings) -> Self {
        let mut history = History::new(settings.history_rows);
        history.set_block_rows(BLOCK_ROWS);
        let (mut store, state) = DurableStore::open_into(history, disk, &mut settings, [true; 2]);
        let mut engine = Engine::new(settings, [1; 32], NOW).unwrap();
        if let Some(journal) = store.journal_mut() {
            journal.sizes = SIZES;
        }
        let newest = store.history().span().map(|(_, newest)| newest);
        engine.restore(state, newest, &store).unwrap();
        engine.retain(NOW, &mut store);
        store.start(&engine, NOW);
        Self { engine, store }
    }

    fn on(storage: &Rc<MemoryStorage>, settings: Settings) -> Self {
        Self::open(Disk::Files(Rc::clone(storage) as Rc<dyn Storage>), settings)
    }

    /// Posts events, with a number for each measure that is made of their value; returns whether they were acknowledged.
    fn post(&mut self, mut events: Vec<Event>) -> bool {
        let measures = self.engine.settings().measures.clone();
        for event in &mut events {
            let value = event.values[0];
            event.values = (0..measures.count()).map(|place| value + 1000.0 * place as f64).collect();
        }
        let more_bytes = events.len() * (8 + 16 * (measures.count() - 1));
        if self.store.reserve(events.len(), more_bytes, 0, NOW).is_err() {
            return false;
        }
        // One key and one move of the cursor for each post, which are known exactly when its events are there.
        let receipt = events.first().map(receipt);
        let cursor = events.last().map(|event| event.values[0] as u64);
        self.engine.post(events, &measures, NOW, &mut self.store).unwrap();
        receipt.into_iter().for_each(|receipt| self.engine.keep_receipt(receipt));
        cursor.into_iter().for_each(|position| self.engine.advance(cursor_at(position)));
        self.commit()
    }

    fn configure(&mut self, settings: Settings) -> bool {
        self.engine.step(Input::Configure(Box::new(settings)), NOW, &mut self.store).unwrap();
        self.commit()
    }

    fn refuse(&mut self, reason: &str) -> bool {
        let (source, reason) = ("test".into(), reason.to_owned());
        self.engine.refuse(DeadLetter {
            arrived: NOW,
            source,
            row: Some(1),
            line: Some(2),
            reason,
            input: "x".to_owned(),
        });
        self.commit()
    }

    fn commit(&mut self) -> bool {
        let committed = self.store.commit(&self.engine, true, NOW).is_ok();
        self.store.maintain(&self.engine, NOW);
        committed && !matches!(self.store.durability(), Durability::TakenOver)
    }

    fn checkpoint(&mut self) {
        self.store.resume(&self.engine, NOW);
    }

    fn clear(&mut self) -> bool {
        self.engine.reset(NOW).unwrap();
        self.store.clear(&self.engine, NOW).is_ok()
    }

    /// Verifies all blocks; returns the notes about damage.
    fn verify(&mut self) -> Vec<String> {
        while self.store.history().has_unverified() {
            self.store.maintain(&self.engine, NOW);
        }
        self.store.notes().to_vec()
    }

    fn seen(&self) -> Seen {
        let engine = &self.engine;
        let measures = Measures::parse(ALL_MEASURES).unwrap();
        let all = self.store.history().range(Timestamp::MIN, Timestamp::MAX, &measures, 0, usize::MAX);
        let text = |id: Option<Text<'_>>| id.map(|id| id.to_string()).unwrap_or_default();
        let bits = |place: usize| all.values.iter().map(|column| column[place].to_bits()).collect();
        let row = |place: usize| (all.times[place], text(all.ids.get(place)), bits(place));
        let bits_of = |event: &Event| event.values.iter().map(|value| value.to_bits()).collect();
        let counters = engine.counters();
        Seen {
            rows: (0..all.times.len()).map(row).collect(),
            waiting: engine
                .queue()
                .waiting()
                .map(|(_, event)| (event.timestamp.as_nanos(), event.id.text().to_string(), bits_of(event)))
                .collect(),
            latest: engine.latest().map(|batch| latest(&batch.latest)),
            posted: counters.posted,
            processed: counters.processed,
            dropped: counters.dropped,
            batches: counters.batches,
            reasons: engine.dead_letters().newest_first().map(|dead_letter| dead_letter.reason.clone()).collect(),
            rejected: engine.dead_letters().total(),
            receipts: engine.receipts().newest_first().cloned().collect(),
            cursors: engine.cursors().newest_first().cloned().collect(),
            transcript: engine.transcript(),
        }
    }

    /// A batch that a stream client may request.
    fn batch(&self, number: u64) -> Option<Latest> {
        Some(latest(&self.engine.recent().tables(number)?.unwrap().latest))
    }
}

fn latest(latest: &Frame) -> Latest {
    let times = latest.column("timestamp").unwrap().as_datetime().unwrap();
    let ids = latest.column("id").unwrap().as_strings().unwrap();
    let numbers: Vec<_> = latest.columns()[2..].iter().map(|(_, column)| column.as_float().unwrap()).collect();
    let (values, rolling) = numbers.split_at(measures_of(latest).count());
    assert_eq!(values.len(), rolling.len());
    let row = |row: usize| {
        let bits = |columns: &[&Buffer<f64>]| columns.iter().map(|column| column[row].to_bits()).collect();
        ((times[row], ids.get(row).unwrap().to_string(), bits(values)), bits(rolling))
    };
    (latest.columns().iter().map(|(name, _)| name.to_string()).collect(), (0..times.len()).map(row).collect())
}

fn cursor_at(position: u64) -> Cursor {
    let cursor = Cursor::new(["file:a", "file:b"][position as usize % 2], position % 3);
    let ranges = (0..position % 4).map(|range| (position + 3 * range + 2, position + 3 * range + 3)).collect();
    Cursor { position, taken: position, token: "x".repeat(position as usize % 3).into(), ranges, ..cursor }
}

/// The answer to the post of which this is the first event.
fn receipt(event: &Event) -> Receipt {
    Receipt {
        key: event.values[0].to_string().into(),
        digest: event.values[0].to_bits(),
        status: 202,
        body: vec![1; event.values[0] as usize % 50],
        short_body: (event.values[0] as usize).is_multiple_of(3).then(Vec::new),
    }
}

/// Events whose values are whole numbers, so that sums are exact in any order.
fn events(number: &mut u64, times: &[i64]) -> Vec<Event> {
    let event = |time: &i64| {
        *number += 1;
        Event {
            timestamp: Timestamp::from_nanos(NOW.as_nanos() + *number as i64 * 3 - time),
            id: Id::Text(format!("s{}", *number % 7).into()),
            values: Values::from_slice(&[*number as f64]),
        }
    };
    times.iter().map(event).collect()
}

#[derive(Debug, Clone)]
enum Work {
    Post(Vec<i64>),
    Refuse,
    Checkpoint,
    Clear,
    /// Other measures are set, on the running program or with the next start.
    Measures(&'static str, bool),
    /// The program ends between two calls.
    Crash,
    /// The machine loses power, and a part of the unflushed bytes survives.
    PowerLoss(usize),
    /// The program ends this many bytes into the following writes.
    Die(u64),
    /// Another owner takes over the files, while this one stays alive.
    TakeOver,
    /// The disk is full for some calls of the next checkpoint, or of a start.
    Full(Shortage),
}

/// Calls that find the disk full.
#[derive(Debug, Clone, Copy)]
struct Shortage {
    first: usize,
    calls: usize,
    is_at_start: bool,
    /// Whether the program ends then, or the user has it try again.
    is_end: bool,
}

fn no_space() -> StoreError {
    StoreError::Full("no space".to_owned())
}

fn work() -> impl Strategy<Value = Work> {
    // Mostly in order, sometimes late, sometimes very late.
    let late = prop_oneof![6 => Just(0i64), 2 => 0i64..30, 1 => 0i64..2000];
    prop_oneof![
        10 => prop::collection::vec(late, 1..40).prop_map(Work::Post),
        1 => Just(Work::Refuse),
        2 => (prop::sample::select(MEASURES.to_vec()), any::<bool>()).prop_map(|(names, is)| Work::Measures(names, is)),
        2 => Just(Work::Checkpoint),
        1 => Just(Work::Crash),
        2 => (0usize..400).prop_map(Work::PowerLoss),
        2 => (0u64..6000).prop_map(Work::Die),
        1 => Just(Work::TakeOver),
        3 => shortage().prop_map(Work::Full),
        1 => prop::bool::weighted(0.3).prop_map(|is| if is { Work::Clear } else { Work::Crash }),
    ]
}

fn shortage() -> impl Strategy<Value = Shortage> {
    let calls = prop_oneof![Just(1), Just(usize::MAX / 2), 1usize..6];
    (0usize..16, calls, any::<bool>(), any::<bool>()).prop_map(|(first, calls, is_at_start, is_end)| Shortage {
        first,
        calls,
        is_at_start,
        is_end,
    })
}

/// A pipeline that crashes, and its twin that does not.
struct Pair {
    storage: Rc<MemoryStorage>,
    host: Host,
    twin: Host,
    settings: Settings,
    number: u64,
}

impl Pair {
    fn new(settings: Settings) -> Self {
        let storage = Rc::new(MemoryStorage::tracking());
        let host = Host::on(&storage, settings.clone());
        let twin = Host::open(Disk::None("a twin needs none".to_owned()), settings.clone());
        Self { storage, host, twin, settings, number: 0 }
    }

    /// Does the same work on both.
    fn both(&mut self, work: impl Fn(&mut Host) -> bool) {
        assert!(work(&mut self.host), "nothing is in the way of {:?}", self.host.store.durability());
        work(&mut self.twin);
    }

    fn reopen(&mut self, storage: MemoryStorage) {
        self.storage = Rc::new(storage);
        self.host = Host::on(&self.storage, self.settings.clone());
    }

    /// Work during which the program ends: recovery finds all of it or none.
    fn last_work(&mut self, lifetime_bytes: u64, keep: usize, work: impl Fn(&mut Host) -> bool) {
        self.storage.set_lifetime(Some(lifetime_bytes));
        let is_acknowledged = work(&mut self.host);
        self.reopen(self.storage.lose_power(|_, changed| keep.min(changed)));
        if is_acknowledged || self.host.seen() != self.twin.seen() {
            work(&mut self.twin);
        }
    }

    /// Every row is read where the disk is full, and is in the files whatever follows.
    fn run_short(&mut self, shortage: Shortage) {
        let Shortage { first, calls, is_at_start, is_end } = shortage;
        if is_at_start {
            let storage = self.storage.after_crash();
            storage.set_faults(first..first + calls, no_space());
            self.reopen(storage);
        } else {
            self.storage.set_faults(first..first + calls, no_space());
            self.host.checkpoint();
        }
        assert_eq!(self.host.seen(), self.twin.seen());
        match self.host.store.durability() {
            Durability::Durable => {}
            Durability::Full(_) => assert!(!self.host.post(events(&mut (self.number + 1_000_000), &[0; 3]))),
            other => panic!("a full disk is {other:?}"),
        }
        if is_end {
            self.reopen(self.storage.after_crash());
        } else {
            self.storage.set_faults(0..0, no_space());
            self.host.store.choose(StorageChoice::Retry, &self.host.engine, NOW);
        }
        assert_eq!(*self.host.store.durability(), Durability::Durable);
    }

    fn step(&mut self, step: &Work) {
        match step {
            Work::Full(shortage) => self.run_short(*shortage),
            Work::Post(times) => {
                let events = events(&mut self.number, times);
                self.both(|host| host.post(events.clone()));
            }
            Work::Refuse => {
                let reason = format!("bad row {}", self.number);
                self.both(|host| host.refuse(&reason));
            }
            Work::Checkpoint => self.host.checkpoint(),
            Work::Measures(names, is_at_start) => {
                self.settings = self.settings.merged([("measures", Some(*names))]).unwrap();
                if *is_at_start {
                    self.reopen(self.storage.after_crash());
                }
                let settings = self.settings.clone();
                self.both(|host| host.configure(settings.clone()));
            }
            Work::Clear => self.both(Host::clear),
            Work::Crash => self.reopen(self.storage.after_crash()),
            Work::PowerLoss(keep) => self.reopen(self.storage.lose_power(|_, changed| (*keep).min(changed))),
            Work::Die(bytes) => {
                let events = events(&mut self.number, &[0, 0, 9, 0, 0, 0, 70, 0, 0, 0, 0, 0]);
                self.last_work(*bytes, *bytes as usize % 257, |host| host.post(events.clone()));
            }
            Work::TakeOver => {
                let next = Host::on(&self.storage, self.settings.clone());
                let mut before = std::mem::replace(&mut self.host, next);
                // A frozen tab that resumes must not acknowledge.
                let mut number = self.number + 1_000_000;
                assert!(!before.post(events(&mut number, &[0; 12])));
            }
        }
    }

    fn check(&mut self) {
        let is_damage = |note: &String| !note.starts_with("the disk was full");
        assert_eq!(self.host.verify().into_iter().filter(is_damage).collect::<Vec<_>>(), Vec::<String>::new());
        assert_eq!(self.host.seen(), self.twin.seen());
        for number in self.host.engine.recent().first()..=self.host.engine.counters().batches {
            assert_eq!(self.host.batch(number), self.twin.batch(number), "batch {number}");
        }
    }
}

proptest! {
    #![proptest_config(crate::tests::form::cases(40))]

    #[test]
    fn acknowledged_events_survive_any_crash_exactly_once(
        steps in prop::collection::vec(work(), 1..60),
        history_rows in prop_oneof![Just("1000000"), Just("200"), Just("30")],
        memory_rows in prop_oneof![Just("1000000"), Just("1")],
        history_age in prop_oneof![Just(""), Just("900ns"), Just("60ns")],
        rolling_by in prop::sample::select(RollingBy::NAMES),
    ) {
        let kept = [("history_rows", history_rows), ("memory_rows", memory_rows), ("history_age", history_age)];
        let mut pair = Pair::new(settings(&[kept[0], kept[1], kept[2], ("rolling_by", rolling_by)]));
        for step in &steps {
            pair.step(step);
            pair.check();
        }
        pair.reopen(pair.storage.after_crash());
        pair.check();
    }
}

proptest! {
    #![proptest_config(crate::tests::form::cases(200))]

    #[test]
    fn recovery_from_damage_returns_only_written_rows(
        posts in prop::collection::vec(prop::collection::vec(Just(0i64), 1..30), 1..30),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1u8..), 1..6),
    ) {
        let storage = Rc::new(MemoryStorage::tracking());
        let mut host = Host::on(&storage, settings(&[]));
        let mut number = 0;
        for times in &posts {
            prop_assert!(host.post(events(&mut number, times)));
        }
        let written = host.seen();
        let storage = storage.after_crash();
        for (file, place, flip) in &damage {
            let files = storage.files();
            let file = files[file.index(files.len())];
            storage.damage(file, |bytes| {
                let place = place.index(bytes.len());
                bytes[place] ^= flip;
            });
        }
        let mut host = Host::on(&Rc::new(storage), settings(&[]));
        host.verify();
        let found = host.seen();
        let mut rows = found.rows.clone();
        rows.dedup();
        prop_assert_eq!(rows.len(), found.rows.len(), "no row twice");
        prop_assert!(found.rows.iter().all(|row| written.rows.contains(row)), "no row that was not written");
        prop_assert!(host.post(events(&mut number, &[0; 20])), "the pipeline goes on");
    }
}

/// Posts two events at a time; returns the storage and the state after each post.
fn written(posts: usize) -> (Rc<MemoryStorage>, Vec<Seen>) {
    let storage = Rc::new(MemoryStorage::tracking());
    let mut host = Host::on(&storage, settings(&[]));
    let mut number = 0;
    let mut seen = vec![host.seen()];
    for _ in 0..posts {
        assert!(host.post(events(&mut number, &[0, 0])));
        seen.push(host.seen());
    }
    (storage, seen)
}

/// The current journal's file, and the end of its last record.
fn journal(storage: &MemoryStorage) -> (u32, usize) {
    let newest = storage.files().into_iter().max_by_key(|file| {
        let bytes = storage.read_all(*file).unwrap();
        (bytes[12] == 0, u64::from_le_bytes(bytes[16..24].try_into().unwrap()))
    });
    let file = newest.unwrap();
    (file, super::record::scan(&storage.read_all(file).unwrap(), super::format::HEADER_BYTES).end)
}

#[test]
fn a_journal_truncated_in_its_last_record_loses_only_that_record() {
    let (storage, seen) = written(4);
    let (file, end) = journal(&storage);
    let (_, before) = journal(&written(3).0);
    for len in before..end {
        let cut = storage.after_crash();
        cut.damage(file, |bytes| bytes.truncate(len));
        let host = Host::on(&Rc::new(cut), settings(&[]));
        assert_eq!(host.seen(), seen[3], "cut at {len} of {end}");
        assert_eq!(host.store.notes(), Vec::<String>::new());
    }
    println!("tail cut at each of {} bytes of the last record: the records before are whole each time", end - before);
}

#[test]
fn a_damaged_record_is_noted_and_the_others_are_read() {
    let (storage, seen) = written(20);
    let (file, end) = journal(&storage);
    let damaged = storage.after_crash();
    damaged.damage(file, |bytes| bytes[end / 2] ^= 0x55);
    let mut host = Host::on(&Rc::new(damaged), settings(&[]));
    let notes = host.verify();
    assert!(notes.iter().any(|note| note.contains("damaged")), "{notes:?}");
    let (found, all) = (host.seen(), seen.last().unwrap());
    assert!(found.rows.len() >= all.rows.len() - 4, "{} of {}", found.rows.len(), all.rows.len());
    assert_eq!(found.batches, all.batches);
}

#[test]
fn recovery_falls_back_to_the_checkpoint_before_a_damaged_one() {
    let (storage, seen) = written(30);
    let mut host = Host::on(&storage, settings(&[]));
    host.checkpoint();
    let (file, _) = journal(&storage);
    let damaged = storage.after_crash();
    damaged.damage(file, |bytes| bytes[200] ^= 0x55);
    let mut host = Host::on(&Rc::new(damaged), settings(&[]));
    host.verify();
    assert_eq!(&host.seen(), seen.last().unwrap());
}

#[test]
fn files_of_another_version_are_refused_and_not_changed() {
    let (storage, _) = written(3);
    let other = storage.after_crash();
    for file in other.files() {
        other.damage(file, |bytes| {
            for start in [0, 64] {
                bytes[start + 8] = 9;
                let sum = super::record::checksum(&bytes[start..start + 60]);
                bytes[start + 60..start + 64].copy_from_slice(&sum.to_le_bytes());
            }
        });
    }
    let before: Vec<_> = other.files().into_iter().map(|file| other.read_all(file).unwrap()).collect();
    let other = Rc::new(other);
    let mut host = Host::on(&other, settings(&[]));
    let Durability::Refused(reason) = host.store.durability().clone() else { panic!("{:?}", host.store.durability()) };
    assert!(reason.contains("version 9") && reason.contains("export"), "{reason}");
    let mut number = 0;
    assert!(host.post(events(&mut number, &[0; 9])), "it goes on in memory");
    let after: Vec<_> = other.files().into_iter().map(|file| other.read_all(file).unwrap()).collect();
    assert!(before == after);
}

#[test]
fn a_full_disk_refuses_events_until_a_storage_choice_and_loses_nothing() {
    let (storage, _) = written(3);
    let mut host = Host::on(&storage, settings(&[]));
    let mut number = 1000;
    storage.set_room(Some(storage.total_bytes() + 3000));
    while host.post(events(&mut number, &[0; 10])) {}
    assert!(matches!(host.store.durability(), Durability::Full(_)));
    let seen = host.seen();
    assert!(!host.post(events(&mut number, &[0; 10])));
    assert_eq!(host.seen(), seen, "what is refused is not taken");
    // A crash on a full disk loses no acknowledged event.
    let mut after = Host::on(&Rc::new(storage.after_crash()), settings(&[]));
    after.verify();
    assert_eq!(after.seen(), seen);
    // After a time in memory, a checkpoint writes everything once there is space again.
    host.store.choose(StorageChoice::Memory, &host.engine, NOW);
    assert!(host.post(events(&mut number, &[0; 10])));
    storage.set_room(None);
    host.checkpoint();
    assert_eq!(*host.store.durability(), Durability::Durable);
    assert_eq!(Host::on(&Rc::new(storage.after_crash()), settings(&[])).seen(), host.seen());
}

#[test]
fn dropping_the_oldest_rows_frees_space_on_a_full_disk() {
    let storage = Rc::new(MemoryStorage::tracking());
    let mut host = Host::on(&storage, settings(&[]));
    let mut number = 0;
    for _ in 0..100 {
        assert!(host.post(events(&mut number, &[0; 20])));
    }
    storage.set_room(Some(storage.total_bytes() + 2000));
    while host.post(events(&mut number, &[0; 10])) {}
    let rows = host.seen().rows.len();
    // The space that the browser frees for closed files.
    storage.set_room(Some(storage.total_bytes() + 4000));
    host.store.choose(StorageChoice::DropOldest, &host.engine, NOW);
    assert_eq!(*host.store.durability(), Durability::Durable, "{rows} rows");
    assert!(host.post(events(&mut number, &[0; 10])));
    let found = host.seen();
    assert!(found.rows.len() < rows && found.rows.len() > rows / 2);
    assert_eq!(Host::on(&Rc::new(storage.after_crash()), settings(&[])).seen(), found);
}

/// The rows of a pipeline that opens these files as they are now.
fn rows_in(storage: &MemoryStorage) -> Vec<Row> {
    Host::on(&Rc::new(storage.after_crash()), settings(&[])).seen().rows
}

#[test]
fn dropping_the_oldest_where_that_is_not_enough_drops_no_others() {
    for posts in [1, 30] {
        let storage = Rc::new(MemoryStorage::tracking());
        for _ in 0..2 {
            let mut host = Host::on(&storage, settings(&[]));
            let mut number = host.seen().posted;
            for _ in 0..posts {
                assert!(host.post(events(&mut number, &[0; 20])));
            }
        }
        let full = Rc::new(storage.after_crash());
        full.set_room(Some(0));
        let mut host = Host::on(&full, settings(&[]));
        let all = host.seen().rows;
        assert_eq!((all.len(), rows_in(&full).len()), (40 * posts, 40 * posts));
        for _ in 0..3 {
            host.store.choose(StorageChoice::DropOldest, &host.engine, NOW);
            assert!(matches!(host.store.durability(), Durability::Full(_)), "{:?}", host.store.durability());
            let (kept, found) = (host.seen().rows, rows_in(&full));
            assert!(!kept.is_empty() && kept.len() < all.len());
            assert!(kept.iter().all(|row| found.contains(row)), "{} of {} rows are lost", kept.len(), found.len());
        }
        full.set_room(None);
        host.store.choose(StorageChoice::Retry, &host.engine, NOW);
        assert_eq!(*host.store.durability(), Durability::Durable);
        assert_eq!(rows_in(&full), host.seen().rows);
    }
}

#[test]
fn dropping_the_oldest_keeps_what_the_newest_checkpoint_has_of_the_others() {
    let storage = Rc::new(MemoryStorage::tracking());
    let mut host = Host::on(&storage, settings(&[]));
    let mut number = 0;
    for _ in 0..60 {
        assert!(host.post(events(&mut number, &[0; 20])));
    }
    host.checkpoint();
    // A late row for each of some blocks that follow each other: what the files have of these is not used any more.
    let late: Vec<i64> = (0..20).map(|block| 3 * (300 + BLOCK_ROWS as i64 * block)).collect();
    assert!(host.post(events(&mut number, &late)));
    storage.set_room(Some(0));
    for _ in 0..2 {
        host.store.choose(StorageChoice::DropOldest, &host.engine, NOW);
        assert!(matches!(host.store.durability(), Durability::Full(_)), "{:?}", host.store.durability());
        let (kept, found) = (host.seen().rows, rows_in(&storage));
        let lost = kept.iter().filter(|row| !found.contains(row)).count();
        assert_eq!(lost, 0, "of {} rows", kept.len());
    }
}

#[test]
fn what_an_earlier_owner_wrote_while_the_fence_could_not_be_written_is_not_overwritten() {
    const FENCE: u32 = 0;
    for is_torn in [false, true] {
        let (storage, _) = written(4);
        let mut earlier = Host::on(&storage, settings(&[]));
        let mut number = 1000;
        assert!(earlier.post(events(&mut number, &[0; 2])));
        let fence = storage.read_all(FENCE).unwrap();
        storage.set_faults(0..1, no_space());
        let mut next = Host::on(&storage, settings(&[]));
        assert!(matches!(next.store.durability(), Durability::Full(_)));
        if !is_torn {
            storage.damage(FENCE, |bytes| *bytes = fence);
        }
        // Half a write leaves a number that stops the earlier owner, no write does not.
        assert_eq!(earlier.post(events(&mut number, &[0; 2])), !is_torn);
        next.store.choose(StorageChoice::Retry, &next.engine, NOW);
        let expected = if is_torn { Durability::Durable } else { Durability::TakenOver };
        assert_eq!(*next.store.durability(), expected);
        let owner = if is_torn { next } else { earlier };
        assert_eq!(Host::on(&Rc::new(storage.after_crash()), settings(&[])).seen(), owner.seen());
    }
}

#[test]
fn blocks_that_move_to_another_file_or_leave_the_history_take_no_memory() {
    let mut host = Host::on(&Rc::new(MemoryStorage::default()), settings(&[("history_rows", "100")]));
    let mut number = 0;
    for _ in 0..200 {
        assert!(host.post(events(&mut number, &[0; 20])));
        let history = host.store.history();
        let (cached, blocks) = (history.block_cache().len(), history.blocks().count());
        assert!(cached <= blocks, "{cached} blocks are in the cache, of a history of {blocks}");
    }
}

#[test]
fn nothing_is_written_while_persist_is_off_and_everything_once_it_is_on() {
    let (storage, seen) = written(10);
    let mut host = Host::on(&storage, settings(&[("persist", "false")]));
    assert_eq!(&host.seen(), seen.last().unwrap(), "what was kept before is shown");
    let (before, mut number) = (storage.total_bytes(), 500);
    assert!(host.post(events(&mut number, &[0; 30])));
    assert_eq!((storage.total_bytes(), host.store.durability()), (before, &Durability::Off));
    assert!(host.configure(settings(&[])));
    assert_eq!(Host::on(&Rc::new(storage.after_crash()), settings(&[])).seen(), host.seen());
}

#[test]
fn many_events_that_are_flushed_by_themselves_are_written_as_rows_alone() {
    for (count, is_as_rows) in [(39, false), (40, true)] {
        let storage = Rc::new(MemoryStorage::default());
        let mut host = Host::on(&storage, settings(&[]));
        let (begun, mut number) = (journal(&storage).0, 0);
        let measures = host.engine.settings().measures.clone();
        host.engine.post(events(&mut number, &vec![1; count]), &measures, NOW, &mut host.store).unwrap();
        let due = host.store.maintain(&host.engine, NOW).unwrap();
        assert_eq!(Host::on(&Rc::new(storage.after_crash()), settings(&[])).seen().rows, [], "not yet");
        host.store.maintain(&host.engine, due);
        assert_eq!(journal(&storage).0 > begun, is_as_rows, "{count} events");
        assert_eq!(host.store.history().rows_in_memory_alone() == 0, is_as_rows);
        assert_eq!(Host::on(&Rc::new(storage.after_crash()), settings(&[])).seen(), host.seen());
    }
}

#[test]
fn a_cursor_is_kept_without_events_and_one_of_a_torn_record_is_not() {
    let storage = Rc::new(MemoryStorage::tracking());
    let mut host = Host::on(&storage, settings(&[]));
    let cursors = |storage: &MemoryStorage| Host::on(&Rc::new(storage.after_crash()), settings(&[])).seen().cursors;
    host.engine.advance(cursor_at(6));
    assert!(host.commit());
    assert_eq!(cursors(&storage), [cursor_at(6)]);
    let (file, end) = journal(&storage);
    host.engine.advance(cursor_at(12));
    host.engine.advance(cursor_at(7));
    assert!(host.commit());
    assert_eq!(cursors(&storage), [cursor_at(7), cursor_at(12)]);
    let torn = storage.after_crash();
    torn.damage(file, |bytes| bytes.truncate(end + 20));
    assert_eq!(cursors(&torn), [cursor_at(6)]);
    assert!(host.clear());
    assert!(cursors(&storage).is_empty());
    host.engine.advance(cursor_at(8));
    assert!(host.commit());
    assert_eq!(cursors(&storage), [cursor_at(8)]);
}

#[test]
fn waiting_events_of_earlier_measures_keep_them() {
    let storage = Rc::new(MemoryStorage::tracking());
    let mut host = Host::on(&storage, settings(&[("measures", "flow,level")]));
    let mut number = 0;
    assert!(host.post(events(&mut number, &[0; 3])));
    let mut host = Host::on(&Rc::new(storage.after_crash()), settings(&[]));
    assert_eq!((host.seen().waiting.len(), host.seen().rows.len()), (3, 0));
    assert!(host.post(events(&mut number, &[0; 5])));
    let seen = host.seen();
    let is_missing = |row: &Row| row.2.iter().map(|bits| f64::from_bits(*bits).is_nan()).collect::<Vec<_>>();
    let missing: Vec<_> = seen.rows.iter().map(is_missing).collect();
    assert_eq!(missing[..3], [[false, false, true]; 3].map(|row| row.to_vec()));
    assert_eq!(missing[3..], [[true, true, false]; 5].map(|row| row.to_vec()));
}

#[test]
fn read_only_files_are_not_changed() {
    let (storage, seen) = written(12);
    let before: Vec<_> = storage.files().into_iter().map(|file| storage.read_all(file).unwrap()).collect();
    let mut host = Host::open(Disk::ReadOnly(Rc::clone(&storage) as Rc<dyn Storage>), settings(&[]));
    host.verify();
    assert_eq!(&host.seen(), seen.last().unwrap());
    let after: Vec<_> = storage.files().into_iter().map(|file| storage.read_all(file).unwrap()).collect();
    assert!(before == after);
}
