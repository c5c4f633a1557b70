use proptest::prelude::*;

use super::*;
use crate::pipeline::records::{CsvOptions, Encoding, Format, Mapping, read};
use crate::pipeline::{Cursor, Settings};
use crate::time::{Clock, Duration};

/// A timer is this late at most.
const TICK: i64 = 1_000_000;
/// The instant of the first row of a replayed file, and when it begins to be read.
const FIRST: i64 = 1_750_000_000_000_000_000;
const NOON: Timestamp = Timestamp::from_nanos(1_790_000_000_000_000_000);

fn mapping() -> Mapping {
    Mapping::of(&Settings::default(), Clock::Utc)
}

fn head(file: &[u8], reading_on: ReadingOn) -> FileHead {
    let bytes = (reading_on == ReadingOn::Byte).then_some(file.len() as u64);
    FileHead { source: "file:a".into(), epoch: file_epoch(file), measures: mapping().measures, reading_on, bytes }
}

/// Reads a file as a worker does, in pieces of `piece` bytes, on a clock of its own.
struct Driver {
    source: FileSource,
    format: Format,
    file: Vec<u8>,
    reader: Option<FileReader>,
    piece: usize,
    now: Timestamp,
    input: Input,
    wake: Option<Timestamp>,
    /// Row, time and instant of each row that was given out.
    given: Vec<(usize, Timestamp, Timestamp)>,
    refused: Vec<(usize, usize, String)>,
    /// What was stored last with the rows.
    cursor: Option<Cursor>,
    is_closed: bool,
}

impl Driver {
    fn new(file: Vec<u8>, format: Format, reading_on: ReadingOn, pace: Pace, piece: usize) -> Self {
        let source = FileSource::new(head(&file, reading_on), pace, None);
        Self {
            source,
            format,
            file,
            reader: None,
            piece,
            now: NOON,
            input: Input::Tick,
            wake: None,
            given: Vec::new(),
            refused: Vec::new(),
            cursor: None,
            is_closed: false,
        }
    }

    fn csv(file: &str, pace: Pace) -> Self {
        Self::new(file.into(), Format::Csv(CsvOptions::FOUND), ReadingOn::Byte, pace, 1 << 20)
    }

    /// Feeds it once and does what it asks for; unless `is_stored`, what that brought is lost.
    fn feed(&mut self, room: usize, is_stored: bool) {
        let fed = self.source.feed(std::mem::replace(&mut self.input, Input::Tick), room, self.now);
        assert!(fed.rows.len() <= room, "{} rows where there is room for {room}", fed.rows.len());
        if is_stored {
            let now = self.now;
            self.given.extend(fed.rows.iter().map(|(place, draft)| (place.row, draft.timestamp.unwrap_or(now), now)));
            assert_eq!(fed.refused_unlisted, 0);
            self.refused.extend(fed.refused.into_iter().map(|bad| (bad.place.row, bad.place.line, bad.reason)));
            if fed.has_moved {
                self.cursor = Some(self.source.cursor().clone());
            }
        }
        self.wake = None;
        for ask in fed.asks {
            match ask {
                Ask::Open(from) => {
                    assert_eq!(from.row, 0);
                    self.reader = Some(FileReader::new(self.format, mapping(), from));
                    let bytes = (self.source.head().reading_on == ReadingOn::Byte).then_some(self.file.len() as u64);
                    self.input = Input::Opened { bytes, epoch: file_epoch(&self.file) };
                }
                Ask::Read => self.input = Input::Rows(self.read_block().into()),
                Ask::Close => self.is_closed = true,
                Ask::Wake(at) => self.wake = Some(self.wake.map_or(at, |wake| wake.min(at))),
            }
        }
    }

    /// The next block, in another thread's form and back.
    fn read_block(&mut self) -> RowBlock {
        let reader = self.reader.as_mut().unwrap();
        let block = loop {
            match reader.next_block() {
                Some(block) => break block,
                None => {
                    let from = self.file.len().min(reader.next_byte() as usize);
                    let until = self.file.len().min(from + self.piece);
                    reader.push(self.file[from..until].to_vec(), until == self.file.len());
                }
            }
        };
        let (head, bytes) = block.into_bytes();
        RowBlock::from_bytes(head, bytes).unwrap()
    }

    /// Starts anew from what was stored, as after a crash.
    fn restart(&mut self) {
        let (head, pace) = (self.source.head().clone(), self.source.pace());
        self.source = FileSource::new(head, pace, self.cursor.clone());
        (self.input, self.wake, self.is_closed) = (Input::Tick, None, false);
    }

    /// Lets time pass up to an instant; timers are late by up to a [`TICK`].
    fn run(&mut self, until: Timestamp) {
        self.is_closed = false;
        loop {
            self.feed(1000, true);
            if self.input != Input::Tick {
                continue;
            }
            match self.wake {
                Some(wake) if wake <= self.now => {}
                Some(wake) if wake <= until && !self.is_closed => {
                    let late = wake.as_nanos().rem_euclid(TICK);
                    self.now = (wake + Duration::from_nanos(if late > 0 { TICK - late } else { 0 })).min(until);
                }
                _ => break,
            }
            if self.is_closed {
                break;
            }
        }
        self.now = until;
    }

    /// Reads all of it, at once.
    fn read_all(&mut self) {
        while !self.is_closed {
            self.feed(1000, true);
        }
    }
}

/// Rows and refusals of a text that is read as a whole.
fn whole(file: &[u8], format: Format) -> (Vec<usize>, Vec<(usize, usize, String)>) {
    let rows = read(file, format, Encoding::Utf8, &mapping()).unwrap();
    let refused = rows.refusals.first().iter().map(|bad| (bad.place.row, bad.place.line, bad.reason.clone()));
    (rows.drafts.iter().map(|(place, _)| place.row).collect(), refused.collect())
}

/// What a person does with a replay.
#[derive(Debug, Clone, Copy)]
enum Act {
    Wait(u32),
    Pause(bool),
    Speed(f64),
    Loop(bool),
    Row(usize),
    Time(i64),
}

/// The same replay, written down plainly: when each row is due if no timer is ever late.
struct Twin {
    /// Milliseconds after [`FIRST`].
    times: Vec<i64>,
    next: usize,
    shift: f64,
    speed: f64,
    is_looped: bool,
    is_paused: bool,
    is_ended: bool,
    /// The time of the file, and the clock then.
    begun: Option<(f64, f64)>,
    round_ended: Option<f64>,
    now: f64,
    /// Row, time and instant, in milliseconds.
    given: Vec<(usize, f64, f64)>,
}

impl Twin {
    fn act(&mut self, act: Act) {
        let position = self.begun.map(|(file, now)| file + (self.now - now) * self.speed);
        match act {
            Act::Wait(_) => {}
            Act::Pause(is_paused) => self.is_paused = is_paused,
            Act::Speed(speed) => {
                self.begun = position.map(|position| (position, self.now));
                self.speed = speed;
            }
            Act::Loop(is_looped) => self.is_looped = is_looped,
            Act::Row(row) => self.seek(row),
            Act::Time(time) => {
                let found = self.times.iter().position(|at| *at >= time);
                self.seek(found.unwrap_or(self.times.len()));
            }
        }
    }

    fn seek(&mut self, row: usize) {
        (self.next, self.begun, self.round_ended, self.is_ended) = (row.min(self.times.len()), None, None, false);
    }

    fn wait(&mut self, until: f64) {
        if self.is_paused {
            self.begun = self.begun.map(|(file, now)| (file, now + until - self.now));
            self.now = until;
            return;
        }
        while !self.is_ended {
            let Some(time) = self.times.get(self.next).map(|time| *time as f64) else {
                self.end_round();
                continue;
            };
            if let Some(ended) = self.round_ended.take() {
                self.shift = ended - time;
            }
            let shown = time + self.shift;
            let (file, now) = *self.begun.get_or_insert((shown, self.now));
            let due = (now + (shown - file) / self.speed).max(self.now);
            if due > until {
                break;
            }
            self.now = due;
            self.given.push((self.next, shown, due));
            self.next += 1;
        }
        self.now = until;
    }

    fn end_round(&mut self) {
        let (first, newest) = (self.times[0] as f64, *self.times.iter().max().unwrap() as f64);
        let mean = ((newest - first) * 1e6 / (self.times.len() as f64 - 1.0)).floor() / 1e6;
        let gap = if self.times.len() > 1 && newest > first { mean } else { 1000.0 };
        (self.round_ended, self.next, self.is_ended) = (Some(newest + self.shift + gap), 0, !self.is_looped);
    }
}

fn replay(times: &[i64], acts: &[Act]) -> (Driver, Twin) {
    let rows: String = times.iter().map(|time| format!("{},a,1\n", FIRST / 1_000_000 + time)).collect();
    let pace = Pace::Replay { speed: 1.0, is_looped: false };
    let mut driver = Driver::csv(&format!("timestamp,id,value\n{rows}"), pace);
    let mut twin = Twin {
        times: times.to_vec(),
        next: 0,
        shift: 0.0,
        speed: 1.0,
        is_looped: false,
        is_paused: false,
        is_ended: false,
        begun: None,
        round_ended: None,
        now: 0.0,
        given: Vec::new(),
    };
    for act in acts {
        let now = driver.now;
        match *act {
            Act::Wait(millis) => {
                // No row is due just when the time is over.
                driver.run(now + Duration::from_nanos(i64::from(millis) * 1_000_000 + 370_001));
                twin.wait(twin.now + f64::from(millis) + 0.370_001);
            }
            Act::Pause(is_paused) => driver.source.pause(is_paused, now),
            Act::Speed(speed) => driver.source.set_speed(Some(speed), now),
            Act::Loop(is_looped) => driver.source.set_looped(is_looped),
            Act::Row(row) => driver.source.seek(Seek::Row(row as u64), now),
            Act::Time(time) => {
                driver.source.seek(Seek::Time(Timestamp::from_nanos(FIRST + time * 1_000_000)), now);
            }
        }
        twin.act(*act);
    }
    (driver, twin)
}

/// Each row comes when it is due, and no timer's tick later.
fn check_replay(times: &[i64], acts: &[Act]) -> Result<(), TestCaseError> {
    let (driver, twin) = replay(times, acts);
    let given = driver.given.iter().map(|(row, ..)| *row).collect::<Vec<_>>();
    prop_assert_eq!(given, twin.given.iter().map(|(row, ..)| *row).collect::<Vec<_>>());
    for ((row, time, at), (_, expected_time, due)) in driver.given.iter().zip(&twin.given) {
        let time = (*time - Timestamp::from_nanos(FIRST)).as_millis();
        prop_assert!((time - expected_time).abs() < 0.01, "row {} is shown at {}, not {}", row, time, expected_time);
        let late = (*at - NOON).as_millis() - due;
        prop_assert!((-0.01..1.01).contains(&late), "row {} comes {} ms after it is due at {}", row, late, due);
    }
    Ok(())
}

fn act(speeds: &'static [f64], is_looped: bool) -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0_u32..20_000).prop_map(Act::Wait),
        2 => any::<bool>().prop_map(Act::Pause),
        2 => prop::sample::select(speeds).prop_map(Act::Speed),
        1 => any::<bool>().prop_map(move |looped| Act::Loop(looped && is_looped)),
        1 => (0_usize..40).prop_map(Act::Row),
        1 => (0_i64..60_000).prop_map(Act::Time),
    ]
}

/// Times of rows so far apart, some of them equal, some older than the ones before.
fn times(least: i64, most: i64) -> impl Strategy<Value = Vec<i64>> {
    let step = prop_oneof![4 => least..most, 1 => Just(0), 1 => -2_000_i64..0];
    prop::collection::vec(step, 1..40).prop_map(move |steps| {
        let mut time = 10_000;
        // The last row is newer than the first one by at least a step.
        let end = steps.iter().map(|step| step.abs()).sum::<i64>() + 10_000 + least;
        let mut times = Vec::new();
        for step in steps {
            times.push(time);
            time = (time + step).max(0);
        }
        times.push(end);
        times
    })
}

/// A row of CSV, or what is left of one.
fn csv_row() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-c]{1,2},[0-9]{1,3}",
        1 => "\"[a-c\n,]{1,5}(\"\")?\",[0-9]",
        1 => "[a-c],(nan|x|)",
        1 => Just(String::new()),
        1 => "[ab,;é]{0,9}",
    ]
}

proptest! {
    #![proptest_config(crate::tests::form::cases(256))]

    #[test]
    fn a_replay_keeps_its_pace_through_pauses_speeds_and_seeks(
        times in times(0, 4_000),
        acts in prop::collection::vec(act(&[0.1, 0.5, 1.0, 3.0, 17.3, 1000.0, 10_000.0], false), 1..25),
    ) {
        check_replay(&times, &acts)?;
    }

    #[test]
    fn a_replay_keeps_its_pace_through_its_rounds(
        // Rounds that are much shorter would give out more rows than a test has time for.
        times in times(200, 4_000),
        acts in prop::collection::vec(act(&[0.1, 1.0, 2.5, 17.3], true), 1..25),
    ) {
        check_replay(&times, &acts)?;
    }

    #[test]
    fn each_row_comes_once_however_often_the_reader_is_killed(
        head in prop::sample::select(vec!["id,value", "sep=,\r\nid,value", "\nID,Value"]),
        rows in prop::collection::vec(csv_row(), 0..30),
        end in prop::sample::select(vec!["\n", "\r\n"]),
        piece in 1_usize..60,
        fates in prop::collection::vec((0_usize..5, prop::bool::weighted(0.2)), 1..40),
        form in 0_u8..3,
    ) {
        let text = [head, &rows.join(end)].join(end);
        let (file, reading_on) = match form {
            0 => (text.into_bytes(), ReadingOn::Byte),
            1 => (text.into_bytes(), ReadingOn::Start),
            _ => ("\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(), ReadingOn::Byte),
        };
        let format = Format::Csv(CsvOptions::FOUND);
        let mut driver = Driver::new(file.clone(), format, reading_on, Pace::AtOnce, piece);
        let mut fates = fates.into_iter();
        while !driver.is_closed {
            let (room, is_killed) = fates.next().unwrap_or((3, false));
            driver.feed(room, !is_killed);
            if is_killed {
                driver.restart();
            }
        }
        let given = driver.given.iter().map(|(row, ..)| *row).collect::<Vec<_>>();
        prop_assert_eq!((given, driver.refused), whole(&file, format));
        prop_assert!(driver.cursor.is_some_and(|cursor| cursor.is_done));
    }
}

#[test]
fn a_looped_replay_goes_on_in_time() {
    let acts = [Act::Loop(true), Act::Wait(9_500)];
    let (driver, twin) = replay(&[0, 1000, 3000], &acts);
    let shown: Vec<_> = driver.given.iter().map(|(_, time, _)| time.as_nanos() - FIRST).collect();
    assert_eq!(shown, [0, 1000, 3000, 4500, 5500, 7500, 9000].map(|millis| millis * 1_000_000));
    assert_eq!(driver.given.len(), twin.given.len());
}

#[test]
fn a_looped_replay_goes_on_where_it_was_killed() {
    let (mut driver, _) = replay(&[0, 1000, 3000], &[Act::Loop(true), Act::Wait(6_000)]);
    driver.restart();
    driver.run(NOON + Duration::from_secs(9));
    let shown: Vec<_> = driver.given.iter().map(|(_, time, _)| (time.as_nanos() - FIRST) / 1_000_000).collect();
    assert_eq!(shown, [0, 1000, 3000, 4500, 5500, 7500, 9000, 10_000], "the clock begins anew with the first row");
}

#[test]
fn a_looped_replay_that_is_killed_between_two_rounds_begins_the_next_one() {
    let (mut driver, _) = replay(&[0, 1000, 3000], &[Act::Loop(true), Act::Wait(4_000)]);
    driver.restart();
    driver.run(NOON + Duration::from_secs(5));
    let shown: Vec<_> = driver.given.iter().map(|(_, time, _)| (time.as_nanos() - FIRST) / 1_000_000).collect();
    assert_eq!(shown, [0, 1000, 3000, 4500]);
}

#[test]
fn a_replay_without_times_is_given_out_once() {
    let mut driver = Driver::csv("id,value\na,1\nb,2\n", Pace::Replay { speed: 1.0, is_looped: true });
    driver.run(NOON + Duration::from_secs(5));
    assert_eq!((driver.given.len(), driver.source.state()), (2, SourceState::Done));
}

#[test]
fn a_file_that_is_sought_by_share_or_position_goes_on_with_the_row_there() {
    let rows: String = (0..1000).map(|row| format!("r{row:03},1\n")).collect();
    let file = format!("id,value\n{rows}");
    for (seek, expected) in [
        (Seek::Share(0.5), 499),
        (Seek::Position("id,value\n".len() as u64 + 7 * 300), 300),
        (Seek::Position("id,value\n".len() as u64 + 7 * 300 + 3), 300),
        (Seek::Row(700), 700),
        (Seek::Share(0.0), 0),
    ] {
        let mut driver = Driver::csv(&file, Pace::AtOnce);
        driver.piece = 100;
        driver.read_all();
        driver.given.clear();
        driver.is_closed = false;
        driver.source.seek(seek, NOON);
        driver.read_all();
        let given: Vec<_> = driver.given.iter().map(|(row, ..)| *row).collect();
        assert_eq!(given, (expected..1000).collect::<Vec<_>>(), "{seek:?}");
    }
}

#[test]
fn lines_that_a_followed_file_grows_by_come_once_they_have_ended() {
    let mut driver = Driver::csv("id,value\na,1\nb,", Pace::Follow);
    driver.run(NOON + Duration::from_secs(3));
    assert_eq!((driver.given.len(), driver.source.state()), (1, SourceState::Waiting));
    driver.file.extend_from_slice(b"2\nc,x\nd,4\n");
    driver.run(NOON + Duration::from_secs(5));
    let given: Vec<_> = driver.given.iter().map(|(row, ..)| *row).collect();
    assert_eq!((given, driver.refused.len()), (vec![0, 1, 3], 1));
    // A log that was begun anew.
    driver.file = b"id,value\ne,5\n".to_vec();
    driver.run(NOON + Duration::from_secs(7));
    assert_eq!((driver.given.len(), driver.given.last().map(|(row, ..)| *row)), (4, Some(0)));
}

#[test]
fn a_file_that_changes_or_cannot_be_read_fails_with_the_mend_and_keeps_what_came() {
    let mut driver = Driver::csv("id,value\na,1\nb,2\n", Pace::AtOnce);
    driver.file[9] = b'x';
    driver.run(NOON);
    assert!(matches!(driver.source.state(), SourceState::Failed(sentence) if sentence.contains("choose it again")));

    let mut driver = Driver::csv("id,value\na,1\nb,2\n", Pace::AtOnce);
    driver.piece = 13;
    while driver.given.is_empty() {
        driver.feed(9, true);
    }
    driver.input = Input::Closed("gone; choose it again".into());
    driver.run(NOON);
    assert_eq!(driver.source.state(), SourceState::Failed("gone; choose it again".into()));
    assert_eq!((driver.given.len(), driver.cursor.map(|cursor| cursor.taken)), (1, Some(1)));
}

#[test]
fn a_fault_of_the_whole_file_stops_it_behind_the_rows_before() {
    let mut driver =
        Driver::new(b"[{\"value\":1},{\"value\":2},oops".to_vec(), Format::Json, ReadingOn::Byte, Pace::AtOnce, 9);
    driver.read_all();
    assert_eq!(driver.given.len(), 2);
    assert!(matches!(driver.source.state(), SourceState::Failed(_)));
}

#[test]
fn a_file_that_was_cancelled_gives_nothing_more() {
    let mut driver = Driver::csv("id,value\na,1\nb,2\n", Pace::AtOnce);
    while driver.given.is_empty() {
        driver.feed(1, true);
    }
    driver.source.cancel();
    driver.read_all();
    assert_eq!((driver.given.len(), driver.source.is_cancelled()), (1, true));
}
