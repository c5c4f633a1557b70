//! Makes rows of messages: each is a text of the format of the settings, or columns.

use memchr::memchr;
use serde::de::IgnoredAny;

use crate::pipeline::records::{Checkpoint, CsvOptions, Encoding, Format, Mapping, Reader, Rows};
use crate::pipeline::{Header, SourceFormat};

const MARK: &[u8] = b"\xef\xbb\xbf";
/// Before the first byte of a message.
const START: Checkpoint = Checkpoint { bytes: 0, rows: 0, lines: 0 };

/// What a message holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pipeline::sources) enum Body {
    /// It, as it was sent.
    Sent(Vec<u8>),
    /// The [columns](crate::pipeline::records::columns) that were made of it.
    Columns(Vec<u8>),
    /// Its first bytes, and why it is not read.
    Unread(Vec<u8>, String),
}

impl Body {
    /// What of it is here.
    pub(in crate::pipeline::sources) fn bytes(&self) -> &[u8] {
        let (Self::Sent(bytes) | Self::Columns(bytes) | Self::Unread(bytes, _)) = self;
        bytes
    }

    /// What it holds now that its columns have come, or why they never will.
    pub(in crate::pipeline::sources) fn decoded(self, columns: Result<Vec<u8>, String>) -> Self {
        match (columns, self) {
            (Ok(columns), _) => Self::Columns(columns),
            (Err(sentence), Self::Sent(start)) => Self::Unread(start, sentence),
            (Err(_), body) => body,
        }
    }
}

/// A message of Arrow or Parquet: another program makes columns of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedMessage {
    /// The message.
    pub bytes: Vec<u8>,
    /// The columns whose values are needed.
    pub columns: Vec<String>,
}

/// Bytes of a message that are kept when it is not read.
pub(super) const SHOWN_BYTES: usize = 1024;

/// Reads messages one after the other, in steps. What cannot be read at all is one refused row.
///
/// Messages of CSV are parts of one table: the header row comes with the first one, and may come again with others.
#[derive(Debug)]
pub(in crate::pipeline::sources) struct MessageReader {
    format: SourceFormat,
    csv: CsvOptions,
    mapping: Mapping,
    /// Whether each message is a table of its own: the answers of a poll are, and the messages of a stream, of which some
    /// other machine may have taken the first one.
    is_each_whole: bool,
    /// Reads an object a line, of all messages.
    lines: Reader,
    table: Option<Table>,
    open: Option<Open>,
}

/// The table that messages of CSV are parts of.
#[derive(Debug)]
struct Table {
    reader: Reader,
    /// Its header row as it was sent, with the line `sep=` before it and no line end; empty where there is none.
    header: Vec<u8>,
}

/// The message that is being read.
#[derive(Debug)]
struct Open {
    bytes: Vec<u8>,
    /// Bytes that were read.
    at: usize,
    by: By,
}

/// What reads a message.
#[derive(Debug)]
enum By {
    Lines,
    Table,
    Own(Box<Reader>),
}

/// How a message is written, as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Blank,
    Lines,
    Json,
    Csv,
    Encoded,
}

impl MessageReader {
    pub(in crate::pipeline::sources) fn new(
        format: SourceFormat,
        csv: CsvOptions,
        mapping: Mapping,
        is_each_whole: bool,
    ) -> Self {
        let mut lines = Reader::new(Format::Ndjson, Encoding::Utf8, mapping.clone());
        // Three blank lines settle its encoding, so that no message of garbage changes it for all others. Lines are refused
        // one by one, so that there is no error.
        let _ = lines.push(b"\n\n\n", false, &mut Rows::default());
        Self { format, csv, mapping, is_each_whole, lines, table: None, open: None }
    }

    /// What another program has to decode before the message is read; only its first bytes stay where they are, until
    /// it is [decoded](Body::decoded).
    pub(in crate::pipeline::sources) fn take_encoded(&self, body: &mut Body) -> Option<EncodedMessage> {
        let Body::Sent(bytes) = body else { return None };
        if self.written(text_of(bytes)) != Written::Encoded {
            return None;
        }
        let start = bytes[..bytes.len().min(SHOWN_BYTES)].to_vec();
        let columns = self.mapping.names().map(str::to_owned).collect();
        Some(EncodedMessage { bytes: std::mem::replace(bytes, start), columns })
    }

    /// Begins with a message, whose rows are numbered from 0; the one before is done with.
    pub(in crate::pipeline::sources) fn begin(&mut self, body: Body, rows: &mut Rows) {
        rows.number_from(0);
        self.open = None;
        let bytes = match body {
            Body::Sent(bytes) => bytes,
            Body::Columns(bytes) => {
                let by = self.own(Format::Columns);
                self.open = Some(Open { bytes, at: 0, by });
                return;
            }
            Body::Unread(start, sentence) => return rows.refuse(1, sentence, &start),
        };
        let text = text_of(&bytes);
        let mark = bytes.len() - text.len();
        let (skipped, by) = match self.written(text) {
            Written::Blank => return,
            Written::Lines => {
                self.lines.jump(START);
                (0, By::Lines)
            }
            Written::Json => (0, self.own(Format::Json)),
            Written::Csv if self.is_each_whole => (0, self.own(Format::Csv(self.csv))),
            Written::Csv => (self.open_table(text), By::Table),
            Written::Encoded => return rows.refuse(1, NOT_DECODED.to_owned(), &bytes),
        };
        self.open = Some(Open { at: mark + skipped, bytes, by });
    }

    /// Reads so many bytes of the message, or all that are left; whether it is done with. Its rows are added to `rows`.
    pub(in crate::pipeline::sources) fn read(&mut self, most_bytes: usize, rows: &mut Rows) -> bool {
        let Some(open) = &mut self.open else { return true };
        let table = self.table.as_mut().map(|table| &mut table.reader);
        let reader = match (&mut open.by, table) {
            (By::Own(reader), _) => &mut **reader,
            (By::Table, Some(reader)) => reader,
            (By::Lines, _) | (By::Table, None) => &mut self.lines,
        };
        // The rows of a batch of columns come in parts.
        let step = if reader.has_more() { 0 } else { most_bytes };
        let end = open.bytes.len().min(open.at.saturating_add(step));
        let is_last = end == open.bytes.len();
        let read = reader.push(&open.bytes[open.at..end], is_last, rows);
        let is_done = read.is_err() || (is_last && !reader.has_more());
        open.at = end;
        if let Err(error) = read {
            rows.refuse(1, error.to_string(), &open.bytes);
            if matches!(open.by, By::Table) {
                // Its header row was none: the next message may have one.
                self.table = None;
            }
        }
        if is_done {
            self.open = None;
        }
        is_done
    }

    /// The number of rows of a message that is dropped unread: of text its lines.
    pub(super) fn count(&self, body: &Body) -> usize {
        let written = match body {
            Body::Sent(bytes) => self.written(text_of(bytes)),
            // Columns have rows of their own, as a document of JSON has; what is not read is one row.
            Body::Columns(_) | Body::Unread(..) => Written::Json,
        };
        match written {
            Written::Blank => 0,
            Written::Lines | Written::Csv => {
                let bytes = body.bytes();
                let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
                let repeats_header = self.table.as_ref().is_some_and(|table| table.repeats_header(bytes) > 0);
                lines - usize::from(repeats_header)
            }
            // Nobody knows before it is decoded.
            Written::Encoded => 1,
            Written::Json => {
                let mut rows = Rows::default();
                let mut other = Self::new(self.format, self.csv, self.mapping.clone(), true);
                other.begin(body.clone(), &mut rows);
                while !other.read(usize::MAX, &mut rows) {}
                rows.count()
            }
        }
    }

    fn own(&self, format: Format) -> By {
        By::Own(Box::new(Reader::new(format, Encoding::Utf8, self.mapping.clone())))
    }

    /// Gets ready for a part of the table; returns how many bytes of it repeat the header row.
    fn open_table(&mut self, text: &[u8]) -> usize {
        let Some(table) = &mut self.table else {
            let reader = Reader::new(Format::Csv(self.csv), Encoding::Utf8, self.mapping.clone());
            let header = if self.has_header() { header_of(text).trim_ascii_end().to_vec() } else { Vec::new() };
            self.table = Some(Table { reader, header });
            return 0;
        };
        // An unread rest is dropped, and lines are counted anew.
        table.reader.jump(START);
        table.repeats_header(text)
    }

    /// Whether a table of this mapping has a header row: it has, unless the columns go by their numbers.
    fn has_header(&self) -> bool {
        let is_number = |name: &str| {
            let digits = name.strip_prefix("column").unwrap_or_default();
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        match self.csv.header {
            Header::Present => true,
            Header::Absent => false,
            Header::Auto => !self.mapping.measures.names().all(is_number),
        }
    }

    /// How a message is written, as the settings say or its first bytes show.
    fn written(&self, text: &[u8]) -> Written {
        let start = text.trim_ascii_start();
        let Some(first) = start.first() else { return Written::Blank };
        match self.format {
            SourceFormat::Json if *first == b'{' && is_one_line(start) => Written::Lines,
            SourceFormat::Json => Written::Json,
            SourceFormat::Ndjson => Written::Lines,
            SourceFormat::Csv => Written::Csv,
            SourceFormat::Arrow | SourceFormat::Parquet => Written::Encoded,
            SourceFormat::Auto if ENCODED.iter().any(|mark| text.starts_with(mark)) => Written::Encoded,
            SourceFormat::Auto if *first == b'{' && (is_one_line(start) || begins_with_object(start)) => Written::Lines,
            SourceFormat::Auto if matches!(first, b'{' | b'[') => Written::Json,
            SourceFormat::Auto => Written::Csv,
        }
    }
}

/// The first bytes of Parquet and of Arrow.
const ENCODED: [&[u8]; 3] = [b"PAR1", b"ARROW1", &[0xff; 4]];
const NOT_DECODED: &str = "Arrow and Parquet are read once they are decoded, and this was not";

/// A message without the mark of UTF-8.
fn text_of(message: &[u8]) -> &[u8] {
    message.strip_prefix(MARK).unwrap_or(message)
}

impl Table {
    /// The bytes with which a text repeats the header row; 0 where it does not.
    fn repeats_header(&self, text: &[u8]) -> usize {
        let header = header_of(text);
        let is_repeated = !self.header.is_empty() && header.trim_ascii_end() == self.header;
        if is_repeated { header.len() } else { 0 }
    }
}

/// The first line of a table, and the second one where the first says what the delimiter is, with their ends. Nothing,
/// where a quote leads into the next line.
fn header_of(text: &[u8]) -> &[u8] {
    let line_end = |from: usize| memchr(b'\n', &text[from..]).map_or(text.len(), |end| from + end + 1);
    let first = line_end(0);
    let end = if text.starts_with(b"sep=") { line_end(first) } else { first };
    let header = &text[..end];
    let is_whole = header.iter().filter(|byte| **byte == b'"').count() % 2 == 0;
    if is_whole { header } else { &[] }
}

/// Whether a text has no line end but at its end.
fn is_one_line(text: &[u8]) -> bool {
    memchr(b'\n', text.trim_ascii_end()).is_none()
}

/// Whether the first line is a whole object: others may follow. An object that is written in several lines is none.
fn begins_with_object(text: &[u8]) -> bool {
    let line = &text[..memchr(b'\n', text).unwrap_or(text.len())];
    serde_json::from_slice::<IgnoredAny>(line).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Settings;
    use crate::time::Clock;

    fn reader(format: SourceFormat, is_each_whole: bool) -> MessageReader {
        let mapping = Mapping::of(&Settings::default(), Clock::Utc);
        MessageReader::new(format, CsvOptions::FOUND, mapping, is_each_whole)
    }

    /// The values of the rows of a message, and the reasons of refused ones.
    fn read(reader: &mut MessageReader, message: &[u8], step: usize) -> (Vec<f64>, Vec<String>) {
        let mut rows = Rows::default();
        reader.begin(Body::Sent(message.to_vec()), &mut rows);
        while !reader.read(step, &mut rows) {}
        let refused: Vec<String> = rows.refusals.newest().into_iter().map(|bad| bad.reason).collect();
        assert_eq!(rows.count(), rows.drafts.len() + refused.len());
        (rows.drafts.iter().map(|(_, draft)| draft.values[0]).collect(), refused)
    }

    #[test]
    fn a_message_shows_how_it_is_written() {
        for (message, expected) in [
            ("{\"value\":1}", vec![1.0]),
            (" {\"value\":1}\n", vec![1.0]),
            ("{\"value\":1}\n{\"value\":2}", vec![1.0, 2.0]),
            ("{\n\"value\":1\n}", vec![1.0]),
            ("[{\"value\":1},{\"value\":2}]", vec![1.0, 2.0]),
            ("id,value\na,1\nb,2", vec![1.0, 2.0]),
            ("\u{feff}value;id\n1,5;a", vec![1.5]),
            ("", vec![]),
            (" \r\n", vec![]),
            ("[]", vec![]),
        ] {
            for step in [1, 3, usize::MAX] {
                let found = read(&mut reader(SourceFormat::Auto, false), message.as_bytes(), step);
                assert_eq!(found, (expected.clone(), vec![]), "{message:?}");
            }
        }
    }

    #[test]
    fn messages_of_csv_are_parts_of_one_table() {
        let reader = &mut reader(SourceFormat::Csv, false);
        for (message, expected) in [
            ("id,value\na,1\n", vec![1.0]),
            ("b,2", vec![2.0]),
            ("c,3\nd,4\n", vec![3.0, 4.0]),
            ("id,value\ne,5\n", vec![5.0]),
            ("id,value\n", vec![]),
        ] {
            assert_eq!(read(reader, message.as_bytes(), 2), (expected, vec![]), "{message:?}");
        }
    }

    #[test]
    fn garbage_spoils_its_message_alone() {
        for format in [SourceFormat::Auto, SourceFormat::Json, SourceFormat::Ndjson, SourceFormat::Csv] {
            let reader = &mut reader(format, false);
            let good: &[u8] = if format == SourceFormat::Csv { b"id,value\na,1" } else { b"{\"value\":1}" };
            for garbage in [
                &b"hello"[..],
                b"\xff\xfe\x00\x01",
                b"\"never ended",
                b"{\"value\":",
                b"[{\"value\":1",
                b"\xff\xff\xff\xff\xff\xff\xff\x7f",
                b"ARROW1\0\0",
                b"PAR1",
                &[0; 100],
            ] {
                let (values, refused) = read(reader, garbage, 7);
                assert!(values.len() <= 1 && !refused.is_empty(), "{format:?} {garbage:?}: {values:?} {refused:?}");
                let (values, refused) = read(reader, good, 7);
                assert_eq!((values, refused), (vec![1.0], vec![]), "{format:?} after {garbage:?}");
            }
        }
    }

    #[test]
    fn each_answer_of_a_poll_is_a_table_of_its_own() {
        let reader = &mut reader(SourceFormat::Auto, true);
        for (message, expected) in [("id,value\na,1", 1.0), ("value;id\n2;a", 2.0), ("value\n3", 3.0)] {
            assert_eq!(read(reader, message.as_bytes(), 4), (vec![expected], vec![]));
        }
    }

    #[test]
    fn rows_of_a_dropped_message_are_counted() {
        let mut reader = reader(SourceFormat::Auto, false);
        read(&mut reader, b"id,value\na,1", 9);
        for (message, count) in [
            (&b"{\"value\":1}"[..], 1),
            (b"{\"value\":1}\n{\"value\":2}\n", 2),
            (b"[{\"value\":1},{\"value\":\"a\"}]", 2),
            (b"b,1\nc,2", 2),
            (b"id,value\nb,1", 1),
            (b"", 0),
            (b"PAR1", 1),
        ] {
            assert_eq!(reader.count(&Body::Sent(message.to_vec())), count, "{message:?}");
        }
    }
}
