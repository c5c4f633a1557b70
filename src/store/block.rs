//! A block: consecutive rows in order of time, in memory or in a file that is read on demand.

use std::cell::{Cell, RefCell};
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;

use lru::LruCache;
use uuid::Uuid;

use super::columns::Columns;
use super::ids::Ids;
use super::journal::DataFile;
use super::segment::{SEGMENT_ROWS, Segment};
use super::summary::Summary;
use crate::pipeline::{Id, Measures};

/// Consecutive rows. Their count and time range are known without reading the file.
#[derive(Debug, Clone)]
pub(super) struct Block {
    rows: usize,
    first_time: i64,
    last_time: i64,
    location: RefCell<BlockLocation>,
    /// The summary of the rows, built on first use.
    summary: RefCell<Option<Rc<Summary>>>,
}

/// Where the rows are.
#[derive(Debug, Clone)]
enum BlockLocation {
    Memory(Arc<Segment>),
    File { stored: Stored, block_cache: Rc<BlockCache> },
}

/// The record of a data file that holds a block.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) file: Rc<DataFile>,
    pub(super) at: u64,
    pub(super) bytes: u32,
}

impl Block {
    /// Rows in memory.
    pub(super) fn new(segment: Segment) -> Self {
        let (rows, first_time, last_time) = (segment.len(), segment.first_time(), segment.last_time());
        Self::at(rows, first_time, last_time, BlockLocation::Memory(Arc::new(segment)))
    }

    /// Rows in a file.
    pub(super) fn stored(
        rows: usize,
        first_time: i64,
        last_time: i64,
        stored: Stored,
        block_cache: &Rc<BlockCache>,
    ) -> Self {
        Self::at(rows, first_time, last_time, BlockLocation::File { stored, block_cache: Rc::clone(block_cache) })
    }

    fn at(rows: usize, first_time: i64, last_time: i64, location: BlockLocation) -> Self {
        Self { rows, first_time, last_time, location: RefCell::new(location), summary: RefCell::new(None) }
    }

    pub(super) fn len(&self) -> usize {
        self.rows
    }

    pub(super) fn first_time(&self) -> i64 {
        self.first_time
    }

    pub(super) fn last_time(&self) -> i64 {
        self.last_time
    }

    /// The rows, read if they are not in memory. An unreadable block becomes rows without values and sets the cache's
    /// `unreadable` flag: a panic or a shorter block would stop the whole pipeline.
    pub(super) fn segment(&self) -> Arc<Segment> {
        match &*self.location.borrow() {
            BlockLocation::Memory(segment) => Arc::clone(segment),
            BlockLocation::File { stored, block_cache } => {
                block_cache.read(stored).filter(|read| read.len() == self.rows).unwrap_or_else(|| {
                    block_cache.unreadable.set(true);
                    Arc::new(self.unreadable())
                })
            }
        }
    }

    /// Whether the rows can be read, and their count and time range match.
    pub(super) fn is_readable(&self) -> bool {
        match &*self.location.borrow() {
            BlockLocation::Memory(_) => true,
            BlockLocation::File { stored, block_cache } => block_cache.read(stored).is_some_and(|read| {
                (read.len(), read.first_time(), read.last_time()) == (self.rows, self.first_time, self.last_time)
            }),
        }
    }

    /// Changes the rows in memory; the block no longer refers to its record in a file.
    pub(super) fn change<T>(&mut self, change: impl FnOnce(&mut Segment) -> T) -> T {
        *self.summary.get_mut() = None;
        let location = self.location.get_mut();
        if let BlockLocation::File { stored, block_cache } = location {
            let segment = block_cache.read(stored).unwrap_or_default();
            block_cache.remove(stored);
            *location = BlockLocation::Memory(segment);
        }
        let BlockLocation::Memory(segment) = location else { unreachable!("it was brought into memory just now") };
        let segment = Arc::make_mut(segment);
        let changed = change(segment);
        (self.rows, self.first_time, self.last_time) = (segment.len(), segment.first_time(), segment.last_time());
        changed
    }

    /// The record that holds the rows, if they are in a file.
    pub(super) fn stored_at(&self) -> Option<Stored> {
        if let BlockLocation::File { stored, .. } = &*self.location.borrow() { Some(stored.clone()) } else { None }
    }

    /// Records that the rows are in a file now; they stay in memory until the block cache evicts them.
    pub(super) fn set_stored(&self, stored: Stored, block_cache: &Rc<BlockCache>) {
        let segment = self.segment();
        // A block that moves to another file would otherwise be in the cache twice.
        self.evict();
        block_cache.put(&stored, segment);
        *self.location.borrow_mut() = BlockLocation::File { stored, block_cache: Rc::clone(block_cache) };
    }

    /// Whether the rows are in memory alone.
    pub(super) fn is_only_in_memory(&self) -> bool {
        matches!(&*self.location.borrow(), BlockLocation::Memory(_))
    }

    /// The rows, if they are in memory.
    pub(super) fn resident(&self) -> Option<Arc<Segment>> {
        match &*self.location.borrow() {
            BlockLocation::Memory(segment) => Some(Arc::clone(segment)),
            BlockLocation::File { stored, block_cache } => block_cache.peek(stored),
        }
    }

    /// The summary of the rows, with a line for each of these measures and in each a series for each of these ids. Rows
    /// that are not in memory are read for it while `reads` is above 0; otherwise this returns the summary as it is, which
    /// may lack some of it, or `None`.
    pub(super) fn summary(&self, measures: &Measures, ids: &[Id], reads: &mut usize) -> Option<Rc<Summary>> {
        let mut known = self.summary.borrow_mut();
        if known.as_ref().is_none_or(|summary| !summary.has_all(measures, ids))
            && let Some(segment) = self.resident().or_else(|| self.look_into(reads))
        {
            Rc::make_mut(known.get_or_insert_default()).add(&segment, measures, ids);
        }
        known.clone()
    }

    /// The rows, read without the block cache if they are not in memory: for a single pass over all rows.
    pub(super) fn passing(&self) -> Arc<Segment> {
        let segment = self.resident().or_else(|| self.look_into(&mut 1));
        segment.unwrap_or_else(|| Arc::new(self.unreadable()))
    }

    /// Reads the rows from their file without the block cache, so that a scan evicts nothing; takes one of `reads`.
    fn look_into(&self, reads: &mut usize) -> Option<Arc<Segment>> {
        let BlockLocation::File { stored, block_cache } = &*self.location.borrow() else { return None };
        *reads = reads.checked_sub(1)?;
        let read = stored.file.read_block(stored.at, stored.bytes).filter(|read| read.len() == self.rows);
        if read.is_none() {
            block_cache.unreadable.set(true);
        }
        read.map(Arc::new)
    }

    /// Whether the rows have exactly these measures, as far as that is known without reading a file.
    pub(super) fn is_of(&self, measures: &[Arc<str>]) -> bool {
        self.resident().is_none_or(|segment| segment.columns.are_of(measures))
    }

    /// Bytes of the summary on the heap.
    pub(super) fn summary_bytes(&self) -> usize {
        self.summary.borrow().as_ref().map_or(0, |summary| summary.heap_bytes())
    }

    /// Removes the rows from the block cache, where they are found by the record that holds them.
    pub(super) fn evict(&self) {
        if let BlockLocation::File { stored, block_cache } = &*self.location.borrow() {
            block_cache.remove(stored);
        }
    }

    fn unreadable(&self) -> Segment {
        Segment {
            times: vec![self.first_time; self.rows],
            columns: Columns::default(),
            ids: Ids::Uuids(vec![Uuid::nil(); self.rows]),
        }
    }
}

/// An LRU cache of blocks in files, keyed by file number and offset.
#[derive(Debug)]
pub(super) struct BlockCache {
    read: RefCell<LruCache<(u64, u64), Arc<Segment>>>,
    /// Whether a block could not be read since the last call of `take_unreadable`.
    unreadable: Cell<bool>,
}

impl BlockCache {
    /// A cache for about `memory_rows` rows.
    pub(super) fn new(memory_rows: usize) -> Self {
        Self { read: RefCell::new(LruCache::new(blocks(memory_rows))), unreadable: Cell::new(false) }
    }

    /// Changes the capacity, in rows.
    pub(super) fn set_rows(&self, memory_rows: usize) {
        self.read.borrow_mut().resize(blocks(memory_rows));
    }

    /// Whether a block could not be read since the last call.
    pub(super) fn take_unreadable(&self) -> bool {
        self.unreadable.take()
    }

    fn read(&self, stored: &Stored) -> Option<Arc<Segment>> {
        if let Some(segment) = self.read.borrow_mut().get(&key(stored)) {
            return Some(Arc::clone(segment));
        }
        let segment = Arc::new(stored.file.read_block(stored.at, stored.bytes)?);
        self.put(stored, Arc::clone(&segment));
        Some(segment)
    }

    fn put(&self, stored: &Stored, segment: Arc<Segment>) {
        self.read.borrow_mut().put(key(stored), segment);
    }

    fn peek(&self, stored: &Stored) -> Option<Arc<Segment>> {
        self.read.borrow().peek(&key(stored)).cloned()
    }

    /// The number of blocks that it holds.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.read.borrow().len()
    }

    fn remove(&self, stored: &Stored) {
        self.read.borrow_mut().pop(&key(stored));
    }
}

fn key(stored: &Stored) -> (u64, u64) {
    (stored.file.number(), stored.at)
}

/// The capacity in blocks, at least [`FEWEST_BLOCKS`]: a query goes back and forth between neighbours.
fn blocks(memory_rows: usize) -> NonZeroUsize {
    NonZeroUsize::new(memory_rows / SEGMENT_ROWS).unwrap_or(NonZeroUsize::MIN).max(FEWEST_BLOCKS)
}

const FEWEST_BLOCKS: NonZeroUsize = NonZeroUsize::new(4).expect("four is not zero");
