//! Reads the rows of a text in any format, in pieces of any size.

use super::encoding::{Decoder, Encoding};
use super::error::BodyError;
use super::row::Rows;
use super::{csv, json};
use crate::time::Clock;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// An object, or an array of objects.
    Json,
    /// An object a line.
    Ndjson,
    /// A header row, then a record a row.
    Csv {
        /// The delimiter; found if `None`.
        delimiter: Option<u8>,
    },
}

/// Reads the rows of a text that comes in pieces. Of the text it keeps the row that has not ended, of up to
/// [`MAX_ROW_BYTES`](super::MAX_ROW_BYTES); the rows are the same for pieces of any size.
///
/// ```
/// use millrace::pipeline::records::{Encoding, Format, Reader, Rows};
/// use millrace::time::Clock;
///
/// let mut reader = Reader::new(Format::Ndjson, Encoding::Utf8);
/// let mut rows = Rows::default();
/// for (piece, is_last) in [("{\"value\":1}\n{\"val", false), ("ue\":2}", true)] {
///     reader.push(piece.as_bytes(), is_last, &Clock::Utc, &mut rows)?;
/// }
/// assert_eq!(rows.drafts.len(), 2);
/// # Ok::<(), millrace::pipeline::records::BodyError>(())
/// ```
#[derive(Debug)]
pub struct Reader {
    encoding: Encoding,
    /// The first bytes of the text, until they tell its encoding.
    start: Vec<u8>,
    decoder: Option<Decoder>,
    /// The text that is not read yet, as UTF-8.
    text: Vec<u8>,
    rows: RowReader,
}

/// Reads the rows of UTF-8.
#[derive(Debug)]
enum RowReader {
    Csv(csv::Reader),
    Lines(json::Lines),
    Values(json::Values),
}

/// Bytes that tell the encoding of a text.
const MARK_BYTES: usize = 3;

impl Reader {
    /// For a text whose encoding is `expected` unless a byte order mark says otherwise.
    #[must_use]
    pub fn new(format: Format, expected: Encoding) -> Self {
        let rows = match format {
            Format::Csv { delimiter } => RowReader::Csv(csv::Reader::new(delimiter)),
            Format::Ndjson => RowReader::Lines(json::Lines::default()),
            Format::Json => RowReader::Values(json::Values::default()),
        };
        Self { encoding: expected, start: Vec::new(), decoder: None, text: Vec::new(), rows }
    }

    /// Reads the next piece of the text; the rows that end in it are added to `rows`. Naive timestamps are read on
    /// `clock`. Each row is a draft or refused, never neither.
    ///
    /// # Errors
    /// [`BodyError`] for a text that is not JSON, and for a header row of CSV that does not name `value` once. Nothing
    /// can be read after it.
    pub fn push(&mut self, piece: &[u8], is_last: bool, clock: &Clock, rows: &mut Rows) -> Result<(), BodyError> {
        self.decode(piece, is_last);
        let read = match &mut self.rows {
            RowReader::Csv(reader) => reader.read(&self.text, is_last, self.encoding, clock, rows)?,
            RowReader::Lines(reader) => reader.read(&self.text, is_last, self.encoding, clock, rows),
            RowReader::Values(reader) => reader.read(&self.text, is_last, self.encoding, clock, rows)?,
        };
        self.text.drain(..read);
        Ok(())
    }

    /// Appends a piece to the text, as UTF-8 and without its mark.
    fn decode(&mut self, piece: &[u8], is_last: bool) {
        if let Some(decoder) = &mut self.decoder {
            return decoder.push(piece, is_last, &mut self.text);
        }
        self.start.extend_from_slice(piece);
        if self.start.len() >= MARK_BYTES || is_last {
            let start = std::mem::take(&mut self.start);
            let (encoding, mark) = Encoding::of_mark(&start).unwrap_or((self.encoding, 0));
            self.encoding = encoding;
            self.decoder.insert(Decoder::new(encoding)).push(&start[mark..], is_last, &mut self.text);
        }
    }
}

/// Reads all rows of a text, as [`Reader`] does.
///
/// # Errors
/// As [`Reader::push`].
pub fn read(text: &[u8], format: Format, expected: Encoding, clock: &Clock) -> Result<Rows, BodyError> {
    let mut rows = Rows::default();
    Reader::new(format, expected).push(text, true, clock, &mut rows)?;
    Ok(rows)
}
