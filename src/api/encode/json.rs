//! Frames as JSON records, as pandas' `to_json(orient="records")` and pydantic write them.
//!
//! Written column by column into one buffer: a response of ten thousand rows has forty thousand cells, and a tree of
//! values would cost more than the rest of the request. Numbers and text go through serde_json.

use uuid::Uuid;

use super::Encoder;
use crate::frame::{Column, Frame, NAT, Strings, Value};
use crate::pipeline::{Kind, Settings};
use crate::time::{Clock, Timestamp};

/// A small response.
pub(crate) fn to_vec(answer: &impl serde::Serialize) -> Vec<u8> {
    // Writing structs to memory cannot fail.
    serde_json::to_vec(answer).unwrap_or_default()
}

/// All settings in the order of the contract, secrets masked.
pub(crate) fn settings(settings: &Settings) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    for field in &Settings::FIELDS {
        out.push(if out.is_empty() { b'{' } else { b',' });
        text(&mut out, field.name);
        out.push(b':');
        match (field.shown(settings), field.kind) {
            (None, _) => out.extend_from_slice(b"null"),
            (Some(value), Kind::Text) => text(&mut out, &value),
            // Numbers and truth values print as JSON does.
            (Some(value), Kind::Number | Kind::Bool) => out.extend_from_slice(value.as_bytes()),
        }
    }
    out.push(b'}');
    out
}

/// Which of the three tables a response holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Views {
    pub(crate) latest: bool,
    pub(crate) melted: bool,
    pub(crate) pivoted: bool,
}

impl Views {
    /// The names in the order in which they are written.
    pub(crate) const NAMES: [&'static str; 3] = ["latest", "melted", "pivoted"];
    pub(crate) const ALL: Self = Self { latest: true, melted: true, pivoted: true };
    pub(crate) const NONE: Self = Self { latest: false, melted: false, pivoted: false };

    /// The number of tables.
    pub(crate) fn count(self) -> usize {
        Self::NAMES.iter().filter(|name| self.has(name)).count()
    }

    /// Whether it holds the table of this name.
    pub(crate) fn has(self, name: &str) -> bool {
        match name {
            "latest" => self.latest,
            "melted" => self.melted,
            _ => self.pivoted,
        }
    }
}

/// Tables as the members of an object, each an array of objects.
pub(super) struct JsonTables {
    clock: Clock,
    /// The text before the next table.
    lead: &'static [u8],
    has_rows: bool,
}

impl JsonTables {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, lead: b"{", has_rows: false }
    }
}

impl Encoder for JsonTables {
    fn open_table(&mut self, name: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(self.lead);
        text(out, name);
        out.extend_from_slice(b":[");
        (self.lead, self.has_rows) = (b",", false);
    }

    fn rows(&mut self, rows: &Frame, out: &mut Vec<u8>) {
        if self.has_rows && !rows.is_empty() {
            out.push(b',');
        }
        self.has_rows |= !rows.is_empty();
        records(out, rows, &self.clock, b",", b"");
    }

    fn close_table(&mut self, out: &mut Vec<u8>) {
        out.push(b']');
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        if self.lead == b"{" {
            out.push(b'{');
        }
        out.push(b'}');
    }
}

/// A frame as an array of objects; missing cells and infinities are `null`.
pub fn write_records(out: &mut Vec<u8>, frame: &Frame, clock: &Clock) {
    out.push(b'[');
    records(out, frame, clock, b",", b"");
    out.push(b']');
}

/// Bytes of a cell, about: of an instant or a number with all its digits.
const CELL_BYTES: usize = 24;

/// Writes each row of a frame as an object, with `between` between two rows and `behind` after each.
pub(super) fn records(out: &mut Vec<u8>, frame: &Frame, clock: &Clock, between: &[u8], behind: &[u8]) {
    let keys: Vec<Vec<u8>> = frame
        .columns()
        .iter()
        .enumerate()
        .map(|(index, (name, _))| {
            let mut key = vec![if index == 0 { b'{' } else { b',' }];
            text(&mut key, name);
            key.push(b':');
            key
        })
        .collect();
    // At once, not by doubling: what was written is not copied.
    let row_bytes = keys.iter().map(|key| key.len() + CELL_BYTES).sum::<usize>();
    out.reserve(frame.len() * row_bytes);
    for row in 0..frame.len() {
        if row > 0 {
            out.extend_from_slice(between);
        }
        for ((_, column), key) in frame.columns().iter().zip(&keys) {
            out.extend_from_slice(key);
            cell(out, column, row, clock);
        }
        out.push(b'}');
        out.extend_from_slice(behind);
    }
}

/// The cell as plain text: as in JSON, without quotes; empty where it is missing or not finite.
pub(super) fn bare_cell(out: &mut Vec<u8>, column: &Column, row: usize, clock: &Clock) {
    match column.value(row) {
        Value::Null => {}
        Value::Float(number) if !number.is_finite() => {}
        Value::Str(text) => out.extend_from_slice(text.as_bytes()),
        Value::Datetime(timestamp) => timestamp.write_to(clock, out),
        other => value(out, other, clock),
    }
}

/// Writes a cell. Views are followed to the column that they show, so that no cell is copied on its way.
fn cell(out: &mut Vec<u8>, column: &Column, row: usize, clock: &Clock) {
    match column {
        Column::Float(values) => float(out, values[row]),
        Column::Datetime(values) if values[row] != NAT => instant(out, Timestamp::from_nanos(values[row]), clock),
        Column::String(Strings::Uuids(uuids)) => uuid(out, uuids[row]),
        Column::Tiled { column, .. } => cell(out, column, row % column.len(), clock),
        Column::Runs { column, run } => cell(out, column, row / run, clock),
        Column::Stacked(columns) => {
            let mut row = row;
            for column in columns.iter() {
                if row < column.len() {
                    return cell(out, column, row, clock);
                }
                row -= column.len();
            }
        }
        column => value(out, column.value(row), clock),
    }
}

/// A UUID needs no escapes.
fn uuid(out: &mut Vec<u8>, uuid: Uuid) {
    let mut text = [b'"'; 38];
    uuid.hyphenated().encode_lower(&mut text[1..37]);
    out.extend_from_slice(&text);
}

fn value(out: &mut Vec<u8>, value: Value<'_>, clock: &Clock) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Datetime(timestamp) => instant(out, timestamp, clock),
        Value::Float(number) => float(out, number),
        Value::Int(number) => number_text(out, number),
        Value::Bool(truth) => out.extend_from_slice(if truth { b"true" } else { b"false" }),
        Value::Str(string) => text(out, &string),
    }
}

fn instant(out: &mut Vec<u8>, timestamp: Timestamp, clock: &Clock) {
    out.push(b'"');
    timestamp.write_to(clock, out);
    out.push(b'"');
}

/// The shortest text that reads back to the same f64; NaN and infinities as `null`.
fn float(out: &mut Vec<u8>, number: f64) {
    number_text(out, number);
}

fn number_text(out: &mut Vec<u8>, number: impl serde::Serialize) {
    // Writing to memory cannot fail, and serde_json writes numbers that are not finite as null.
    let _ = serde_json::to_writer(out, &number);
}

pub(super) fn text(out: &mut Vec<u8>, text: &str) {
    let _ = serde_json::to_writer(out, text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Measures, Settings, rows_frame, tables as transform};

    fn json(values: &[f64]) -> String {
        let frame = Frame::new(vec![("value".into(), Column::Float(values.to_vec().into()))]).unwrap();
        let mut out = Vec::new();
        write_records(&mut out, &frame, &Clock::Utc);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn floats_are_the_shortest_text_and_null_if_not_finite() {
        assert_eq!(json(&[42.0, 0.1, f64::NAN]), r#"[{"value":42.0},{"value":0.1},{"value":null}]"#);
        assert_eq!(json(&[f64::INFINITY, f64::NEG_INFINITY]), r#"[{"value":null},{"value":null}]"#);
        for number in [57.54999999999999, 1e16, 1e-7, 5e-324, f64::MAX, -0.0] {
            let text = json(&[number]);
            let read: f64 = text.trim_start_matches(r#"[{"value":"#).trim_end_matches("}]").parse().unwrap();
            assert_eq!(read.to_bits(), number.to_bits(), "{text}");
        }
    }

    #[test]
    fn the_three_tables_of_a_batch_have_the_originals_form() {
        let ids = [Some("b\"1"), Some("a")].into_iter().collect();
        let rows = rows_frame(vec![0, 1_500_000_000], ids, &Measures::default(), vec![vec![1.5, 2.0]]).unwrap();
        let tables = transform(rows, vec![vec![1.5, 1.75]], &Settings::default()).unwrap();
        let (mut json, mut out) = (JsonTables::new(Clock::Utc), Vec::new());
        for (name, frame) in Views::NAMES.iter().zip([&tables.latest, &tables.melted, &tables.pivoted]) {
            json.open_table(name, &mut out);
            json.rows(frame, &mut out);
            json.close_table(&mut out);
        }
        json.finish(&mut out);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            concat!(
                r#"{"latest":[{"timestamp":"1970-01-01T00:00:00Z","id":"b\"1","value":1.5,"moving_avg":1.5},"#,
                r#"{"timestamp":"1970-01-01T00:00:01.500000Z","id":"a","value":2.0,"moving_avg":1.75}],"#,
                r#""melted":[{"id":"b\"1","variable":"timestamp","val":"1970-01-01T00:00:00Z"},"#,
                r#"{"id":"a","variable":"timestamp","val":"1970-01-01T00:00:01.500000Z"},"#,
                r#"{"id":"b\"1","variable":"value","val":1.5},{"id":"a","variable":"value","val":2.0}],"#,
                r#""pivoted":[{"id":"a","timestamp":"1970-01-01T00:00:01.500000Z","value":2.0},"#,
                r#"{"id":"b\"1","timestamp":"1970-01-01T00:00:00Z","value":1.5}]}"#
            )
        );
    }
}
