//! The fence: a file with the number of the owner of the files. Each owner writes a higher one than it found.

use super::format::{HEADER_BYTES, Header, Kind, header, read_header};
use crate::store::storage::{FileId, Storage, StoreError};

/// The fence as one owner knows it.
#[derive(Debug)]
pub(super) struct Fence {
    /// `None` until an owner has made it.
    file: Option<FileId>,
    /// The number that was last written or found there; 0 where there was none.
    number: u64,
    /// Whether this owner has written that number.
    is_taken: bool,
}

impl Fence {
    /// The fence of files that have none yet.
    pub(super) fn missing() -> Self {
        Self { file: None, number: 0, is_taken: false }
    }

    /// The fence in this file, with the number of its owner.
    pub(super) fn found(file: FileId, number: u64) -> Self {
        Self { file: Some(file), number, is_taken: false }
    }

    /// Whether this owner's number is written.
    pub(super) fn is_taken(&self) -> bool {
        self.is_taken
    }

    /// Writes this owner's number, one above the last. It survives a power loss afterwards.
    ///
    /// # Errors
    /// [`StoreError::TakenOver`] when another owner has written one since the fence was found. Any other
    /// [`StoreError`] of the storage, after which this can be tried again.
    pub(super) fn take(&mut self, storage: &dyn Storage) -> Result<(), StoreError> {
        self.check(storage)?;
        let file = match self.file {
            Some(file) => file,
            None => *self.file.insert(storage.create()?),
        };
        let number = self.number + 1;
        let written = storage.write(file, 0, &header(Kind::Fence, number)).and_then(|()| storage.flush(file));
        match &written {
            Ok(()) => (self.number, self.is_taken) = (number, true),
            // A torn write may have left the number: it is nobody else's.
            Err(_) => self.number = self.read(storage)?,
        }
        written
    }

    /// Fails with [`StoreError::TakenOver`] if another owner has written a higher number.
    pub(super) fn check(&self, storage: &dyn Storage) -> Result<(), StoreError> {
        if self.read(storage)? > self.number { Err(StoreError::TakenOver) } else { Ok(()) }
    }

    /// The number that is written now; the known one where none can be read.
    fn read(&self, storage: &dyn Storage) -> Result<u64, StoreError> {
        let Some(file) = self.file else { return Ok(self.number) };
        let mut bytes = [0; HEADER_BYTES];
        let read = storage.read(file, 0, &mut bytes)?;
        match read_header(&bytes[..read]) {
            Ok(Some(Header { kind: Kind::Fence, number, .. })) => Ok(number),
            // Only an owner writes the fence: one of a newer format is another's.
            Err(StoreError::Version { .. }) => Err(StoreError::TakenOver),
            header => header.map(|_| self.number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStorage;

    fn full() -> StoreError {
        StoreError::Full("no space".to_owned())
    }

    #[test]
    fn an_owner_is_told_when_a_later_one_has_taken_over() {
        let storage = MemoryStorage::default();
        let mut first = Fence::missing();
        first.take(&storage).unwrap();
        assert_eq!(first.check(&storage), Ok(()));
        let mut second = Fence::found(0, 1);
        second.take(&storage).unwrap();
        assert_eq!((first.check(&storage), second.check(&storage)), (Err(StoreError::TakenOver), Ok(())));
    }

    #[test]
    fn a_fence_that_could_not_be_written_can_be_taken_later() {
        // The file is made, its header written, then flushed.
        for call in 0..3 {
            let storage = MemoryStorage::default();
            let mut fence = Fence::missing();
            storage.set_faults(call..call + 1, full());
            assert_eq!((fence.take(&storage), fence.is_taken()), (Err(full()), false), "call {call}");
            assert_eq!((fence.take(&storage), fence.is_taken()), (Ok(()), true), "call {call}");
            assert_eq!(fence.check(&storage), Ok(()));
        }
    }

    #[test]
    fn a_fence_that_another_owner_took_meanwhile_is_not_taken() {
        for call in 0..2 {
            let storage = MemoryStorage::default();
            Fence::missing().take(&storage).unwrap();
            let (mut fence, mut other) = (Fence::found(0, 1), Fence::found(0, 1));
            storage.set_faults(call..call + 1, full());
            assert_eq!(fence.take(&storage), Err(full()));
            // What the first one may have left there does not look like an owner to those that come later.
            other.number = fence.number;
            other.take(&storage).unwrap();
            assert_eq!((fence.take(&storage), fence.is_taken()), (Err(StoreError::TakenOver), false), "call {call}");
        }
    }
}
