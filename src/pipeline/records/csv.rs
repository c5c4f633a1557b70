//! Rows of CSV.

use super::dialect::{COLUMNS, Dialect, is_named};
use super::encoding::Encoding;
use super::error::BodyError;
use super::fields::{brief, number, number_with_comma, timestamp, unreadable};
use super::framing::{Fault, Field, Framer, MAX_FIELDS, line_ends};
use super::row::{Draft, MAX_ROW_BYTES, Rows, start_of, too_long};
use crate::pipeline::{EventError, Id};
use crate::time::Clock;

/// Where the columns stand, and how their fields are read.
#[derive(Debug)]
struct Columns {
    timestamp: Option<usize>,
    id: Option<usize>,
    value: usize,
    count: usize,
    number: fn(&str) -> Result<f64, EventError>,
}

/// Reads records one by one, of text that comes in pieces.
#[derive(Debug)]
pub(super) struct Reader {
    /// The delimiter; found if `None`.
    delimiter: Option<u8>,
    /// Once the header row was read.
    table: Option<Table>,
}

/// What follows the header row.
#[derive(Debug)]
struct Table {
    columns: Columns,
    framer: Framer,
    /// The start of a record that is too long, of which the rest is skipped.
    long: Option<Vec<u8>>,
}

impl Reader {
    pub(super) fn new(delimiter: Option<u8>) -> Self {
        Self { delimiter, table: None }
    }

    /// Reads the rows that end in `text`, which once was in `encoding` and now is UTF-8, as far as it is text; returns how
    /// many bytes of it are done with.
    pub(super) fn read(
        &mut self,
        text: &[u8],
        is_last: bool,
        encoding: Encoding,
        clock: &Clock,
        rows: &mut Rows,
    ) -> Result<usize, BodyError> {
        let (table, start) = match &mut self.table {
            Some(table) => (table, 0),
            None => match Table::after_header(text, is_last, self.delimiter)? {
                Some((table, end)) => (self.table.insert(table), end),
                None => return Ok(0),
            },
        };
        Ok(start + table.read(&text[start..], is_last, encoding, clock, rows))
    }
}

impl Table {
    /// Reads the header row, and says where it ends; `None` while it has not ended.
    fn after_header(text: &[u8], is_last: bool, delimiter: Option<u8>) -> Result<Option<(Self, usize)>, BodyError> {
        // A quote may open a field for one delimiter and none for another: after so many bytes, what was found counts.
        let is_enough = text.len() > MAX_ROW_BYTES;
        let start = &text[..text.len().min(MAX_ROW_BYTES)];
        let found = Dialect::detect(start, delimiter, is_last || is_enough).and_then(|dialect| {
            let mut framer = Framer::new(dialect.delimiter);
            let header = framer.next(&text[dialect.header_start..], is_last)?;
            Some((dialect, framer, header))
        });
        let header_bytes = found.as_ref().map_or(text.len(), |(dialect, _, header)| dialect.header_start + header.end);
        if header_bytes > MAX_ROW_BYTES {
            return Err(BodyError::Csv(format!(
                "no header row ends within the first {MAX_ROW_BYTES} bytes; send a shorter one, such as timestamp,id,value"
            )));
        }
        let Some((dialect, framer, header)) = found else {
            return match is_last {
                true => {
                    let sentence = "the body has no header row; send one such as timestamp,id,value";
                    Err(BodyError::Csv(sentence.to_owned()))
                }
                false => Ok(None),
            };
        };
        if let Some(fault) = header.fault {
            let (line, what) = fault_text(fault, header.line);
            return Err(BodyError::Csv(format!("the header row, on line {line}, {what}")));
        }
        if header.fields > MAX_FIELDS {
            let fields = header.fields;
            return Err(BodyError::Csv(format!("the header row has {fields} fields; at most {MAX_FIELDS} are read")));
        }
        let record = &text[dialect.header_start..][header.start..header.end];
        let columns = Columns::find(record, framer.fields(), dialect)?;
        Ok(Some((Self { columns, framer, long: None }, header_bytes)))
    }

    /// Reads the records that end in `text`; returns how many bytes of it are done with.
    fn read(&mut self, text: &[u8], is_last: bool, encoding: Encoding, clock: &Clock, rows: &mut Rows) -> usize {
        let mut at = 0;
        while let Some(frame) = self.framer.next(&text[at..], is_last) {
            let record = &text[at + frame.start..at + frame.end];
            let end = record.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
            let long = self.long.take().or_else(|| (record.len() > MAX_ROW_BYTES).then(|| start_of(record)));
            let row = || if long.is_some() { "the row".to_owned() } else { row_text(1 + line_ends(&record[..end])) };
            let (line, draft) = match frame.fault {
                Some(fault) => {
                    let (line, what) = fault_text(fault, frame.line);
                    let row = if fault == Fault::TextBehindQuote { row() } else { "the row".to_owned() };
                    (line, unreadable(format!("{row} {what}")))
                }
                None if long.is_some() => (frame.line, too_long()),
                None if frame.fields != self.columns.count => {
                    let (found, expected) = (frame.fields, self.columns.count);
                    (frame.line, unreadable(format!("{} has {found} fields where the header has {expected}", row())))
                }
                None => (frame.line, self.columns.read(record, self.framer.fields(), encoding, clock)),
            };
            rows.push(line, draft, long.as_deref().unwrap_or(&record[..end]));
            at += frame.end;
        }
        at + self.skip(&text[at..])
    }

    /// Returns how many bytes of a text, in which no record ends, need not be kept: blank lines, and a record that is too
    /// long.
    fn skip(&mut self, text: &[u8]) -> usize {
        match self.framer.open_record() {
            Some(_) if self.long.is_some() => {}
            Some(start) if text.len() - start > MAX_ROW_BYTES => self.long = Some(start_of(&text[start..])),
            Some(_) => return 0,
            None => {}
        }
        self.framer.drop_scanned()
    }
}

/// What a sentence calls a row of so many lines: a stray quote makes one row of many.
fn row_text(lines: usize) -> String {
    match lines {
        1 => "the row".to_owned(),
        _ => format!("the row, of which quotes make {lines} lines,"),
    }
}

/// The line of a fault in a record that begins on `line`, and what the record has done.
fn fault_text(fault: Fault, line: usize) -> (usize, &'static str) {
    match fault {
        Fault::OpenQuote { line } => (
            line,
            "has a quote that never ends, and all that follows is within it; close it, or double a quote that is data",
        ),
        Fault::TextBehindQuote => {
            (line, "has text behind a closing quote; double a quote that is data, as in \"3/4\"\" pipe\"")
        }
    }
}

impl Columns {
    /// Each name matches exactly, else without regard to case and to blanks around it.
    fn find(header: &[u8], fields: &[Field], dialect: Dialect) -> Result<Self, BodyError> {
        // Names that are not read may be no text.
        let name = |field: &Field| String::from_utf8_lossy(&header[field.start..field.end]);
        let names: Vec<_> = fields.iter().map(name).collect();
        let place = |column: &str| {
            let places = |is_it: &dyn Fn(&str) -> bool| -> Vec<usize> {
                names.iter().enumerate().filter(|(_, name)| is_it(name)).map(|(place, _)| place).collect()
            };
            let exact = places(&|name| name == column);
            let found = if exact.is_empty() { places(&|name| is_named(name.as_bytes(), column)) } else { exact };
            match found[..] {
                [] => Ok(None),
                [place] => Ok(Some(place)),
                [first, second, ..] => Err(BodyError::Csv(format!(
                    "the header row has the column \"{column}\" twice, as fields {} and {}; send it once",
                    first + 1,
                    second + 1
                ))),
            }
        };
        let [timestamp, id, value] = COLUMNS.map(place);
        let value = value?.ok_or_else(|| {
            let names = names.join("\", \"");
            BodyError::Csv(format!("the header row has no column \"value\"; it has \"{}\"", brief(&names)))
        })?;
        let number = if dialect.has_decimal_comma() { number_with_comma } else { number };
        Ok(Self { timestamp: timestamp?, id: id?, value, count: names.len(), number })
    }

    /// Reads a record that has as many fields as the header.
    fn read(&self, record: &[u8], fields: &[Field], encoding: Encoding, clock: &Clock) -> Result<Draft, EventError> {
        let Ok(record) = str::from_utf8(record) else {
            let name = encoding.name();
            return unreadable(format!("the row is not {name} text; encode it as {name}"));
        };
        let field = |place: usize| Some(fields[place].text(record)).filter(|text| !text.is_empty());
        let blank = |place: usize| field(place).filter(|text| !text.trim().is_empty());
        let timestamp = self.timestamp.and_then(blank).map(|text| timestamp(&text, clock)).transpose()?;
        let id = self.id.and_then(field).map(|text| Id::parse(&text)).transpose()?;
        let value = (self.number)(&blank(self.value).ok_or(EventError::MissingValue)?)?;
        Ok(Draft { timestamp, id, value })
    }
}
