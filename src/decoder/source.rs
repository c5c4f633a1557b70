//! The bytes of a file, unpacked.

use std::io::Read;

use super::error::{DecoderError, FileFault};
use super::zstd_frames::ZstdFile;
use crate::pipeline::coding::{CodingError, Decoded, Decoding};
use crate::pipeline::sniff::Packing;

/// Bytes of a piece of what is not zstd.
const PIECE_BYTES: usize = 1 << 20;
/// Bytes of what is packed that are read at a time: they become many times as many.
const PACKED_PIECE_BYTES: usize = 256 << 10;

/// A file that is read piece by piece.
pub(super) struct Source<R> {
    form: Form<R>,
    /// What was read already.
    start: Option<Vec<u8>>,
}

enum Form<R> {
    Plain(Plain<R>),
    /// By gzip or deflate.
    Packed {
        file: Plain<R>,
        packing: Packing,
        decoding: Decoding,
        is_ended: bool,
    },
    Zstd(Box<ZstdFile<R>>),
}

/// A file as it is.
struct Plain<R> {
    file: R,
    bytes: u64,
}

impl<R: Read> Source<R> {
    /// The bytes of the file as they are.
    pub(super) fn plain(file: R) -> Self {
        Self { form: Form::Plain(Plain { file, bytes: 0 }), start: None }
    }

    /// What was packed in it.
    pub(super) fn packed(file: R, packing: Packing) -> Result<Self, DecoderError> {
        let file = Plain { file, bytes: 0 };
        let decoding = Decoding::new(packing.name(), usize::MAX).map_err(|error| fault(&error, packing, 0))?;
        Ok(Self { form: Form::Packed { file, packing, decoding, is_ended: false }, start: None })
    }

    /// What was compressed by zstd.
    pub(super) fn zstd(file: ZstdFile<R>) -> Self {
        Self { form: Form::Zstd(Box::new(file)), start: None }
    }

    /// The first piece, which is read again; none of an empty file.
    pub(super) fn peek(&mut self) -> Result<&[u8], DecoderError> {
        if self.start.is_none() {
            self.start = self.next_piece()?;
        }
        Ok(self.start.as_deref().unwrap_or_default())
    }

    /// Bytes of the file that are read.
    pub(super) fn read_bytes(&self) -> u64 {
        match &self.form {
            Form::Plain(file) | Form::Packed { file, .. } => file.bytes,
            Form::Zstd(file) => file.read_bytes(),
        }
    }

    /// The next piece; `None` at the end.
    pub(super) fn next_piece(&mut self) -> Result<Option<Vec<u8>>, DecoderError> {
        if let Some(start) = self.start.take() {
            return Ok(Some(start));
        }
        let mut piece = Vec::new();
        match &mut self.form {
            Form::Plain(file) => file.read_to(&mut piece, PIECE_BYTES)?,
            Form::Packed { file, packing, decoding, is_ended } => {
                while piece.len() < PIECE_BYTES && !*is_ended {
                    match decoding.read(&mut piece).map_err(|error| fault(&error, *packing, file.bytes))? {
                        Decoded::More => {}
                        Decoded::End => *is_ended = true,
                        Decoded::NeedsMore => {
                            let mut packed = Vec::new();
                            file.read_to(&mut packed, PACKED_PIECE_BYTES)?;
                            // The end is told by a piece without bytes.
                            decoding.push(&packed, packed.is_empty());
                        }
                    }
                }
            }
            Form::Zstd(file) => piece = file.next_piece()?.unwrap_or_default(),
        }
        Ok((!piece.is_empty()).then_some(piece))
    }
}

impl<R: Read> Plain<R> {
    /// Appends the next bytes, fewer than so many at the end alone.
    fn read_to(&mut self, out: &mut Vec<u8>, bytes: usize) -> Result<(), DecoderError> {
        let read = (&mut self.file).take(bytes as u64).read_to_end(out);
        self.bytes += out.len() as u64;
        read.map(|_| ()).map_err(|error| {
            let damaged = || FileFault::Damaged(error.to_string());
            DecoderError::Bytes(FileFault::of_io(&error).unwrap_or_else(damaged))
        })
    }
}

fn fault(error: &CodingError, packing: Packing, at: u64) -> DecoderError {
    DecoderError::Packed(error.of_file(packing.name(), at))
}
