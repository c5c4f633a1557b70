//! A data file: blocks are appended and never changed.

use std::cell::Cell;
use std::rc::Rc;

use super::format::{FORMAT_VERSION, HEADER_BYTES, Kind, header};
use super::record::record_at;
use super::versions::read_block;
use crate::store::segment::Segment;
use crate::store::storage::{FileId, Storage, StoreError};

/// A data file, as its header says.
#[derive(Debug, Clone, Copy)]
pub(super) struct DataHeader {
    pub(super) id: FileId,
    pub(super) number: u64,
    pub(super) version: u32,
}

/// An append-only file of blocks, each a record. A reference to the file keeps it from being removed.
#[derive(Debug)]
pub(crate) struct DataFile {
    storage: Rc<dyn Storage>,
    id: FileId,
    number: u64,
    /// The format of its blocks.
    version: u32,
    len: Cell<u64>,
}

impl DataFile {
    /// Creates one in an empty file.
    pub(super) fn create(storage: &Rc<dyn Storage>, id: FileId, number: u64) -> Result<Self, StoreError> {
        storage.write(id, 0, &header(Kind::Data, number))?;
        Ok(Self::open(storage, DataHeader { id, number, version: FORMAT_VERSION }, HEADER_BYTES as u64))
    }

    /// Opens one whose blocks end at `len`; a record after that was never completed.
    pub(super) fn open(storage: &Rc<dyn Storage>, header: DataHeader, len: u64) -> Self {
        let DataHeader { id, number, version } = header;
        Self { storage: Rc::clone(storage), id, number, version, len: Cell::new(len) }
    }

    /// Whether blocks can be appended: they are of the present version, and so is the whole file.
    pub(super) fn is_current(&self) -> bool {
        self.version == FORMAT_VERSION
    }

    pub(super) fn id(&self) -> FileId {
        self.id
    }

    /// Its number; no two data files of a pipeline have the same.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn len(&self) -> u64 {
        self.len.get()
    }

    /// Appends a record; returns its offset.
    pub(super) fn append(&self, record: &[u8]) -> Result<u64, StoreError> {
        let at = self.len.get();
        self.storage.write(self.id, at, record)?;
        self.len.set(at + record.len() as u64);
        Ok(at)
    }

    /// Reads the rows of a record; `None` when it is damaged or cannot be read.
    pub(crate) fn read_block(&self, at: u64, bytes: u32) -> Option<Segment> {
        let mut record = vec![0; bytes as usize];
        let read = self.storage.read(self.id, at, &mut record).ok()?;
        let payload = record_at(&record[..read], 0)?;
        read_block(self.version, &record[payload])
    }
}
