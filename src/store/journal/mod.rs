//! Durability of the pipeline: a journal of every change, and data files with blocks of rows. `docs/journal-format.md`
//! has the byte layout. Read [`Journal`] first, then `recovery`.
//!
//! ```text
//!   fence      owner 3                                 the owner with the highest number owns the files
//!   journal 6  checkpoint | group | group | …          kept for stream clients that reconnect, and in case the newer
//!   journal 7  checkpoint | group | group | …░░░░      checkpoint is damaged; ░ is space allocated in advance
//!   data 3     block | block | block | …               rows in order of time, as columns
//!   data 4     block | …
//! ```
//!
//! - A **group** holds the changes between two writes: events that entered the queue, batches and drops that left it,
//!   refused rows, receipts, cursors. It is one record, so recovery finds all of it or none: an idempotency key is known
//!   exactly when the events are there that came with it, and a source goes on exactly behind the events that it brought.
//! - A **checkpoint** holds the whole state except the rows; it lists their blocks with time ranges: it is the index.
//!   It begins a new journal once the old one is long, after the blocks that are only in memory were written.
//! - After [`Journal::write`] a group survives the end of the program or browser, after [`Journal::flush`] also a power
//!   loss. The response to a `POST` waits for both.
//! - Each owner writes its own number to the fence and begins its own journal; it reads the fence before and after each
//!   write. An owner that was frozen and replaced detects that before it acknowledges anything.
//!
//! Recovery ([`Journal::open`]) reads the newest valid checkpoint and replays the groups after it. A torn tail is
//! ignored; a damaged record is skipped and noted, and the others are applied. It writes nothing but the fence, and needs
//! not even that to read: on a full disk the rows are there, and what is missing is written later.

mod checkpoint;
mod data_file;
mod fence;
mod format;
mod record;
mod recovery;
mod versions;

use std::rc::Rc;

pub(super) use checkpoint::CheckpointSource;
pub(super) use data_file::DataFile;
use fence::Fence;
pub use format::FORMAT_VERSION;
use format::{
    Group, Left, Metadata, WireBatch, WireCounters, WireEvents, WireLimits, WireMeasures, append_value, place_of,
};
use record::record_at;
pub(super) use recovery::Recovered;

use super::history::History;
use super::storage::{FileId, Storage, StoreError};
use crate::frame::Frame;
use crate::frame::ops::Agg;
use crate::pipeline::{Batch, Engine, Event, MAX_DEAD_LETTERS, Measures, Settings, measures_of, rolling_name};
use crate::time::{Duration, Timestamp};

/// A checkpoint is due when the journal has this length.
const JOURNAL_BYTES: u64 = 8 << 20;
/// A new data file is begun when the last has this length: short enough that retention frees space soon.
const DATA_FILE_BYTES: u64 = 16 << 20;
/// Space is allocated in steps of this size, so that most writes change no file's length.
const ROOM_BYTES: u64 = 1 << 20;
/// So many events are written as rows of blocks at once, by a checkpoint: as a group they would be written twice.
const MANY_EVENTS: usize = 65_536;
/// Older journals kept for stream clients that reconnect.
const MAX_OLDER_JOURNALS: usize = 8;
/// The usual size of an event in a group without its values: time and UUID.
const EVENT_BYTES: u64 = 32;
/// The size of a value and of its rolling aggregate.
const VALUE_BYTES: u64 = 16;
/// The largest size of an event without its id and with one value, when it is a batch by itself.
const MAX_EVENT_BYTES: u64 = 96;
/// The size of a group without its events and dead letters, with a receipt that lists no refused rows.
const GROUP_BYTES: u64 = 2048;
/// The size of a dead letter, and of its line in a receipt.
const MAX_DEAD_LETTER_BYTES: u64 = 1536;

/// The files of one pipeline, open for writing.
#[derive(Debug)]
pub struct Journal {
    storage: Rc<dyn Storage>,
    fence: Fence,
    journal: Option<JournalFile>,
    next_journal: u64,
    /// Earlier journals, oldest first.
    older: Vec<JournalFile>,
    /// How many of the newest of `older` the present state was read from; 0 from this owner's first checkpoint on.
    found: usize,
    /// Files whose content must not be read again: left unfinished, by a crash or by a write that failed.
    debris: Vec<FileId>,
    /// Data files; new blocks are appended to the last.
    data: Vec<Rc<DataFile>>,
    next_data: u64,
    /// Data files written since their last flush.
    unflushed: Vec<Rc<DataFile>>,
    /// The data files that the newest and the second newest checkpoint list.
    named: [Vec<Named>; 2],
    /// The changes since the last write.
    group: Group,
    /// The number of events of the group before.
    usual_events: usize,
    /// `next`: the number of the next event that enters the queue; `waiting_from`: that of the oldest one in it.
    next: u64,
    waiting_from: u64,
    /// The number of refused rows already written.
    dead_letters: u64,
    /// The number of receipts already written, and of those that were flushed too.
    receipts: u64,
    flushed_receipts: u64,
    /// The number of moves of cursors already written, and of those that were flushed too.
    cursors: u64,
    flushed_cursors: u64,
    /// The number of the last batch that was flushed.
    flushed_batch: u64,
    limits: WireLimits,
    is_flushed: bool,
    sizes: Sizes,
}

/// File lengths at which new files are begun, the step of allocation, and how many events are many.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    journal_bytes: u64,
    data_file_bytes: u64,
    room_bytes: u64,
    many_events: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            journal_bytes: JOURNAL_BYTES,
            data_file_bytes: DATA_FILE_BYTES,
            room_bytes: ROOM_BYTES,
            many_events: MANY_EVENTS,
        }
    }
}

/// A data file as a checkpoint lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Named {
    number: u64,
    /// The time of the newest row that it has there, in nanoseconds since the epoch.
    last_time: i64,
}

/// A journal: a checkpoint and the groups after it.
#[derive(Debug, Clone)]
struct JournalFile {
    file: FileId,
    /// The offset of the first group.
    checkpoint_end: u64,
    /// The offset of the next record.
    tail: u64,
    /// The length of the file, with the space allocated in advance.
    reserved: u64,
    /// The longest that it had to be.
    needed: u64,
    /// The number of the last batch when the journal was last written.
    last_batch: u64,
}

impl JournalFile {
    /// Frees the space allocated in advance.
    fn give_back_room(&mut self, storage: &dyn Storage) -> Result<(), StoreError> {
        storage.set_len(self.file, self.tail)?;
        self.reserved = self.tail;
        Ok(())
    }
}

impl Journal {
    /// Records that an event with these measures entered the queue.
    pub fn queued(&mut self, event: &Event, measures: &Measures, now: Timestamp) {
        if self.group.events.is_empty() {
            self.group.first = self.next;
        }
        self.group.push(event, measures, self.usual_events);
        self.group.arrived = now.as_nanos();
        self.next += 1;
    }

    /// Records that the oldest event in the queue was dropped.
    pub fn dropped_oldest(&mut self) {
        self.waiting_from += 1;
        match self.group.left.last_mut() {
            Some(Left::Dropped { until }) => *until = self.waiting_from,
            _ => self.group.left.push(Left::Dropped { until: self.waiting_from }),
        }
    }

    /// Records that the oldest events in the queue became a batch.
    pub fn processed(&mut self, batch: &Batch, settings: &Settings) {
        self.waiting_from += batch.latest.len() as u64;
        let batch = wire_batch(batch, settings.agg, &mut self.group.measures);
        self.group.left.push(Left::Batch { until: self.waiting_from, batch });
    }

    /// Whether there are changes that are not written.
    pub fn is_pending(&self, engine: &Engine) -> bool {
        !self.group.events.is_empty()
            || !self.group.left.is_empty()
            || self.dead_letters != engine.dead_letters().total()
            || self.receipts != engine.receipts().total()
            || self.cursors != engine.cursors().moves()
    }

    /// The number of the last batch that is in the files.
    pub fn last_batch(&self) -> u64 {
        self.journal.as_ref().or(self.older.last()).map_or(0, |journal| journal.last_batch)
    }

    /// Whether everything written to the journal is flushed.
    pub fn is_flushed(&self) -> bool {
        self.is_flushed
    }

    /// The approximate size of the changes that are not written, in bytes.
    pub fn pending_bytes(&self) -> u64 {
        let bytes = |run: &WireEvents| run.len() as u64 * EVENT_BYTES + run.values.len() as u64 * VALUE_BYTES;
        self.group.events.iter().map(bytes).sum()
    }

    /// Allocates space for `events` events and for `dead_letters` refused rows, before they are accepted. `more_bytes` has
    /// the bytes of the ids, those of the names of the measures, and 16 for each value beyond the first of an event.
    ///
    /// # Errors
    /// [`StoreError::Full`]; nothing has changed then.
    pub fn reserve(&mut self, events: usize, more_bytes: usize, dead_letters: usize) -> Result<(), StoreError> {
        let events = (events + self.group.event_count()) as u64 * MAX_EVENT_BYTES;
        self.take_room(
            events
                + more_bytes as u64
                + dead_letters.min(MAX_DEAD_LETTERS) as u64 * MAX_DEAD_LETTER_BYTES
                + GROUP_BYTES,
        )
    }

    /// Writes the changes as one group, which survives the end of the program or browser.
    ///
    /// # Errors
    /// Any [`StoreError`]. After a failed write of the record the changes are still pending.
    pub fn write(&mut self, engine: &Engine) -> Result<(), StoreError> {
        let limits = limits(engine);
        if !self.is_pending(engine) && limits == self.limits {
            return Ok(());
        }
        self.own()?;
        self.remove_debris()?;
        let dead_letters = engine.dead_letters();
        let new_letters = (dead_letters.total() - self.dead_letters.min(dead_letters.total())) as usize;
        let pending_bytes = self.pending_bytes();
        let mut group = std::mem::take(&mut self.group);
        group.dead_letters = dead_letters.newest_first().take(new_letters).map(Into::into).collect();
        group.dead_letters.reverse();
        let receipts = engine.receipts();
        let new_receipts = (receipts.total() - self.receipts.min(receipts.total())) as usize;
        group.receipts = receipts.newest_first().take(new_receipts).map(Into::into).collect();
        group.receipts.reverse();
        let cursors = engine.cursors();
        group.cursors = cursors.moved_since(self.cursors).map(Into::into).collect();
        group.cursors.reverse();
        group.metadata = metadata(engine);
        let mut record = Vec::with_capacity(pending_bytes as usize + 256);
        append_value(&mut record, &group);
        let written = self.append(&record);
        if written.is_err() {
            // The changes stay pending: the next write or checkpoint includes them.
            self.group = group;
            return written;
        }
        self.usual_events = group.event_count();
        (self.dead_letters, self.receipts, self.limits) = (dead_letters.total(), receipts.total(), limits);
        self.cursors = cursors.moves();
        if let Some(journal) = &mut self.journal {
            journal.last_batch = engine.counters().batches;
        }
        // Checked again: an owner that took over in between may not have read this record.
        self.own()
    }

    /// Flushes the journal; what was written survives a power loss afterwards.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn flush(&mut self) -> Result<(), StoreError> {
        if !self.is_flushed
            && let Some(journal) = &self.journal
        {
            self.storage.flush(journal.file)?;
            self.is_flushed = true;
        }
        (self.flushed_receipts, self.flushed_cursors) = (self.receipts, self.cursors);
        self.flushed_batch = self.last_batch();
        Ok(())
    }

    /// The number of receipts that survive a power loss; those of `engine` are counted alike.
    pub fn flushed_receipts(&self) -> u64 {
        self.flushed_receipts
    }

    /// The number of moves of cursors that survive a power loss; those of `engine` are counted alike.
    pub fn flushed_cursors(&self) -> u64 {
        self.flushed_cursors
    }

    /// The number of the last batch that survives a power loss.
    pub fn flushed_batch(&self) -> u64 {
        self.flushed_batch
    }

    /// Makes [`flushed_receipts`](Self::flushed_receipts) 0, since the engine begins to count anew; cursors too.
    pub fn forget_receipts(&mut self) {
        (self.receipts, self.flushed_receipts) = (0, 0);
        (self.cursors, self.flushed_cursors, self.flushed_batch) = (0, 0, 0);
    }

    /// Whether the changes that are not written are many events: a checkpoint flushes them then with less than a group.
    pub fn has_many_events(&self) -> bool {
        self.group.event_count() >= self.sizes.many_events
    }

    /// Removes everything from before the newest checkpoint; recovery has no older one to fall back to then.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn clear_past(&mut self) -> Result<(), StoreError> {
        while !self.older.is_empty() {
            self.remove_oldest()?;
        }
        self.named[1].clear();
        self.remove_unneeded(u64::MAX)
    }

    /// Frees the space allocated in advance, the older journals, and the data files without rows that `history` keeps,
    /// even if a checkpoint lists them: on a full disk this is the only way to make space for the next checkpoint. Until
    /// that stands, a crash goes on from the newest one: files where that has rows which are kept stay, also if they are
    /// elsewhere by now. So do journals that `history` was read from.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn free_room(&mut self, history: &History) -> Result<(), StoreError> {
        self.own()?;
        self.remove_debris()?;
        if let Some(journal) = self.journal.as_mut().or(self.older.last_mut()) {
            journal.give_back_room(&*self.storage)?;
        }
        let oldest = history.span().map(|(oldest, _)| oldest.as_nanos());
        self.named[0].retain(|file| oldest.is_some_and(|oldest| file.last_time >= oldest));
        self.named[1].clear();
        while self.older.len() > self.found {
            self.remove_oldest()?;
        }
        self.remove_unneeded(u64::MAX)
    }

    /// The bytes of all files together.
    pub fn disk_bytes(&self) -> u64 {
        let journals = self.journal.iter().chain(&self.older).map(|journal| self.storage.len(journal.file));
        journals.chain(self.data.iter().map(|file| file.len())).sum()
    }

    fn append(&mut self, record: &[u8]) -> Result<(), StoreError> {
        self.take_room(record.len() as u64)?;
        // Only before the first checkpoint.
        let Some(journal) = &mut self.journal else { return Err(StoreError::NoFile) };
        self.storage.write(journal.file, journal.tail, record)?;
        journal.tail += record.len() as u64;
        self.is_flushed = false;
        Ok(())
    }

    fn take_room(&mut self, bytes: u64) -> Result<(), StoreError> {
        let Some(journal) = &mut self.journal else { return Ok(()) };
        let needed = journal.tail + bytes;
        journal.needed = journal.needed.max(needed);
        if needed > journal.reserved {
            // Half as much again, and as much as the journal before needed: where much is written at once, lengths change
            // seldom too.
            let usual = self.older.last().map_or(0, |before| before.needed.saturating_sub(before.checkpoint_end));
            let wanted = (needed + bytes / 2).max(journal.checkpoint_end + usual);
            let mut reserved = wanted.next_multiple_of(self.sizes.room_bytes);
            if let Err(error) = self.storage.set_len(journal.file, reserved) {
                reserved = needed.next_multiple_of(self.sizes.room_bytes);
                match error {
                    StoreError::Full(_) if reserved < wanted => self.storage.set_len(journal.file, reserved)?,
                    error => return Err(error),
                }
            }
            journal.reserved = reserved;
        }
        Ok(())
    }

    /// Fails if another owner took over: it writes a higher number to the fence before it reads any journal. Where this
    /// owner's own number could not be written before, it is written now.
    fn own(&mut self) -> Result<(), StoreError> {
        if self.fence.is_taken() {
            return self.fence.check(&*self.storage);
        }
        self.fence.take(&*self.storage)?;
        // An earlier owner that woke after the journals were read went on in the newest one, in the space that it has
        // there: there was no more.
        let Some(newest) = self.older.last() else { return Ok(()) };
        let mut rest = vec![0; newest.reserved.saturating_sub(newest.tail) as usize];
        let read = self.storage.read(newest.file, newest.tail, &mut rest)?;
        if record_at(&rest[..read], 0).is_some() { Err(StoreError::TakenOver) } else { Ok(()) }
    }

    /// Empties a file of which a write has failed. It may hold a whole checkpoint or header: until it is empty, nothing
    /// else is written that recovery would apply before it.
    fn discard(&mut self, file: FileId) {
        if self.storage.remove(file).is_err() {
            self.debris.push(file);
        }
    }

    fn remove_debris(&mut self) -> Result<(), StoreError> {
        while let Some(file) = self.debris.last() {
            self.storage.remove(*file)?;
            self.debris.pop();
        }
        Ok(())
    }

    /// Removes the oldest journal, and no later one before that: recovery finds no gap between their batches.
    fn remove_oldest(&mut self) -> Result<(), StoreError> {
        if let Some(oldest) = self.older.first() {
            self.storage.remove(oldest.file)?;
            self.older.remove(0);
        }
        Ok(())
    }

    /// Removes journals and data files that neither the two newest checkpoints nor a reader needs.
    fn remove_unneeded(&mut self, first_recent_batch: u64) -> Result<(), StoreError> {
        while let Some(oldest) = self.older.first()
            && self.older.len() > self.found.max(1)
            && (oldest.last_batch < first_recent_batch || self.older.len() > MAX_OLDER_JOURNALS)
        {
            self.remove_oldest()?;
        }
        let last = self.data.last().map_or(0, |file| file.number());
        let is_needed = |file: &Rc<DataFile>| {
            let number = file.number();
            number == last
                || self.named.iter().flatten().any(|file| file.number == number)
                || Rc::strong_count(file) > 1
        };
        let (needed, unneeded) = self.data.drain(..).partition(is_needed);
        self.data = needed;
        for file in unneeded {
            let file: Rc<DataFile> = file;
            self.storage.remove(file.id())?;
        }
        Ok(())
    }
}

fn metadata(engine: &Engine) -> Metadata {
    Metadata {
        counters: WireCounters::new(engine.counters(), engine.dead_letters().total()),
        newest: engine.newest().map(Timestamp::as_nanos),
        source: engine.source_position(),
        limits: limits(engine),
        transcript: Some(engine.transcript().into()),
    }
}

fn limits(engine: &Engine) -> WireLimits {
    let settings = engine.settings();
    WireLimits {
        history_rows: settings.history_rows as u64,
        memory_rows: settings.memory_rows as u64,
        history_age: settings.history_age.map(Duration::as_nanos),
    }
}

/// The aggregate of a batch's windows: the columns' names identify it, even if the settings have changed since.
fn agg_of_names(latest: &Frame) -> Agg {
    let mut measures = measures_of(latest);
    let rolling = latest.columns().get(2 + measures.len());
    let first = measures.next().zip(rolling);
    first
        .and_then(|(measure, (name, _))| Agg::ROLLING.iter().copied().find(|agg| rolling_name(measure, *agg) == *name))
        .unwrap_or(Agg::Mean)
}

/// A batch without its rows; its measures are added to the list of the record.
fn wire_batch(batch: &Batch, agg: Agg, measures: &mut Vec<WireMeasures>) -> WireBatch {
    let latest = &batch.latest;
    let names = measures_of(latest);
    let count = names.len();
    let place = place_of(measures, names);
    let mut wire = WireBatch::new(batch.number, batch.processed_at, agg, batch.aggfunc, place);
    wire.rolling.reserve_exact(count * latest.len());
    let rolling = latest.columns().iter().skip(2 + count);
    for column in rolling.filter_map(|(_, column)| column.as_float()) {
        wire.rolling.extend_from_slice(column);
    }
    wire
}

#[cfg(test)]
mod tests;
