//! The history: kept rows in order of event time, looked up by time.

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

    /// Changes the capacity and drops the oldest rows beyond it.
    pub fn set_capacity(&mut self, capacity_rows: usize) {
        self.capacity_rows = capacity_rows.max(1);
        self.retain();
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

    /// Removes the rows that retention has dropped from the first block.
    fn drop_gone_rows(&mut self) {
        if self.trimmed_rows > 0 {
            let trimmed_rows = std::mem::take(&mut self.trimmed_rows);
            self.block_mut(0).change(|segment| *segment = segment.split_off(trimmed_rows));
        }
    }

    /// Drops the oldest rows beyond the capacity.
    fn retain(&mut self) {
        while self.rows > self.capacity_rows {
            let Some(first) = self.blocks.front() else { return };
            let surplus = self.rows - self.capacity_rows;
            if surplus < first.len() - self.trimmed_rows {
                return self.trim(surplus);
            }
            self.drop_first_block();
        }
    }

    /// Drops the rows from before `oldest`. Only the block that it lies in is read.
    fn drop_old_rows(&mut self) {
        let oldest = self.oldest;
        while let Some(first) = self.blocks.front()
            && first.first_time() < oldest
        {
            if first.last_time() >= oldest {
                let old = first.segment().times.partition_point(|time| *time < oldest);
                if old < first.len() {
                    return self.trim(old.saturating_sub(self.trimmed_rows));
                }
            }
            self.drop_first_block();
        }
    }

    /// Drops some rows of the first block, which has more.
    fn trim(&mut self, rows: usize) {
        self.trimmed_rows += rows;
        self.rows -= rows;
        self.dropped += rows as u64;
    }

    /// Drops the first block, if there is one.
    fn drop_first_block(&mut self) {
        if let Some(first) = self.blocks.pop_front() {
            first.evict();
            let rows = first.len() - std::mem::take(&mut self.trimmed_rows);
            self.rows -= rows;
            self.dropped += rows as u64;
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
}

/// Methods for the journal and for retention in memory.
impl History {
    /// Changes the capacity of the block cache: how many rows in files stay in memory too.
    pub fn set_memory_rows(&mut self, memory_rows: usize) {
        self.block_cache.set_rows(memory_rows);
    }

    /// The number of rows that are in files only.
    pub fn rows_on_disk(&self) -> usize {
        self.blocks.iter().filter(|block| block.resident().is_none()).map(|block| block.len()).sum()
    }

    /// The time from which all rows are in memory, or a later one from which there are at least `rows` of them.
    pub(super) fn newest_in_memory(&self, rows: usize) -> Timestamp {
        let (mut seen, mut from) = (0, i64::MAX);
        for block in self.blocks.iter().rev().take_while(|block| block.resident().is_some()) {
            (seen, from) = (seen + block.len(), block.first_time());
            if seen >= rows {
                break;
            }
        }
        Timestamp::from_nanos(from)
    }

    /// The number of rows that are in memory only.
    pub(super) fn rows_in_memory_alone(&self) -> usize {
        self.blocks.iter().filter(|block| block.is_only_in_memory()).map(|block| block.len()).sum()
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

    /// Replaces all rows by blocks in files, in order of time; the first `trimmed_rows` rows of the first are dropped.
    pub(super) fn restore(&mut self, blocks: Vec<Block>, trimmed_rows: usize) {
        self.clear();
        self.blocks = blocks.into_iter().map(Rc::new).collect();
        self.unverified = self.blocks.iter().cloned().collect();
        self.rows = self.blocks.iter().map(|block| block.len()).sum();
        self.trimmed_rows = trimmed_rows.min(self.blocks.front().map_or(0, |first| first.len().saturating_sub(1)));
        self.rows -= self.trimmed_rows;
        self.retain();
    }

    /// Reads one block that was not read since the files were opened, newest first, and drops it if it cannot be read.
    /// Returns the number of rows dropped, `None` when every block was verified.
    pub fn verify_next(&mut self) -> Option<usize> {
        if self.block_cache.take_unreadable() {
            // A reader met a damaged block; the flag does not say which one, so all are verified again.
            self.unverified = self.blocks.iter().cloned().collect();
        }
        let block = self.unverified.pop()?;
        Some(if block.is_readable() { 0 } else { self.drop_block(&block) })
    }

    /// Whether there are blocks that [`Self::verify_next`] has still to read.
    pub fn has_unverified(&self) -> bool {
        !self.unverified.is_empty()
    }

    /// Drops whole blocks from the oldest on until at least `rows` rows are gone; returns the number of rows dropped.
    pub fn drop_oldest(&mut self, rows: usize) -> usize {
        let before = self.rows;
        while before - self.rows < rows && !self.blocks.is_empty() {
            self.drop_first_block();
        }
        before - self.rows
    }

    fn drop_block(&mut self, block: &Rc<Block>) -> usize {
        let Some(index) = self.blocks.iter().position(|known| Rc::ptr_eq(known, block)) else { return 0 };
        let trimmed_rows = if index == 0 { std::mem::take(&mut self.trimmed_rows) } else { 0 };
        self.blocks.remove(index);
        let rows = block.len() - trimmed_rows;
        self.rows -= rows;
        rows
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::rows_frame;
    use proptest::prelude::*;
    use uuid::Uuid;

    /// A row; a value for each of the measures `value`, `b` and `c`, if it has it.
    type Row = (i64, String, [Option<f64>; 3]);

    const MEASURES: [&str; 3] = ["value", "b", "c"];

    /// A reference implementation: a sorted vector.
    #[derive(Default)]
    struct Naive(Vec<Row>);

    impl Naive {
        fn insert(&mut self, row: Row, capacity: usize, oldest: i64) {
            self.0.push(row);
            self.0.sort_by_key(|row| row.0);
            self.0.retain(|row| row.0 >= oldest);
            let surplus = self.0.len().saturating_sub(capacity);
            self.0.drain(..surplus);
        }
    }

    fn rows(range: &Range) -> Vec<Row> {
        let number = |row: usize, measure: &str| {
            let place = range.measures.position(measure).unwrap();
            Some(range.values[place][row]).filter(|value| !value.is_nan())
        };
        let row = |row: usize| {
            (range.times[row], range.ids.get(row).unwrap().to_string(), MEASURES.map(|measure| number(row, measure)))
        };
        (0..range.times.len()).map(row).collect()
    }

    fn read(history: &History, from: i64, until: i64, page: (usize, usize)) -> Vec<Row> {
        // In another order than rows have them.
        rows(&history.range(at(from), at(until), &measures("c,value,b"), page.0, page.1))
    }

    fn all(history: &History) -> Vec<Row> {
        read(history, i64::MIN, i64::MAX, (0, usize::MAX))
    }

    fn at(nanos: i64) -> Timestamp {
        Timestamp::from_nanos(nanos)
    }

    fn measures(names: &str) -> Measures {
        Measures::parse(names).unwrap()
    }

    /// Inserts a row that has the measure `value` alone.
    fn insert(history: &mut History, time: i64, id: Id, value: f64) {
        history.insert(at(time), id, &Measures::default(), &[value]);
    }

    /// A frame of rows at these times, with a column for each of these measures and the time as its values.
    fn frame(names: &str, times: &[i64]) -> Frame {
        let (ids, names) = (vec![Some("s"); times.len()].into_iter().collect(), measures(names));
        let values: Vec<f64> = times.iter().map(|time| *time as f64).collect();
        let columns = vec![values; names.count()];
        rows_frame(times.to_vec(), ids, &names, columns).unwrap()
    }

    #[test]
    fn rows_of_other_measures_take_no_more_than_their_own() {
        let mut history = History::new(100_000);
        for (batch, names) in ["value", "value", "value,b,c", "value,b,c", "value", "c"].into_iter().enumerate() {
            let first = batch as i64 * 10;
            history.append(&frame(names, &(first..first + 10).collect::<Vec<_>>()), &[]);
        }
        let columns: Vec<usize> = history.blocks().map(|block| block.segment().columns.iter().len()).collect();
        assert_eq!(columns, [1, 3, 1, 1]);
        assert_eq!(history.blocks().map(|block| block.len()).collect::<Vec<_>>(), [20, 20, 10, 10]);
        // A late row goes into the block of its time, whichever measures that has.
        history.append(&frame("b,c", &[5]), &[]);
        let late = all(&history).into_iter().find(|row| row.2 == [None, Some(5.0), Some(5.0)]);
        assert_eq!((late.map(|row| row.0), history.blocks().count()), (Some(5), 4));
        history.append(&frame("c", &[99]), &[]);
        assert_eq!(history.blocks().count(), 4, "a late row of other measures begins no block");
    }

    #[test]
    fn rows_of_many_measures_take_eight_bytes_for_each() {
        let names: Vec<String> = (0..20).map(|number| format!("m{number}")).collect();
        let names = Measures::new(names).unwrap();
        let mut history = History::new(100_000);
        for row in 0..100_000 {
            history.insert(at(row), Id::Text("s".into()), &names, &[row as f64; 20]);
        }
        let bytes = history.heap_bytes() as f64 / history.len() as f64;
        // Time and id of a row, and the room that the last block has for more rows.
        assert!(bytes < 20.0 * 8.0 + 8.0 + 4.0 + 16.0, "{bytes} bytes a row");
    }

    #[test]
    fn equal_times_keep_order_of_arrival_across_blocks() {
        let mut history = History::new(100_000);
        for row in 0..30_000 {
            insert(&mut history, row / 20_000, Id::Uuid(Uuid::from_u128(row as u128)), row as f64);
        }
        insert(&mut history, 0, Id::Text("late".into()), -1.0);
        let values: Vec<f64> = all(&history).into_iter().filter_map(|row| row.2[0]).collect();
        let mut expected: Vec<f64> = (0..20_000).map(f64::from).collect();
        expected.push(-1.0);
        expected.extend((20_000..30_000).map(f64::from));
        assert_eq!(values, expected);
    }

    #[test]
    fn reversed_and_empty_ranges_have_no_rows() {
        let mut history = History::new(10);
        assert_eq!(history.count(Timestamp::MIN, Timestamp::MAX), 0);
        insert(&mut history, 5, Id::Text("a".into()), 1.0);
        assert_eq!((history.count(at(6), at(4)), history.count(at(5), at(5)), history.count(at(6), at(9))), (0, 1, 0));
        assert!(read(&history, 6, 4, (0, 9)).is_empty());
    }

    #[test]
    fn heap_bytes_per_row_stay_within_the_limit() {
        let measure = |name: &str, id: &dyn Fn(i64) -> Id, promised: f64| {
            let mut history = History::new(1_000_000);
            for row in 0..1_200_000 {
                insert(&mut history, row, id(row), row as f64);
            }
            let chart = history.chart(Timestamp::MIN, Timestamp::MAX, 1000, &Measures::default(), &[id(0), id(1)]);
            assert_eq!(chart.covered, 1_000_000);
            let bytes = history.heap_bytes() as f64 / history.len() as f64;
            println!("{name}: {bytes:.2} bytes a row (at most {promised})");
            assert!(bytes <= promised, "{name}: {bytes}");
        };
        let unique = |row| Id::Uuid(Uuid::from_u128(0x4000_8000_0000_0000_0000 + row as u128));
        measure("unique UUIDs", &unique, 40.0);
        measure("1,000 recurring UUIDs", &|row| unique(row * 7919 % 1000), 24.0);
        measure("1,000 recurring texts", &|row| Id::Text(format!("sensor-{:04}", row * 7919 % 1000).into()), 24.0);
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(48))]

        #[test]
        fn history_equals_a_sorted_vector(
            steps in prop::collection::vec(
                (
                    0i64..400,
                    0u8..40,
                    any::<bool>(),
                    prop::option::weighted(0.1, -10i64..300),
                    prop::sample::select(["value", "value,b", "c,b", "c"].map(measures).to_vec()),
                ),
                1..300,
            ),
            capacity in 1usize..3000,
            segment_rows in 1usize..60,
            bounds in (-5i64..405, -5i64..405),
            page in (0usize..50, 0usize..50),
        ) {
            let mut history = History { block_rows: segment_rows, ..History::new(capacity) };
            let mut naive = Naive::default();
            let (mut value, mut oldest) = (0.0, i64::MIN);
            for _ in 0..3 {
                for (time, id, is_text, retained, names) in &steps {
                    let id = if *is_text { Id::Text(format!("s{id}").into()) } else { Id::Uuid(Uuid::from_u128(u128::from(*id))) };
                    let values: Vec<f64> = (0..names.count()).map(|place| value + place as f64 / 4.0).collect();
                    let numbers = MEASURES.map(|measure| names.position(measure).map(|place| values[place]));
                    naive.insert((*time, id.text().to_string(), numbers), capacity, oldest);
                    history.insert(at(*time), id, names, &values);
                    value += 1.0;
                    if let Some(retained) = retained {
                        oldest = *retained;
                        history.retain_from(at(oldest));
                        naive.0.retain(|row| row.0 >= oldest);
                    }
                }
            }
            prop_assert_eq!(history.len(), naive.0.len());
            prop_assert_eq!(history.inserted() - history.dropped(), history.len() as u64);
            let ends = naive.0.first().zip(naive.0.last());
            prop_assert_eq!(history.span(), ends.map(|(first, last)| (at(first.0), at(last.0))));
            prop_assert_eq!(all(&history), naive.0.clone());
            let (from, until) = bounds;
            let expected: Vec<_> = naive.0.iter().filter(|row| row.0 >= from && row.0 <= until).cloned().collect();
            prop_assert_eq!(history.count(at(from), at(until)), expected.len());
            let paged: Vec<_> = expected.iter().skip(page.0).take(page.1).cloned().collect();
            prop_assert_eq!(read(&history, from, until, page), paged);
        }

        #[test]
        fn appended_frames_equal_inserted_rows(
            frames in prop::collection::vec(
                (
                    prop::collection::vec(0i64..200, 1..40),
                    prop::sample::select(vec!["value", "value", "value,b", "c,b"]),
                    prop::option::weighted(0.2, -10i64..150),
                ),
                1..20,
            ),
            capacity in prop_oneof![Just(100_000), 1usize..200],
            block_rows in 1usize..60,
        ) {
            let new = || History { block_rows, ..History::new(capacity) };
            let (mut appended, mut inserted) = (new(), new());
            for (mut times, names, oldest) in frames {
                times.sort_unstable();
                appended.append(&frame(names, &times), &[]);
                let names = measures(names);
                for time in times {
                    inserted.insert(at(time), Id::Text("s".into()), &names, &vec![time as f64; names.count()]);
                }
                if let Some(oldest) = oldest {
                    appended.retain_from(at(oldest));
                    inserted.retain_from(at(oldest));
                }
                prop_assert_eq!(all(&appended), all(&inserted));
                let counts = |history: &History| (history.len(), history.inserted(), history.dropped(), history.span());
                prop_assert_eq!(counts(&appended), counts(&inserted));
            }
        }
    }
}
