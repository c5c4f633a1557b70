//! A file as a source: loaded at once, replayed at its own pace, or followed as it grows.

use std::collections::VecDeque;

use super::draft_columns::DraftColumns;
use super::marks::{Mark, Marks};
use super::replay_clock::ReplayClock;
use super::{
    Ask, BlockInfo, Fed, FileHead, Input, Pace, ReadFrom, ReadingOn, RowBlock, Seek, Source, SourceProgress,
    SourceState,
};
use crate::pipeline::records::{BadRow, Checkpoint, Draft};
use crate::pipeline::{Cursor, Measures};
use crate::time::{Duration, Timestamp};

/// Rows that are given out in one step: a millisecond or two of work.
const STEP_ROWS: usize = 2048;
/// Time between two looks at a file that is followed.
const LOOK_AFTER: Duration = Duration::from_nanos(1_000_000_000);
/// The pause between two rounds of a replay whose rows do not say how far apart they are.
const GAP: Duration = Duration::from_nanos(1_000_000_000);

/// How far a file has come.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct FileProgress {
    /// Rows that were given out.
    pub given: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// Rows that were passed over: an earlier attempt took them, or a person sought another one.
    pub skipped: u64,
    /// The next byte that is read.
    pub bytes: u64,
    /// The time of the newest row that was given out, as it stands in the file.
    pub at: Option<Timestamp>,
    /// The times of the first row and of the newest one that was read.
    pub span: Option<(Timestamp, Timestamp)>,
    /// How far a replay is behind its own pace.
    pub lag: Option<Duration>,
}

/// Rows that are not wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Skip {
    Nothing,
    /// Those before this one.
    UntilRow(u64),
    /// Those before the first one of at least this time.
    UntilTime(Timestamp),
    /// Those that end before this byte.
    UntilByte(u64),
}

/// What is read at the moment.
#[derive(Debug, Clone, PartialEq)]
enum Phase {
    /// Nothing: it has to be opened.
    Closed,
    /// It is being opened.
    Opening,
    /// It is open.
    Open,
    /// It is open, and its next rows are being read.
    Reading,
    /// All of it was read so far; it is opened anew at this instant.
    Looking(Timestamp),
    /// It has ended.
    Ended(SourceState),
}

/// Where reading goes on, if what is read has such places.
#[derive(Debug, Clone, Copy)]
struct Jump {
    to: Mark,
    /// Whether something is known of the rows before it.
    is_gapless: bool,
}

/// What the first block is after something was opened.
#[derive(Debug, Clone, Copy)]
enum Begin {
    /// The first one at all, or after a seek.
    Anew(Option<Jump>),
    /// What a file has grown by.
    Look,
}

/// Before the first byte.
const START: Checkpoint = Checkpoint { bytes: 0, rows: 0, lines: 0 };

/// Reads a file: a state machine, see the [module](super).
#[derive(Debug)]
pub struct FileSource {
    head: FileHead,
    pace: Pace,
    clock: ReplayClock,
    phase: Phase,
    is_paused: bool,
    /// Whether it rests with all sources.
    is_held: bool,
    skip: Skip,
    /// What the next block is; `None`: it follows the one before.
    begin: Option<Begin>,
    /// Why the file ends before its end.
    fault: Option<String>,
    /// Whether the file ends with the rows that were read.
    is_last: bool,
    /// Rows and bytes that were read.
    read_rows: u64,
    read_bytes: u64,
    /// The place behind them, if there is one.
    place: Option<Checkpoint>,
    /// Whether they were read as of a file that grows: the last line is left, unless it has ended.
    is_growing: bool,
    ignored: Vec<String>,
    marks: Marks,
    /// Whether all rows from the first one on were read, so that `newest` is the newest of all.
    is_gapless: bool,
    newest: Option<Timestamp>,
    /// Rows that were read and not given out, and those among them that were refused.
    waiting: DraftColumns,
    refused: VecDeque<BadRow>,
    /// The row before which all are given out, refused or passed over.
    next_row: u64,
    /// The place before which all rows were settled when those that wait were read.
    base: Checkpoint,
    /// How far the rows that were given out come.
    cursor: Cursor,
    progress: FileProgress,
    /// When the round before ended, until the first row of the next one says by how much that one is shifted.
    round_ended: Option<Timestamp>,
}

impl FileSource {
    /// A file that is read from its beginning, or from where an earlier attempt ended.
    #[must_use]
    pub fn new(head: FileHead, pace: Pace, cursor: Option<Cursor>) -> Self {
        let cursor = cursor.unwrap_or_else(|| Cursor::new(&head.source, head.epoch));
        let place = Checkpoint { bytes: cursor.position, rows: cursor.rows, lines: cursor.lines };
        let jump = Jump { to: Mark { place, newest: None }, is_gapless: false };
        // What is read in rounds is read from its first row on: how far its rounds are apart depends on all rows.
        let is_looped = matches!(pace, Pace::Replay { is_looped: true, .. });
        let can_jump = head.reading_on == ReadingOn::Byte && cursor.position > 0 && !is_looped;
        let speed = if let Pace::Replay { speed, .. } = pace { speed } else { 1.0 };
        Self {
            head,
            pace,
            clock: ReplayClock::new(speed),
            phase: Phase::Closed,
            is_paused: false,
            is_held: false,
            skip: if cursor.taken > 0 { Skip::UntilRow(cursor.taken) } else { Skip::Nothing },
            begin: Some(Begin::Anew(can_jump.then_some(jump))),
            fault: None,
            is_last: false,
            read_rows: 0,
            read_bytes: 0,
            place: None,
            is_growing: false,
            ignored: Vec::new(),
            marks: Marks::default(),
            is_gapless: true,
            newest: None,
            waiting: DraftColumns::default(),
            refused: VecDeque::new(),
            next_row: 0,
            base: START,
            cursor: Cursor { is_done: false, ..cursor },
            progress: FileProgress::default(),
            round_ended: None,
        }
    }

    /// What it is doing.
    #[must_use]
    pub fn state(&self) -> SourceState {
        match &self.phase {
            Phase::Ended(state) => state.clone(),
            _ if self.is_resting() => SourceState::Paused,
            Phase::Looking(_) => SourceState::Waiting,
            Phase::Closed | Phase::Opening => SourceState::Opening,
            Phase::Open | Phase::Reading if self.skip != Skip::Nothing => SourceState::Opening,
            Phase::Open | Phase::Reading => SourceState::Open,
        }
    }

    /// Whether nothing more comes of it, unless it is sought.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended(_))
    }

    /// Whether a person ended it.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.phase == Phase::Ended(SourceState::Cancelled)
    }

    fn is_resting(&self) -> bool {
        self.is_paused || self.is_held
    }

    /// How far it has come; `now` tells how far a replay is behind.
    #[must_use]
    pub fn progress(&self, now: Timestamp) -> FileProgress {
        let due = self.waiting.peek().and_then(|(_, time)| time);
        let lag = match (self.pace, due) {
            (Pace::Replay { .. }, Some(time)) if !self.is_resting() && self.clock.has_begun() => {
                Some((now - self.clock.due(self.shifted(time), now)).max(Duration::from_nanos(0)))
            }
            _ => None,
        };
        FileProgress { bytes: self.read_bytes, lag, ..self.progress }
    }

    /// How far its rows were given out: to be stored together with them.
    #[must_use]
    pub fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// How its rows come.
    #[must_use]
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// The file, and how it is read.
    #[must_use]
    pub fn head(&self) -> &FileHead {
        &self.head
    }

    /// The fields that were left out so far: the first hundred names.
    #[must_use]
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Lets it rest, or go on.
    pub fn pause(&mut self, is_paused: bool, now: Timestamp) {
        self.clock.pass(now, self.is_resting());
        self.is_paused = is_paused;
    }

    /// Lets it rest with all sources, or go on unless it was paused itself.
    pub fn hold(&mut self, is_held: bool, now: Timestamp) {
        self.clock.pass(now, self.is_resting());
        self.is_held = is_held;
    }

    /// Changes the speed of a replay; `None`: the rest of it at once. What is loaded at once becomes a replay.
    pub fn set_speed(&mut self, speed: Option<f64>, now: Timestamp) {
        self.clock.pass(now, self.is_resting());
        self.pace = match (speed, self.pace) {
            (None, _) => Pace::AtOnce,
            (Some(speed), Pace::Replay { is_looped, .. }) => Pace::Replay { speed, is_looped },
            (Some(speed), Pace::AtOnce | Pace::Follow) => {
                self.clock.stop();
                Pace::Replay { speed, is_looped: false }
            }
        };
        if let Some(speed) = speed {
            self.clock.set_speed(speed, now);
        }
    }

    /// Whether a replay begins anew at its end.
    pub fn set_looped(&mut self, is_looped: bool) {
        if let Pace::Replay { is_looped: looped, .. } = &mut self.pace {
            *looped = is_looped;
        }
    }

    /// Ends it: what was given out stays.
    pub fn cancel(&mut self) {
        self.end(SourceState::Cancelled);
    }

    /// Goes on elsewhere, also when all of it was read. The rows in between are neither taken nor refused.
    pub fn seek(&mut self, seek: Seek, now: Timestamp) {
        self.clock.pass(now, self.is_resting());
        self.clock.stop();
        let (skip, mark) = match seek {
            Seek::Row(row) => (Skip::UntilRow(row), self.marks.before_row(row)),
            Seek::Time(time) => (Skip::UntilTime(time), self.marks.before_time(time)),
            Seek::Position(byte) => (Skip::UntilByte(byte), self.marks.before_byte(byte)),
            Seek::Share(share) => {
                // A share of a length that is not known is none of it.
                let byte = (self.head.bytes.unwrap_or(0) as f64 * share) as u64;
                (Skip::UntilByte(byte), self.marks.before_byte(byte))
            }
        };
        self.begin_anew(mark.map(|to| Jump { to, is_gapless: true }));
        (self.skip, self.round_ended) = (skip, None);
    }

    /// Takes an input, and does a step of the work: some thousand rows, of which no more are given out than there is
    /// `room` for.
    pub fn feed(&mut self, input: Input, room: usize, now: Timestamp) -> Fed {
        self.clock.pass(now, self.is_resting());
        let mut fed = Fed::default();
        match input {
            Input::Opened { bytes, epoch } if self.phase == Phase::Opening => self.open(bytes, epoch, now),
            // A block that was asked for before a seek is of no use.
            Input::Rows(block) if self.phase == Phase::Reading => self.take(*block, &mut fed),
            Input::Closed(sentence) if !self.is_ended() => self.end(SourceState::Failed(sentence)),
            Input::Opened { .. } | Input::Rows(_) | Input::Closed(_) | Input::Tick => {}
        }
        if !self.is_ended() && !self.is_resting() {
            self.step(room, now, &mut fed);
        }
        if self.is_ended() {
            fed.asks.push(Ask::Close);
        }
        fed
    }

    fn open(&mut self, bytes: Option<u64>, epoch: u64, now: Timestamp) {
        let is_replaced = epoch != self.head.epoch || bytes.is_some_and(|bytes| bytes < self.read_bytes);
        if is_replaced && self.pace == Pace::Follow {
            // A log that was begun anew under the same name: all of it is new.
            self.head.epoch = epoch;
            self.cursor = Cursor::new(&self.head.source, epoch);
            (self.skip, self.marks) = (Skip::Nothing, Marks::default());
            self.begin_anew(None);
        } else if is_replaced {
            let sentence = "the file has changed since it was chosen; choose it again to load what it holds now";
            return self.end(SourceState::Failed(sentence.to_owned()));
        } else if self.is_growing && matches!(self.begin, Some(Begin::Look)) && bytes == Some(self.read_bytes) {
            self.phase = Phase::Looking(now + LOOK_AFTER);
        } else {
            (self.phase, self.is_last) = (Phase::Open, false);
        }
        self.head.bytes = bytes;
    }

    fn step(&mut self, room: usize, now: Timestamp, fed: &mut Fed) {
        if !self.waiting.is_empty() {
            return self.give(room, now, fed);
        }
        match self.phase {
            Phase::Closed => self.ask_to_open(fed),
            Phase::Looking(at) if at <= now => {
                self.begin = Some(Begin::Look);
                self.ask_to_open(fed);
            }
            Phase::Looking(at) => fed.asks.push(Ask::Wake(at)),
            Phase::Open if self.is_last && self.is_growing && !self.is_followed() => {
                self.begin = Some(Begin::Look);
                self.ask_to_open(fed);
            }
            Phase::Open if self.is_last => self.come_to_end(now, fed),
            Phase::Open => {
                self.phase = Phase::Reading;
                fed.asks.push(Ask::Read);
            }
            Phase::Opening | Phase::Reading | Phase::Ended(_) => {}
        }
    }

    fn ask_to_open(&mut self, fed: &mut Fed) {
        let place = match self.begin {
            Some(Begin::Anew(jump)) => jump.map(|jump| jump.to.place),
            Some(Begin::Look) | None => Some(self.base).filter(|base| *base != START),
        };
        let (mut row, mut edge) = (0, None);
        match self.skip {
            Skip::UntilRow(wanted) if self.head.reading_on == ReadingOn::Row => row = wanted,
            Skip::UntilByte(wanted) => edge = Some(wanted),
            _ => {}
        }
        (self.phase, self.is_growing) = (Phase::Opening, self.is_followed());
        fed.asks.push(Ask::Open(ReadFrom { row, place, edge, is_growing: self.is_growing }));
    }

    /// Takes the next rows.
    fn take(&mut self, block: RowBlock, fed: &mut Fed) {
        let RowBlock { drafts, info } = block;
        let BlockInfo { first_row, end_row, refused, ignored, checkpoint, read_bytes, is_last, fault } = info;
        match self.begin.take() {
            Some(Begin::Anew(jump)) => {
                if let Some(Jump { to, is_gapless }) = jump
                    && to.place.rows == first_row
                {
                    (self.newest, self.is_gapless) = (to.newest, is_gapless);
                    (self.base, self.read_bytes) = (to.place, to.place.bytes);
                }
                self.count_from(first_row);
            }
            // What has no places was read from its start once more.
            Some(Begin::Look) if first_row < self.next_row => self.skip = Skip::UntilRow(self.next_row),
            Some(Begin::Look) | None => {}
        }
        if matches!(self.skip, Skip::UntilByte(wanted) if wanted <= self.read_bytes) {
            self.skip = Skip::Nothing;
        }
        (self.read_rows, self.read_bytes, self.ignored) = (end_row, read_bytes, ignored);
        (self.place, self.is_last, self.fault) = (checkpoint, is_last, fault);
        self.waiting = drafts;
        self.refused.extend(refused);
        for time in self.waiting.times() {
            self.newest = self.newest.max(Some(time));
            let (first, newest) = self.progress.span.unwrap_or((time, time));
            self.progress.span = Some((first, newest.max(time)));
        }
        self.phase = Phase::Open;
        if self.waiting.is_empty() {
            self.settle(fed);
        }
    }

    /// Gives out the rows that are due, as far as there is room.
    fn give(&mut self, room: usize, now: Timestamp, fed: &mut Fed) {
        fed.rows.reserve(room.min(STEP_ROWS).min(self.waiting.len()));
        for _ in 0..STEP_ROWS {
            let Some((row, time)) = self.waiting.peek() else { break };
            let row = row as u64;
            if self.is_unwanted(row, time) {
                self.waiting.next();
                self.pass_over(row + 1);
                continue;
            }
            match self.skip {
                Skip::Nothing => {}
                Skip::UntilRow(wanted) => self.pass_over(wanted),
                Skip::UntilTime(_) | Skip::UntilByte(_) => self.pass_over(row),
            }
            self.skip = Skip::Nothing;
            if let Some(time) = time {
                self.shift_round(time);
            }
            let shown = time.map(|time| self.shifted(time));
            if let (Pace::Replay { .. }, Some(shown)) = (self.pace, shown) {
                if !self.clock.has_begun() {
                    self.clock.begin(shown, now);
                }
                let due = self.clock.due(shown, now);
                if due > now {
                    self.clock.ask(due);
                    return fed.asks.push(Ask::Wake(due));
                }
            }
            if fed.rows.len() >= room {
                break;
            }
            if let Some((place, draft)) = self.waiting.next() {
                self.refuse_until(row, fed);
                fed.rows.push((place, Draft { timestamp: shown, ..draft }));
                self.progress.given += 1;
                self.progress.at = time.or(self.progress.at);
                self.next_row = row + 1;
                self.move_cursor(fed);
            }
        }
        if self.waiting.is_empty() {
            self.settle(fed);
        }
        fed.asks.push(Ask::Wake(now));
    }

    fn is_unwanted(&self, row: u64, time: Option<Timestamp>) -> bool {
        match self.skip {
            Skip::Nothing => false,
            Skip::UntilRow(wanted) => row < wanted,
            Skip::UntilTime(wanted) => time.is_none_or(|time| time < wanted),
            Skip::UntilByte(_) => true,
        }
    }

    /// All rows that were read are given out: what is left are refused ones.
    fn settle(&mut self, fed: &mut Fed) {
        let end = self.read_rows;
        match self.skip {
            Skip::Nothing => self.refuse_until(end, fed),
            Skip::UntilRow(wanted) => {
                self.pass_over(wanted.min(end));
                if end >= wanted {
                    self.skip = Skip::Nothing;
                    self.refuse_until(end, fed);
                }
            }
            Skip::UntilTime(_) => self.pass_over(end),
            Skip::UntilByte(wanted) => {
                self.pass_over(end);
                if self.read_bytes >= wanted {
                    self.skip = Skip::Nothing;
                }
            }
        }
        if let Some(place) = self.place {
            self.base = place;
            if self.is_gapless {
                self.marks.add(Mark { place, newest: self.newest });
            }
        }
        // A cursor that stands further on stays there until the rows before it are read again.
        if self.skip == Skip::Nothing && self.next_row > 0 {
            self.move_cursor(fed);
        }
    }

    /// The rows before this one that are not settled were refused.
    fn refuse_until(&mut self, row: u64, fed: &mut Fed) {
        let refused = row.saturating_sub(self.next_row);
        if refused == 0 {
            return;
        }
        let listed = self.refused.iter().take_while(|bad| (bad.place.row as u64) < row).count();
        fed.refused.extend(self.refused.drain(..listed));
        fed.refused_unlisted += (refused as usize).saturating_sub(listed);
        self.progress.refused += refused;
        self.next_row = self.next_row.max(row);
    }

    /// The rows before this one that are not settled are not wanted.
    fn pass_over(&mut self, row: u64) {
        self.progress.skipped += row.saturating_sub(self.next_row);
        while self.refused.front().is_some_and(|bad| (bad.place.row as u64) < row) {
            self.refused.pop_front();
        }
        self.next_row = self.next_row.max(row);
    }

    fn move_cursor(&mut self, fed: &mut Fed) {
        let Checkpoint { bytes, rows, lines } = self.base;
        (self.cursor.position, self.cursor.rows, self.cursor.lines) = (bytes, rows, lines);
        self.cursor.taken = self.next_row;
        fed.has_moved = true;
    }

    /// Everything was read: it ends, begins anew, or is looked at later.
    fn come_to_end(&mut self, now: Timestamp, fed: &mut Fed) {
        if let Some(sentence) = self.fault.take() {
            return self.end(SourceState::Failed(sentence));
        }
        match (self.pace, self.newest) {
            (Pace::Follow, _) => {
                let at = now + LOOK_AFTER;
                self.phase = Phase::Looking(at);
                fed.asks.push(Ask::Wake(at));
            }
            (Pace::Replay { is_looped: true, .. }, Some(newest)) => {
                self.round_ended = Some(self.shifted(newest) + self.gap());
                // What was sought and not found is sought no longer.
                self.skip = Skip::Nothing;
                self.begin_anew(None);
                fed.asks.push(Ask::Wake(now));
            }
            // A replay of rows without times would never end.
            _ => {
                self.cursor.is_done = true;
                fed.has_moved = true;
                self.end(SourceState::Done);
            }
        }
    }

    /// The mean time between two rows.
    fn gap(&self) -> Duration {
        let rows = self.read_rows as i64;
        match self.progress.span {
            Some((first, newest)) if self.is_gapless && rows > 1 && newest > first => {
                Duration::from_nanos(((newest - first).as_nanos() / (rows - 1)).max(1))
            }
            _ => GAP,
        }
    }

    /// Sets by how much a round is shifted, from the time of its first row.
    fn shift_round(&mut self, first: Timestamp) {
        if let Some(ended) = self.round_ended.take() {
            self.cursor.shift_nanos = (ended - first).as_nanos();
        }
    }

    fn shifted(&self, time: Timestamp) -> Timestamp {
        time + Duration::from_nanos(self.cursor.shift_nanos)
    }

    fn is_followed(&self) -> bool {
        self.pace == Pace::Follow
    }

    fn end(&mut self, state: SourceState) {
        self.phase = Phase::Ended(state);
        (self.waiting, self.refused) = (DraftColumns::default(), VecDeque::new());
    }

    /// Reads from the first byte on, or from a place further on, and drops what was read and not given out.
    fn begin_anew(&mut self, jump: Option<Jump>) {
        self.phase = Phase::Closed;
        self.begin = Some(Begin::Anew(jump));
        (self.fault, self.newest, self.is_gapless, self.is_last) = (None, None, true, false);
        (self.waiting, self.refused) = (DraftColumns::default(), VecDeque::new());
        (self.base, self.place, self.read_bytes) = (START, None, 0);
        self.count_from(0);
    }

    /// The next row that is read is this one.
    fn count_from(&mut self, row: u64) {
        (self.read_rows, self.next_row) = (row, row);
        self.progress.skipped += row;
        self.is_gapless &= row == 0 || self.base.rows == row;
    }
}

impl Source for FileSource {
    type Input = Input;
    type Ask = Ask;

    fn feed(&mut self, input: Input, room: usize, now: Timestamp, _: f64) -> Fed {
        FileSource::feed(self, input, room, now)
    }

    fn state(&self) -> SourceState {
        FileSource::state(self)
    }

    fn cursor(&self) -> &Cursor {
        FileSource::cursor(self)
    }

    fn measures(&self) -> &Measures {
        &self.head().measures
    }

    fn hold(&mut self, is_held: bool, now: Timestamp) {
        FileSource::hold(self, is_held, now);
    }

    fn progress(&self, now: Timestamp) -> SourceProgress {
        let progress = FileSource::progress(self, now);
        let error = if let SourceState::Failed(sentence) = FileSource::state(self) { Some(sentence) } else { None };
        SourceProgress {
            given: progress.given,
            refused: progress.refused,
            bytes: progress.bytes,
            lag: progress.lag,
            error,
            ..SourceProgress::default()
        }
    }
}
