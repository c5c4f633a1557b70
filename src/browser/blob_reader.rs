//! The bytes of a file or blob, read at once instead of by a promise: workers may wait for them.

use std::io::{self, Read};

use bytes::Bytes;
use js_sys::{ArrayBuffer, Uint8Array};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use send_wrapper::SendWrapper;
use wasm_bindgen::JsValue;
use web_sys::{Blob, FileReaderSync};

use super::byte_stream::ByteStream;
use super::error::sentence;
use crate::decoder::FileFault;

/// Bytes of the first read of a sequence: the head of a page. Each further one reads four times as many.
const FIRST_BYTES: usize = 4 << 10;
/// Bytes of the longest read of a sequence.
const MAX_BYTES: usize = 1 << 20;

/// A file or blob that is read in any order. The wrappers are for [`ChunkReader`], which may be shared by threads: a
/// worker is one thread.
#[derive(Debug, Clone)]
pub struct BlobReader {
    blob: SendWrapper<Blob>,
    reader: SendWrapper<FileReaderSync>,
    len: u64,
}

impl BlobReader {
    /// Of this file or blob.
    ///
    /// # Errors
    /// A sentence, outside of workers.
    pub fn new(blob: Blob) -> Result<Self, String> {
        let reader = FileReaderSync::new().map_err(|error| sentence(&error))?;
        let len = blob.size() as u64;
        Ok(Self { blob: SendWrapper::new(blob), reader: SendWrapper::new(reader), len })
    }

    /// The number of its bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.len
    }

    /// Its bytes from this one on.
    pub(super) fn stream_from(&self, start: u64) -> Result<ByteStream, JsValue> {
        self.blob.slice_with_f64_and_f64(start as f64, self.len as f64).map(|rest| ByteStream::of_blob(&rest))
    }

    /// Fails, with what the browser says, when the file has changed since it was chosen, or is gone.
    pub(super) fn check(&self) -> Result<(), String> {
        self.slice(0, 1).map(drop).map_err(|error| sentence(&error))
    }

    /// So many bytes from `start` on; all that are left, if they are fewer.
    fn read(&self, start: u64, length: usize) -> io::Result<Vec<u8>> {
        let end = self.len.min(start.saturating_add(length as u64));
        if start >= end {
            return Ok(Vec::new());
        }
        let buffer = self.slice(start, end).map_err(|error| io::Error::other(FileFault::Unread(sentence(&error))))?;
        Ok(Uint8Array::new(&buffer).to_vec())
    }

    fn slice(&self, start: u64, end: u64) -> Result<ArrayBuffer, JsValue> {
        self.reader.read_as_array_buffer(&self.blob.slice_with_f64_and_f64(start as f64, end as f64)?)
    }
}

impl Length for BlobReader {
    fn len(&self) -> u64 {
        self.len
    }
}

impl ChunkReader for BlobReader {
    type T = BlobRead;

    fn get_read(&self, start: u64) -> Result<BlobRead, ParquetError> {
        Ok(BlobRead { blob: self.clone(), next: start, piece: Vec::new(), used: 0, length: FIRST_BYTES })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let bytes = self.read(start, length)?;
        if bytes.len() < length {
            return Err(ParquetError::EOF(format!("the file ends within {length} bytes from byte {start} on")));
        }
        Ok(bytes.into())
    }
}

/// The bytes of a [`BlobReader`], one after the other.
#[derive(Debug)]
pub struct BlobRead {
    blob: BlobReader,
    /// Where the next piece begins.
    next: u64,
    piece: Vec<u8>,
    /// Bytes of the piece that were handed out.
    used: usize,
    /// Bytes of the next piece.
    length: usize,
}

impl Read for BlobRead {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.used == self.piece.len() {
            self.piece = self.blob.read(self.next, self.length)?;
            self.next += self.piece.len() as u64;
            self.length = MAX_BYTES.min(4 * self.length);
            self.used = 0;
        }
        let length = out.len().min(self.piece.len() - self.used);
        out[..length].copy_from_slice(&self.piece[self.used..][..length]);
        self.used += length;
        Ok(length)
    }
}
