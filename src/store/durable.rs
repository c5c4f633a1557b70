//! The history with its journal: what happens is written as long as the files can be, and in memory alone otherwise.

use std::rc::Rc;

use super::history::History;
use super::journal::{CheckpointSource, Journal, Recovered};
use super::storage::{Storage, StoreError};
use crate::frame::Frame;
use crate::pipeline::{Batch, Engine, EngineState, Event, Id, Measures, Settings, Store};
use crate::time::{Clock, Duration, Timestamp};

/// Written records are flushed at least this often,
const FLUSH_AFTER: Duration = Duration::from_nanos(250_000_000);
/// and as soon as this many bytes wait.
const FLUSH_BYTES: u64 = 32 << 20;
/// Time between a failure and the next attempt to write.
const RETRY_AFTER: Duration = Duration::from_secs(5);
/// Notes kept for the page; the oldest go first.
const MAX_NOTES: usize = 50;

/// Where the history is kept.
#[derive(Debug, Clone)]
pub enum Disk {
    /// In memory alone, for this reason.
    None(String),
    /// In these files.
    Files(Rc<dyn Storage>),
    /// In these files, which are read and never written.
    ReadOnly(Rc<dyn Storage>),
    /// In files that are there, or may be, and cannot be opened now.
    Unread(StoreError),
}

/// Whether acknowledged events survive a crash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Durability {
    /// They are in files.
    Durable,
    /// The setting `persist` is false: new events are not written.
    Off,
    /// They are in memory only, for this reason.
    Memory(String),
    /// The disk is full, with the system's message. Events are refused until the user makes a [`StorageChoice`].
    Full(String),
    /// This build cannot read the files, for this reason. It leaves them as they are.
    Refused(String),
    /// Another worker owns the files now.
    TakenOver,
}

impl Durability {
    /// What a failure of the files leaves.
    fn after(error: &StoreError) -> Self {
        match error {
            StoreError::Full(reason) => Self::Full(reason.clone()),
            StoreError::TakenOver => Self::TakenOver,
            StoreError::Version { .. } | StoreError::Damaged(_) => Self::Refused(error.to_string()),
            StoreError::Io(_) | StoreError::NoFile => Self::Memory(error.to_string()),
        }
    }
}

/// What the user can do about a full disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageChoice {
    /// Try to write again.
    Retry,
    /// Drop the oldest quarter of the rows.
    DropOldest,
    /// Go on in memory.
    Memory,
}

/// Keeps processed rows, and journals what happens between them, as far as the disk allows.
#[derive(Debug)]
pub struct DurableStore {
    history: History,
    journal: Option<Journal>,
    durability: Durability,
    notes: Vec<String>,
    /// When the oldest record that is not flushed was written.
    unflushed_since: Option<Timestamp>,
    /// When to try again after a failure.
    retry_at: Option<Timestamp>,
    /// Rows that were found in the files on opening.
    recovered_rows: usize,
    /// Why the files that are there could not be read on opening.
    unread: Option<StoreError>,
}

impl DurableStore {
    /// Opens the files and returns the state that an engine goes on from. `history_rows` and `memory_rows` are set to
    /// what the files say unless `are_named` marks them as given by the user, and `history_age` unless it is set. Files that cannot be opened stay as they
    /// are; [`Self::durability`] has the reason.
    pub fn open(disk: Disk, settings: &mut Settings, are_named: [bool; 2]) -> (Self, EngineState) {
        let history = History::new(settings.history_rows);
        Self::open_into(history, disk, settings, are_named)
    }

    /// [`Self::open`] into a history that is empty.
    pub(super) fn open_into(
        history: History,
        disk: Disk,
        settings: &mut Settings,
        are_named: [bool; 2],
    ) -> (Self, EngineState) {
        let mut store = Self {
            history,
            journal: None,
            durability: Durability::Off,
            notes: Vec::new(),
            unflushed_since: None,
            retry_at: None,
            recovered_rows: 0,
            unread: None,
        };
        let opened = match disk {
            Disk::None(reason) => {
                store.durability = Durability::Memory(reason);
                return (store, EngineState::default());
            }
            Disk::Unread(error) => Err(error),
            Disk::Files(storage) => Journal::open(storage, true).map(|found| store.restore(found, settings, are_named)),
            Disk::ReadOnly(storage) => {
                Journal::open(storage, false).map(|found| store.restore_read_only(found, settings, are_named))
            }
        };
        let state = opened.unwrap_or_else(|error| {
            store.durability = Durability::after(&error);
            store.unread = Some(error);
            EngineState::default()
        });
        store.recovered_rows = store.history.len();
        (store, state)
    }

    fn restore(&mut self, found: Recovered, settings: &mut Settings, are_named: [bool; 2]) -> EngineState {
        self.take_limits(&found, settings, are_named);
        self.durability = match &found.obstacle {
            _ if !settings.persist => Durability::Off,
            None => Durability::Durable,
            Some(error) => Durability::after(error),
        };
        let (journal, state, notes) = found.restore(&mut self.history);
        (self.journal, self.notes) = (Some(journal), notes);
        state
    }

    fn restore_read_only(&mut self, found: Recovered, settings: &mut Settings, are_named: [bool; 2]) -> EngineState {
        self.take_limits(&found, settings, are_named);
        let (state, notes) = found.into_state(&mut self.history);
        self.durability = Durability::Memory("the files are only read".to_owned());
        self.notes = notes;
        state
    }

    /// Begins to write, once the engine is restored: what was replayed is written anew, into files of this owner. Where
    /// that fails, here or in [`open`](Self::open), everything is read all the same, and it is tried again later.
    pub fn start(&mut self, engine: &Engine, now: Timestamp) {
        match self.durability {
            Durability::Durable => self.resume(engine, now),
            Durability::Full(_) | Durability::Memory(_) if self.journal.is_some() => {
                self.retry_at = Some(now + RETRY_AFTER);
            }
            _ => {}
        }
        if let Durability::Full(_) = self.durability {
            self.note(match &self.journal {
                Some(_) => format!("the disk was full on opening: {} rows were read from it", self.recovered_rows),
                None => "the disk was full on opening: the stored rows could not be read, and stay in it".to_owned(),
            });
        }
    }

    /// Brings the settings' limits in line with the files, and the history in line with the settings.
    fn take_limits(&mut self, found: &Recovered, settings: &mut Settings, are_named: [bool; 2]) {
        if let Some(limits) = found.limits {
            let (history_rows, memory_rows) = (limits.history_rows as usize, limits.memory_rows as usize);
            settings.history_rows = if are_named[0] { settings.history_rows } else { history_rows.max(1) };
            settings.memory_rows = if are_named[1] { settings.memory_rows } else { memory_rows.max(1) };
            settings.history_age = settings.history_age.or(limits.history_age.map(Duration::from_nanos));
        }
        self.set_limits(settings);
    }

    /// The rows.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The rows, for what is derived from them and kept beside them; see [`History::remember_rolling`].
    pub fn history_mut(&mut self) -> &mut History {
        &mut self.history
    }

    /// Applies `history_rows` and `memory_rows`: rows beyond are dropped.
    pub fn set_limits(&mut self, settings: &Settings) {
        self.history.set_capacity(settings.history_rows);
        self.history.set_memory_rows(settings.memory_rows);
    }

    /// Whether acknowledged events survive a crash.
    pub fn durability(&self) -> &Durability {
        &self.durability
    }

    /// What happened to the files, in sentences for the user, oldest first.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Rows that were found in the files on opening.
    pub fn recovered_rows(&self) -> usize {
        self.recovered_rows
    }

    /// Why the files that are there could not be read on opening: what they hold is not in the history.
    pub fn unread(&self) -> Option<&StoreError> {
        self.unread.as_ref()
    }

    /// Bytes of the files.
    pub fn disk_bytes(&self) -> u64 {
        self.journal.as_ref().map_or(0, Journal::disk_bytes)
    }

    /// How many of the newest receipts of `engine` a power loss would take, with the events that came with them.
    pub fn unflushed_receipts(&self, engine: &Engine) -> usize {
        let flushed = self.journal.as_ref().map_or(0, Journal::flushed_receipts);
        engine.receipts().total().saturating_sub(flushed) as usize
    }

    /// The number of moves of cursors that a power loss does not undo. While nothing is kept in files it is all of them:
    /// nothing will bring them back.
    pub fn flushed_cursors(&self, engine: &Engine) -> u64 {
        self.flushed(engine.cursors().moves(), Journal::flushed_cursors)
    }

    /// The number of the last batch that a power loss does not undo, as [`flushed_cursors`](Self::flushed_cursors).
    pub fn flushed_batch(&self, engine: &Engine) -> u64 {
        self.flushed(engine.counters().batches, Journal::flushed_batch)
    }

    fn flushed(&self, newest: u64, flushed: fn(&Journal) -> u64) -> u64 {
        match (&self.durability, &self.journal) {
            (Durability::Off | Durability::Memory(_) | Durability::Refused(_), _) | (_, None) => newest,
            (_, Some(journal)) => flushed(journal).min(newest),
        }
    }

    /// The number of the last batch that is in the files; 0 without files.
    pub fn last_written_batch(&self) -> u64 {
        self.journal.as_ref().map_or(0, Journal::last_batch)
    }

    /// Adds a note.
    pub fn note(&mut self, sentence: String) {
        if self.notes.len() == MAX_NOTES {
            self.notes.remove(0);
        }
        self.notes.push(sentence);
    }

    /// Notes that the machine slept from one instant to the other.
    pub fn note_sleep(&mut self, (from, until): (Timestamp, Timestamp), clock: &Clock) {
        let length = Duration::from_secs((until - from).as_nanos() / 1_000_000_000);
        let (from, until) = (from.to_text(clock), until.to_text(clock));
        self.note(format!(
            "asleep from {from} to {until} ({length}): nothing was produced meanwhile, and nothing is made up for it"
        ));
    }

    /// Reserves room in the journal for `events` and for refused rows, so that what is accepted can also be written; see
    /// [`Journal::reserve`].
    ///
    /// # Errors
    /// [`StoreError::Full`] while the disk is full and the user has not made a [`StorageChoice`].
    pub fn reserve(
        &mut self,
        events: usize,
        more_bytes: usize,
        dead_letters: usize,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Durability::Full(reason) = &self.durability {
            return Err(StoreError::Full(reason.clone()));
        }
        match self.writable().map_or(Ok(()), |journal| journal.reserve(events, more_bytes, dead_letters)) {
            Err(error @ StoreError::Full(_)) => {
                self.fail(&error, now);
                Err(error)
            }
            // The write that follows reports any other failure.
            _ => Ok(()),
        }
    }

    /// Writes what happened, so that it survives the end of the program; with `is_durable` also a power loss.
    ///
    /// # Errors
    /// Any [`StoreError`]; [`Self::durability`] has it as well, and the pipeline goes on in memory. [`StoreError::Full`]
    /// also while the disk is full and nothing is written.
    pub fn commit(&mut self, engine: &Engine, is_durable: bool, now: Timestamp) -> Result<(), StoreError> {
        if let Durability::Full(reason) = &self.durability {
            return Err(StoreError::Full(reason.clone()));
        }
        let Some(journal) = self.writable() else { return Ok(()) };
        let written = journal.write(engine).and_then(|()| if is_durable { journal.flush() } else { Ok(()) });
        let is_flushed = journal.is_flushed();
        match &written {
            Ok(()) if is_flushed => self.unflushed_since = None,
            Ok(()) => self.unflushed_since = Some(self.unflushed_since.map_or(now, |since| since.min(now))),
            Err(error) => self.fail(error, now),
        }
        written
    }

    /// Does what is due: a flush, a checkpoint, a retry, the check of a block that was not read yet. Returns when to call
    /// it again, if there is more to do.
    pub fn maintain(&mut self, engine: &Engine, now: Timestamp) -> Option<Timestamp> {
        if let Some(lost_rows) = self.history.verify_next()
            && lost_rows > 0
        {
            self.note(format!("a block was damaged: {lost_rows} rows are lost, the others can be read"));
        }
        let settings = engine.settings();
        match (&self.durability, settings.persist) {
            (Durability::Durable, false) => {
                let _ = self.commit(engine, true, now);
                self.durability = Durability::Off;
            }
            (Durability::Off, true) => self.resume(engine, now),
            _ => {}
        }
        if self.retry_at.is_some_and(|at| at <= now || at - now > RETRY_AFTER) {
            self.resume(engine, now);
        }
        let since = self.unflushed_since.map_or(now, |since| since.min(now));
        if self.durability == Durability::Durable
            && let Some(journal) = &self.journal
        {
            let is_unflushed = journal.is_pending(engine) || !journal.is_flushed();
            let is_flush_due = since + FLUSH_AFTER <= now || journal.pending_bytes() >= FLUSH_BYTES;
            let has_many_events = journal.has_many_events();
            if is_unflushed {
                self.unflushed_since = Some(since);
            }
            if journal.is_checkpoint_due(&self.history, settings.memory_rows) || is_flush_due && has_many_events {
                if !self.checkpoint(engine, now) {
                    self.go_on(engine, now);
                }
            } else if is_unflushed && is_flush_due {
                let _ = self.commit(engine, true, now);
            }
        }
        let flush = self.unflushed_since.map(|since| since + FLUSH_AFTER);
        let verify = self.history.has_unverified().then_some(now);
        [flush, verify, self.retry_at].into_iter().flatten().min()
    }

    /// Writes to the files again, beginning with a checkpoint that has what happened meanwhile.
    pub fn resume(&mut self, engine: &Engine, now: Timestamp) {
        self.retry_at = None;
        if self.journal.is_none() || self.durability == Durability::TakenOver {
            return;
        }
        let before = std::mem::replace(&mut self.durability, Durability::Durable);
        let is_begun = self.checkpoint(engine, now);
        match (is_begun, before) {
            (true, _) => {}
            (false, Durability::Durable) => self.go_on(engine, now),
            // The present journal lacks what happened meanwhile.
            (false, before) => (self.durability, self.retry_at) = (before, Some(now + RETRY_AFTER)),
        }
    }

    /// Applies the user's choice about a full disk.
    pub fn choose(&mut self, choice: StorageChoice, engine: &Engine, now: Timestamp) {
        match choice {
            StorageChoice::Retry => self.resume(engine, now),
            StorageChoice::DropOldest => self.drop_oldest(engine, now),
            StorageChoice::Memory => {
                if let Durability::Full(_) = self.durability {
                    let reason = "the disk was full, and you chose to go on in memory";
                    self.durability = Durability::Memory(reason.to_owned());
                    self.retry_at = None;
                }
            }
        }
    }

    /// Drops the oldest quarter of the rows, and resumes if that made room enough.
    fn drop_oldest(&mut self, engine: &Engine, now: Timestamp) {
        let dropped = self.history.drop_oldest(self.history.len().div_ceil(4));
        self.note(match &self.journal {
            Some(_) => format!("the oldest {dropped} rows were dropped to make room on the disk"),
            None => "nothing was dropped: the files cannot be opened".to_owned(),
        });
        let freed = self.journal.as_mut().map_or(Ok(()), |journal| journal.free_room(&self.history));
        match freed {
            Ok(()) => self.resume(engine, now),
            Err(error) => self.fail(&error, now),
        }
    }

    /// Removes all rows, in the files too, whether or not new events are written; `engine` was reset before.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn clear(&mut self, engine: &Engine, now: Timestamp) -> Result<(), StoreError> {
        self.history.clear();
        self.unflushed_since = None;
        let Some(journal) = &mut self.journal else { return Ok(()) };
        journal.forget_receipts();
        // A full disk has no room for a new journal before the old ones are removed.
        let cleared = journal
            .free_room(&self.history)
            .and_then(|()| journal.checkpoint(CheckpointSource { engine, history: &self.history }))
            .and_then(|()| journal.clear_past());
        match &cleared {
            Ok(()) if engine.settings().persist => self.durability = Durability::Durable,
            Ok(()) => {}
            Err(error) => self.fail(error, now),
        }
        cleared
    }

    /// Writes a checkpoint; returns false when there is no file for it yet: they are opened in the background.
    fn checkpoint(&mut self, engine: &Engine, now: Timestamp) -> bool {
        let Some(journal) = &mut self.journal else { return true };
        match journal.checkpoint(CheckpointSource { engine, history: &self.history }) {
            Ok(()) => self.unflushed_since = None,
            Err(StoreError::NoFile) => return false,
            Err(error) => self.fail(&error, now),
        }
        true
    }

    /// Goes on in the present journal until there is a file for the next one.
    fn go_on(&mut self, engine: &Engine, now: Timestamp) {
        // A failure is in `durability` too.
        let _ = self.commit(engine, true, now);
    }

    fn fail(&mut self, error: &StoreError, now: Timestamp) {
        self.unflushed_since = None;
        self.retry_at = Some(now + RETRY_AFTER);
        self.durability = Durability::after(error);
        if self.durability == Durability::TakenOver {
            self.retry_at = None;
        }
    }

    #[cfg(test)]
    pub(super) fn journal_mut(&mut self) -> Option<&mut Journal> {
        self.journal.as_mut()
    }

    /// The journal, while it is written.
    fn writable(&mut self) -> Option<&mut Journal> {
        if self.durability == Durability::Durable { self.journal.as_mut() } else { None }
    }
}

impl Store for DurableStore {
    fn append(&mut self, rows: &Frame, rolling: &[Vec<f64>]) {
        self.history.append(rows, rolling);
    }

    fn look_back(
        &self,
        from: Timestamp,
        until: Timestamp,
        measures: &Measures,
        visit: &mut dyn FnMut(i64, &Id, &[f64]),
    ) {
        self.history.look_back(from, until, measures, visit);
    }

    fn dropped_rows(&self) -> u64 {
        self.history.dropped_rows()
    }

    fn retain_from(&mut self, oldest: Timestamp) {
        self.history.retain_from(oldest);
    }

    fn queued(&mut self, event: &Event, measures: &Measures, now: Timestamp) {
        if let Some(journal) = self.writable() {
            journal.queued(event, measures, now);
        }
    }

    fn dropped_oldest(&mut self) {
        if let Some(journal) = self.writable() {
            journal.dropped_oldest();
        }
    }

    fn processed(&mut self, batch: &Batch, settings: &Settings) {
        if let Some(journal) = self.writable() {
            journal.processed(batch, settings);
        }
    }
}
