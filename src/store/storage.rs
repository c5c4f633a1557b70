//! The port to where bytes stay: files that are numbered, read and written in place.

use std::fmt;

/// Names a file.
pub type FileId = u32;

/// Files as a disk has them. All calls return at once; what is written is seen by the next read, and is safe from a power
/// loss after [`flush`](Self::flush).
///
/// The browser's files are in `browser::opfs`, those of tests in [`MemoryStorage`](super::MemoryStorage).
pub trait Storage: fmt::Debug {
    /// All files that hold something, in order.
    fn files(&self) -> Vec<FileId>;

    /// Bytes of a file; 0 for one that there is not.
    fn len(&self, file: FileId) -> u64;

    /// Fills `bytes` from this place on; returns how many there were.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn read(&self, file: FileId, at: u64, bytes: &mut [u8]) -> Result<usize, StoreError>;

    /// Writes at this place; the file grows when that lies beyond its end.
    ///
    /// # Errors
    /// [`StoreError::Full`], and then nothing or a part is written; [`StoreError::Io`].
    fn write(&self, file: FileId, at: u64, bytes: &[u8]) -> Result<(), StoreError>;

    /// Cuts a file off, or fills it with zeros up to this length: either way the room is taken.
    ///
    /// # Errors
    /// [`StoreError::Full`] and [`StoreError::Io`].
    fn set_len(&self, file: FileId, len: u64) -> Result<(), StoreError>;

    /// Waits until what was written is safe.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn flush(&self, file: FileId) -> Result<(), StoreError>;

    /// An empty file that nobody uses; `None` while there is none.
    fn create(&self) -> Option<FileId>;

    /// Empties a file and lets [`create`](Self::create) hand it out again.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn remove(&self, file: FileId) -> Result<(), StoreError>;

    /// A file, whole.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn read_all(&self, file: FileId) -> Result<Vec<u8>, StoreError> {
        let mut bytes = vec![0; usize::try_from(self.len(file)).unwrap_or(0)];
        let read = self.read(file, 0, &mut bytes)?;
        bytes.truncate(read);
        Ok(bytes)
    }
}

/// Why something could not be kept or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// There is no room; what the system says.
    Full(String),
    /// Anything else that the system says.
    Io(String),
    /// Files of another version of the format.
    Version {
        /// Theirs.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// The newest files cannot be read, so going on would lose what the older ones hold; what is wrong.
    Damaged(String),
    /// Another owner has taken the files over.
    TakenOver,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(reason) => write!(f, "the disk is full ({reason})"),
            Self::Io(reason) => write!(f, "the browser's storage failed ({reason})"),
            Self::Version { found, known } => write!(
                f,
                "the stored history is of format version {found}, and this build reads version {known}; export the raw files, or open the app that wrote them"
            ),
            Self::Damaged(what) => {
                write!(f, "the stored history cannot be opened: {what}; export the raw files before you reset")
            }
            Self::TakenOver => f.write_str("another tab has taken the pipeline over"),
        }
    }
}

impl std::error::Error for StoreError {}
