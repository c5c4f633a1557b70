//! Reads the rows of a text or of columns, in pieces of any size.

use serde::{Deserialize, Serialize};

use super::encoding::{Decoder, Encoding};
use super::error::BodyError;
use super::format::Format;
use super::mapping::Mapping;
use super::row::Rows;
use super::{columns, csv, json};

/// Where a text of CSV or NDJSON can be read on: between two rows. It is what a source has to remember besides the
/// format and the mapping; of other texts, and of UTF-16, it remembers the number of rows and reads from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Bytes of the text before it, with its mark and its header.
    pub bytes: u64,
    /// Rows before it.
    pub rows: u64,
    /// Lines before it, with those of the header.
    pub lines: u64,
}

/// Reads the rows of a text that comes in pieces. Of the text it keeps the row that has not ended, of up to
/// [`MAX_ROW_BYTES`](super::MAX_ROW_BYTES), and of columns the batch; the rows are the same for pieces of any size.
///
/// ```
/// use millrace::pipeline::Settings;
/// use millrace::pipeline::records::{Encoding, Format, Mapping, Reader, Rows};
/// use millrace::time::Clock;
///
/// let mapping = Mapping::of(&Settings::default(), Clock::Utc);
/// let (mut reader, mut rows) = (Reader::new(Format::Ndjson, Encoding::Utf8, mapping), Rows::default());
/// for (piece, is_last) in [("{\"value\":1}\n{\"val", false), ("ue\":2}", true)] {
///     reader.push(piece.as_bytes(), is_last, &mut rows)?;
/// }
/// assert_eq!(rows.drafts.len(), 2);
/// # Ok::<(), millrace::pipeline::records::BodyError>(())
/// ```
#[derive(Debug)]
pub struct Reader {
    mapping: Mapping,
    encoding: Encoding,
    /// The first bytes of the text, until they tell its encoding.
    start: Vec<u8>,
    decoder: Option<Decoder>,
    /// The text that is not read yet, as UTF-8.
    text: Vec<u8>,
    rows: RowReader,
    /// Whether rows are left out, see [`check_rest`](Self::check_rest).
    is_checking: bool,
    /// Bytes that were pushed, and rows that were read of them, with those before a checkpoint.
    pushed_bytes: u64,
    read_rows: u64,
}

/// Reads the rows of UTF-8, or of columns.
#[derive(Debug)]
enum RowReader {
    Csv(csv::Reader),
    Lines(json::Lines),
    Values(json::Values),
    Columns(Box<columns::Reader>),
}

/// Bytes that tell the encoding of a text.
const MARK_BYTES: usize = 3;

impl Reader {
    /// For a text whose encoding is `expected` unless a byte order mark says otherwise.
    #[must_use]
    pub fn new(format: Format, expected: Encoding, mapping: Mapping) -> Self {
        let rows = match format {
            Format::Csv(options) => RowReader::Csv(csv::Reader::new(options)),
            Format::Ndjson => RowReader::Lines(json::Lines::default()),
            Format::Json => RowReader::Values(json::Values::default()),
            Format::Columns => RowReader::Columns(Box::default()),
        };
        Self {
            mapping,
            encoding: expected,
            start: Vec::new(),
            decoder: None,
            text: Vec::new(),
            rows,
            is_checking: false,
            pushed_bytes: 0,
            read_rows: 0,
        }
    }

    /// Reads the next piece; the rows that end in it are added to `rows`, always the same ones. Each row is a draft or
    /// refused, never neither.
    ///
    /// # Errors
    /// [`BodyError`] for what is not JSON, for a header row of CSV or a schema without the measures or with one of the
    /// fields twice, and for columns that are damaged. Nothing can be read after it; the rows before it count.
    pub fn push(&mut self, piece: &[u8], is_last: bool, rows: &mut Rows) -> Result<(), BodyError> {
        self.pushed_bytes += piece.len() as u64;
        let result = self.read(piece, is_last, rows);
        self.read_rows = rows.count() as u64;
        result
    }

    fn read(&mut self, piece: &[u8], is_last: bool, rows: &mut Rows) -> Result<(), BodyError> {
        if let RowReader::Columns(reader) = &mut self.rows {
            return reader.read(piece, is_last, &self.mapping, rows);
        }
        self.decode(piece, is_last);
        let (text, encoding, mapping) = (&self.text[..], self.encoding, &self.mapping);
        let read = match &mut self.rows {
            RowReader::Values(reader) if self.is_checking => reader.check(text, is_last)?,
            // What follows is read or refused row by row.
            RowReader::Lines(_) if self.is_checking => text.len(),
            RowReader::Csv(reader) if self.is_checking && reader.has_header() => text.len(),
            RowReader::Csv(reader) => reader.read(text, is_last, encoding, mapping, rows)?,
            RowReader::Lines(reader) => reader.read(text, is_last, encoding, mapping, rows),
            RowReader::Values(reader) => reader.read(text, is_last, encoding, mapping, rows)?,
            RowReader::Columns(_) => 0,
        };
        self.text.drain(..read);
        Ok(())
    }

    /// Whether rows of what was pushed are still to be read, since a batch of columns may have millions: push an empty
    /// piece. Of text all rows are read at once.
    #[must_use]
    pub fn has_more(&self) -> bool {
        matches!(&self.rows, RowReader::Columns(reader) if reader.has_more())
    }

    /// From now on looks only for what refuses the text as a whole, and may leave out rows: [`push`](Self::push) fails as
    /// it would have, and where it would have.
    pub fn check_rest(&mut self) {
        self.is_checking = true;
    }

    /// Where the text can be read on by another reader of the same format and mapping, behind the rows that were read:
    /// of CSV and NDJSON in UTF-8, once the header row has ended, and unless a row that is too long has begun.
    #[must_use]
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        // Bytes of the text that belong to no row that is still to be read.
        let (blank_bytes, lines) = match &self.rows {
            RowReader::Csv(reader) => reader.boundary()?,
            RowReader::Lines(reader) => (0, reader.boundary()?),
            RowReader::Values(_) | RowReader::Columns(_) => return None,
        };
        if self.encoding != Encoding::Utf8 || self.decoder.is_none() {
            return None;
        }
        let unread_bytes = self.text.len() - blank_bytes;
        let bytes = self.pushed_bytes - unread_bytes as u64;
        Some(Checkpoint { bytes, rows: self.read_rows, lines: lines as u64 })
    }

    /// Goes to a checkpoint, from which the next piece comes; what was not read is dropped. The reader has to have had a
    /// checkpoint itself: a new one of CSV is given the first bytes of the text before, for its header row. The rows that
    /// follow are numbered from [`Rows::from_row`].
    pub fn jump(&mut self, to: Checkpoint) {
        let lines = to.lines as usize;
        match &mut self.rows {
            RowReader::Csv(reader) => reader.jump(lines),
            RowReader::Lines(reader) => reader.jump(lines),
            // They have no checkpoints.
            RowReader::Values(_) | RowReader::Columns(_) => return,
        }
        self.text.clear();
        (self.pushed_bytes, self.read_rows) = (to.bytes, to.rows);
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
pub fn read(text: &[u8], format: Format, expected: Encoding, mapping: &Mapping) -> Result<Rows, BodyError> {
    let mut rows = Rows::default();
    let mut reader = Reader::new(format, expected, mapping.clone());
    reader.push(text, true, &mut rows)?;
    while reader.has_more() {
        reader.push(&[], true, &mut rows)?;
    }
    Ok(rows)
}
