//! The storage port: numbered files that are read and written in place.

use std::fmt;

/// The number of a file.
pub type FileId = u32;

/// Numbered files. All calls are synchronous; the next read returns what was written, which survives a power loss after
/// [`flush`](Self::flush).
///
/// `browser::opfs` implements it with the browser's files, [`MemoryStorage`](super::MemoryStorage) in memory for tests.
pub trait Storage: fmt::Debug {
    /// All files that are not empty, in ascending order.
    fn files(&self) -> Vec<FileId>;

    /// The length of a file in bytes; 0 for one that does not exist.
    fn len(&self, file: FileId) -> u64;

    /// Reads from offset `at` into `bytes`; returns the number of bytes read, fewer at the end of the file.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn read(&self, file: FileId, at: u64, bytes: &mut [u8]) -> Result<usize, StoreError>;

    /// Writes at offset `at`; the file grows when the end of the write is beyond its end.
    ///
    /// # Errors
    /// [`StoreError::Full`], after which nothing or a part is written; [`StoreError::Io`].
    fn write(&self, file: FileId, at: u64, bytes: &[u8]) -> Result<(), StoreError>;

    /// Truncates a file, or extends it with zeros: the space up to `len` is allocated.
    ///
    /// # Errors
    /// [`StoreError::Full`] and [`StoreError::Io`].
    fn set_len(&self, file: FileId, len: u64) -> Result<(), StoreError>;

    /// Returns once what was written to the file survives a power loss.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn flush(&self, file: FileId) -> Result<(), StoreError>;

    /// Hands out an empty file that is not in use.
    ///
    /// # Errors
    /// [`StoreError::NoFile`] while there is none; [`StoreError::Full`] and [`StoreError::Io`] when that is why none could
    /// be made.
    fn create(&self) -> Result<FileId, StoreError>;

    /// Empties a file; [`create`](Self::create) may hand it out again.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn remove(&self, file: FileId) -> Result<(), StoreError>;

    /// Reads a whole file.
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

/// Why the store could not write or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// There is no space left; the system's message.
    Full(String),
    /// Any other failure; the system's message.
    Io(String),
    /// Files of another version of the format.
    Version {
        /// The version in the files.
        found: u32,
        /// The latest version that this build reads.
        known: u32,
    },
    /// No checkpoint can be read, so going on would lose what the files hold; the cause.
    Damaged(String),
    /// Another owner has taken over the files.
    TakenOver,
    /// No empty file is open yet.
    NoFile,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(reason) => write!(f, "the disk is full ({reason})"),
            Self::Io(reason) => write!(f, "the browser's storage failed ({reason})"),
            Self::Version { found, known } => write!(
                f,
                "the stored history is of format version {found}, and this build reads versions up to {known}; export the raw files, or open the app that wrote them"
            ),
            Self::Damaged(what) => {
                write!(f, "the stored history cannot be opened: {what}; export the raw files before you reset")
            }
            Self::TakenOver => f.write_str("another tab has taken the pipeline over"),
            Self::NoFile => f.write_str("the browser's storage has no free file yet"),
        }
    }
}

impl std::error::Error for StoreError {}
