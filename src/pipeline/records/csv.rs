//! Rows of CSV.

use super::dialect::{COLUMNS, Dialect, is_named};
use super::encoding::Encoding;
use super::error::BodyError;
use super::fields::{brief, number, number_with_comma, timestamp, unreadable};
use super::framing::{Fault, Field, Framer, MAX_FIELDS, line_ends};
use super::row::{Draft, Rows};
use crate::pipeline::{EventError, Id};
use crate::time::Clock;

/// Where the columns stand, and how their fields are read.
struct Columns {
    timestamp: Option<usize>,
    id: Option<usize>,
    value: usize,
    count: usize,
    number: fn(&str) -> Result<f64, EventError>,
}

/// Reads text that once was in `encoding` and now is UTF-8, as far as it is text.
pub(super) fn read(text: &[u8], encoding: Encoding, delimiter: Option<u8>, clock: &Clock) -> Result<Rows, BodyError> {
    let mut rows = Rows::default();
    let Some(dialect) = Dialect::detect(text, delimiter, true) else { return Ok(rows) };
    let mut framer = Framer::new(dialect.delimiter);
    let mut rest = &text[dialect.header_start..];
    let Some(header) = framer.next(rest, true) else {
        return Err(BodyError::Csv("the body has no header row; send one such as timestamp,id,value".to_owned()));
    };
    if let Some(fault) = header.fault {
        let (line, what) = fault_text(fault, header.line);
        return Err(BodyError::Csv(format!("the header row, on line {line}, {what}")));
    }
    if header.fields > MAX_FIELDS {
        let fields = header.fields;
        return Err(BodyError::Csv(format!("the header row has {fields} fields; at most {MAX_FIELDS} are read")));
    }
    let columns = Columns::find(&rest[header.start..header.end], framer.fields(), dialect)?;
    rest = &rest[header.end..];
    while let Some(frame) = framer.next(rest, true) {
        let record = &rest[frame.start..frame.end];
        let end = record.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
        let row = || row_text(1 + line_ends(&record[..end]));
        let (line, draft) = match frame.fault {
            Some(fault) => {
                let (line, what) = fault_text(fault, frame.line);
                let row = if fault == Fault::TextBehindQuote { row() } else { "the row".to_owned() };
                (line, unreadable(format!("{row} {what}")))
            }
            None if frame.fields != columns.count => {
                let (found, expected) = (frame.fields, columns.count);
                (frame.line, unreadable(format!("{} has {found} fields where the header has {expected}", row())))
            }
            None => (frame.line, columns.read(record, framer.fields(), encoding, clock)),
        };
        rows.push(line, draft, &record[..end]);
        rest = &rest[frame.end..];
    }
    Ok(rows)
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
