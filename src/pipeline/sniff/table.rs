//! The start of a file as a table of texts, before any of them is interpreted. Its rows are those of the reader, one by
//! one.

use std::borrow::Cow;

use memchr::memchr;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::pipeline::records::{Framer, MAX_FIELDS, column_name, line_ends};

/// Maximum number of rows that are looked at, as many as DuckDB looks at.
pub(super) const MAX_SAMPLE_ROWS: usize = 20_480;

/// Names and rows.
#[derive(Debug, Default)]
pub(super) struct Table<'a> {
    pub(super) names: Vec<Cow<'a, str>>,
    pub(super) rows: Vec<TableRow<'a>>,
}

/// A row of texts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TableRow<'a> {
    /// Its first line, from 1.
    pub(super) line: usize,
    /// A cell for each name, and those that CSV has too many; of a row that cannot be read, none.
    pub(super) cells: Vec<Cell<'a>>,
}

/// A field of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    /// It is not there, or null.
    Missing,
    /// Text, or the digits of a number.
    Text(Cow<'a, str>),
    /// Digits of a number that stands as such in JSON, where it is no id.
    Number(&'a str),
    /// An object or an array, as it stands there.
    Nested(&'a str),
}

impl Cell<'_> {
    /// What stands there.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Missing => None,
            Self::Text(text) => Some(text),
            Self::Number(text) | Self::Nested(text) => Some(text),
        }
    }
}

impl<'a> Table<'a> {
    /// The cells of a column; missing where a row is too short.
    pub(super) fn column(&self, number: usize) -> impl Iterator<Item = &Cell<'a>> {
        self.rows
            .iter()
            .filter(|row| !row.cells.is_empty())
            .map(move |row| row.cells.get(number).unwrap_or(&Cell::Missing))
    }

    /// The table whose first row has the names, or that has none.
    pub(super) fn with_header(mut self, has_header: bool) -> Self {
        if has_header && !self.rows.is_empty() {
            let header = self.rows.remove(0);
            self.names = header.cells.into_iter().map(Cell::into_text).collect();
        } else {
            let columns = self.rows.first().map_or(0, |row| row.cells.len());
            self.names = (0..columns).map(|number| column_name(number).into()).collect();
        }
        self
    }
}

impl<'a> Cell<'a> {
    fn into_text(self) -> Cow<'a, str> {
        match self {
            Self::Missing => Cow::Borrowed(""),
            Self::Text(text) => text,
            Self::Number(text) | Self::Nested(text) => Cow::Borrowed(text),
        }
    }
}

/// The records of CSV, the header row among them, without names. A record at fault has no cells.
pub(super) fn of_csv(text: &[u8], delimiter: u8, is_last: bool, max_rows: usize) -> Table<'_> {
    let mut framer = Framer::new(delimiter);
    let mut table = Table::default();
    let mut at = 0;
    while table.rows.len() < max_rows
        && let Some(frame) = framer.next(&text[at..], is_last)
    {
        let record = &text[at + frame.start..at + frame.end];
        let cells = match (frame.fault, str::from_utf8(record)) {
            (Some(_), _) => Vec::new(),
            (None, Ok(record)) => framer.fields().iter().map(|field| Cell::Text(field.text(record))).collect(),
            (None, Err(_)) => framer.fields().iter().map(|field| Cell::Text(field.lossy_text(record))).collect(),
        };
        table.rows.push(TableRow { line: frame.line, cells });
        at += frame.end;
    }
    table
}

/// The objects of NDJSON, one a line. A line that is no object has no cells.
pub(super) fn of_lines(text: &[u8], is_last: bool) -> Table<'_> {
    let (mut table, mut at, mut line) = (JsonTable::default(), 0, 0);
    while table.rows.len() < MAX_SAMPLE_ROWS {
        let rest = &text[at..];
        let length = match memchr(b'\n', rest) {
            Some(length) => length + 1,
            None if is_last && !rest.is_empty() => rest.len(),
            None => break,
        };
        (at, line) = (at + length, line + 1);
        let row = rest[..length].trim_ascii();
        if !row.is_empty() {
            table.push(line, row);
        }
    }
    table.into_table()
}

/// The objects of a JSON array, or the object that the text is. An element that is no object has no cells.
pub(super) fn of_json(text: &[u8], is_last: bool) -> Table<'_> {
    let mut table = JsonTable::default();
    let (mut depth, mut is_in_text, mut is_escaped) = (0_usize, false, false);
    let is_array = text.trim_ascii_start().first() == Some(&b'[');
    let outside = usize::from(is_array);
    // Where the present element begins, and its line.
    let mut element: Option<(usize, usize)> = None;
    let (mut line, mut counted) = (1, 0);
    for (at, &byte) in text.iter().enumerate() {
        if table.rows.len() == MAX_SAMPLE_ROWS {
            break;
        }
        let is_outside = depth == outside && !is_in_text;
        let ends = is_outside && matches!(byte, b',' | b']') && is_array;
        if ends && let Some((start, line)) = element.take() {
            table.push(line, text[start..at].trim_ascii());
        }
        match byte {
            _ if is_in_text && is_escaped => is_escaped = false,
            b'\\' if is_in_text => is_escaped = true,
            b'"' => is_in_text = !is_in_text,
            _ if is_in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let begins = is_outside && element.is_none() && !ends && !byte.is_ascii_whitespace();
        if begins && (!is_array || depth > 0) {
            line += line_ends(&text[counted..at]);
            counted = at;
            element = Some((at, line));
        }
        if !is_array && depth == 0 && !is_in_text && byte == b'}' {
            break;
        }
    }
    if let Some((start, line)) = element
        && !is_array
        && (is_last || depth == 0)
    {
        table.push(line, text[start..].trim_ascii());
    }
    table.into_table()
}

/// Collects objects whose fields may differ.
#[derive(Default)]
struct JsonTable<'a> {
    names: Vec<Cow<'a, str>>,
    /// Where each name stands in `names`.
    places: FxHashMap<String, usize>,
    rows: Vec<TableRow<'a>>,
}

impl<'a> JsonTable<'a> {
    fn push(&mut self, line: usize, row: &'a [u8]) {
        let members = serde_json::from_slice::<Members<'a>>(row).map(|members| members.0).unwrap_or_default();
        let mut cells = vec![Cell::Missing; if members.is_empty() { 0 } else { self.names.len() }];
        for (position, (name, raw)) in members.into_iter().enumerate() {
            // Objects mostly have the same names in the same order.
            let known = if self.names.get(position).is_some_and(|known| *known == name) {
                Some(position)
            } else {
                self.places.get(&name).copied()
            };
            let place = match known {
                Some(place) => place,
                None if self.names.len() < MAX_FIELDS => {
                    self.places.insert(name.clone(), self.names.len());
                    self.names.push(name.into());
                    cells.push(Cell::Missing);
                    self.names.len() - 1
                }
                None => continue,
            };
            if let Some(cell) = cells.get_mut(place) {
                *cell = cell_of(raw.get());
            }
        }
        self.rows.push(TableRow { line, cells });
    }

    fn into_table(self) -> Table<'a> {
        Table { names: self.names, rows: self.rows }
    }
}

fn cell_of(raw: &str) -> Cell<'_> {
    match raw.as_bytes().first() {
        Some(b'"') => match serde_json::from_str::<String>(raw) {
            Ok(text) => Cell::Text(text.into()),
            // Half a surrogate.
            Err(_) => Cell::Text(raw.into()),
        },
        Some(b'{' | b'[') => Cell::Nested(raw),
        Some(b'n') | None => Cell::Missing,
        Some(b't' | b'f') => Cell::Text(raw.into()),
        Some(_) => Cell::Number(raw),
    }
}

/// Names and values of an object, in order.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(name) = members.next_key::<String>()? {
            let value: &RawValue = members.next_value()?;
            if found.len() < MAX_FIELDS {
                found.push((name, value));
            }
        }
        Ok(Members(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Settings;
    use crate::pipeline::records::{Encoding, Format, Mapping, read};
    use crate::time::Clock;
    use proptest::prelude::*;

    fn texts(table: &Table<'_>) -> Vec<(usize, Vec<String>)> {
        let text = |cell: &Cell<'_>| cell.text().unwrap_or("-").to_owned();
        table.rows.iter().map(|row| (row.line, row.cells.iter().map(text).collect())).collect()
    }

    #[test]
    fn objects_may_differ_in_their_fields() {
        let rows = [(1, vec!["1", "x"]), (3, vec!["-", "y", "{\"a\":[1]}"]), (4, vec![])];
        let rows = rows.map(|(line, cells)| (line, cells.into_iter().map(str::to_owned).collect::<Vec<_>>()));
        let table = of_lines(b"{\"a\":1,\"b\":\"x\"}\n\n{\"b\":\"y\",\"c\":{\"a\":[1]},\"a\":null}\n[1]\n", true);
        assert_eq!(table.names, ["a", "b", "c"]);
        assert_eq!(texts(&table), rows);
        let table = of_json(b"[{\"a\":1,\"b\":\"x\"},\n\n{\"b\":\"y\",\"c\":{\"a\":[1]},\"a\":null},\n[1]]", true);
        assert_eq!(texts(&table), rows);
    }

    #[test]
    fn an_element_that_is_cut_is_no_row() {
        assert_eq!(of_json(b"[{\"a\":1},{\"a\":\"}\\\"", false).rows.len(), 1);
        assert_eq!(of_json(b"{\"a\":1", false).rows.len(), 0);
        assert_eq!(of_json(b" {\"a\":1} ", true).rows.len(), 1);
        assert_eq!(of_json(b"[]", true).rows.len(), 0);
        assert_eq!(of_lines(b"{\"a\":1}\n{\"a\"", false).rows.len(), 1);
    }

    #[test]
    fn rows_of_csv_have_the_lines_of_an_editor() {
        let table = of_csv(b"a;b\n\n\"x\ny\";1\n\"z\"z;2\nw", b';', true, 9).with_header(true);
        assert_eq!(table.names, ["a", "b"]);
        let rows = [(3, vec!["x\ny", "1"]), (5, vec![]), (6, vec!["w"])];
        let rows = rows.map(|(line, cells)| (line, cells.into_iter().map(str::to_owned).collect::<Vec<_>>()));
        assert_eq!(texts(&table), rows);
        assert_eq!(of_csv(b"1;2\n3;4\n", b';', true, 9).with_header(false).names, ["column0", "column1"]);
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(128))]

        /// The rows of the table are those that the reader reads: as many, on the same lines.
        #[test]
        fn rows_are_those_of_the_reader(
            text in "([ab,\"\n]|\r\n|1){0,30}",
            elements in prop::collection::vec(
                "(\\{\"value\":1\\}|\\[1,\"]\"\\]|7|\"a,\\\\\"]\"|null)[ \n]{0,2}",
                0..5
            )
        ) {
            let mapping = Mapping::of(&Settings::default(), Clock::Utc);
            let csv = ["value\n", &text].concat();
            let lines = elements.join("\n");
            let array = ["[", &elements.join(","), "]"].concat();
            for (text, format, table) in [
                (&csv, Format::Csv(Default::default()), of_csv(csv.as_bytes(), b',', true, 1000).with_header(true)),
                (&lines, Format::Ndjson, of_lines(lines.as_bytes(), true)),
                (&array, Format::Json, of_json(array.as_bytes(), true)),
            ] {
                let Ok(rows) = read(text.as_bytes(), format, Encoding::Utf8, &mapping) else { continue };
                prop_assert_eq!(rows.count(), table.rows.len(), "{:?}", text);
                for (place, _) in &rows.drafts {
                    prop_assert_eq!(table.rows[place.row].line, place.line, "{:?}", text);
                }
            }
        }
    }
}
