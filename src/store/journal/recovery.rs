//! Recovery: opens the files of an earlier run, whether it ended normally, crashed or lost power.

use std::collections::VecDeque;
use std::rc::Rc;

use super::data_file::{DataFile, DataHeader};
use super::fence::Fence;
use super::format::{
    Checkpoint, Group, HEADER_BYTES, Header, Kind, Left, Metadata, WireBatch, WireLimits, WireMeasures, is_begun,
    is_header_whole, read_header,
};
use super::record::scan;
use super::versions::{read_checkpoint, read_group};
use super::{Journal, JournalFile, Named, Sizes};
use crate::frame::{Frame, StringsBuilder};
use crate::pipeline::{
    BatchState, Cursor, Cursors, DeadLetter, EngineState, Event, MAX_DEAD_LETTERS, Measures, Receipts, Store, Values,
    push_id, rows_frame,
};
use crate::store::block::{Block, Stored};
use crate::store::history::History;
use crate::store::storage::{FileId, Storage, StoreError};
use crate::time::Timestamp;

/// The content of the files as read, before the state is restored from it.
#[derive(Debug)]
pub struct Recovered {
    /// What was damaged or lost, as sentences for the user.
    pub notes: Vec<String>,
    /// The stored limits of the history; `None` without a checkpoint.
    pub(in crate::store) limits: Option<WireLimits>,
    /// Why this owner's number could not be written to the fence. The journal writes it later.
    pub(in crate::store) obstacle: Option<StoreError>,
    storage: Rc<dyn Storage>,
    /// Journals, oldest first.
    journals: Vec<Content>,
    /// The index of the journal with the newest valid checkpoint.
    base: Option<usize>,
    data: Vec<DataHeader>,
    fence: Fence,
    /// Files that a crash left unfinished and empty of records.
    debris: Vec<FileId>,
}

/// A journal as read.
#[derive(Debug)]
struct Content {
    file: FileId,
    number: u64,
    len: u64,
    /// Where groups begin.
    checkpoint_end: u64,
    /// The end of the last whole record.
    tail: u64,
    checkpoint: Option<Checkpoint>,
    groups: Vec<Group>,
}

impl Journal {
    /// Reads the files. With `takes_over` this owner first writes its number to the fence, so that an earlier owner
    /// that is still alive cannot acknowledge any more. Where that fails, as on a full disk, the files are read all the
    /// same, and `Recovered::obstacle` has the reason. Without it nothing is written, and only `Recovered::into_state`
    /// may follow.
    ///
    /// # Errors
    /// [`StoreError::Version`], when nothing was written; [`StoreError::Damaged`], when only the fence was;
    /// [`StoreError::Io`], when they cannot be read.
    pub fn open(storage: Rc<dyn Storage>, takes_over: bool) -> Result<Recovered, StoreError> {
        let mut found = Recovered {
            notes: Vec::new(),
            limits: None,
            obstacle: None,
            storage: Rc::clone(&storage),
            journals: Vec::new(),
            base: None,
            data: Vec::new(),
            fence: Fence::missing(),
            debris: Vec::new(),
        };
        let mut journals = Vec::new();
        for file in storage.files() {
            let mut bytes = [0; HEADER_BYTES];
            let read = storage.read(file, 0, &mut bytes)?;
            let bytes = &bytes[..read];
            let header = read_header(bytes)?;
            let is_kept = header.is_some_and(|header| header.kind != Kind::Fence);
            if is_kept && !is_header_whole(bytes) {
                found.notes.push(format!("file {file} has a damaged header; its copy was read"));
            }
            match header {
                Some(Header { kind: Kind::Journal, number, version }) => journals.push((number, file, version)),
                Some(Header { kind: Kind::Data, number, version }) => {
                    found.data.push(DataHeader { id: file, number, version });
                }
                Some(Header { kind: Kind::Fence, number, .. }) => found.fence = Fence::found(file, number),
                // A file of this format that a crash left unfinished, without records.
                None if is_begun(bytes) && scan(&storage.read_all(file)?, 0).records.is_empty() => {
                    found.debris.push(file)
                }
                None => found.notes.push(format!("file {file} is damaged from its first byte on and was set aside")),
            }
        }
        if takes_over {
            found.obstacle = found.fence.take(&*storage).err();
        }
        // After the fence: an earlier owner that writes after this reads the fence before it acknowledges.
        journals.sort_unstable();
        for (number, file, version) in journals {
            found.read_journal(file, number, version)?;
        }
        found.choose_base()?;
        Ok(found)
    }
}

impl Recovered {
    /// Whether there is no checkpoint to restore.
    pub fn is_empty(&self) -> bool {
        self.base.is_none()
    }

    fn read_journal(&mut self, file: FileId, number: u64, version: u32) -> Result<(), StoreError> {
        let bytes = self.storage.read_all(file)?;
        let found = scan(&bytes, HEADER_BYTES);
        let (mut checkpoint, mut checkpoint_end, mut groups) = (None, HEADER_BYTES as u64, Vec::new());
        for payload in &found.records {
            // The checkpoint is the record right after the header; if that is damaged the journal has none.
            if payload.start == HEADER_BYTES + super::record::HEAD_BYTES {
                checkpoint = read_checkpoint(version, &bytes[payload.clone()]);
                checkpoint_end = payload.end as u64;
            } else if let Some(group) = read_group(version, &bytes[payload.clone()]) {
                groups.push(group);
            } else {
                self.notes.push(format!("a record of journal {number} cannot be read"));
            }
        }
        for place in &found.damaged {
            let (start, bytes) = (place.start, place.len());
            self.notes.push(format!("journal {number} is damaged at byte {start}: {bytes} bytes were passed over"));
        }
        let (len, tail) = (bytes.len() as u64, found.end as u64);
        self.journals.push(Content { file, number, len, checkpoint_end, tail, checkpoint, groups });
        Ok(())
    }

    /// Finds the newest checkpoint that can be read. Newest journals without checkpoint and groups are debris.
    fn choose_base(&mut self) -> Result<(), StoreError> {
        while let Some(last) = self.journals.last()
            && last.checkpoint.is_none()
            && last.groups.is_empty()
        {
            self.debris.push(last.file);
            self.journals.pop();
        }
        self.base = self.journals.iter().rposition(|journal| journal.checkpoint.is_some());
        match self.base {
            None if self.journals.is_empty() && self.data.is_empty() => {}
            None => return Err(StoreError::Damaged("no checkpoint can be read".to_owned())),
            Some(base) => {
                let metadata = &self.journals[base..].iter().rev().find_map(|journal| {
                    journal
                        .groups
                        .last()
                        .map(|group| &group.metadata)
                        .or(journal.checkpoint.as_ref().map(|it| &it.metadata))
                });
                self.limits = metadata.map(|Metadata { limits, .. }| *limits);
            }
        }
        Ok(())
    }

    /// Fills `history`, whose limits are set, and returns the journal, the state for an engine, and the notes. The
    /// journal has no file to write to before the first [`Journal::checkpoint`]. Nothing is written, and blocks are not
    /// read: see [`History::verify_next`].
    pub fn restore(mut self, history: &mut History) -> (Journal, EngineState, Vec<String>) {
        let (state, next, waiting_from) = self.replay(history);
        let mut debris = self.debris;
        let base = self.base.map_or(&[][..], |base| &self.journals[base..]);
        let lens = base.first().and_then(|journal| journal.checkpoint.as_ref()).map_or(&[][..], |it| &it.files);
        let mut data: Vec<Rc<DataFile>> = Vec::new();
        for header in &self.data {
            let number = header.number;
            // Data files with blocks of the history are open already.
            let open =
                history.blocks().filter_map(|block| block.stored_at()).find(|stored| stored.file.number() == number);
            let len = lens.iter().find(|(known, _)| *known == number).map(|(_, len)| *len);
            match (open, len) {
                (Some(stored), _) => data.push(stored.file),
                (None, Some(len)) => data.push(Rc::new(DataFile::open(&self.storage, *header, len))),
                // Begun after the checkpoint, which does not list it.
                (None, None) => debris.push(header.id),
            }
        }
        data.sort_by_key(|file| file.number());
        let places = base.first().and_then(|journal| journal.checkpoint.as_ref()).map_or(&[][..], |it| &it.blocks);
        let last_time = |number| places.iter().filter(|place| place.file == number).map(|place| place.last_time).max();
        let named = |number| Named { number, last_time: last_time(number).unwrap_or(i64::MIN) };
        let named: Vec<Named> = data.iter().map(|file| named(file.number())).collect();
        let journal = |content: &Content| JournalFile {
            file: content.file,
            checkpoint_end: content.checkpoint_end,
            tail: content.tail,
            reserved: content.len,
            needed: content.tail,
            last_batch: content.groups.last().map_or_else(
                || content.checkpoint.as_ref().map_or(0, |it| it.metadata.counters.batches),
                |group| group.metadata.counters.batches,
            ),
        };
        let log = Journal {
            fence: self.fence,
            journal: None,
            next_journal: self.journals.last().map_or(1, |last| last.number + 1),
            older: self.journals.iter().map(journal).collect(),
            found: base.len(),
            debris,
            next_data: self.data.iter().map(|header| header.number + 1).max().unwrap_or(1),
            data,
            unflushed: Vec::new(),
            // Files that the checkpoint lists are kept until there are two newer checkpoints.
            named: [named.clone(), named],
            group: Group::default(),
            usual_events: 0,
            next,
            waiting_from,
            dead_letters: state.rejected,
            receipts: state.receipts.total(),
            flushed_receipts: state.receipts.total(),
            cursors: state.cursors.moves(),
            flushed_cursors: state.cursors.moves(),
            flushed_batch: state.counters.batches,
            limits: WireLimits::default(),
            is_flushed: true,
            sizes: Sizes::default(),
            storage: self.storage,
        };
        (log, state, self.notes)
    }

    /// As [`Self::restore`], without a journal: for files that are only read.
    pub fn into_state(mut self, history: &mut History) -> (EngineState, Vec<String>) {
        let (state, ..) = self.replay(history);
        (state, self.notes)
    }

    /// Applies checkpoints and groups; returns the state, the number of the next event and that of the oldest in the
    /// queue.
    fn replay(&mut self, history: &mut History) -> (EngineState, u64, u64) {
        let mut replay = Replay::default();
        let Some(base) = self.base else { return (EngineState::default(), 0, 0) };
        for (index, journal) in std::mem::take(&mut self.journals).into_iter().enumerate() {
            let mut journal = journal;
            let groups = std::mem::take(&mut journal.groups);
            let last = groups.last().map(|group| group.metadata.clone());
            if let Some(checkpoint) = journal.checkpoint.take() {
                let files = checkpoint.files.clone();
                let metadata = checkpoint.metadata.clone();
                if index == base {
                    self.restore_blocks(&checkpoint, history);
                }
                replay.begin(checkpoint, &mut self.notes);
                // The part that `restore` still reads.
                journal.checkpoint = Some(Checkpoint { files, metadata, ..Checkpoint::default() });
            }
            // From journals before the base only batches are restored: their rows are in the base's blocks.
            let mut rows = (index >= base).then_some(&mut *history);
            for group in groups {
                replay.apply(group, &mut rows, &mut self.notes);
            }
            journal.groups = last.map(|metadata| Group { metadata, ..Group::default() }).into_iter().collect();
            self.journals.push(journal);
        }
        let next = replay.next;
        let waiting_from = replay.waiting.front().map_or(next, |oldest| oldest.number);
        (replay.into_state(), next, waiting_from)
    }

    fn restore_blocks(&mut self, checkpoint: &Checkpoint, history: &mut History) {
        let len = |number: u64| checkpoint.files.iter().find(|(known, _)| *known == number).map_or(0, |(_, len)| *len);
        let files: Vec<Rc<DataFile>> = self
            .data
            .iter()
            .map(|header| Rc::new(DataFile::open(&self.storage, *header, len(header.number))))
            .collect();
        let mut lost_rows = 0;
        let mut blocks = Vec::with_capacity(checkpoint.blocks.len());
        for place in &checkpoint.blocks {
            match files.iter().find(|file| file.number() == place.file) {
                Some(file) if place.rows > 0 => {
                    let stored = Stored { file: Rc::clone(file), at: place.at, bytes: place.bytes };
                    let (rows, block_cache) = (place.rows as usize, history.block_cache());
                    blocks.push(Block::stored(rows, place.first_time, place.last_time, stored, block_cache));
                }
                _ => lost_rows += place.rows,
            }
        }
        if lost_rows > 0 {
            self.notes.push(format!("a file of blocks is missing or damaged: {lost_rows} rows are lost"));
        }
        // Trimmed rows are of the first block, and are lost with it.
        let is_first_kept = checkpoint
            .blocks
            .first()
            .is_some_and(|first| first.rows > 0 && files.iter().any(|file| file.number() == first.file));
        history.restore(blocks, if is_first_kept { checkpoint.trimmed_rows as usize } else { 0 });
    }
}

/// An event in the queue.
struct Waiting {
    number: u64,
    /// In nanoseconds since the epoch.
    arrived: i64,
    event: Event,
    /// The measures of its values.
    measures: Measures,
}

impl Waiting {
    /// Its values of these measures, NaN where it has none.
    fn values(&self, wanted: &Measures) -> Values {
        if self.measures == *wanted {
            return self.event.values.clone();
        }
        let value = |place: Option<usize>| self.event.values.get(place?).copied();
        self.measures.places_of(wanted).into_iter().map(|place| value(place).unwrap_or(f64::NAN)).collect()
    }
}

/// The state while journals are replayed, oldest first.
#[derive(Default)]
struct Replay {
    metadata: Metadata,
    waiting: VecDeque<Waiting>,
    /// The number of the next event.
    next: u64,
    dead_letters: VecDeque<DeadLetter>,
    batches: VecDeque<BatchState>,
    receipts: Receipts,
    cursors: Cursors,
    /// The measures that were met, so that records which have the same share them.
    measures: Vec<Measures>,
}

impl Replay {
    /// Replaces the state by a checkpoint's, except the batches before it.
    fn begin(&mut self, checkpoint: Checkpoint, notes: &mut Vec<String>) {
        let Checkpoint { metadata, measures, first, arrived, queue, dead_letters, latest, receipts, cursors, .. } =
            checkpoint;
        let measures = self.share_measures(&measures, notes);
        self.next = first + queue.len() as u64;
        self.waiting.clear();
        if let Some(measures) = measures.get(queue.measures as usize) {
            let events = arrived.into_iter().zip(queue.into_events(measures.count())).zip(first..);
            self.waiting.extend(events.map(|((arrived, event), number)| Waiting {
                number,
                arrived,
                event,
                measures: measures.clone(),
            }));
        }
        self.dead_letters = dead_letters.into_iter().map(Into::into).collect();
        self.receipts = Receipts::default();
        receipts.into_iter().for_each(|receipt| self.receipts.keep(receipt.into()));
        self.cursors = Cursors::default();
        cursors.into_iter().for_each(|cursor| self.cursors.advance(cursor.into()));
        self.metadata = metadata;
        // A replaced owner may have written later batches to its journal; they were not acknowledged and are dropped.
        let batches = self.metadata.counters.batches;
        self.batches.truncate(self.batches.partition_point(|batch| batch.number < batches));
        if let Some((batch, rows)) = latest
            && let Some(measures) = measures.get(batch.measures as usize)
        {
            let rows = rows.into_events(measures.count());
            let rows = rows.map(|event| Waiting { number: 0, arrived: 0, event, measures: measures.clone() });
            self.keep(&batch, rows_of(rows.collect(), measures));
        }
    }

    fn apply(&mut self, group: Group, rows: &mut Option<&mut History>, notes: &mut Vec<String>) {
        let count = group.event_count() as u64;
        let Group { metadata, measures, arrived, first, events, left, dead_letters, receipts, cursors } = group;
        let measures = self.share_measures(&measures, notes);
        if count > 0 {
            if first > self.next {
                notes.push(format!("{} events were in damaged records and are lost", first - self.next));
            }
            let known = self.next;
            self.next = self.next.max(first + count);
            let mut number = first;
            for run in events {
                let end = number + run.len() as u64;
                if let Some(measures) = measures.get(run.measures as usize) {
                    let numbered =
                        (number..).zip(run.into_events(measures.count())).filter(|(number, _)| *number >= known);
                    self.waiting.extend(numbered.map(|(number, event)| Waiting {
                        number,
                        arrived,
                        event,
                        measures: measures.clone(),
                    }));
                }
                number = end;
            }
        }
        for left in left {
            match left {
                Left::Batch { until, batch } => {
                    let events = self.take(until);
                    let Some(measures) = measures.get(batch.measures as usize) else { continue };
                    let frame = rows_of(events, measures);
                    if let (Some(history), Some(frame)) = (rows.as_deref_mut(), &frame) {
                        history.append(frame, &[]);
                    }
                    self.keep(&batch, frame);
                }
                Left::Dropped { until } => drop(self.take(until)),
            }
        }
        self.dead_letters.extend(dead_letters.into_iter().map(DeadLetter::from));
        self.dead_letters.drain(..self.dead_letters.len().saturating_sub(MAX_DEAD_LETTERS));
        receipts.into_iter().for_each(|receipt| self.receipts.keep(receipt.into()));
        cursors.into_iter().for_each(|cursor| self.cursors.advance(Cursor::from(cursor)));
        self.metadata = metadata;
    }

    /// The measures of a record, in the order of its list; none, which is noted, where this build refuses some of them.
    fn share_measures(&mut self, list: &[WireMeasures], notes: &mut Vec<String>) -> Vec<Measures> {
        let mut found = Vec::with_capacity(list.len());
        for names in list {
            let known = self.measures.iter().find(|known| known.as_slice() == names.as_slice()).cloned();
            let Some(measures) = known.or_else(|| Measures::new(names.iter().cloned()).ok()) else {
                notes.push("the measures of a record cannot be read: its rows are lost".to_owned());
                return Vec::new();
            };
            if !self.measures.contains(&measures) {
                self.measures.push(measures.clone());
            }
            found.push(measures);
        }
        found
    }

    /// Removes and returns the waiting events with a number below `until`.
    fn take(&mut self, until: u64) -> Vec<Waiting> {
        let count = self.waiting.partition_point(|event| event.number < until);
        self.waiting.drain(..count).collect()
    }

    /// Keeps a batch for stream clients, unless some of its rows were in a damaged record.
    fn keep(&mut self, batch: &WireBatch, rows: Option<Frame>) {
        if let Some(latest) = rows.and_then(|rows| batch.latest(rows)) {
            self.batches.push_back(BatchState {
                number: batch.number,
                processed_at: Timestamp::from_nanos(batch.processed_at),
                latest,
                aggfunc: batch.aggfunc(),
            });
        }
    }

    fn into_state(self) -> EngineState {
        let (counters, rejected) = self.metadata.counters.read();
        // All waiting events have the same measures: a change of these makes batches of what waits.
        let measures = self.waiting.back().map(|newest| newest.measures.clone());
        let event = |waiting: Waiting| {
            let values = measures.as_ref().map_or_else(Values::new, |measures| waiting.values(measures));
            (Timestamp::from_nanos(waiting.arrived), Event { values, ..waiting.event })
        };
        EngineState {
            counters,
            newest: self.metadata.newest.map(Timestamp::from_nanos),
            waiting: self.waiting.into_iter().map(event).collect(),
            measures,
            batches: self.batches.into(),
            dead_letters: self.dead_letters.into(),
            rejected,
            source: self.metadata.source,
            transcript: self.metadata.transcript.map(Into::into),
            receipts: self.receipts,
            cursors: self.cursors,
        }
    }
}

/// Events as rows in order of time, equal times in order of arrival, with a column for each of these measures; `None` only
/// if the frame cannot be built.
fn rows_of(mut events: Vec<Waiting>, measures: &Measures) -> Option<Frame> {
    events.sort_by_key(|waiting| waiting.event.timestamp);
    let mut ids = StringsBuilder::default();
    let mut columns: Vec<Vec<f64>> = measures.names().map(|_| Vec::with_capacity(events.len())).collect();
    for waiting in &events {
        push_id(&mut ids, &waiting.event.id);
        columns.iter_mut().zip(waiting.values(measures)).for_each(|(column, value)| column.push(value));
    }
    let times = events.iter().map(|waiting| waiting.event.timestamp.as_nanos()).collect();
    rows_frame(times, ids.finish(), measures, columns).ok()
}
