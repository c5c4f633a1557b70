//! The bytes of a file from any place on, as a stream: a slice of a file costs the browser as much as reading some MiB, and
//! a stream reads ahead.

use super::blob_reader::BlobReader;
use super::byte_stream::ByteStream;
use super::error::sentence;
use crate::decoder::unread;

/// A piece has at least so many bytes, unless the file ends: some browsers give very few at a time.
const LEAST_BYTES: usize = 256 << 10;
/// After so many bytes, and at the end, it is looked whether the file is still what it was: a stream goes on through any
/// change.
const CHECKED_BYTES: usize = 32 << 20;

/// A file whose bytes are read in order; to go on elsewhere costs another stream.
pub struct FileText {
    file: BlobReader,
    open: Option<Open>,
}

struct Open {
    stream: ByteStream,
    /// The byte that it has next.
    next: u64,
    /// Bytes since the file was looked at.
    unchecked: usize,
}

impl FileText {
    /// Of this file or blob.
    #[must_use]
    pub fn new(file: BlobReader) -> Self {
        Self { file, open: None }
    }

    /// Some bytes from this one on, and whether the file ends with them.
    ///
    /// # Errors
    /// A sentence, when the file has changed or is gone.
    pub async fn read(&mut self, from: u64) -> Result<(Vec<u8>, bool), String> {
        let len = self.file.bytes();
        if from >= len {
            return Ok((Vec::new(), true));
        }
        let mut open = match self.open.take() {
            Some(open) if open.next == from => open,
            other => {
                other.iter().for_each(|open| open.stream.cancel());
                let stream = self.file.stream_from(from).map_err(|error| unread(from, &sentence(&error)))?;
                Open { stream, next: from, unchecked: 0 }
            }
        };
        let mut bytes = Vec::new();
        while bytes.len() < LEAST_BYTES && from + (bytes.len() as u64) < len {
            let part = open.stream.next().await.map_err(|error| unread(from, &sentence(&error)))?;
            let part = part.ok_or_else(|| unread(from, "it is shorter now"))?;
            if bytes.is_empty() { bytes = part } else { bytes.extend_from_slice(&part) }
        }
        open.next += bytes.len() as u64;
        open.unchecked += bytes.len();
        let is_last = open.next >= len;
        if is_last || open.unchecked >= CHECKED_BYTES {
            self.file.check().map_err(|reason| unread(from, &reason))?;
            open.unchecked = 0;
        }
        self.open = (!is_last).then_some(open);
        Ok((bytes, is_last))
    }
}

impl Drop for FileText {
    fn drop(&mut self) {
        self.open.iter().for_each(|open| open.stream.cancel());
    }
}
