//! Checkpoints: the blocks that are only in memory go to data files, and the state begins a new journal.

use std::cmp::Reverse;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::format::{
    Checkpoint, Group, Kind, WireCursor, WireEvents, WirePlace, WireReceipt, append_block, append_value, events_of,
    header, place_of,
};
use super::{DataFile, Journal, JournalFile, Named, agg_of_names, limits, metadata, wire_batch};
use crate::pipeline::Engine;
use crate::store::SEGMENT_ROWS;
use crate::store::block::{Block, Stored};
use crate::store::history::History;
use crate::store::storage::{FileId, StoreError};

/// The state that a checkpoint is made from.
#[derive(Debug, Clone, Copy)]
pub struct CheckpointSource<'a> {
    /// Has the counters, the queue, the refused rows and the newest batch.
    pub engine: &'a Engine,
    /// Has the rows.
    pub history: &'a History,
}

impl Journal {
    /// Whether a checkpoint is due: there is no journal, or its groups are long, or too many rows are only in memory.
    pub fn is_checkpoint_due(&self, history: &History, memory_rows: usize) -> bool {
        let is_long = |journal: &JournalFile| journal.tail - journal.checkpoint_end >= self.sizes.journal_bytes;
        self.journal.as_ref().is_none_or(is_long) || history.rows_in_memory_alone() > memory_rows.max(2 * SEGMENT_ROWS)
    }

    /// Writes the blocks that are only in memory and begins a new journal.
    ///
    /// # Errors
    /// Any [`StoreError`], [`StoreError::NoFile`] while there is no empty file for it; the current journal stays in use
    /// then.
    pub fn checkpoint(&mut self, now: CheckpointSource<'_>) -> Result<(), StoreError> {
        let CheckpointSource { engine, history } = now;
        self.own()?;
        self.remove_debris()?;
        for block in history.blocks().filter(|block| block.is_only_in_memory() && block.len() > 0) {
            self.store(block, history)?;
        }
        self.compact(history)?;
        let file = self.storage.create()?;
        match self.begin_journal(file, now) {
            Ok(journal) => {
                if let Some(mut older) = self.journal.replace(journal) {
                    // Space that cannot be given back now is there until the file is removed.
                    let _ = older.give_back_room(&*self.storage);
                    self.older.push(older);
                }
                self.found = 0;
            }
            Err(error) => {
                self.discard(file);
                return Err(error);
            }
        }
        self.usual_events = self.group.event_count();
        self.group = Group::default();
        self.next = self.waiting_from + engine.queue().len() as u64;
        self.is_flushed = true;
        self.dead_letters = engine.dead_letters().total();
        self.receipts = engine.receipts().total();
        self.flushed_receipts = self.receipts;
        self.cursors = engine.cursors().moves();
        self.flushed_cursors = self.cursors;
        self.flushed_batch = self.last_batch();
        self.limits = limits(engine);
        self.named = [named(history), std::mem::take(&mut self.named[0])];
        self.remove_unneeded(engine.recent().first())
    }

    /// Appends a block to the last data file, or to a new one if that is long or of an earlier version.
    fn store(&mut self, block: &Block, history: &History) -> Result<(), StoreError> {
        if self.data.last().is_none_or(|last| last.len() >= self.sizes.data_file_bytes || !last.is_current()) {
            let (id, number) = (self.storage.create()?, self.next_data);
            // Also where it fails: what is left of this file must not have the number of the next one.
            self.next_data += 1;
            match DataFile::create(&self.storage, id, number) {
                Ok(file) => self.data.push(Rc::new(file)),
                Err(error) => {
                    self.discard(id);
                    return Err(error);
                }
            }
        }
        let Some(file) = self.data.last() else { return Err(StoreError::NoFile) };
        let mut record = Vec::new();
        append_block(&mut record, &block.segment());
        let at = file.append(&record)?;
        if self.unflushed.last().is_none_or(|last| !Rc::ptr_eq(last, file)) {
            self.unflushed.push(Rc::clone(file));
        }
        let stored = Stored { file: Rc::clone(file), at, bytes: record.len() as u32 };
        block.set_stored(stored, history.block_cache());
        Ok(())
    }

    /// Copies the blocks of one data file that is mostly unused to the last one.
    fn compact(&mut self, history: &History) -> Result<(), StoreError> {
        let last = self.data.last().map_or(0, |file| file.number());
        // One pass over the blocks: a large history has thousands of them, and hundreds of files.
        let mut used: FxHashMap<u64, u64> = FxHashMap::default();
        for (_, stored) in stored(history) {
            *used.entry(stored.file.number()).or_default() += u64::from(stored.bytes);
        }
        let sparse = self.data.iter().filter(|file| file.number() != last).find(|file| {
            let used = used.get(&file.number()).copied().unwrap_or_default();
            used > 0 && used * 2 < file.len()
        });
        let Some(number) = sparse.map(|file| file.number()) else { return Ok(()) };
        for (block, _) in stored(history).filter(|(_, stored)| stored.file.number() == number) {
            // A damaged block stays in its file; the next read of it is noted.
            if block.is_readable() {
                self.store(block, history)?;
            }
        }
        Ok(())
    }

    /// Flushes the data files, then writes the checkpoint: it must not list a block that is not on disk.
    fn begin_journal(&mut self, file: FileId, now: CheckpointSource<'_>) -> Result<JournalFile, StoreError> {
        while let Some(file) = self.unflushed.last() {
            self.storage.flush(file.id())?;
            self.unflushed.pop();
        }
        let mut bytes = header(Kind::Journal, self.next_journal).to_vec();
        // Also where the write fails: what is left of this journal must not have the number of the next one.
        self.next_journal += 1;
        append_value(&mut bytes, &self.state_of(now));
        self.storage.write(file, 0, &bytes)?;
        self.storage.flush(file)?;
        let tail = bytes.len() as u64;
        let last_batch = now.engine.counters().batches;
        Ok(JournalFile { file, checkpoint_end: tail, tail, reserved: tail, needed: tail, last_batch })
    }

    /// The whole state except the rows, as it is written.
    fn state_of(&self, now: CheckpointSource<'_>) -> Checkpoint {
        let CheckpointSource { engine, history } = now;
        let mut receipts: Vec<WireReceipt> = engine.receipts().newest_first().map(Into::into).collect();
        receipts.reverse();
        let mut cursors: Vec<WireCursor> = engine.cursors().newest_first().map(Into::into).collect();
        cursors.reverse();
        let mut measures = Vec::new();
        let queued_measures = engine.queued_measures();
        let mut queue = WireEvents::new(place_of(&mut measures, queued_measures.names()));
        engine.queue().waiting().for_each(|(_, event)| queue.push(event, queued_measures.count()));
        let latest = engine.latest().map(|batch| {
            let agg = agg_of_names(&batch.latest);
            let wire = wire_batch(batch, agg, &mut measures);
            let rows = events_of(&batch.latest, wire.measures);
            (wire, rows)
        });
        Checkpoint {
            metadata: metadata(engine),
            measures,
            receipts,
            cursors,
            first: self.waiting_from,
            arrived: engine.queue().waiting().map(|(arrived, _)| arrived.as_nanos()).collect(),
            queue,
            dead_letters: engine
                .dead_letters()
                .newest_first()
                .map(Into::into)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect(),
            latest,
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
        }
    }
}

/// The blocks that are in files, with their records.
fn stored(history: &History) -> impl Iterator<Item = (&Rc<Block>, Stored)> {
    history.blocks().filter_map(|block| Some((block, block.stored_at()?)))
}

/// The data files that hold blocks of the history.
fn named(history: &History) -> Vec<Named> {
    let files =
        stored(history).map(|(block, stored)| Named { number: stored.file.number(), last_time: block.last_time() });
    let mut files: Vec<Named> = files.collect();
    files.sort_unstable_by_key(|file| (file.number, Reverse(file.last_time)));
    files.dedup_by_key(|file| file.number);
    files
}
