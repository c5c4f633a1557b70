//! The bytes of a file, as its rows are written: unpacked, and Parquet and Arrow as columns.

use parquet::file::reader::ChunkReader;

use super::error::{DecoderError, FileFault};
use super::file::Decoder;
use super::source::Source;
use crate::pipeline::coding::Decoding;
use crate::pipeline::sniff::{FileKind, Packing};
use crate::pipeline::sources::{EPOCH_BYTES, ReadingOn, file_epoch};
use crate::protocol::{Coding, DecodedFile, FileFacts};

/// Bytes of a file that are read at a time: few enough for memory, enough that reading them is not what takes time.
const SLICE_BYTES: u64 = 4 << 20;
/// The first of them, which may be all that is wanted: a header.
const FIRST_BYTES: u64 = 64 << 10;

/// A file that is open.
pub(super) struct FileBytes<R: ChunkReader> {
    file: R,
    epoch: u64,
    form: Form<R>,
}

/// How it becomes bytes of rows.
enum Form<R: ChunkReader> {
    /// They are its bytes.
    Plain,
    /// They were packed by gzip or deflate.
    Packed { packing: Packing, source: Box<Source<R::T>> },
    /// They are made of it.
    Decoded { coding: Coding, packing: Option<Packing>, decoder: Box<Decoder<R>>, done: u64, known: DecodedFile },
}

/// Some of the bytes of a file.
pub(super) struct Piece {
    pub(super) bytes: Vec<u8>,
    /// Whether the file ends with them.
    pub(super) is_last: bool,
}

/// What is known of a file.
///
/// # Errors
/// A sentence with reason and mend.
pub fn file_facts<R: ChunkReader + 'static>(file: &R) -> Result<FileFacts, String> {
    let start = start_of(file)?;
    let (coding, packing) = coding_of(&start);
    let is_plain = coding.is_none() && packing.is_none();
    Ok(FileFacts {
        epoch: file_epoch(&start),
        bytes: file.len(),
        plain_bytes: is_plain.then(|| file.len()),
        reading_on: match coding {
            // Of what zstd holds no row is known before it is read.
            Some(Coding::Zstd) => ReadingOn::Start,
            Some(Coding::Parquet | Coding::Arrow | Coding::PackedArrow) => ReadingOn::Row,
            None if is_plain => ReadingOn::Byte,
            None => ReadingOn::Start,
        },
    })
}

/// How a file that begins like this is encoded, where a [`Decoder`] reads it, and how it is packed.
fn coding_of(start: &[u8]) -> (Option<Coding>, Option<Packing>) {
    match (Coding::of(start), Packing::detect(start)) {
        (None, Some(packing)) if is_packed_arrow(packing, start) => (Some(Coding::PackedArrow), Some(packing)),
        known => known,
    }
}

/// Whether Arrow is packed in a file that begins like this.
fn is_packed_arrow(packing: Packing, start: &[u8]) -> bool {
    let Ok(mut decoding) = Decoding::new(packing.name(), usize::MAX) else { return false };
    decoding.push(start, false);
    let mut unpacked = Vec::new();
    // What is damaged is said where it is read.
    decoding.read(&mut unpacked).is_ok() && Coding::of(&unpacked) == Some(Coding::Arrow)
}

fn start_of<R: ChunkReader>(file: &R) -> Result<Vec<u8>, String> {
    slice(file, 0, EPOCH_BYTES as u64)
}

/// So many bytes from this one on, or those that are left.
fn slice<R: ChunkReader>(file: &R, from: u64, bytes: u64) -> Result<Vec<u8>, String> {
    let bytes = bytes.min(file.len().saturating_sub(from));
    let read = file.get_bytes(from, bytes as usize).map_err(|error| {
        unread(
            from,
            &match FileFault::from(&error) {
                FileFault::Unread(reason) => reason,
                other => other.to_string(),
            },
        )
    })?;
    Ok(read.into())
}

/// A sentence: why a file cannot be read from this byte on.
pub fn unread(from: u64, reason: &str) -> String {
    format!(
        "the file cannot be read from byte {from} on, since it has changed or is gone ({reason}); choose it again, and it goes on there"
    )
}

impl<R: ChunkReader + 'static> FileBytes<R> {
    /// Opens a file. Of Parquet and Arrow, rows from this one on are read, and the values of these columns alone.
    ///
    /// # Errors
    /// A sentence with reason and mend.
    pub(super) fn open(file: R, columns: Option<&[String]>, row: u64) -> Result<Self, String>
    where
        R: Clone,
    {
        let start = start_of(&file)?;
        let form = match coding_of(&start) {
            (Some(coding), packing) => {
                let row = if coding == Coding::Zstd { 0 } else { row };
                let opened = Decoder::open(file.clone(), coding, columns, row);
                let (decoder, known) = opened.map_err(|error: DecoderError| error.to_string())?;
                Form::Decoded { coding, packing, decoder: Box::new(decoder), done: 0, known }
            }
            (None, Some(packing)) => {
                let read = file.get_read(0).map_err(|error| FileFault::from(&error).to_string())?;
                let source = Source::packed(read, packing).map_err(|error| error.to_string())?;
                Form::Packed { packing, source: Box::new(source) }
            }
            (None, None) => Form::Plain,
        };
        Ok(Self { epoch: file_epoch(&start), file, form })
    }

    /// Its length, as it is.
    pub(super) fn len(&self) -> u64 {
        self.file.len()
    }

    /// Tells its content.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Whether rows are made of its bytes as they are.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.form, Form::Plain)
    }

    /// What it is of which columns come.
    pub(super) fn columns_of(&self) -> Option<FileKind> {
        match &self.form {
            Form::Decoded { coding: Coding::Parquet, .. } => Some(FileKind::Parquet),
            Form::Decoded { known, .. } if known.is_columns => Some(FileKind::Arrow),
            Form::Plain | Form::Packed { .. } | Form::Decoded { .. } => None,
        }
    }

    /// Sentences about columns that cannot be read.
    pub(super) fn unreadable(&self) -> impl Iterator<Item = &str> {
        let unreadable = if let Form::Decoded { known, .. } = &self.form { &*known.unreadable } else { &[] };
        unreadable.iter().map(|column| column.reason.as_str())
    }

    /// How it is packed, if it is.
    pub(super) fn packing(&self) -> Option<&'static str> {
        match &self.form {
            Form::Packed { packing, .. } => Some(packing.name()),
            Form::Decoded { packing, .. } => packing.map(Packing::name),
            Form::Plain => None,
        }
    }

    /// How many of its bytes were read, of what is not plain.
    pub(super) fn packed_bytes(&self) -> Option<u64> {
        match &self.form {
            Form::Plain => None,
            Form::Packed { source, .. } => Some(source.read_bytes()),
            Form::Decoded { done, known, .. } => {
                let share = if known.total > 0 { *done as f64 / known.total as f64 } else { 0.0 };
                Some((self.len() as f64 * share) as u64)
            }
        }
    }

    /// The bytes from this one on, as many as are handy; of what is not plain, those that follow the piece before.
    ///
    /// # Errors
    /// A sentence with place, reason and mend. Nothing can be read after it.
    pub(super) fn read(&mut self, from: u64) -> Result<Piece, String> {
        match &mut self.form {
            Form::Plain => {
                let bytes = slice(&self.file, from, if from == 0 { FIRST_BYTES } else { SLICE_BYTES })?;
                let is_last = from + bytes.len() as u64 >= self.file.len();
                Ok(Piece { bytes, is_last })
            }
            Form::Packed { source, .. } => {
                let piece = source.next_piece().map_err(|error| error.to_string())?;
                let is_last = piece.is_none();
                Ok(Piece { bytes: piece.unwrap_or_default(), is_last })
            }
            Form::Decoded { decoder, done, .. } => {
                let piece = decoder.next_piece().map_err(|error| error.to_string())?;
                Ok(piece.map_or(Piece { bytes: Vec::new(), is_last: true }, |(bytes, read)| {
                    *done = read;
                    Piece { bytes, is_last: false }
                }))
            }
        }
    }
}
