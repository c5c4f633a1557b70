//! What the cells of columns are: the kinds of numbers, times and texts, and the mark before fractions.

use super::names::is_time_of_numbers;
use super::preview::{ColumnKind, TimeGuess};
use super::table::{Cell, Table};
use super::times;
use crate::pipeline::Decimal;
use crate::pipeline::records::is_missing_mark;
use crate::time::TimestampFormat;

/// What the cells of a column are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Profile {
    pub(super) kind: ColumnKind,
    /// Number of cells that are empty, missing, or say that there is no number.
    pub(super) missing: usize,
    pub(super) time: Option<TimeGuess>,
    /// Whether the cells are no texts, and no ids either: numbers of JSON, fractions and times of a binary format.
    pub(super) is_bare: bool,
    /// A cell whose digits are grouped by commas, where such cells make the column one of text.
    pub(super) grouped: Option<String>,
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    Integer,
    WithPoint,
    WithComma,
    /// With commas of which each has three digits behind it: a fraction, or groups of thousands.
    WithGroups,
}

/// What the numbers of a column are written with.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    integers: usize,
    with_point: usize,
    with_comma: usize,
    with_groups: usize,
}

/// What stands before fractions, as far as the columns show it. `has_comma` says that fields are separated by commas: a
/// number with one then stands in quotes, and thousands are as likely as a fraction.
pub(super) fn decimal(table: &Table<'_>, has_comma: bool) -> Decimal {
    let (mut points, mut commas) = (0, 0);
    for number in 0..table.names.len() {
        let texts = texts(table, number);
        let counts = Counts::new(&texts);
        let all = counts.integers + counts.with_point + counts.with_comma + counts.with_groups;
        if all == 0 || all < needed(texts.len()) {
            continue;
        }
        points += counts.with_point;
        commas += counts.with_comma;
        if !has_comma || counts.with_comma > 0 {
            commas += counts.with_groups;
        }
    }
    match (points > 0, commas > 0) {
        (true, false) => Decimal::Point,
        (false, true) => Decimal::Comma,
        // Both are read; or neither was seen, and either may come.
        (true, true) | (false, false) if !has_comma => Decimal::Auto,
        _ => Decimal::Point,
    }
}

/// What the cells of a column are, where this mark stands before fractions.
pub(super) fn profile(table: &Table<'_>, number: usize, decimal: Decimal) -> Profile {
    let cells = table.column(number).count();
    let texts = texts(table, number);
    let is_nested = table.column(number).any(|cell| matches!(cell, Cell::Nested(_)));
    let is_bare = table.column(number).any(|cell| matches!(cell, Cell::Number(_)));
    let name = table.names.get(number).map_or("", |name| name);
    let counts = Counts::new(&texts);
    let (numbers, fractions) = match decimal {
        Decimal::Point => (counts.integers + counts.with_point, counts.with_point),
        Decimal::Comma => {
            let fractions = counts.with_comma + counts.with_groups;
            (counts.integers + fractions, fractions)
        }
        Decimal::Auto => {
            let fractions = counts.with_point + counts.with_comma + counts.with_groups;
            (counts.integers + fractions, fractions)
        }
    };
    let is_boolean = |text: &&&str| text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
    let needed = needed(texts.len());
    let is_named = is_time_of_numbers(name, texts.iter().filter(|text| is_large(text)).count() >= needed);
    let of_numbers = if fractions == 0 { ColumnKind::Integer } else { ColumnKind::Number };
    let (kind, time) = if is_nested {
        (ColumnKind::Nested, None)
    } else if texts.is_empty() {
        (ColumnKind::Empty, None)
    } else if numbers >= needed && !is_named {
        (of_numbers, None)
    } else if texts.iter().filter(is_boolean).count() >= needed {
        (ColumnKind::Boolean, None)
    } else if let Some(time) = times::guess(&texts, is_named) {
        (ColumnKind::Time, Some(time))
    } else if numbers >= needed {
        (of_numbers, None)
    } else {
        (ColumnKind::Text, None)
    };
    let is_grouped = kind == ColumnKind::Text && numbers + counts.with_comma + counts.with_groups >= needed;
    let grouped = texts.iter().find(|text| is_grouped && text.contains(',')).map(|text| (*text).to_owned());
    Profile { kind, missing: cells - texts.len(), time, is_bare, grouped }
}

/// How the cells of a column are written as times, which they are said to be.
pub(super) fn time(table: &Table<'_>, number: usize) -> Option<TimeGuess> {
    times::guess(&texts(table, number), true)
}

/// The first cell of a column that says something and is such.
pub(super) fn example<'t>(table: &'t Table<'_>, number: usize, is_it: impl Fn(&str) -> bool) -> Option<&'t str> {
    texts(table, number).into_iter().find(|text| is_it(text))
}

/// Whether a text is of a kind, as the cells of a column are that has this kind.
pub(super) fn is_of(text: &str, profile: &Profile) -> bool {
    let text = text.trim();
    match profile.kind {
        _ if is_missing_mark(text) => true,
        ColumnKind::Integer | ColumnKind::Number => number(text).is_some(),
        ColumnKind::Boolean => text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"),
        ColumnKind::Time => {
            let mut formats = profile.time.iter().flat_map(|time| &time.possible_formats);
            formats.any(|format| TimestampFormat::parse(format).is_ok_and(|format| times::reads(&format, text)))
        }
        ColumnKind::Text | ColumnKind::Nested | ColumnKind::Empty => true,
    }
}

/// The texts of a column, without blanks around them, that say something.
fn texts<'t>(table: &'t Table<'_>, number: usize) -> Vec<&'t str> {
    let texts = table.column(number).filter(|cell| !matches!(cell, Cell::Nested(_))).filter_map(Cell::text);
    texts.map(str::trim).filter(|text| !is_missing_mark(text)).collect()
}

/// So many of these cells have to be of a kind: a few may be faulty, and their rows are refused.
fn needed(cells: usize) -> usize {
    cells - cells / 10
}

impl Counts {
    fn new(texts: &[&str]) -> Self {
        let mut counts = Self::default();
        for text in texts {
            match number(text) {
                Some(Number::Integer) => counts.integers += 1,
                Some(Number::WithPoint) => counts.with_point += 1,
                Some(Number::WithComma) => counts.with_comma += 1,
                Some(Number::WithGroups) => counts.with_groups += 1,
                None => {}
            }
        }
        counts
    }
}

/// Whether a text is a number of at least eight digits: a day, or seconds since the epoch in this century.
fn is_large(text: &str) -> bool {
    text.bytes().take_while(u8::is_ascii_digit).count() >= 8
}

/// How a text without blanks around it writes a number.
fn number(text: &str) -> Option<Number> {
    // "inf" and "nan" are read by Rust, but not as numbers of events.
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Number::Integer);
    }
    if text.parse::<f64>().is_ok_and(f64::is_finite) {
        return Some(Number::WithPoint);
    }
    let mut groups = digits.split(',');
    let first = groups.next().unwrap_or_default();
    let is_group = |group: &str| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit());
    let is_first = (1..=3).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_digit());
    let commas = digits.bytes().filter(|byte| *byte == b',').count();
    if is_first && !first.starts_with('0') && commas > 0 && groups.all(is_group) {
        return Some(Number::WithGroups);
    }
    let is_fraction =
        commas == 1 && !text.contains('.') && text.replace(',', ".").parse::<f64>().is_ok_and(f64::is_finite);
    is_fraction.then_some(Number::WithComma)
}

#[cfg(test)]
mod tests {
    use super::super::table::of_csv;
    use super::*;

    fn table(text: &str) -> Table<'_> {
        of_csv(text.as_bytes(), b';', true, 100).with_header(true)
    }

    fn kinds(text: &str) -> Vec<ColumnKind> {
        let table = table(text);
        let decimal = decimal(&table, false);
        (0..table.names.len()).map(|number| profile(&table, number, decimal).kind).collect()
    }

    #[test]
    fn nine_cells_in_ten_say_what_a_column_is() {
        use ColumnKind::{Boolean, Empty, Integer, Number, Text, Time};
        let rows = "2026-06-05;1;1,5;pump;true;;1780669815\n".repeat(9);
        let text = ["at;n;x;id;on;none;time\n", &rows, "x;NaN;?;;TRUE;NA;x\n"].concat();
        assert_eq!(kinds(&text), [Time, Integer, Number, Text, Boolean, Empty, Time]);
        let text = ["at;n;x;id;on;none;time\n", &rows, &"?;?;?;;?;?;?\n".repeat(2)].concat();
        assert_eq!(kinds(&text), [Text, Text, Text, Text, Text, Text, Text]);
    }

    #[test]
    fn the_mark_before_fractions_is_the_one_that_is_seen() {
        for (text, has_comma, expected) in [
            ("x\n1,5\n", false, Decimal::Comma),
            ("x\n1.5\n", false, Decimal::Point),
            ("x;y\n1.5;1,5\n", false, Decimal::Auto),
            ("x\n1\n", false, Decimal::Auto),
            ("x\n1\n", true, Decimal::Point),
            ("x\n1,234\n", false, Decimal::Comma),
            ("x\n1,234\n", true, Decimal::Point),
            ("x\n1,234\n1,5\n", true, Decimal::Comma),
            ("x\na, b\n", false, Decimal::Auto),
        ] {
            assert_eq!(decimal(&table(text), has_comma), expected, "{text}");
        }
    }

    #[test]
    fn groups_of_digits_are_no_numbers_and_are_named() {
        let table = table("x\n1,234\n5\n");
        let found = profile(&table, 0, Decimal::Point);
        assert_eq!((found.kind, found.grouped.as_deref()), (ColumnKind::Text, Some("1,234")));
    }

    #[test]
    fn texts_that_say_that_there_is_nothing_are_missing() {
        let table = table("x;y\n1;a\n;b\nNaN;c\n2;d\n");
        assert_eq!(profile(&table, 0, Decimal::Auto).missing, 2);
        assert_eq!(profile(&table, 0, Decimal::Auto).kind, ColumnKind::Integer);
    }
}
