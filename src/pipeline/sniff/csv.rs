//! The dialect of CSV: the delimiter, and whether the first row has the names.
//!
//! The rules are those that DuckDB documents for its sniffer: the delimiter is the one by which the rows have the same
//! number of fields, and of several the one that finds the most typed columns; the first row is a header when it is not
//! of the types of the columns, or when all of them are text. Unlike there, names that are wanted decide first.
//!
//! Source: <https://duckdb.org/docs/stable/data/csv/auto_detection>.

use super::columns::{decimal, is_of, profile};
use super::error::SniffError;
use super::preview::{Choices, ColumnKind};
use super::table::{Table, TableRow, of_csv};
use crate::pipeline::records::{DELIMITERS, Dialect};

/// Rows that tell the dialect.
const LOOKED_AT_ROWS: usize = 200;
/// Bytes that tell the dialect, unless no row ends in them.
const LOOKED_AT_BYTES: usize = 256 << 10;
/// Columns that tell the delimiter.
const LOOKED_AT_COLUMNS: usize = 50;

/// Names that are wanted unless others are chosen.
const WANTED: [&str; 3] = ["timestamp", "id", "value"];

/// How the records of a text are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CsvGuess {
    pub(super) delimiter: u8,
    /// The byte where the first record begins: behind a first line such as `sep=;`.
    pub(super) start: usize,
    pub(super) has_header: bool,
}

/// The dialect of a text that begins so, as chosen and otherwise as guessed.
pub(super) fn guess(text: &[u8], is_whole: bool, choices: &Choices) -> Result<CsvGuess, SniffError> {
    if text.trim_ascii().is_empty() && is_whole {
        return Err(SniffError::Empty);
    }
    let named = Dialect::detect(text, None, &[], is_whole).ok_or(SniffError::NoRow)?;
    let start = named.header_start;
    let body = &text[start..];
    let looked_at = &body[..body.len().min(LOOKED_AT_BYTES)];
    // Long rows are looked at as a whole.
    let looked_at = match of_csv(looked_at, named.delimiter, false, 1).rows.len() {
        0 => body,
        _ => looked_at,
    };
    let is_last = is_whole && looked_at.len() == body.len();
    let wanted = wanted(choices);
    let chosen = choices.delimiter.as_deref().and_then(byte_of).or((start > 0).then_some(named.delimiter));
    let delimiter = chosen.unwrap_or_else(|| {
        let mut best = (DELIMITERS[0], Score::default());
        for delimiter in DELIMITERS {
            let score = score(looked_at, delimiter, is_last, &wanted);
            if score > best.1 {
                best = (delimiter, score);
            }
        }
        best.0
    });
    let rows = of_csv(looked_at, delimiter, is_last, LOOKED_AT_ROWS);
    if rows.rows.is_empty() {
        return Err(SniffError::NoRow);
    }
    let has_header = choices.header.unwrap_or_else(|| has_header(rows, delimiter, &wanted));
    Ok(CsvGuess { delimiter, start, has_header })
}

/// The byte that a value of the setting `delimiter` means.
fn byte_of(text: &str) -> Option<u8> {
    match (text, text.as_bytes()) {
        ("tab", _) => Some(b'\t'),
        ("space", _) => Some(b' '),
        (_, [byte]) => Some(*byte),
        _ => None,
    }
}

/// The value of the setting `delimiter` that means a byte.
pub(super) fn delimiter_text(byte: u8) -> String {
    match byte {
        b'\t' => "tab".to_owned(),
        b' ' => "space".to_owned(),
        byte => char::from(byte).to_string(),
    }
}

/// Names that a header has if it is read by the right delimiter.
fn wanted(choices: &Choices) -> Vec<&str> {
    let fields =
        [&choices.timestamp_field, &choices.id_field].into_iter().filter_map(|chosen| chosen.as_ref()?.as_deref());
    let measures = choices.measures.iter().flatten().map(String::as_str);
    fields.chain(measures).chain(WANTED).collect()
}

/// How well a delimiter fits: by the wanted names in the header, then by [`Evenness`], then by columns that are no
/// texts, then by the fields that rows usually have.
type Score = (usize, Evenness, usize, usize);

/// Whether the rows have as many fields as the first one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Evenness {
    /// They have not, or one field of text each, as in any text that the delimiter does not occur in.
    #[default]
    None,
    /// One field each, of numbers or times.
    Single,
    /// Several fields each.
    Several,
}

fn score(text: &[u8], delimiter: u8, is_last: bool, wanted: &[&str]) -> Score {
    let table = of_csv(text, delimiter, is_last, LOOKED_AT_ROWS);
    let Some((first, rest)) = table.rows.split_first() else { return Score::default() };
    let (fields, known) = (first.cells.len(), known(first, wanted));
    let even = rest.iter().filter(|row| row.cells.len() == fields).count();
    let is_even = fields > 0 && even * 10 >= rest.len() * 9;
    let mut counts: Vec<usize> = rest.iter().map(|row| row.cells.len()).collect();
    counts.sort_unstable();
    let usual = counts.get(counts.len() / 2).copied().unwrap_or(fields);
    let table = table.with_header(true);
    let decimal = decimal(&table, delimiter == b',');
    let is_typed = |number: &usize| {
        let kind = profile(&table, *number, decimal).kind;
        !matches!(kind, ColumnKind::Text | ColumnKind::Empty | ColumnKind::Nested)
    };
    let typed = (0..fields.min(LOOKED_AT_COLUMNS)).filter(is_typed).count();
    let evenness = match fields {
        _ if !is_even => Evenness::None,
        1 if typed == 0 => Evenness::None,
        1 => Evenness::Single,
        _ => Evenness::Several,
    };
    (known, evenness, typed, usual)
}

/// Number of wanted names in a row.
fn known(row: &TableRow<'_>, wanted: &[&str]) -> usize {
    let texts = row.cells.iter().filter_map(|cell| cell.text());
    texts.filter(|text| wanted.iter().any(|name| text.trim().eq_ignore_ascii_case(name.trim()))).count()
}

/// Whether the first row has the names of the columns.
fn has_header(mut table: Table<'_>, delimiter: u8, wanted: &[&str]) -> bool {
    let first = table.rows.remove(0);
    if known(&first, wanted) > 0 {
        return true;
    }
    let columns = first.cells.len();
    if table.rows.is_empty() {
        // A row alone: a header, unless one of its fields is a number or a time.
        table.rows.push(first);
        let table = table.with_header(false);
        let decimal = decimal(&table, delimiter == b',');
        return (0..columns).all(|number| {
            let kind = profile(&table, number, decimal).kind;
            matches!(kind, ColumnKind::Text | ColumnKind::Empty)
        });
    }
    // The names do not count: the kinds are those of the other rows, which stand below the first one as a header.
    table.names = first.cells.iter().map(|_| "".into()).collect();
    let decimal = decimal(&table, delimiter == b',');
    let mut has_typed = false;
    for number in 0..columns {
        let profile = profile(&table, number, decimal);
        if matches!(profile.kind, ColumnKind::Text | ColumnKind::Empty | ColumnKind::Nested) {
            continue;
        }
        has_typed = true;
        if !first.cells.get(number).and_then(|cell| cell.text()).is_none_or(|text| is_of(text, &profile)) {
            return true;
        }
    }
    !has_typed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialect(text: &str) -> (char, bool) {
        let guess = guess(text.as_bytes(), true, &Choices::default()).unwrap();
        (guess.delimiter.into(), guess.has_header)
    }

    #[test]
    fn rows_show_the_delimiter_and_the_header() {
        for (text, expected) in [
            ("timestamp,id,value\n", (',', true)),
            ("timestamp,id,value\n2026-06-05,a,1\n", (',', true)),
            ("Zeit;Temp;Druck\n05.06.2026;1,5;2,5\n", (';', true)),
            ("a\tb\nx, y\t1\nz\t2\n", ('\t', true)),
            ("time|sensor|t, °C, inside\n1780669815|a|1\n", ('|', true)),
            ("sep=;\na;b\n1;2\n", (';', true)),
            ("2026-06-05;1,5;2,5\n2026-06-06;1,5;2,5\n", (';', false)),
            ("2026-06-05,a,1\n2026-06-06,b,2\n", (',', false)),
            ("a,b\nc,d\n", (',', true)),
            ("x\n1,5\n2,5\n", (';', true)),
            ("x\n1\n2\n", (',', true)),
            ("1\n2\n", (',', false)),
            ("1,2\n", (',', false)),
            ("when,what\n", (',', true)),
            ("2020,2021\n1,2\n", (',', false)),
            (",time,x\n0,2026-06-05,1.5\n", (',', true)),
            ("\"a,b\";c\n\"x,y\";2\n", (';', true)),
            ("note;x\na, b, c;1\nd;2\ne, f;3\n", (';', true)),
        ] {
            assert_eq!(dialect(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_chosen_is_not_guessed() {
        let choices = Choices { delimiter: Some("tab".to_owned()), header: Some(false), ..Choices::default() };
        let found = guess(b"a,b\n1,2\n", true, &choices).unwrap();
        assert_eq!(found, CsvGuess { delimiter: b'\t', start: 0, has_header: false });
        let choices = Choices { measures: Some(vec!["rpm, 1/min".to_owned()]), ..Choices::default() };
        assert_eq!(guess(b"a;rpm, 1/min, b, c\n", true, &choices).unwrap().delimiter, b',', "no name is found by ;");
        let choices = Choices { timestamp_field: Some(Some("a".to_owned())), ..Choices::default() };
        assert_eq!(guess(b"a;b, c, d\n", true, &choices).unwrap().delimiter, b';');
    }

    #[test]
    fn a_text_without_a_row_is_none() {
        let found = |text: &[u8], is_whole| guess(text, is_whole, &Choices::default());
        assert_eq!(found(b"", true), Err(SniffError::Empty));
        assert_eq!(found(b"\r\n \n", true), Err(SniffError::Empty));
        assert_eq!(found(b"a,b,c", false), Err(SniffError::NoRow));
        assert_eq!(found(b"\"a\nb", false), Err(SniffError::NoRow));
    }
}
