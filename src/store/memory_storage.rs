//! Storage in memory with injected failures: for tests, the fuzzer and benchmarks.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use super::storage::{FileId, Storage, StoreError};

/// Files in memory, their flushed content, and the injected limits.
#[derive(Debug, Default)]
pub struct MemoryStorage(RefCell<Disk>);

#[derive(Debug, Default)]
struct Disk {
    files: BTreeMap<FileId, Vec<u8>>,
    /// The content of each file at its last flush.
    flushed: BTreeMap<FileId, Vec<u8>>,
    /// Files handed out and not removed.
    used: std::collections::BTreeSet<FileId>,
    room_bytes: Option<u64>,
    flushes: usize,
    is_tracking: bool,
    /// Bytes that can still be written before every call fails.
    lifetime_bytes: Option<u64>,
    /// Calls that change something, since the faults were set.
    changes: usize,
    /// Which of them fail, and how.
    faults: Option<(Range<usize>, StoreError)>,
}

impl MemoryStorage {
    /// Files that record what was flushed, so that [`lose_power`](Self::lose_power) can drop the rest.
    pub fn tracking() -> Self {
        Self(RefCell::new(Disk { is_tracking: true, ..Disk::default() }))
    }

    /// Limits the bytes of all files together; `None` for no limit.
    pub fn set_room(&self, bytes: Option<u64>) {
        self.0.borrow_mut().room_bytes = bytes;
    }

    /// Ends the program inside a write, after `bytes` more bytes: from then on writes, resizes, flushes and removals
    /// fail.
    pub fn set_lifetime(&self, bytes: Option<u64>) {
        self.0.borrow_mut().lifetime_bytes = bytes;
    }

    /// Lets calls that change something fail: of those from now on, counted from 0, the ones in this range. Of a
    /// write that fails half of the bytes are there.
    pub fn set_faults(&self, calls: Range<usize>, error: StoreError) {
        let mut disk = self.0.borrow_mut();
        (disk.changes, disk.faults) = (0, Some((calls, error)));
    }

    /// The number of calls that change something since [`set_faults`](Self::set_faults): `write`, `set_len`, `flush`,
    /// `create` and `remove`.
    pub fn changes(&self) -> usize {
        self.0.borrow().changes
    }

    /// The bytes of all files together.
    pub fn total_bytes(&self) -> u64 {
        self.0.borrow().total()
    }

    /// The number of flushes.
    pub fn flushes(&self) -> usize {
        self.0.borrow().flushes
    }

    /// A copy as the next program finds it after the end of this one: all written bytes are there.
    pub fn after_crash(&self) -> Self {
        let files = self.0.borrow().files.clone();
        Self::with_files(files)
    }

    /// A copy as it may be after a power loss: flushed bytes are there; of the bytes written since, `keep` returns for
    /// each file how many survive, counted from the first changed byte.
    pub fn lose_power(&self, mut keep: impl FnMut(FileId, usize) -> usize) -> Self {
        let disk = self.0.borrow();
        let mut files = BTreeMap::new();
        for (id, bytes) in &disk.files {
            let safe = disk.flushed.get(id).cloned().unwrap_or_default();
            let same = bytes.iter().zip(&safe).take_while(|(one, other)| one == other).count();
            let kept = keep(*id, bytes.len() - same).min(bytes.len() - same);
            let mut torn = bytes[..same + kept].to_vec();
            if safe.len() > torn.len() {
                torn.extend_from_slice(&safe[torn.len()..]);
            }
            files.insert(*id, torn);
        }
        Self::with_files(files)
    }

    /// Changes the bytes of a file directly, as damage on the medium does.
    pub fn damage(&self, file: FileId, change: impl FnOnce(&mut Vec<u8>)) {
        if let Some(bytes) = self.0.borrow_mut().files.get_mut(&file) {
            change(bytes);
        }
    }

    fn with_files(files: BTreeMap<FileId, Vec<u8>>) -> Self {
        let used = files.iter().filter(|(_, bytes)| !bytes.is_empty()).map(|(id, _)| *id).collect();
        Self(RefCell::new(Disk { flushed: files.clone(), files, used, is_tracking: true, ..Disk::default() }))
    }
}

impl Disk {
    fn total(&self) -> u64 {
        self.files.values().map(|bytes| bytes.len() as u64).sum()
    }

    /// The part of a write that is done before the program ends.
    fn live_through<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], StoreError> {
        let Some(left) = self.lifetime_bytes else { return Ok(bytes) };
        self.check_alive()?;
        let written = bytes.len().min(left as usize);
        self.lifetime_bytes = Some(left - written as u64);
        Ok(&bytes[..written])
    }

    fn check_alive(&self) -> Result<(), StoreError> {
        if self.lifetime_bytes == Some(0) { Err(StoreError::Io("the program has died".to_owned())) } else { Ok(()) }
    }

    /// Counts a call that changes something, and fails if that is one of the injected failures.
    fn change(&mut self) -> Result<(), StoreError> {
        let call = self.changes;
        self.changes += 1;
        match &self.faults {
            Some((calls, error)) if calls.contains(&call) => Err(error.clone()),
            _ => Ok(()),
        }
    }

    fn resize(&mut self, file: FileId, len: u64) -> Result<(), StoreError> {
        let old = self.files.get(&file).map_or(0, Vec::len) as u64;
        if let Some(room) = self.room_bytes
            && len > old
            && self.total() + (len - old) > room
        {
            return Err(StoreError::Full(format!("{room} bytes are all there is")));
        }
        self.files.entry(file).or_default().resize(usize::try_from(len).unwrap_or(usize::MAX), 0);
        Ok(())
    }
}

impl Storage for MemoryStorage {
    fn files(&self) -> Vec<FileId> {
        self.0.borrow().files.iter().filter(|(_, bytes)| !bytes.is_empty()).map(|(id, _)| *id).collect()
    }

    fn len(&self, file: FileId) -> u64 {
        self.0.borrow().files.get(&file).map_or(0, |bytes| bytes.len() as u64)
    }

    fn read(&self, file: FileId, at: u64, bytes: &mut [u8]) -> Result<usize, StoreError> {
        let disk = self.0.borrow();
        let content = disk.files.get(&file).map_or(&[][..], Vec::as_slice);
        let start = usize::try_from(at).unwrap_or(usize::MAX).min(content.len());
        let count = bytes.len().min(content.len() - start);
        bytes[..count].copy_from_slice(&content[start..start + count]);
        Ok(count)
    }

    fn write(&self, file: FileId, at: u64, bytes: &[u8]) -> Result<(), StoreError> {
        let mut disk = self.0.borrow_mut();
        if let Err(error) = disk.change() {
            let torn = &bytes[..bytes.len() / 2];
            let (start, end) = (at as usize, at as usize + torn.len());
            let content = disk.files.entry(file).or_default();
            content.resize(content.len().max(end), 0);
            content[start..end].copy_from_slice(torn);
            return Err(error);
        }
        let bytes = disk.live_through(bytes)?;
        let end = at + bytes.len() as u64;
        if end > disk.files.get(&file).map_or(0, Vec::len) as u64 {
            disk.resize(file, end)?;
        }
        if let Some(content) = disk.files.get_mut(&file) {
            content[at as usize..end as usize].copy_from_slice(bytes);
        }
        disk.check_alive()
    }

    fn set_len(&self, file: FileId, len: u64) -> Result<(), StoreError> {
        let mut disk = self.0.borrow_mut();
        disk.change()?;
        disk.check_alive()?;
        disk.resize(file, len)
    }

    fn flush(&self, file: FileId) -> Result<(), StoreError> {
        let mut disk = self.0.borrow_mut();
        disk.change()?;
        disk.check_alive()?;
        disk.flushes += 1;
        if disk.is_tracking {
            let bytes = disk.files.get(&file).cloned().unwrap_or_default();
            disk.flushed.insert(file, bytes);
        }
        Ok(())
    }

    fn create(&self) -> Result<FileId, StoreError> {
        let mut disk = self.0.borrow_mut();
        disk.change()?;
        let file = (0..).find(|file| !disk.used.contains(file)).ok_or(StoreError::NoFile)?;
        disk.used.insert(file);
        disk.files.entry(file).or_default();
        Ok(file)
    }

    fn remove(&self, file: FileId) -> Result<(), StoreError> {
        let mut disk = self.0.borrow_mut();
        disk.change()?;
        disk.check_alive()?;
        disk.files.insert(file, Vec::new());
        disk.flushed.insert(file, Vec::new());
        disk.used.remove(&file);
        Ok(())
    }
}
