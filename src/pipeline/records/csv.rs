//! Rows of CSV.

use std::borrow::Cow;

use super::dialect::Dialect;
use super::encoding::Encoding;
use super::error::BodyError;
use super::fields::unreadable;
use super::format::{CsvOptions, column_name, column_number};
use super::framing::{Fault, Field, Frame, Framer, MAX_FIELDS, line_ends};
use super::ids::Ids;
use super::ignored::Ignored;
use super::mapping::{Mapping, Places};
use super::row::{Draft, MAX_ROW_BYTES, Rows, start_of, too_long};
use crate::pipeline::{Decimal, EventError, Header};

/// Reads records one by one, of text that comes in pieces.
#[derive(Debug)]
pub(super) struct Reader {
    options: CsvOptions,
    /// Once the header row was read.
    table: Option<Table>,
}

/// What follows the header row.
#[derive(Debug)]
struct Table {
    delimiter: u8,
    columns: Columns,
    framer: Framer,
    /// The start of a record that is too long, of which the rest is skipped.
    long: Option<Vec<u8>>,
}

/// Where the columns stand, and how their fields are read.
#[derive(Debug)]
struct Columns {
    places: Places,
    count: usize,
    /// What has as many.
    whole: &'static str,
    decimal: Decimal,
}

impl Reader {
    pub(super) fn new(options: CsvOptions) -> Self {
        Self { options, table: None }
    }

    /// Reads the rows that end in `text`, which once was in `encoding` and now is UTF-8, as far as it is text; returns how
    /// many bytes of it are done with.
    pub(super) fn read(
        &mut self,
        text: &[u8],
        is_last: bool,
        encoding: Encoding,
        mapping: &Mapping,
        rows: &mut Rows,
    ) -> Result<usize, BodyError> {
        let (table, start) = match &mut self.table {
            Some(table) => (table, 0),
            None => match Table::open(text, is_last, self.options, mapping, &mut rows.ignored)? {
                Some((table, start)) => (self.table.insert(table), start),
                None => return Ok(0),
            },
        };
        Ok(start + table.read(&text[start..], is_last, encoding, mapping, rows))
    }

    /// Whether the header row was read, or there is none.
    pub(super) fn has_header(&self) -> bool {
        self.table.is_some()
    }

    /// Where the next row begins at the earliest, in the text that was read last, behind what is done with, and the lines
    /// before it; `None` before the end of the header row, and within a row of which the start is gone.
    pub(super) fn boundary(&self) -> Option<(usize, usize)> {
        let table = self.table.as_ref().filter(|table| table.long.is_none())?;
        let (start, line) = table.framer.boundary();
        Some((start, line - 1))
    }

    /// Goes on between two rows, behind so many lines.
    pub(super) fn jump(&mut self, lines: usize) {
        if let Some(table) = &mut self.table {
            (table.framer, table.long) = (Framer::at_line(table.delimiter, lines + 1), None);
        }
    }
}

impl Table {
    /// Reads the header row, if there is one, and says where the first row begins; `None` while the first record has not
    /// ended.
    fn open(
        text: &[u8],
        is_last: bool,
        options: CsvOptions,
        mapping: &Mapping,
        ignored: &mut Ignored,
    ) -> Result<Option<(Self, usize)>, BodyError> {
        // A quote may open a field for one delimiter and none for another: after so many bytes, what was found counts.
        let is_enough = text.len() > MAX_ROW_BYTES;
        let start = &text[..text.len().min(MAX_ROW_BYTES)];
        let names: Vec<&str> = mapping.names().collect();
        let found = Dialect::detect(start, options.delimiter, &names, is_last || is_enough).and_then(|dialect| {
            let mut framer = Framer::new(dialect.delimiter);
            let first = framer.next(&text[dialect.header_start..], is_last)?;
            Some((dialect, framer, first))
        });
        let first_end = found.as_ref().map_or(text.len(), |(dialect, _, first)| dialect.header_start + first.end);
        let example = || mapping.example_header();
        if first_end > MAX_ROW_BYTES {
            return Err(BodyError::Csv(format!(
                "no header row ends within the first {MAX_ROW_BYTES} bytes; send a shorter one, such as {}",
                example()
            )));
        }
        let Some((dialect, framer, first)) = found else {
            return match is_last && options.header != Header::Absent {
                true => Err(BodyError::Csv(format!("the body has no header row; send one such as {}", example()))),
                false => Ok(None),
            };
        };
        let record = &text[dialect.header_start..][first.start..first.end];
        let header: Vec<_> = framer.fields().iter().map(|field| field.lossy_text(record)).collect();
        let is_header = match options.header {
            Header::Present => true,
            Header::Absent => false,
            Header::Auto => !is_plain_row(&header, mapping),
        };
        let whole = if is_header { "the header" } else { "the first row" };
        let row = if is_header { "the header row" } else { whole };
        check_first(first, row)?;
        let columns: Vec<Cow<'_, str>> =
            if is_header { header } else { (0..first.fields).map(|number| column_name(number).into()).collect() };
        let places = mapping.find(row, &columns, ignored).map_err(BodyError::Csv)?;
        let decimal = if dialect.has_decimal_comma() || options.decimal != Decimal::Auto {
            options.decimal
        } else {
            Decimal::Point
        };
        let columns = Columns { places, count: first.fields, whole, decimal };
        let delimiter = dialect.delimiter;
        Ok(Some(match is_header {
            true => (Self { delimiter, columns, framer, long: None }, first_end),
            false => (Self { delimiter, columns, framer: Framer::new(delimiter), long: None }, dialect.header_start),
        }))
    }

    /// Reads the records that end in `text`; returns how many bytes of it are done with.
    fn read(&mut self, text: &[u8], is_last: bool, encoding: Encoding, mapping: &Mapping, rows: &mut Rows) -> usize {
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
                    let (found, Columns { whole, count, .. }) = (frame.fields, &self.columns);
                    (frame.line, unreadable(format!("{} has {found} fields where {whole} has {count}", row())))
                }
                None => (frame.line, self.columns.read(record, self.framer.fields(), encoding, mapping, &mut rows.ids)),
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

/// Whether the first record is a row like the others: none of its fields is a name of the mapping, while the measures are
/// named as the columns of a table without a header are.
fn is_plain_row(first: &[Cow<'_, str>], mapping: &Mapping) -> bool {
    let is_column = |name| column_number(name).is_some_and(|number| number < first.len());
    mapping.measures.names().all(is_column) && !first.iter().any(|field| mapping.names().any(|name| name == field))
}

/// Checks the record that says how many columns there are.
fn check_first(first: Frame, row: &str) -> Result<(), BodyError> {
    if let Some(fault) = first.fault {
        let (line, what) = fault_text(fault, first.line);
        return Err(BodyError::Csv(format!("{row}, on line {line}, {what}")));
    }
    if first.fields > MAX_FIELDS {
        let fields = first.fields;
        return Err(BodyError::Csv(format!("{row} has {fields} fields; at most {MAX_FIELDS} are read")));
    }
    Ok(())
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
    /// Reads a record that has as many fields as the header.
    fn read(
        &self,
        record: &[u8],
        fields: &[Field],
        encoding: Encoding,
        mapping: &Mapping,
        ids: &mut Ids,
    ) -> Result<Draft, EventError> {
        let Ok(record) = str::from_utf8(record) else {
            let name = encoding.name();
            return unreadable(format!("the row is not {name} text; encode it as {name}"));
        };
        let field = |place: usize| Some(fields[place].text(record)).filter(|text| !text.is_empty());
        let blank = |place: usize| field(place).filter(|text| text.contains(|char: char| !char.is_whitespace()));
        let timestamp = self.places.timestamp.and_then(blank).map(|text| mapping.timestamp(&text)).transpose()?;
        let id = self.places.id.and_then(field).map(|text| ids.parse(&text)).transpose()?;
        mapping.draft(timestamp, id, |position, name| match self.places.measures[position].and_then(blank) {
            Some(text) => mapping.number(name, &text, self.decimal),
            None => Ok(None),
        })
    }
}
