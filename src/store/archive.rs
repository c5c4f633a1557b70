//! Whether and how the history is being kept: the journal while it can be written, and what happens when it cannot.

use std::rc::Rc;

use super::history::History;
use super::journal::{CheckpointSource, Journal};
use super::storage::{Storage, StoreError};
use crate::pipeline::{Batch, Engine, EngineState, Event, Settings};
use crate::time::{Clock, Duration, Timestamp};

/// What was written is flushed at least this often.
const FLUSH_AFTER: Duration = Duration::from_nanos(100_000_000);
/// And once so much waits.
const FLUSH_BYTES: u64 = 1 << 20;
/// How long until it is tried again after a failure.
const RETRY_AFTER: Duration = Duration::from_secs(5);
/// Sentences that are kept for the page.
const MAX_NOTES: usize = 50;

/// Where the history may be kept.
#[derive(Debug, Clone)]
pub enum Disk {
    /// Nowhere; why.
    None(String),
    /// In these files.
    Files(Rc<dyn Storage>),
    /// It is in these files, which nobody may write.
    ReadOnly(Rc<dyn Storage>),
}

/// How safe the history is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Durability {
    /// What is acknowledged is in files.
    Durable,
    /// The setting `persist` is false: what comes in now is not written.
    Off,
    /// It is in memory only; why.
    Memory(String),
    /// The disk is full; what the system says. Nothing is acknowledged until somebody chooses what to do.
    Full(String),
    /// The files cannot be read by this build; why. They stay as they are.
    Refused(String),
    /// Another owner has the files now.
    TakenOver,
}

/// Keeps what happens, as far as it can.
#[derive(Debug)]
pub struct Archive {
    journal: Option<Journal>,
    durability: Durability,
    notes: Vec<String>,
    /// Since when something waits to be flushed.
    waiting_since: Option<Timestamp>,
    /// When to try again after a failure.
    retry_at: Option<Timestamp>,
    /// Rows that were found in the files, and what that took.
    recovered_rows: usize,
}

impl Archive {
    /// No files: why.
    pub fn in_memory(reason: impl Into<String>) -> Self {
        Self {
            journal: None,
            durability: Durability::Memory(reason.into()),
            notes: Vec::new(),
            waiting_since: None,
            retry_at: None,
            recovered_rows: 0,
        }
    }

    /// Opens the files: fills `history` and gives what an engine goes on from. `history_rows` and `memory_rows` are taken
    /// from there unless `are_named` says that somebody asked for others. What cannot be opened stays as it is, and is
    /// told by [`Self::durability`].
    pub fn open(
        disk: Disk,
        settings: &mut Settings,
        are_named: [bool; 2],
        history: &mut History,
    ) -> (Self, EngineState) {
        let (storage, takes_over) = match disk {
            Disk::None(reason) => return (Self::in_memory(reason), EngineState::default()),
            Disk::Files(storage) => (storage, true),
            Disk::ReadOnly(storage) => (storage, false),
        };
        let found = match Journal::open(storage, takes_over) {
            Ok(found) => found,
            Err(error) => return (Self::from_error(&error), EngineState::default()),
        };
        if let Some((history_rows, memory_rows)) = found.limits {
            settings.history_rows = if are_named[0] { settings.history_rows } else { history_rows.max(1) };
            settings.memory_rows = if are_named[1] { settings.memory_rows } else { memory_rows.max(1) };
        }
        history.set_capacity(settings.history_rows);
        history.set_memory_rows(settings.memory_rows);
        if !takes_over {
            let (state, notes) = found.into_state(history);
            let archive = Self { notes, ..Self::in_memory("the files are only read") };
            return (archive.with_rows(history), state);
        }
        match found.restore(history) {
            Ok((journal, state, notes)) => {
                let durability = if settings.persist { Durability::Durable } else { Durability::Off };
                let archive = Self { journal: Some(journal), durability, notes, ..Self::in_memory("") };
                (archive.with_rows(history), state)
            }
            Err(error) => (Self::from_error(&error), EngineState::default()),
        }
    }

    fn from_error(error: &StoreError) -> Self {
        let durability = match error {
            StoreError::Version { .. } | StoreError::Damaged(_) => Durability::Refused(error.to_string()),
            _ => Durability::Memory(error.to_string()),
        };
        Self { durability, ..Self::in_memory("") }
    }

    fn with_rows(mut self, history: &History) -> Self {
        self.recovered_rows = history.len();
        self
    }

    /// How safe the history is.
    pub fn durability(&self) -> &Durability {
        &self.durability
    }

    /// What was remarkable, oldest first.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Rows that were found in the files.
    pub fn recovered_rows(&self) -> usize {
        self.recovered_rows
    }

    /// Bytes of the files.
    pub fn disk_bytes(&self) -> u64 {
        self.journal.as_ref().map_or(0, Journal::disk_bytes)
    }

    /// Adds something remarkable.
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

    /// Takes room before events are taken in, so that what is accepted can also be kept.
    ///
    /// # Errors
    /// [`StoreError::Full`] while the disk is full and nobody has chosen what to do.
    pub fn reserve(
        &mut self,
        events: usize,
        id_bytes: usize,
        dead_letters: usize,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Durability::Full(reason) = &self.durability {
            return Err(StoreError::Full(reason.clone()));
        }
        match self.writable().map_or(Ok(()), |journal| journal.reserve(events, id_bytes, dead_letters)) {
            Err(error @ StoreError::Full(_)) => {
                self.fail(&error, now);
                Err(error)
            }
            // Any other failure is told by the write that follows.
            _ => Ok(()),
        }
    }

    /// See [`Journal::queued`].
    pub fn queued(&mut self, event: &Event, now: Timestamp) {
        if let Some(journal) = self.writable() {
            journal.queued(event, now);
        }
    }

    /// See [`Journal::dropped_oldest`].
    pub fn dropped_oldest(&mut self) {
        if let Some(journal) = self.writable() {
            journal.dropped_oldest();
        }
    }

    /// See [`Journal::processed`].
    pub fn processed(&mut self, batch: &Batch, settings: &Settings) {
        if let Some(journal) = self.writable() {
            journal.processed(batch, settings);
        }
    }

    /// Writes what happened, so that a killed program leaves it; with `is_durable` from a power loss too.
    ///
    /// # Errors
    /// What went wrong; [`Self::durability`] tells it as well, and the pipeline goes on in memory.
    pub fn commit(
        &mut self,
        standing: CheckpointSource<'_>,
        is_durable: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(journal) = self.writable() else { return Ok(()) };
        let written = journal.write(standing.engine).and_then(|()| if is_durable { journal.flush() } else { Ok(()) });
        let is_flushed = journal.is_flushed();
        match &written {
            Ok(()) if is_flushed => self.waiting_since = None,
            Ok(()) => self.waiting_since = Some(self.waiting_since.map_or(now, |since| since.min(now))),
            Err(error) => self.fail(error, now),
        }
        written
    }

    /// Does what is due: a flush, a checkpoint, another try, a look into blocks that nobody has read yet; when to call it
    /// again, if there is more to do by itself.
    pub fn maintain(&mut self, engine: &Engine, history: &mut History, now: Timestamp) -> Option<Timestamp> {
        if let Some(lost_rows) = history.verify_next()
            && lost_rows > 0
        {
            self.note(format!("a block was damaged: {lost_rows} rows are lost, the others can be read"));
        }
        let settings = engine.settings();
        match (&self.durability, settings.persist) {
            (Durability::Durable, false) => {
                let _ = self.commit(CheckpointSource { engine, history }, true, now);
                self.durability = Durability::Off;
            }
            (Durability::Off, true) => self.resume(CheckpointSource { engine, history }, now),
            _ => {}
        }
        if self.retry_at.is_some_and(|at| at <= now || at - now > RETRY_AFTER) {
            self.resume(CheckpointSource { engine, history }, now);
        }
        let standing = CheckpointSource { engine, history };
        let since = self.waiting_since.map_or(now, |since| since.min(now));
        if let Some(journal) = self.writable() {
            if journal.is_checkpoint_due(history, settings.memory_rows) {
                self.checkpoint(standing, now);
            } else if journal.is_pending(engine) || !journal.is_flushed() {
                let is_due = since + FLUSH_AFTER <= now || journal.pending_bytes() >= FLUSH_BYTES;
                self.waiting_since = Some(since);
                if is_due {
                    let _ = self.commit(standing, true, now);
                }
            }
        }
        let flush = self.waiting_since.map(|since| since + FLUSH_AFTER);
        let look = history.has_unverified().then_some(now);
        [flush, look, self.retry_at].into_iter().flatten().min()
    }

    /// Tries to keep everything again: what came in meanwhile is written, too.
    pub fn resume(&mut self, standing: CheckpointSource<'_>, now: Timestamp) {
        self.retry_at = None;
        if self.journal.is_some() && self.durability != Durability::TakenOver {
            self.durability = Durability::Durable;
            self.checkpoint(standing, now);
        }
    }

    /// Lets the pipeline go on in memory, for good: until [`Self::resume`].
    pub fn give_up(&mut self) {
        if let Durability::Full(_) = self.durability {
            self.durability = Durability::Memory("the disk was full, and you chose to go on in memory".to_owned());
            self.retry_at = None;
        }
    }

    /// Lets go of the oldest quarter of the rows to make room, and goes on keeping if there is enough.
    pub fn drop_oldest(&mut self, engine: &Engine, history: &mut History, now: Timestamp) {
        let dropped = history.drop_oldest(history.len().div_ceil(4));
        self.note(format!("the oldest {dropped} rows were dropped to make room on the disk"));
        let freed = self.journal.as_mut().map_or(Ok(()), |journal| journal.free_room(history));
        match freed {
            Ok(()) => self.resume(CheckpointSource { engine, history }, now),
            Err(error) => self.fail(&error, now),
        }
    }

    /// Forgets on disk what `standing` has forgotten, also while nothing new is written.
    ///
    /// # Errors
    /// What went wrong.
    pub fn forget(&mut self, standing: CheckpointSource<'_>, now: Timestamp) -> Result<(), StoreError> {
        self.waiting_since = None;
        let Some(journal) = &mut self.journal else { return Ok(()) };
        // On a full disk there is no room for a new beginning before the old one is gone.
        let cleared = journal.free_room(standing.history).and_then(|()| journal.checkpoint(standing));
        let cleared = cleared.and_then(|_| journal.forget_past());
        match &cleared {
            Ok(()) if standing.engine.settings().persist => self.durability = Durability::Durable,
            Ok(()) => {}
            Err(error) => self.fail(error, now),
        }
        cleared
    }

    fn checkpoint(&mut self, standing: CheckpointSource<'_>, now: Timestamp) {
        let Some(journal) = &mut self.journal else { return };
        match journal.checkpoint(standing) {
            Ok(true) => self.waiting_since = None,
            // Files are opened in the background; until there is one the journal goes on, if there is one.
            Ok(false) => {
                let _ = self.commit(standing, true, now);
            }
            Err(error) => self.fail(&error, now),
        }
    }

    fn fail(&mut self, error: &StoreError, now: Timestamp) {
        self.waiting_since = None;
        self.retry_at = Some(now + RETRY_AFTER);
        self.durability = match error {
            StoreError::Full(reason) => Durability::Full(reason.clone()),
            StoreError::TakenOver => {
                self.retry_at = None;
                Durability::TakenOver
            }
            _ => Durability::Memory(error.to_string()),
        };
    }

    #[cfg(test)]
    pub(super) fn log_mut(&mut self) -> Option<&mut Journal> {
        self.journal.as_mut()
    }

    /// The journal, if what happens is to be written.
    fn writable(&mut self) -> Option<&mut Journal> {
        if self.durability == Durability::Durable { self.journal.as_mut() } else { None }
    }
}
