//! A file in any coding, piece by piece.

use parquet::errors::ParquetError;
use parquet::file::reader::ChunkReader;

use super::arrow::ArrowFile;
use super::error::DecoderError;
use super::parquet_file::ParquetFile;
use super::source::Source;
use super::zstd_frames::ZstdFile;
use crate::pipeline::sniff::Packing;
use crate::protocol::{Coding, DecodedFile};

/// Bytes that tell how a file is packed.
const START_BYTES: u64 = 4;

/// Decodes a file piece by piece. Its memory does not grow with the file: it holds a page of each column that is read,
/// a record batch, or a window of zstd, and a piece of some megabytes.
pub struct Decoder<R: ChunkReader>(Opened<R>);

enum Opened<R: ChunkReader> {
    Parquet(Box<ParquetFile<R>>),
    Arrow(Box<ArrowFile<R::T>>),
    Bytes(Box<Source<R::T>>),
}

impl<R: ChunkReader + 'static> Decoder<R> {
    /// Opens a file; what is known of it then stands beside the decoder. `columns` and `from` are those of
    /// [`ToDecoder::Open`](crate::protocol::ToDecoder::Open).
    ///
    /// # Errors
    /// [`DecoderError`] for a file that is not in this coding, is damaged, cut off or encrypted, and for columns that
    /// are needed and cannot be read.
    pub fn open(
        file: R,
        coding: Coding,
        columns: Option<&[String]>,
        from: u64,
    ) -> Result<(Self, DecodedFile), DecoderError> {
        let total = file.len();
        if total == 0 && coding != Coding::Arrow {
            return Err(DecoderError::Empty);
        }
        let unread = |error: ParquetError| DecoderError::Bytes((&error).into());
        let read = || file.get_read(0).map_err(unread);
        let arrow = |source| Opened::Arrow(Box::new(ArrowFile::new(source, columns, from)));
        let opened = match coding {
            Coding::Parquet => {
                let (opened, known) = ParquetFile::open(file, columns, from)?;
                return Ok((Self(Opened::Parquet(Box::new(opened))), known));
            }
            Coding::Arrow => arrow(Source::plain(read()?)),
            Coding::PackedArrow => {
                let start = file.get_bytes(0, START_BYTES.min(total) as usize).map_err(unread)?;
                arrow(match Packing::detect(&start) {
                    Some(packing) => Source::packed(read()?, packing)?,
                    None => Source::plain(read()?),
                })
            }
            Coding::Zstd => {
                let mut source = Source::zstd(ZstdFile::new(read()?, from));
                // What a row begins with is not known before, so that no other place is sought in it.
                if from == 0 && Coding::of(source.peek()?) == Some(Coding::Arrow) {
                    arrow(source)
                } else {
                    Opened::Bytes(Box::new(source))
                }
            }
        };
        let is_columns = matches!(opened, Opened::Arrow(_));
        Ok((Self(opened), DecodedFile { total, is_columns, ..DecodedFile::default() }))
    }

    /// The next piece, and how much of [`DecodedFile::total`] is read with it; `None` at the end.
    ///
    /// # Errors
    /// [`DecoderError`] where the file cannot be read on. Nothing can be read after it.
    pub fn next_piece(&mut self) -> Result<Option<(Vec<u8>, u64)>, DecoderError> {
        match &mut self.0 {
            Opened::Parquet(file) => file.next_piece(),
            Opened::Arrow(file) => file.next_piece(),
            Opened::Bytes(source) => Ok(source.next_piece()?.map(|piece| (piece, source.read_bytes()))),
        }
    }
}
