//! Where the records of CSV begin and end, and their fields, by RFC 4180; no field is interpreted.
//!
//! Written by hand: `csv-core` reads the same fields (a test compares the two for any text), but reports neither a quote
//! that never ends, nor text behind a closing quote, nor where a record begins.

use std::borrow::Cow;

use memchr::{memchr, memchr3};

/// Maximum number of fields of a record that are kept, those that a spreadsheet has: a line of delimiters alone would take
/// many times its size in memory.
pub const MAX_FIELDS: usize = 16_384;

/// Finds the records of CSV one by one, in text that may come in pieces.
///
/// Records end with `\n`, `\r\n` or a lone `\r`; blank lines are skipped. A quote opens a field only at its start:
/// within an unquoted field it is data, as in `3/4" pipe`.
///
/// ```
/// use millrace::pipeline::records::Framer;
///
/// let mut framer = Framer::new(b',');
/// let (mut text, mut records) = (Vec::new(), 0);
/// for (piece, is_last) in [("id,value\n\"a\nb\",", false), ("1\nc,2\nd", false), (",3", true)] {
///     text.extend_from_slice(piece.as_bytes());
///     let mut end = 0;
///     while let Some(frame) = framer.next(&text[end..], is_last) {
///         end += frame.end;
///         records += 1;
///     }
///     // All before `end` are whole records. The rest waits for the next piece.
///     text.drain(..end);
/// }
/// assert_eq!((records, framer.line()), (4, 5));
/// ```
#[derive(Debug, Clone)]
pub struct Framer {
    delimiter: u8,
    state: State,
    /// Bytes of the input that are read already.
    scanned: usize,
    /// The record so far.
    frame: Frame,
    fields: Vec<Field>,
    /// The field so far.
    field: Field,
    /// The line at `scanned`.
    line: usize,
    quote_line: usize,
}

/// A record: bytes of the input that was given to [`Framer::next`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// Its first byte, after blank lines.
    pub start: usize,
    /// The byte after its line end, where the next record begins.
    pub end: usize,
    /// Its first line, from 1, as an editor shows it: line ends within quotes count.
    pub line: usize,
    /// Number of its fields.
    pub fields: usize,
    /// Why its fields cannot be trusted.
    pub fault: Option<Fault>,
}

/// A breach of RFC 4180.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The input ends within quotes; the rest of the input is this record.
    OpenQuote {
        /// The line where the quote stands, from 1.
        line: usize,
    },
    /// Text behind a closing quote, such as `"a"b`.
    TextBehindQuote,
}

/// A field: bytes of its record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Field {
    /// Its first byte, behind the quote that opens it.
    pub start: usize,
    /// The byte after its last one.
    pub end: usize,
    is_quoted: bool,
    /// Whether it holds doubled quotes.
    has_quotes: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the record.
    Blank,
    FieldStart,
    Unquoted,
    Quoted,
    /// Behind a quote within quotes: the end of the field, or the first of two.
    Quote,
    LineEnd,
}

impl Field {
    /// Its text, quotes resolved, from the text of its record; empty when `record` is another one.
    #[must_use]
    pub fn text(self, record: &str) -> Cow<'_, str> {
        let text = record.get(self.start..self.end).unwrap_or_default();
        if self.has_quotes { text.replace("\"\"", "\"").into() } else { text.into() }
    }

    /// The same from the bytes of its record, of which some may be no text.
    pub(crate) fn lossy_text(self, record: &[u8]) -> Cow<'_, str> {
        let text = String::from_utf8_lossy(record.get(self.start..self.end).unwrap_or_default());
        if self.has_quotes { text.replace("\"\"", "\"").into() } else { text }
    }
}

impl Framer {
    /// At the start of a text, on line 1.
    #[must_use]
    pub fn new(delimiter: u8) -> Self {
        Self::at_line(delimiter, 1)
    }

    /// Between two records, on this line.
    #[must_use]
    pub fn at_line(delimiter: u8, line: usize) -> Self {
        let frame = Frame { start: 0, end: 0, line, fields: 0, fault: None };
        let (fields, field) = (Vec::new(), Field::default());
        Self { delimiter, state: State::Blank, scanned: 0, frame, fields, field, line, quote_line: line }
    }

    /// The next record of `input`, which begins where the record before it ended; `None` when it does not end there:
    /// call again with the same bytes and those that follow. With `is_last`, nothing follows: the end of the input ends
    /// the record, and `None` means that no record is left.
    pub fn next(&mut self, input: &[u8], is_last: bool) -> Option<Frame> {
        let mut at = self.scanned;
        while let Some(&byte) = input.get(at) {
            match self.state {
                State::Blank if matches!(byte, b'\n' | b'\r') => match line_end(input, at, is_last) {
                    Some(bytes) => {
                        self.line += 1;
                        at += bytes;
                    }
                    None => break,
                },
                State::Blank => {
                    self.frame = Frame { start: at, end: at, line: self.line, fields: 0, fault: None };
                    self.fields.clear();
                    self.state = State::FieldStart;
                }
                State::FieldStart if byte == b'"' => {
                    at += 1;
                    self.field = Field { start: at, end: at, is_quoted: true, has_quotes: false };
                    self.quote_line = self.line;
                    self.state = State::Quoted;
                }
                State::FieldStart => {
                    self.field = Field { start: at, ..Field::default() };
                    self.state = State::Unquoted;
                }
                State::Unquoted => {
                    let Some(length) = memchr3(self.delimiter, b'\n', b'\r', &input[at..]) else {
                        at = input.len();
                        break;
                    };
                    at += length;
                    at += self.end_field(at, input[at]);
                }
                State::Quoted => match memchr(b'"', &input[at..]) {
                    Some(length) => {
                        self.line += line_ends(&input[at..at + length]);
                        at += length + 1;
                        self.state = State::Quote;
                    }
                    None => {
                        // Of a line end that may go on in the next piece, nothing is counted yet.
                        let is_split = !is_last && input.ends_with(b"\r");
                        let end = input.len() - usize::from(is_split);
                        self.line += line_ends(&input[at..end]);
                        at = end;
                        break;
                    }
                },
                State::Quote if byte == b'"' => {
                    at += 1;
                    self.field.has_quotes = true;
                    self.state = State::Quoted;
                }
                State::Quote if byte == self.delimiter || matches!(byte, b'\n' | b'\r') => {
                    at += self.end_field(at - 1, byte);
                }
                State::Quote => {
                    self.frame.fault = Some(Fault::TextBehindQuote);
                    self.state = State::Unquoted;
                }
                State::LineEnd => match line_end(input, at, is_last) {
                    Some(bytes) => {
                        self.line += 1;
                        return Some(self.finish(at + bytes));
                    }
                    None => break,
                },
            }
        }
        self.scanned = at;
        if !is_last {
            return None;
        }
        match self.state {
            State::Blank => return None,
            State::FieldStart => self.push_field(at, at),
            State::Unquoted => self.push_field(self.field.start, at),
            State::Quote => self.push_field(self.field.start, at - 1),
            State::Quoted => self.frame.fault = Some(Fault::OpenQuote { line: self.quote_line }),
            State::LineEnd => {}
        }
        Some(self.finish(at))
    }

    /// The first [`MAX_FIELDS`] fields of the record that [`next`](Self::next) returned last; of no use when it has a fault.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Forgets the bytes of a record whose end [`next`](Self::next) did not find, so that a record of any length is
    /// skipped in bounded memory: the input of the next call begins after as many bytes as this returns. The fields of
    /// that record, and where it starts, are lost.
    pub fn drop_scanned(&mut self) -> usize {
        // One byte stays: a quote that was read last is part of what follows it.
        let needless = self.scanned.saturating_sub(1);
        self.scanned -= needless;
        self.fields.clear();
        (self.field, self.frame.start) = (Field::default(), 0);
        needless
    }

    /// Where the record stands that has begun in the input of [`next`](Self::next) and did not end there; `None` between
    /// two records.
    #[must_use]
    pub fn open_record(&self) -> Option<usize> {
        (self.state != State::Blank).then_some(self.frame.start)
    }

    /// Where the next record begins at the earliest, in the input of [`next`](Self::next) of which all that ends in it was
    /// read, and its line.
    pub(super) fn boundary(&self) -> (usize, usize) {
        if self.state == State::Blank { (self.scanned, self.line) } else { (self.frame.start, self.frame.line) }
    }

    /// The line that follows the record that [`next`](Self::next) returned last, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// Ends the field before `byte`; returns the number of bytes to skip.
    fn end_field(&mut self, end: usize, byte: u8) -> usize {
        self.push_field(self.field.start, end);
        let is_delimiter = byte == self.delimiter;
        self.state = if is_delimiter { State::FieldStart } else { State::LineEnd };
        usize::from(is_delimiter)
    }

    fn push_field(&mut self, start: usize, end: usize) {
        let field = if self.state == State::FieldStart { Field::default() } else { self.field };
        let before = self.frame.start;
        self.frame.fields += 1;
        if self.fields.len() < MAX_FIELDS {
            self.fields.push(Field { start: start - before, end: end - before, ..field });
        }
    }

    fn finish(&mut self, end: usize) -> Frame {
        (self.state, self.scanned) = (State::Blank, 0);
        Frame { end, ..self.frame }
    }
}

/// The length of the line end at `at`; `None` when a `\n` may follow in the next piece.
fn line_end(input: &[u8], at: usize, is_last: bool) -> Option<usize> {
    match (input[at], input.get(at + 1)) {
        (b'\r', Some(b'\n')) => Some(2),
        (b'\r', None) if !is_last => None,
        _ => Some(1),
    }
}

/// Number of line ends in a text, as an editor shows them: `\n`, `\r\n` or a lone `\r`.
#[must_use]
pub fn line_ends(text: &[u8]) -> usize {
    let is_lone = |at: usize| text[at] == b'\r' && text.get(at + 1) != Some(&b'\n');
    let count = text.iter().filter(|byte| **byte == b'\n').count();
    match memchr(b'\r', text) {
        Some(first) => count + (first..text.len()).filter(|at| is_lone(*at)).count(),
        None => count,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Line, fault and fields of each record, of a text that comes `step` bytes at a time.
    fn records(text: &str, delimiter: u8, step: usize) -> Vec<(usize, Option<Fault>, Vec<String>)> {
        let mut framer = Framer::new(delimiter);
        let (mut start, mut known, mut found) = (0, 0, Vec::new());
        loop {
            let is_last = known == text.len();
            while let Some(frame) = framer.next(&text.as_bytes()[start..known], is_last) {
                let record = &text[start + frame.start..start + frame.end];
                let fields = framer.fields().iter().map(|field| field.text(record).into_owned()).collect();
                found.push((frame.line, frame.fault, fields));
                start += frame.end;
            }
            if is_last {
                return found;
            }
            known = (known + step).min(text.len());
        }
    }

    fn lines_and_faults(text: &str) -> Vec<(usize, Option<Fault>)> {
        records(text, b',', 1000).into_iter().map(|(line, fault, _)| (line, fault)).collect()
    }

    #[test]
    fn a_quote_that_never_ends_is_named_by_its_line() {
        assert_eq!(
            lines_and_faults("a,1\n\"b\nb\",\"c\nd,2\n"),
            [(1, None), (2, Some(Fault::OpenQuote { line: 3 }))],
            "the rest of the text is one record"
        );
    }

    #[test]
    fn text_behind_a_closing_quote_is_a_fault_of_its_record_alone() {
        assert_eq!(
            lines_and_faults("\"a\"b,1\n\"a\"\"b\",2\n\"a\" ,3\nc,4"),
            [(1, Some(Fault::TextBehindQuote)), (2, None), (3, Some(Fault::TextBehindQuote)), (4, None)]
        );
    }

    #[test]
    fn a_quote_within_an_unquoted_field_is_data() {
        let fields = vec!["3/4\" pipe".to_owned(), "1".to_owned()];
        assert_eq!(records("3/4\" pipe,1\r\n", b',', 1), [(1, None, fields)]);
    }

    #[test]
    fn blank_lines_and_line_ends_of_every_sort_count_as_lines() {
        let lines: Vec<_> = lines_and_faults("\n\r\na\r\r\nb\n\r\n\"c\r\nc\rc\n\"\rd");
        assert_eq!(lines, [(3, None), (5, None), (7, None), (11, None)]);
    }

    #[test]
    fn fields_beyond_the_maximum_are_counted_alone() {
        let mut framer = Framer::new(b',');
        let frame = framer.next(&[b','; 20_000], true).unwrap();
        assert_eq!((frame.fields, framer.fields().len()), (20_001, MAX_FIELDS));
    }

    #[test]
    fn an_input_of_blank_lines_has_no_record() {
        assert_eq!((records("", b',', 1), records("\r\n\n\r", b',', 1)), (vec![], vec![]));
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(1024))]

        /// Also where the text breaks RFC 4180: `csv-core` then reads on, and what it reads is said to be at fault.
        #[test]
        fn the_fields_are_those_of_the_csv_crate(text in "([ab;,\"\r\n]|,\"|\",|é){0,40}", delimiter in prop::sample::select(vec![b',', b';'])) {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
            let expected: Vec<Vec<String>> = reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
            let found = records(&text, delimiter, 1000);
            prop_assert_eq!(found.len(), expected.len());
            for ((_, fault, fields), expected) in found.into_iter().zip(expected) {
                prop_assert!(fault.is_some() || fields == expected, "{:?} is not {:?}", fields, expected);
            }
        }

        #[test]
        fn pieces_of_any_size_give_the_same_records(text in "([ab,\"\r\n]|,\"|\",){0,40}", step in 1_usize..9) {
            prop_assert_eq!(records(&text, b',', step), records(&text, b',', 1000));
        }
    }
}
