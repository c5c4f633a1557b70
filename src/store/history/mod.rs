//! The history: kept rows in order of event time, looked up by time.
//!
//! Here rows are inserted and read; `retention` drops the oldest ones, and `files` tells which are in memory and verifies
//! those in files.

mod files;
mod retention;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::block::{Block, BlockCache};
use super::columns::copy_row;
use super::dictionary::Dictionary;
use super::rolling_samples::RollingSamples;
use super::rows::{Range, Rows};
use super::segment::{NewRows, SEGMENT_ROWS, Segment};
use crate::frame::Frame;
use crate::pipeline::{Id, Measures, Store, Values};
use crate::time::Timestamp;

/// Rows in order of event time, equal times in order of arrival, at most `capacity_rows` and none from before `oldest`:
/// the oldest rows are dropped.
#[derive(Debug)]
pub struct History {
    /// Blocks in order of time; the last is open, the others are sealed. Readers share them by `Rc`: a change to a
    /// shared block makes a copy (`Rc::make_mut`).
    blocks: VecDeque<Rc<Block>>,
    /// Rows at the front of the first block that retention has dropped.
    trimmed_rows: usize,
    rows: usize,
    /// Rows inserted since the start.
    inserted: u64,
    /// Rows that retention has dropped since the start.
    dropped: u64,
    capacity_rows: usize,
    /// Rows from before this instant are dropped, in nanoseconds since the epoch.
    oldest: i64,
    /// Rows of a full block.
    block_rows: usize,
    /// Whether the next row in order begins a block: it has other measures than those of the last one.
    begins_block: bool,
    /// The measures of the rows that were appended last.
    appended: Arc<[Arc<str>]>,
    dictionary: Dictionary,
    /// The cache of blocks that are in files.
    block_cache: Rc<BlockCache>,
    /// Blocks in files that were not read since the files were opened.
    unverified: Vec<Rc<Block>>,
    /// The rolling aggregate that rows had on arrival.
    pub(super) rolling: RollingSamples,
}

/// The position of a row: the index of its block, and its index in the block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RowPosition {
    block: usize,
    row: usize,
}

impl History {
    /// An empty history for at most `capacity_rows` rows.
    pub fn new(capacity_rows: usize) -> Self {
        Self {
            blocks: VecDeque::new(),
            trimmed_rows: 0,
            rows: 0,
            inserted: 0,
            dropped: 0,
            capacity_rows: capacity_rows.max(1),
            oldest: i64::MIN,
            block_rows: SEGMENT_ROWS,
            begins_block: false,
            appended: Arc::default(),
            dictionary: Dictionary::default(),
            block_cache: Rc::new(BlockCache::new(capacity_rows)),
            unverified: Vec::new(),
            rolling: RollingSamples::default(),
        }
    }

    /// Removes all rows.
    pub fn clear(&mut self) {
        let block_cache = Rc::clone(&self.block_cache);
        *self = Self { block_rows: self.block_rows, block_cache, ..Self::new(self.capacity_rows) };
    }

    /// The number of kept rows.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// The number of rows inserted since the start, kept or not.
    pub fn inserted(&self) -> u64 {
        self.inserted
    }

    /// The number of rows that retention has dropped since the start: those beyond the capacity, too old ones, and
    /// those of [`Self::drop_oldest`].
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The time of the first and of the last row; `None` without rows.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let first = self.blocks.front()?;
        let first_time =
            if self.trimmed_rows == 0 { first.first_time() } else { *first.segment().times.get(self.trimmed_rows)? };
        Some((Timestamp::from_nanos(first_time), Timestamp::from_nanos(self.blocks.back()?.last_time())))
    }

    /// The number of rows in the closed range; 0 when it is reversed.
    pub fn count(&self, from: Timestamp, until: Timestamp) -> usize {
        let (start, end) = self.places(from, until);
        if start >= end {
            return 0;
        }
        let between: usize = (start.block..end.block).map(|block| self.blocks[block].len()).sum();
        between + end.row - start.row
    }

    /// The rows of the closed range as they are now, read in these measures.
    pub fn rows(&self, from: Timestamp, until: Timestamp, measures: &Measures) -> Rows {
        let mut rows = Rows::new(measures);
        let (start, end) = self.places(from, until);
        self.visit(start, end, &mut |block, range| rows.push(block, range));
        rows
    }

    /// The rows of the closed range in these measures, after skipping `offset` of them, at most `limit`.
    pub fn range(&self, from: Timestamp, until: Timestamp, measures: &Measures, offset: usize, limit: usize) -> Range {
        let rows = self.rows(from, until, measures);
        let start = offset.min(rows.len());
        rows.read(start..start + limit.min(rows.len() - start))
    }

    /// Inserts one row, with a value for each of these measures, at its position in time.
    pub fn insert(&mut self, time: Timestamp, id: Id, measures: &Measures, values: &[f64]) {
        self.insert_row(time.as_nanos(), id, measures.as_slice(), values);
    }

    fn insert_row(&mut self, time: i64, id: Id, measures: &[Arc<str>], values: &[f64]) {
        self.inserted += 1;
        if time < self.oldest {
            self.dropped += 1;
            return;
        }
        let index = self.block_for(time);
        if index == 0 && self.trimmed_rows > 0 {
            let first = self.blocks[0].segment();
            if first.times[self.trimmed_rows] > time && self.rows >= self.capacity_rows {
                // Older than every kept row, and the capacity is used up: retention would drop it at once.
                self.dropped += 1;
                return;
            }
            if first.times[self.trimmed_rows - 1] > time {
                // Among the dropped rows it would count as one of them.
                drop(first);
                self.drop_gone_rows();
            }
        }
        self.block_mut(index).change(|segment| segment.insert(time, id, measures, values));
        self.rows += 1;
        if index == 0 && self.blocks[0].len() >= 2 * self.block_rows {
            // Otherwise the split below might leave a first half of dropped rows only.
            self.drop_gone_rows();
        }
        if self.blocks[index].len() >= 2 * self.block_rows {
            let middle = self.blocks[index].len() / 2;
            let is_last = index + 1 == self.blocks.len();
            let mut second = self.block_mut(index).change(|segment| segment.split_off(middle));
            self.seal(index);
            if !is_last {
                second.seal(&mut self.dictionary);
            }
            self.blocks.insert(index + 1, Rc::new(Block::new(second)));
        }
        self.retain();
    }

    /// Inserts row `first` of these rows, and with it those after it that fit into the last block if it comes last; returns
    /// the number of the row after them.
    fn append_from(&mut self, new: &NewRows<'_>, first: usize) -> usize {
        let time = new.times[first];
        if time < self.oldest || self.blocks.back().is_some_and(|last| last.last_time() > time) {
            let values: Values = new.columns.iter().map(|column| column[first]).collect();
            self.insert_row(time, Id::from_column(new.ids, first), new.measures, &values);
            return first + 1;
        }
        let index = self.block_for(time);
        let room = self.block_rows.saturating_sub(self.blocks[index].len()).max(1);
        let end = (first + room).min(new.times.len());
        self.block_mut(index).change(|segment| segment.extend(new, first..end));
        self.inserted += (end - first) as u64;
        self.rows += end - first;
        self.retain();
        end
    }

    /// These names of measures, shared with the rows that were appended before if they had the same.
    fn measures_of<'a>(&mut self, names: impl Iterator<Item = &'a str> + Clone) -> Arc<[Arc<str>]> {
        if !self.appended.iter().map(|name| &**name).eq(names.clone()) {
            self.appended = names.map(Arc::from).collect();
        }
        Arc::clone(&self.appended)
    }

    /// Bytes on the heap, accurate to about 5%: rows, shared ids (text counted with its allocation), the dictionary's
    /// index, block summaries and rolling samples.
    pub fn heap_bytes(&self) -> usize {
        // Addresses of lists and texts already counted, so that shared ones count once.
        let mut seen: FxHashSet<*const u8> = FxHashSet::default();
        let mut bytes = self.dictionary.index_bytes() + self.rolling.heap_bytes();
        bytes += self.blocks.iter().map(|block| block.summary_bytes()).sum::<usize>();
        for segment in self.blocks.iter().filter_map(|block| block.resident()) {
            bytes += segment.row_bytes();
            if let Some(list) = segment.ids.shared().filter(|list| seen.insert(Arc::as_ptr(list).cast())) {
                bytes += list.capacity() * size_of::<Id>();
                for id in list.iter() {
                    if let Id::Text(text) = id
                        && seen.insert(text.as_ptr())
                    {
                        bytes += text.len() + 2 * size_of::<usize>();
                    }
                }
            }
        }
        bytes
    }

    /// The index of the block for a row of this time: the last one that starts no later. For a row in order, a last block
    /// that is full or has other measures is sealed and a new one is added.
    fn block_for(&mut self, time: i64) -> usize {
        let comes_last = self.blocks.back().is_none_or(|last| last.last_time() <= time);
        if !comes_last {
            return self.blocks.partition_point(|block| block.first_time() <= time).saturating_sub(1);
        }
        if self.blocks.back().is_none_or(|last| last.len() >= self.block_rows || self.begins_block) {
            self.begins_block = false;
            if let Some(last) = self.blocks.len().checked_sub(1) {
                self.seal(last);
            }
            self.blocks.push_back(Rc::new(Block::new(Segment::open())));
        }
        self.blocks.len() - 1
    }

    fn block_mut(&mut self, index: usize) -> &mut Block {
        Rc::make_mut(&mut self.blocks[index])
    }

    /// Seals a block that is in memory only; a block in a file is sealed already.
    fn seal(&mut self, index: usize) {
        if self.blocks[index].is_only_in_memory() {
            let dictionary = &mut self.dictionary;
            Rc::make_mut(&mut self.blocks[index]).change(|segment| segment.seal(dictionary));
        }
    }

    /// The positions of the first row of the closed range and of the first row after it.
    pub(super) fn places(&self, from: Timestamp, until: Timestamp) -> (RowPosition, RowPosition) {
        let start = self.place(|time| time < from.as_nanos());
        let end = self.place(|time| time <= until.as_nanos());
        (start.max(RowPosition { block: 0, row: self.trimmed_rows }), end)
    }

    /// The position of the first row whose time is not `before`.
    fn place(&self, before: impl Fn(i64) -> bool) -> RowPosition {
        let index = self.blocks.partition_point(|block| before(block.first_time())).saturating_sub(1);
        let row = self.blocks.get(index).map_or(0, |block| {
            if before(block.last_time()) {
                return block.len();
            }
            if before(block.first_time()) { block.segment().times.partition_point(|time| before(*time)) } else { 0 }
        });
        RowPosition { block: index, row }
    }

    /// Calls `visit` with each block and its rows from `start` to before `end`.
    pub(super) fn visit(
        &self,
        start: RowPosition,
        end: RowPosition,
        visit: &mut dyn FnMut(&Rc<Block>, std::ops::Range<usize>),
    ) {
        for index in start.block..=end.block {
            let Some(block) = self.blocks.get(index) else { return };
            let first = if index == start.block { start.row } else { 0 };
            let last = if index == end.block { end.row } else { block.len() };
            if first < last {
                visit(block, first..last);
            }
        }
    }

    /// Blocks in order of time.
    pub(super) fn blocks(&self) -> impl Iterator<Item = &Rc<Block>> {
        self.blocks.iter()
    }

    pub(super) fn trimmed_rows(&self) -> usize {
        self.trimmed_rows
    }

    pub(super) fn block_cache(&self) -> &Rc<BlockCache> {
        &self.block_cache
    }

    #[cfg(test)]
    pub(crate) fn set_block_rows(&mut self, block_rows: usize) {
        self.block_rows = block_rows;
    }
}

impl Store for History {
    fn append(&mut self, rows: &Frame, rolling: &[Vec<f64>]) {
        let columns = (rows.column("timestamp"), rows.column("id"), rows.columns().get(2..));
        let (Ok(times), Ok(ids), Some(columns)) = columns else { return };
        let (Some(times), Some(ids)) = (times.as_datetime(), ids.as_strings()) else { return };
        let measures = self.measures_of(columns.iter().map(|(name, _)| &**name));
        let columns = columns.iter().map(|(_, column)| column.as_float().map(|values| &**values));
        let Some(columns) = columns.collect::<Option<Vec<_>>>() else { return };
        let new = NewRows { times, ids, measures: &measures, columns };
        // Rows of other measures stand in blocks of their own while they are in order: 8 bytes a row and measure.
        self.begins_block = self.blocks.back().is_some_and(|last| !last.is_of(&measures));
        let mut row = 0;
        while row < times.len() {
            row = self.append_from(&new, row);
        }
        self.rolling.append(times, &measures, rolling);
        if self.rolling.is_full() {
            self.rolling.thin(self.blocks.front().map_or(i64::MIN, |first| first.first_time()));
        }
    }

    fn look_back(
        &self,
        from: Timestamp,
        until: Timestamp,
        measures: &Measures,
        visit: &mut dyn FnMut(i64, &Id, &[f64]),
    ) {
        let (start, end) = self.places(from, until);
        let mut values = vec![f64::NAN; measures.count()];
        self.visit(start, end, &mut |block, rows| {
            let segment = block.segment();
            let columns = segment.columns.select(measures);
            for row in rows {
                copy_row(&columns, row, &mut values);
                visit(segment.times[row], &segment.ids.borrow(row), &values);
            }
        });
    }

    fn dropped_rows(&self) -> u64 {
        self.dropped
    }

    fn retain_from(&mut self, oldest: Timestamp) {
        if self.oldest != oldest.as_nanos() {
            self.oldest = oldest.as_nanos();
            self.drop_old_rows();
        }
    }
}
