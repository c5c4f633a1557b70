//! Rows that follow one another in time, wherever they are: in memory, or in a file and read when somebody looks.

use std::cell::{Cell, RefCell};
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;

use lru::LruCache;
use uuid::Uuid;

use super::ids::Ids;
use super::journal::DataFile;
use super::segment::{SEGMENT_ROWS, Segment};
use super::summary::Summary;
use crate::pipeline::Id;

/// A run of rows. Its extent is known without reading it.
#[derive(Debug, Clone)]
pub(super) struct Block {
    rows: usize,
    first_time: i64,
    last_time: i64,
    place: RefCell<Place>,
    /// The rows in short, once somebody asked.
    summary: RefCell<Option<Rc<Summary>>>,
}

/// Where the rows are.
#[derive(Debug, Clone)]
enum Place {
    Memory(Arc<Segment>),
    File { stored: Stored, block_cache: Rc<BlockCache> },
}

/// A record of a file that holds a block.
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
        Self::at(rows, first_time, last_time, Place::Memory(Arc::new(segment)))
    }

    /// Rows in a file.
    pub(super) fn stored(
        rows: usize,
        first_time: i64,
        last_time: i64,
        stored: Stored,
        block_cache: &Rc<BlockCache>,
    ) -> Self {
        Self::at(rows, first_time, last_time, Place::File { stored, block_cache: Rc::clone(block_cache) })
    }

    fn at(rows: usize, first_time: i64, last_time: i64, place: Place) -> Self {
        Self { rows, first_time, last_time, place: RefCell::new(place), summary: RefCell::new(None) }
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

    /// The rows, read if need be. What cannot be read becomes rows without values, which the block_cache notes: a panic or a
    /// shorter block would take the whole pipeline with it.
    pub(super) fn segment(&self) -> Arc<Segment> {
        match &*self.place.borrow() {
            Place::Memory(segment) => Arc::clone(segment),
            Place::File { stored, block_cache } => {
                block_cache.read(stored).filter(|read| read.len() == self.rows).unwrap_or_else(|| {
                    block_cache.unreadable.set(true);
                    Arc::new(self.unreadable())
                })
            }
        }
    }

    /// Whether the rows can be read and are those that they should be.
    pub(super) fn is_readable(&self) -> bool {
        match &*self.place.borrow() {
            Place::Memory(_) => true,
            Place::File { stored, block_cache } => block_cache.read(stored).is_some_and(|read| {
                (read.len(), read.first_time(), read.last_time()) == (self.rows, self.first_time, self.last_time)
            }),
        }
    }

    /// Changes the rows, in memory: a copy in a file is no longer theirs.
    pub(super) fn change<T>(&mut self, change: impl FnOnce(&mut Segment) -> T) -> T {
        *self.summary.get_mut() = None;
        let place = self.place.get_mut();
        if let Place::File { stored, block_cache } = place {
            let segment = block_cache.read(stored).unwrap_or_default();
            block_cache.forget(stored);
            *place = Place::Memory(segment);
        }
        let Place::Memory(segment) = place else { unreachable!("it was brought into memory just now") };
        let segment = Arc::make_mut(segment);
        let changed = change(segment);
        (self.rows, self.first_time, self.last_time) = (segment.len(), segment.first_time(), segment.last_time());
        changed
    }

    /// The record that holds the rows, if one does.
    pub(super) fn stored_at(&self) -> Option<Stored> {
        if let Place::File { stored, .. } = &*self.place.borrow() { Some(stored.clone()) } else { None }
    }

    /// Tells that the rows lie in a file now; they stay in memory as long as the block_cache has room.
    pub(super) fn set_stored(&self, stored: Stored, block_cache: &Rc<BlockCache>) {
        let segment = self.segment();
        block_cache.put(&stored, segment);
        *self.place.borrow_mut() = Place::File { stored, block_cache: Rc::clone(block_cache) };
    }

    /// Whether the rows are in memory alone.
    pub(super) fn is_only_in_memory(&self) -> bool {
        matches!(&*self.place.borrow(), Place::Memory(_))
    }

    /// The rows, if they are in memory.
    pub(super) fn resident(&self) -> Option<Arc<Segment>> {
        match &*self.place.borrow() {
            Place::Memory(segment) => Some(Arc::clone(segment)),
            Place::File { stored, block_cache } => block_cache.peek(stored),
        }
    }

    /// The rows in short, and each of these ids; rows that are not in memory are read for it if `reads` is not used up
    /// yet. What was known before is the answer otherwise.
    pub(super) fn summary(&self, ids: &[Id], reads: &mut usize) -> Option<Rc<Summary>> {
        let mut known = self.summary.borrow_mut();
        if known.as_ref().is_none_or(|summary| !summary.has_series(ids))
            && let Some(segment) = self.resident().or_else(|| self.look_into(reads))
        {
            let summary = Rc::make_mut(known.get_or_insert_with(|| Rc::new(Summary::from_segment(&segment))));
            if !ids.is_empty() {
                summary.add_series(&segment, ids);
            }
        }
        known.clone()
    }

    /// The rows, read past the block_cache if need be: for those who go through all rows once.
    pub(super) fn passing(&self) -> Arc<Segment> {
        let segment = self.resident().or_else(|| self.look_into(&mut 1));
        segment.unwrap_or_else(|| Arc::new(self.unreadable()))
    }

    /// The rows from their file, past the block_cache: others have more use for its room.
    fn look_into(&self, reads: &mut usize) -> Option<Arc<Segment>> {
        let Place::File { stored, block_cache } = &*self.place.borrow() else { return None };
        *reads = reads.checked_sub(1)?;
        let read = stored.file.read_block(stored.at, stored.bytes).filter(|read| read.len() == self.rows);
        if read.is_none() {
            block_cache.unreadable.set(true);
        }
        read.map(Arc::new)
    }

    /// Bytes that the summary takes.
    pub(super) fn summary_bytes(&self) -> usize {
        self.summary.borrow().as_ref().map_or(0, |summary| summary.heap_bytes())
    }

    /// Lets the block_cache forget rows that nobody is going to ask for.
    pub(super) fn evict(&self) {
        if let Place::File { stored, block_cache } = &*self.place.borrow() {
            block_cache.forget(stored);
        }
    }

    fn unreadable(&self) -> Segment {
        Segment {
            times: vec![self.first_time; self.rows],
            values: vec![f64::NAN; self.rows],
            ids: Ids::Uuids(vec![Uuid::nil(); self.rows]),
        }
    }
}

/// Blocks of files that were read lately.
#[derive(Debug)]
pub(super) struct BlockCache {
    read: RefCell<LruCache<(u64, u64), Arc<Segment>>>,
    /// Whether a block could not be read since somebody asked last.
    unreadable: Cell<bool>,
}

impl BlockCache {
    /// A block_cache for about so many rows.
    pub(super) fn new(memory_rows: usize) -> Self {
        Self { read: RefCell::new(LruCache::new(blocks(memory_rows))), unreadable: Cell::new(false) }
    }

    /// Changes how many rows stay.
    pub(super) fn set_rows(&self, memory_rows: usize) {
        self.read.borrow_mut().resize(blocks(memory_rows));
    }

    /// Whether a block could not be read since this was asked last.
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

    fn forget(&self, stored: &Stored) {
        self.read.borrow_mut().pop(&key(stored));
    }
}

fn key(stored: &Stored) -> (u64, u64) {
    (stored.file.number(), stored.at)
}

/// A few at least: a query goes back and forth between neighbours.
fn blocks(memory_rows: usize) -> NonZeroUsize {
    NonZeroUsize::new(memory_rows / SEGMENT_ROWS).unwrap_or(NonZeroUsize::MIN).max(FEWEST_BLOCKS)
}

const FEWEST_BLOCKS: NonZeroUsize = NonZeroUsize::new(4).expect("four is not zero");
