//! Cuts a large file of events into bodies that are sent one after the other, so that they are read as one body would be.
//!
//! A cut lies between two rows, as the reader of the pipeline sees them: a quote in an unquoted field, such as
//! `3/4" pipe`, opens nothing. Each body of CSV begins with the header of the file, and with its line `sep=;` if it has
//! one, so that all are of one dialect. UTF-16 is sent as UTF-8.

use super::payload::{Cut, RefusedRow};
use crate::api::MAX_BODY_BYTES;
use crate::pipeline::records::{Decoder, Dialect, Encoding, Fault, Framer};

/// Bytes read of a file at a time: few enough that the pipeline ingests them without a visible pause, even when all
/// events are late.
pub const SLICE_BYTES: f64 = (1 << 20) as f64;

/// Maximum size of what precedes the rows of CSV, in bytes: a longer header row is an open quote.
const MAX_HEADER_BYTES: usize = 8 << 20;
/// Bytes that tell the encoding of a text.
const MARK_BYTES: usize = 3;

/// Some rows of a file, as a body of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slice {
    /// The body: the header of CSV, then the rows.
    pub body: Vec<u8>,
    /// Number of its rows; 0 where they are not counted.
    pub rows: u64,
    /// Number of rows before them in the file.
    pub rows_before: u64,
    /// By how much the line of a row in the file exceeds its line in the body.
    pub lines_before: u64,
}

/// What follows in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Rows to send.
    Slice(Slice),
    /// A row that cannot be sent.
    Refused(RefusedRow),
}

/// Cuts a file that is read piece by piece. At most one body and one piece of it are in memory.
#[derive(Debug, Clone)]
pub struct Slices {
    cut: Cut,
    /// Maximum size of a body, in bytes.
    max_bytes: usize,
    /// The first bytes of the file, until they tell its encoding.
    start: Vec<u8>,
    decoder: Option<Decoder>,
    /// The text that is not cut yet, as UTF-8.
    text: Vec<u8>,
    /// Cuts it, once the header is known.
    cutter: Option<Cutter>,
    /// Whether no part was returned yet.
    is_first: bool,
}

impl Slices {
    /// For a file that is cut like this, into bodies within the limit of the API.
    #[must_use]
    pub fn new(cut: Cut) -> Self {
        Self::within(cut, MAX_BODY_BYTES)
    }

    /// The same with another limit, in bytes.
    pub(super) fn within(cut: Cut, max_bytes: usize) -> Self {
        let (start, text) = (Vec::new(), Vec::new());
        Self { cut, max_bytes, start, decoder: None, text, cutter: None, is_first: true }
    }

    /// Takes the next bytes of the file; returns what ends in them. A file that cannot be cut is given at once.
    ///
    /// # Errors
    /// A sentence, when the header is too long to be sent.
    pub fn push(&mut self, bytes: &[u8], is_last: bool) -> Result<Vec<Part>, String> {
        if self.cut == Cut::Never {
            return Ok(vec![whole(bytes.to_vec())]);
        }
        self.decode(bytes, is_last);
        if self.cutter.is_none() {
            self.cutter = self.read_head(is_last)?;
        }
        let mut parts = match &mut self.cutter {
            Some(cutter) => cutter.cut(&mut self.text, is_last),
            None => Vec::new(),
        };
        self.is_first &= parts.is_empty();
        if is_last && self.is_first {
            // A file without rows is sent as it is: the API says what is wrong.
            let prefix = self.cutter.take().map(|cutter| cutter.prefix).unwrap_or_default();
            parts.push(whole([prefix, std::mem::take(&mut self.text)].concat()));
        }
        Ok(parts)
    }

    /// Appends bytes to the text.
    fn decode(&mut self, bytes: &[u8], is_last: bool) {
        if let Some(decoder) = &mut self.decoder {
            return decoder.push(bytes, is_last, &mut self.text);
        }
        self.start.extend_from_slice(bytes);
        if self.start.len() >= MARK_BYTES || is_last {
            let start = std::mem::take(&mut self.start);
            let (encoding, mark) = Encoding::of_mark(&start).unwrap_or_default();
            let decoder = self.decoder.insert(Decoder::new(encoding));
            decoder.push(&start[mark..], is_last, &mut self.text);
        }
    }

    /// Takes the header of CSV from the text; `None` while it has not ended.
    fn read_head(&mut self, is_last: bool) -> Result<Option<Cutter>, String> {
        let Cut::Records { delimiter } = self.cut else {
            return Ok(Some(Cutter::new(Vec::new(), RowEnds::Lines { line: 1, scanned: 0 }, self.max_bytes)));
        };
        let head = Dialect::detect(&self.text, delimiter, is_last).and_then(|dialect| {
            let mut framer = Framer::new(dialect.delimiter);
            let header = framer.next(&self.text[dialect.header_start..], is_last)?;
            Some((dialect.header_start + header.end, framer))
        });
        let size = head.as_ref().map_or(self.text.len(), |(end, _)| *end);
        let max_bytes = MAX_HEADER_BYTES.min(self.max_bytes);
        if size >= max_bytes && !(is_last && self.text.len() <= self.max_bytes) {
            return Err(format!("the header row is longer than {max_bytes} bytes; a quote in it may be open"));
        }
        Ok(head.map(|(end, framer)| {
            let prefix = self.text.drain(..end).collect();
            Cutter::new(prefix, RowEnds::Csv(framer), self.max_bytes)
        }))
    }
}

/// A file as one body.
fn whole(body: Vec<u8>) -> Part {
    Part::Slice(Slice { body, ..Slice::default() })
}

/// Cuts text that follows a header.
#[derive(Debug, Clone)]
struct Cutter {
    /// What each body begins with: the header, and what stands before it.
    prefix: Vec<u8>,
    prefix_lines: u64,
    /// Bytes of rows that a body has room for.
    room: usize,
    ends: RowEnds,
    /// Rows before the next slice.
    rows_before: u64,
    /// Lines before its first row.
    lines_before: u64,
    /// Rows of the next slice so far.
    rows: u64,
    /// Whether the text is the end of a row that is longer than a body; its start is dropped.
    is_too_long: bool,
}

impl Cutter {
    fn new(prefix: Vec<u8>, ends: RowEnds, max_bytes: usize) -> Self {
        let (room, lines) = (max_bytes - prefix.len(), ends.lines());
        Self {
            prefix,
            prefix_lines: lines,
            room,
            ends,
            rows_before: 0,
            lines_before: lines,
            rows: 0,
            is_too_long: false,
        }
    }

    /// Takes all whole rows from the text.
    fn cut(&mut self, text: &mut Vec<u8>, is_last: bool) -> Vec<Part> {
        let mut parts = Vec::new();
        // The rows between `from` and `end` are the next slice.
        let (mut from, mut end) = (0, 0);
        while let Some(row) = self.ends.next(&text[end..], is_last) {
            let before = end;
            end += row.end;
            if end - from > self.room || self.is_too_long {
                parts.extend(self.slice(&text[from..before]));
            }
            if row.end > self.room || self.is_too_long {
                parts.push(Part::Refused(self.refuse(&row)));
            } else if row.is_row {
                if self.rows == 0 {
                    // Without the blank lines before it: a `\n` would end the header's line, if that ends with a lone `\r`.
                    from = before + row.start;
                    self.lines_before = row.first_line - 1;
                }
                self.rows += 1;
            }
        }
        parts.extend(self.slice(&text[from..end]));
        text.drain(..end);
        if text.len() > self.room {
            let mut dropped = text.drain(..self.ends.drop_scanned());
            self.is_too_long |= dropped.any(|byte| !matches!(byte, b'\n' | b'\r'));
        }
        parts
    }

    /// The rows so far as a slice, if there are any.
    fn slice(&mut self, text: &[u8]) -> Option<Part> {
        let rows = std::mem::take(&mut self.rows);
        let (rows_before, lines_before) = (self.rows_before, self.lines_before - self.prefix_lines);
        self.rows_before += rows;
        let body = || [self.prefix.as_slice(), text].concat();
        (rows > 0).then(|| Part::Slice(Slice { body: body(), rows, rows_before, lines_before }))
    }

    /// A row that is too long for a body.
    fn refuse(&mut self, row: &Row) -> RefusedRow {
        let line = row.open_quote.unwrap_or(row.first_line);
        let refused = RefusedRow { row: self.rows_before, line: Some(line), reason: row.too_long(self.room) };
        self.is_too_long = false;
        self.rows_before += 1;
        refused
    }
}

/// A row, or a blank line of NDJSON.
struct Row {
    /// Its first byte behind the row before it: blank lines of CSV stand between them.
    start: usize,
    /// The byte after its line end.
    end: usize,
    is_row: bool,
    /// Its first line, from 1.
    first_line: u64,
    /// The line of a quote in it that never ends.
    open_quote: Option<u64>,
}

impl Row {
    fn too_long(&self, max_bytes: usize) -> String {
        if self.open_quote.is_some() {
            return "the row has a quote that never ends, and all that follows is within it; close it, or double a quote \
                    that is data"
                .to_owned();
        }
        format!("the row is longer than {max_bytes} bytes, the most that one request can hold; shorten it")
    }
}

/// Finds the ends of rows.
#[derive(Debug, Clone)]
enum RowEnds {
    Csv(Framer),
    /// The next line, and the bytes of it that were searched already.
    Lines {
        line: u64,
        scanned: usize,
    },
}

impl RowEnds {
    /// The next row of a text that begins where the row before it ended; `None` when it does not end there.
    fn next(&mut self, text: &[u8], is_last: bool) -> Option<Row> {
        match self {
            Self::Csv(framer) => {
                let frame = framer.next(text, is_last)?;
                let open_quote = match frame.fault {
                    Some(Fault::OpenQuote { line }) => Some(line as u64),
                    _ => None,
                };
                let (start, end, first_line) = (frame.start, frame.end, frame.line as u64);
                Some(Row { start, end, is_row: true, first_line, open_quote })
            }
            Self::Lines { line, scanned } => {
                let end = match text[*scanned..].iter().position(|byte| *byte == b'\n') {
                    Some(at) => *scanned + at + 1,
                    None if is_last && !text.is_empty() => text.len(),
                    None => {
                        *scanned = text.len();
                        return None;
                    }
                };
                let is_row = !text[..end].trim_ascii().is_empty();
                let row = Row { start: 0, end, is_row, first_line: *line, open_quote: None };
                (*line, *scanned) = (*line + 1, 0);
                Some(row)
            }
        }
    }

    /// Number of lines up to the end of the row that was found last.
    fn lines(&self) -> u64 {
        match self {
            Self::Csv(framer) => framer.line() as u64 - 1,
            Self::Lines { line, .. } => line - 1,
        }
    }

    /// Forgets the start of a row whose end was not found; returns how many bytes of it are not needed to find that.
    fn drop_scanned(&mut self) -> usize {
        match self {
            Self::Csv(framer) => framer.drop_scanned(),
            // One byte stays: it tells that the row goes on, even if nothing follows it.
            Self::Lines { scanned, .. } => {
                let needless = scanned.saturating_sub(1);
                *scanned -= needless;
                needless
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: Cut = Cut::Records { delimiter: None };

    /// The bodies of a file that is read `step` bytes at a time.
    fn bodies(cut: Cut, text: &str, step: usize) -> Vec<String> {
        let mut slices = Slices::new(cut);
        let parts = text.len().div_ceil(step).max(1);
        let part = |part: usize| {
            let range = part * step..((part + 1) * step).min(text.len());
            slices.push(&text.as_bytes()[range], part + 1 == parts).unwrap()
        };
        let text = |part| match part {
            Part::Slice(slice) => String::from_utf8(slice.body).unwrap(),
            Part::Refused(row) => panic!("{row:?}"),
        };
        (0..parts).flat_map(part).map(text).collect()
    }

    #[test]
    fn lines_stay_whole() {
        assert_eq!(
            bodies(Cut::Lines, "{\"a\":1}\n{\"b\":2}\n{\"c\":3}", 10),
            ["{\"a\":1}\n", "{\"b\":2}\n", "{\"c\":3}"]
        );
    }

    #[test]
    fn each_slice_of_csv_has_the_header() {
        assert_eq!(bodies(CSV, "id,value\na,1\nb,2\n", 13), ["id,value\na,1\n", "id,value\nb,2\n"]);
        assert_eq!(
            bodies(CSV, "sep=|\r\nid|value\r\na|1\r\nb|2", 22),
            ["sep=|\r\nid|value\r\na|1\r\n", "sep=|\r\nid|value\r\nb|2"],
            "the line that names the delimiter belongs to it"
        );
    }

    #[test]
    fn a_quoted_line_end_is_no_line_end() {
        let text = "id,value\n\"a\nb\",1\nc,2\n";
        assert_eq!(bodies(CSV, text, 13), ["id,value\n\"a\nb\",1\nc,2\n"]);
    }

    #[test]
    fn a_quote_in_an_unquoted_field_opens_nothing() {
        let text = "id,value\n3/4\" pipe,1\nb,2\n\"c\nd\",3\n";
        assert_eq!(bodies(CSV, text, 21), ["id,value\n3/4\" pipe,1\n", "id,value\nb,2\n\"c\nd\",3\n"]);
    }

    #[test]
    fn utf_16_is_sent_as_utf_8() {
        let bytes: Vec<u8> = "\u{feff}id;value\nPümpe;1,5\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut slices = Slices::new(CSV);
        let mut parts = slices.push(&bytes[..21], false).unwrap();
        parts.extend(slices.push(&bytes[21..], true).unwrap());
        let [Part::Slice(slice)] = &parts[..] else { panic!("{parts:?}") };
        assert_eq!(String::from_utf8_lossy(&slice.body), "id;value\nPümpe;1,5\n");
    }

    #[test]
    fn a_file_without_rows_is_sent_as_it_is() {
        for text in ["", "\n", "id,value", "id,value\n\n", "\"id,value\na,1\n"] {
            assert_eq!(bodies(CSV, text, 3), [text], "{text:?}");
        }
        assert_eq!(bodies(Cut::Lines, " \n\n", 1), [""], "blank lines are no rows");
    }

    #[test]
    fn slices_know_their_place() {
        let mut slices = Slices::new(CSV);
        let first = slices.push(b"\nid,value\n\"a\n\",1\n\nb,", false).unwrap();
        let second = slices.push(b"2\nc,3", true).unwrap();
        let [Part::Slice(first), Part::Slice(second)] = [&first[0], &second[0]] else { panic!("{first:?} {second:?}") };
        assert_eq!((first.rows, first.rows_before, first.lines_before), (1, 0, 0));
        // In its body, "b,2" is on line 3: it follows the header. In the file it is on line 6.
        assert_eq!((second.rows, second.rows_before, second.lines_before), (2, 1, 3));
        assert_eq!(String::from_utf8_lossy(&second.body), "\nid,value\nb,2\nc,3");
    }

    /// What is refused in a file, and the ids that are sent, when a body has room for 20 bytes.
    fn within_20(cut: Cut, text: &str, step: usize) -> (Vec<String>, Vec<(u64, Option<u64>)>) {
        let mut slices = Slices::within(cut, 20);
        let (mut sent, mut refused) = (Vec::new(), Vec::new());
        let mut pieces = text.as_bytes().chunks(step).peekable();
        while let Some(piece) = pieces.next() {
            for part in slices.push(piece, pieces.peek().is_none()).unwrap() {
                match part {
                    Part::Slice(slice) => {
                        assert!(slice.body.len() <= 20, "{slice:?}");
                        sent.push(String::from_utf8(slice.body).unwrap());
                    }
                    Part::Refused(row) => refused.push((row.row, row.line)),
                }
            }
            assert!(slices.text.len() <= 20 + step, "memory is bounded");
        }
        (sent, refused)
    }

    #[test]
    fn a_row_that_exceeds_a_body_is_refused_alone() {
        let long = "x".repeat(100);
        for step in [1, 7, 1000] {
            let text = format!("value\n1\n\"{long}\n\"\"{long}\"\n2\n{long}\n3\n");
            let (sent, refused) = within_20(CSV, &text, step);
            assert_eq!(refused, [(1, Some(3)), (3, Some(6))], "{step}");
            assert_eq!(sent, ["value\n1\n", "value\n2\n", "value\n3\n"], "{step}");
            let (sent, refused) = within_20(Cut::Lines, &format!("1\n\n{long}\n2\n{long}"), step);
            assert_eq!(refused, [(1, Some(3)), (3, Some(5))], "{step}");
            assert_eq!(sent, ["1\n\n", "2\n"], "{step}");
        }
    }

    #[test]
    fn a_quote_that_never_ends_is_named_even_if_its_row_exceeds_a_body() {
        let text = format!("value\n1\n2,\"{}", "a\n".repeat(50));
        for step in [1, 7, 1000] {
            let mut slices = Slices::within(CSV, 20);
            let mut pieces = text.as_bytes().chunks(step).peekable();
            let mut last = None;
            while let Some(piece) = pieces.next() {
                last = slices.push(piece, pieces.peek().is_none()).unwrap().pop().or(last);
            }
            let Some(Part::Refused(RefusedRow { row: 1, line: Some(3), reason })) = last else { panic!("{last:?}") };
            assert!(reason.contains("quote that never ends"), "{reason}");
        }
    }

    #[test]
    fn a_header_without_an_end_is_refused() {
        let mut slices = Slices::within(CSV, 20);
        assert_eq!(slices.push(b"\"id,value\na,1\n", false), Ok(Vec::new()));
        let sentence = slices.push(b"b,2\nc,3\nd,4\n", false).unwrap_err();
        assert!(sentence.contains("quote"), "{sentence}");
    }
}
