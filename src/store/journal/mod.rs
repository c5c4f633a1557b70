//! What makes the history outlive the program: a journal of all that happens, and files of sealed blocks.
//!
//! ```text
//!   fence      owner 3: whoever wrote the highest number owns the files
//!   journal 6  checkpoint | group | group | …          kept: for readers of the stream who were away, and in case the
//!   journal 7  checkpoint | group | group | …░░░░      newer checkpoint is damaged; ░ is room taken in advance
//!   data 3     block | block | block | …               rows in order of time, column by column
//!   data 4     block | …
//! ```
//!
//! - A **group** holds what happened between two writes: events that entered the queue, batches and drops that left it,
//!   refused rows. It is one record, so it is there as a whole or not at all.
//! - A **checkpoint** holds all that is needed to go on but the rows, whose blocks it names with their time ranges: it is
//!   the index. It begins a new journal once the old one is long, after the blocks that are only in memory were written.
//! - [`Journal::write`] puts a group where a killed program or browser leaves it; [`Journal::flush`] makes it safe from a power
//!   loss. An answer to a `POST` waits for both.
//! - Each owner writes a number of its own to the fence and begins a journal of its own; after each write it looks whether the fence
//!   still shows it. One that was frozen and taken for dead finds out before it acknowledges anything.
//!
//! Recovery ([`Journal::open`]) takes the newest checkpoint that can be read and replays the groups behind it. A torn tail is
//! cut, a damaged record is skipped and told; what was built on it is as whole as the other records allow.

mod data_file;
mod format;
mod record;
mod recovery;

use std::rc::Rc;

pub(super) use data_file::DataFile;
pub use format::FORMAT_VERSION;
use format::{
    Checkpoint, Group, HEADER_BYTES, Kind, Left, Metadata, WireBatch, WireCounters, WirePlace, append_block,
    append_value, events_of, header, read_header,
};
pub(super) use recovery::Recovered;

use super::block::{Block, Stored};
use super::history::History;
use super::storage::{FileId, Storage, StoreError};
use crate::frame::ops::Agg;
use crate::pipeline::{Batch, Engine, Event, MAX_DEAD_LETTERS, Settings, rolling_name};
use crate::time::Timestamp;

/// A journal of this length is followed by a new one.
const JOURNAL_BYTES: u64 = 8 << 20;
/// A file of blocks of this length is followed by a new one: short enough that retention frees room soon.
const DATA_FILE_BYTES: u64 = 8 << 20;
/// Room is taken in steps of this size, so that most writes change no file's length.
const ROOM_BYTES: u64 = 1 << 20;
/// Journals kept for those who follow the stream and were away.
const MAX_OLDER_JOURNALS: usize = 8;
/// What an event usually takes in a group: time, UUID, value, rolling aggregate.
const EVENT_BYTES: u64 = 48;
/// What it takes at most besides its id, when it is a batch by itself.
const MAX_EVENT_BYTES: u64 = 96;
/// What a group takes besides.
const GROUP_BYTES: u64 = 1024;
const MAX_LETTER_BYTES: u64 = 1024;

/// The files of one pipeline, open for writing.
#[derive(Debug)]
pub struct Journal {
    storage: Rc<dyn Storage>,
    fence: FileId,
    /// Our number at the fence.
    owner: u64,
    journal: Option<JournalFile>,
    next_journal: u64,
    /// Journals before that one, oldest first.
    older: Vec<JournalFile>,
    /// Files of blocks; new ones go into the last.
    data: Vec<Rc<DataFile>>,
    next_data: u64,
    /// Those that were written since they were flushed.
    unflushed: Vec<Rc<DataFile>>,
    /// Numbers of the files that the newest and the second newest checkpoint name.
    named: [Vec<u64>; 2],
    /// What happened since the last write.
    group: Group,
    /// The number of the next event that enters the queue, and of the one that waits longest.
    next: u64,
    waiting_from: u64,
    /// Refused rows that are written.
    dead_letters: u64,
    limits: (u64, u64),
    is_flushed: bool,
    sizes: Sizes,
}

/// How long files become before others follow them.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    journal_bytes: u64,
    data_file_bytes: u64,
    room_bytes: u64,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { journal_bytes: JOURNAL_BYTES, data_file_bytes: DATA_FILE_BYTES, room_bytes: ROOM_BYTES }
    }
}

/// A file with a checkpoint and what followed.
#[derive(Debug, Clone)]
struct JournalFile {
    file: FileId,
    /// Where the next record goes.
    tail: u64,
    /// The file's length.
    reserved: u64,
    /// The last batch that it tells of.
    last_batch: u64,
}

/// What the log writes down besides events and batches.
#[derive(Debug, Clone, Copy)]
pub struct CheckpointSource<'a> {
    /// Counters, queue, refused rows, newest batch.
    pub engine: &'a Engine,
    /// The rows.
    pub history: &'a History,
}

impl Journal {
    /// An event entered the queue.
    pub fn queued(&mut self, event: &Event, now: Timestamp) {
        if self.group.events.is_empty() {
            self.group.first = self.next;
        }
        self.group.events.push(event.into());
        self.group.arrived = now.as_nanos();
        self.next += 1;
    }

    /// The event that waited longest was dropped.
    pub fn dropped_oldest(&mut self) {
        self.waiting_from += 1;
        match self.group.left.last_mut() {
            Some(Left::Dropped { until }) => *until = self.waiting_from,
            _ => self.group.left.push(Left::Dropped { until: self.waiting_from }),
        }
    }

    /// The events that waited longest became a batch.
    pub fn processed(&mut self, batch: &Batch, settings: &Settings) {
        self.waiting_from += batch.tables.latest.len() as u64;
        self.group.left.push(Left::Batch { until: self.waiting_from, batch: wire_batch(batch, settings.aggfunc) });
    }

    /// Whether something waits to be written.
    pub fn is_pending(&self, engine: &Engine) -> bool {
        !self.group.events.is_empty()
            || !self.group.left.is_empty()
            || self.dead_letters != engine.dead_letters().total()
    }

    /// Whether something was written and not flushed.
    pub fn is_flushed(&self) -> bool {
        self.is_flushed
    }

    /// Bytes that wait to be written, roughly.
    pub fn pending_bytes(&self) -> u64 {
        self.group.events.len() as u64 * EVENT_BYTES
    }

    /// Takes room for so many events with ids of so many bytes together, and for so many refused rows, before they are
    /// taken in.
    ///
    /// # Errors
    /// [`StoreError::Full`], and then nothing has changed.
    pub fn reserve(&mut self, events: usize, id_bytes: usize, dead_letters: usize) -> Result<(), StoreError> {
        let events = (events + self.group.events.len()) as u64 * MAX_EVENT_BYTES;
        self.take_room(
            events + id_bytes as u64 + dead_letters.min(MAX_DEAD_LETTERS) as u64 * MAX_LETTER_BYTES + GROUP_BYTES,
        )
    }

    /// Writes what happened; a killed program or browser leaves it there.
    ///
    /// # Errors
    /// Any [`StoreError`]; what was to be written still waits then.
    pub fn write(&mut self, engine: &Engine) -> Result<(), StoreError> {
        let limits = limits(engine);
        if !self.is_pending(engine) && limits == self.limits {
            return Ok(());
        }
        self.check_fence()?;
        let dead_letters = engine.dead_letters();
        let new_letters = (dead_letters.total() - self.dead_letters.min(dead_letters.total())) as usize;
        let mut group = std::mem::take(&mut self.group);
        group.dead_letters = dead_letters.newest_first().take(new_letters).map(Into::into).collect();
        group.dead_letters.reverse();
        group.standing = standing(engine);
        let mut record = Vec::with_capacity(group.events.len() * EVENT_BYTES as usize + 256);
        append_value(&mut record, &group);
        let written = self.append(&record);
        if written.is_err() {
            // Nothing that was told is forgotten: the next write or checkpoint has it.
            self.group = group;
            return written;
        }
        (self.dead_letters, self.limits) = (dead_letters.total(), limits);
        if let Some(journal) = &mut self.journal {
            journal.last_batch = engine.counters().batches;
        }
        // Again: whoever came between may not have seen what was written.
        self.check_fence()
    }

    /// Makes what was written safe from a power loss.
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
        Ok(())
    }

    /// Whether the journal, or what is in memory alone, has become so long that it is time for a checkpoint.
    pub fn is_checkpoint_due(&self, history: &History, memory_rows: usize) -> bool {
        self.journal.as_ref().is_none_or(|journal| journal.tail >= self.sizes.journal_bytes)
            || history.rows_in_memory_alone() > memory_rows.max(2 * super::SEGMENT_ROWS)
    }

    /// Writes the blocks that are in memory alone and begins a new journal; false when there is no empty file for it yet.
    ///
    /// # Errors
    /// Any [`StoreError`]; the journal before goes on then.
    pub fn checkpoint(&mut self, now: CheckpointSource<'_>) -> Result<bool, StoreError> {
        let CheckpointSource { engine, history } = now;
        self.check_fence()?;
        for block in history.blocks().filter(|block| block.is_only_in_memory() && block.len() > 0) {
            if !self.store(block, history)? {
                return Ok(false);
            }
        }
        if !self.compact(history)? {
            return Ok(false);
        }
        let Some(file) = self.storage.create() else { return Ok(false) };
        match self.begin_journal(file, now) {
            Ok(journal) => {
                self.older.extend(self.journal.replace(journal));
            }
            Err(error) => {
                // Half a journal is as none: recovery passes over it, but its room is wanted.
                let _ = self.storage.remove(file);
                return Err(error);
            }
        }
        self.group = Group::default();
        self.next = self.waiting_from + engine.queue().len() as u64;
        self.is_flushed = true;
        self.dead_letters = engine.dead_letters().total();
        self.limits = limits(engine);
        self.named = [named(history), std::mem::take(&mut self.named[0])];
        self.remove_unneeded(engine.recent().first())?;
        Ok(true)
    }

    /// Forgets all that was before the newest checkpoint: there is no way back behind it.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn forget_past(&mut self) -> Result<(), StoreError> {
        for journal in std::mem::take(&mut self.older) {
            self.storage.remove(journal.file)?;
        }
        self.named[1].clear();
        self.remove_unneeded(u64::MAX)
    }

    /// Gives back the room that was taken in advance, and removes what `history` needs no more although an older
    /// checkpoint may name it: on a full disk there is no other way to make room for the next one.
    ///
    /// # Errors
    /// [`StoreError::Io`] and [`StoreError::TakenOver`].
    pub fn free_room(&mut self, history: &History) -> Result<(), StoreError> {
        self.check_fence()?;
        if let Some(journal) = &mut self.journal {
            self.storage.set_len(journal.file, journal.tail)?;
            journal.reserved = journal.tail;
        }
        self.named = [named(history), Vec::new()];
        while !self.older.is_empty() {
            let journal = self.older.remove(0);
            self.storage.remove(journal.file)?;
        }
        self.remove_unneeded(u64::MAX)
    }

    /// Bytes of all files.
    pub fn disk_bytes(&self) -> u64 {
        let journals = self.journal.iter().chain(&self.older).map(|journal| self.storage.len(journal.file));
        journals.chain(self.data.iter().map(|file| file.len())).sum()
    }

    fn append(&mut self, record: &[u8]) -> Result<(), StoreError> {
        self.take_room(record.len() as u64)?;
        let Some(journal) = &mut self.journal else {
            return Err(StoreError::Io("there is no journal yet".to_owned()));
        };
        self.storage.write(journal.file, journal.tail, record)?;
        journal.tail += record.len() as u64;
        self.is_flushed = false;
        Ok(())
    }

    fn take_room(&mut self, bytes: u64) -> Result<(), StoreError> {
        let Some(journal) = &mut self.journal else { return Ok(()) };
        let needed = journal.tail + bytes;
        if needed > journal.reserved {
            let reserved = needed.next_multiple_of(self.sizes.room_bytes);
            self.storage.set_len(journal.file, reserved)?;
            journal.reserved = reserved;
        }
        Ok(())
    }

    /// Whether the files are still ours: whoever takes them over writes a higher number there before reading anything.
    fn check_fence(&self) -> Result<(), StoreError> {
        let mut bytes = [0; HEADER_BYTES];
        self.storage.read(self.fence, 0, &mut bytes)?;
        match read_header(&bytes)? {
            Some((Kind::Fence, owner)) if owner > self.owner => Err(StoreError::TakenOver),
            _ => Ok(()),
        }
    }

    /// Writes a block into the last file of blocks; false when a new one is needed and there is none.
    fn store(&mut self, block: &Block, history: &History) -> Result<bool, StoreError> {
        if self.data.last().is_none_or(|last| last.len() >= self.sizes.data_file_bytes) {
            let Some(id) = self.storage.create() else { return Ok(false) };
            match DataFile::create(&self.storage, id, self.next_data) {
                Ok(file) => self.data.push(Rc::new(file)),
                Err(error) => {
                    let _ = self.storage.remove(id);
                    return Err(error);
                }
            }
            self.next_data += 1;
        }
        let Some(file) = self.data.last() else { return Ok(false) };
        let mut record = Vec::new();
        append_block(&mut record, &block.segment());
        let at = file.append(&record)?;
        if self.unflushed.last().is_none_or(|last| !Rc::ptr_eq(last, file)) {
            self.unflushed.push(Rc::clone(file));
        }
        let stored = Stored { file: Rc::clone(file), at, bytes: record.len() as u32 };
        block.set_stored(stored, history.block_cache());
        Ok(true)
    }

    /// Moves the blocks of one file that is mostly unused into the last one; false as [`Self::store`].
    fn compact(&mut self, history: &History) -> Result<bool, StoreError> {
        let last = self.data.last().map_or(0, |file| file.number());
        let sparse = self.data.iter().filter(|file| file.number() != last).find(|file| {
            let used = stored(history).filter(|(_, stored)| stored.file.number() == file.number());
            let used: u64 = used.map(|(_, stored)| u64::from(stored.bytes)).sum();
            used > 0 && used * 2 < file.len()
        });
        let Some(number) = sparse.map(|file| file.number()) else { return Ok(true) };
        for (block, _) in stored(history).filter(|(_, stored)| stored.file.number() == number) {
            // A damaged block stays where it is, for whoever looks into it next to tell.
            if block.is_readable() && !self.store(block, history)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes the newest blocks and the checkpoint, in this order: no checkpoint may name what is not there.
    fn begin_journal(&mut self, file: FileId, now: CheckpointSource<'_>) -> Result<JournalFile, StoreError> {
        let CheckpointSource { engine, history } = now;
        for file in std::mem::take(&mut self.unflushed) {
            self.storage.flush(file.id())?;
        }
        let checkpoint = Checkpoint {
            standing: standing(engine),
            first: self.waiting_from,
            queue: engine.queue().waiting().map(|(arrived, event)| (arrived.as_nanos(), event.into())).collect(),
            dead_letters: engine
                .dead_letters()
                .newest_first()
                .map(Into::into)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect(),
            latest: engine
                .latest()
                .map(|batch| (wire_batch(batch, engine.recent().aggfunc()), events_of(&batch.tables.latest))),
            files: self.data.iter().map(|file| (file.number(), file.len())).collect(),
            blocks: stored(history)
                .map(|(block, stored)| WirePlace {
                    file: stored.file.number(),
                    at: stored.at,
                    bytes: stored.bytes,
                    rows: block.len() as u32,
                    first_time: block.first_time(),
                    last_time: block.last_time(),
                })
                .collect(),
            trimmed_rows: history.trimmed_rows() as u64,
        };
        let mut bytes = header(Kind::Journal, self.next_journal).to_vec();
        append_value(&mut bytes, &checkpoint);
        self.storage.write(file, 0, &bytes)?;
        self.storage.flush(file)?;
        let tail = bytes.len() as u64;
        self.next_journal += 1;
        Ok(JournalFile { file, tail, reserved: tail, last_batch: engine.counters().batches })
    }

    /// Removes journals and files of blocks that neither the two newest checkpoints nor any reader needs.
    fn remove_unneeded(&mut self, first_recent_batch: u64) -> Result<(), StoreError> {
        while let Some(oldest) = self.older.first()
            && self.older.len() > 1
            && (oldest.last_batch < first_recent_batch || self.older.len() > MAX_OLDER_JOURNALS)
        {
            let oldest = self.older.remove(0);
            self.storage.remove(oldest.file)?;
        }
        let last = self.data.last().map_or(0, |file| file.number());
        let is_needed = |file: &Rc<DataFile>| {
            let number = file.number();
            number == last || self.named.iter().any(|named| named.contains(&number)) || Rc::strong_count(file) > 1
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

/// The blocks that lie in files, with their places.
fn stored(history: &History) -> impl Iterator<Item = (&Rc<Block>, Stored)> {
    history.blocks().filter_map(|block| Some((block, block.stored_at()?)))
}

/// The numbers of the files that hold blocks of the history.
fn named(history: &History) -> Vec<u64> {
    let mut numbers: Vec<u64> = stored(history).map(|(_, stored)| stored.file.number()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn standing(engine: &Engine) -> Metadata {
    Metadata {
        counters: WireCounters::new(engine.counters(), engine.dead_letters().total()),
        newest: engine.newest().map(Timestamp::as_nanos),
        source: engine.source_position(),
        limits: limits(engine),
    }
}

fn limits(engine: &Engine) -> (u64, u64) {
    (engine.settings().history_rows as u64, engine.settings().memory_rows as u64)
}

fn wire_batch(batch: &Batch, aggfunc: Agg) -> WireBatch {
    // Its name tells which aggregate it is, also when the settings have changed since.
    let rolling = batch.tables.latest.columns().last();
    let agg = rolling.and_then(|(name, _)| Agg::ROLLING.iter().find(|agg| rolling_name(**agg) == *name));
    let values = rolling.and_then(|(_, column)| column.as_float());
    let values = values.map_or(&[][..], |values| values);
    WireBatch::new(batch.number, batch.processed_at, agg.copied().unwrap_or(Agg::Mean), aggfunc, values)
}

#[cfg(test)]
mod tests;
