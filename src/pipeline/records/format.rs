//! The formats that rows are read from.

use crate::pipeline::{Decimal, Header, Settings};

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// An object, or an array of objects.
    Json,
    /// An object a line.
    Ndjson,
    /// A header row, then a record a row.
    Csv(CsvOptions),
    /// The columns of an Arrow or Parquet file, as the program hands them on that reads it: see
    /// [`columns`](super::columns).
    Columns,
}

/// What is said of a text of CSV; what is not said is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsvOptions {
    /// The byte between two fields; `None`: named by a first line `sep=;`, else found from the header row.
    pub delimiter: Option<u8>,
    /// What stands before the fraction of a number. Found: a point, or a comma where the delimiter is not a comma.
    pub decimal: Decimal,
    /// Whether the first record names the columns. Otherwise their names are those of [`column_name`]. Found: it does,
    /// unless it has none of the names of the mapping, and they are such.
    pub header: Header,
}

impl CsvOptions {
    /// Nothing is said, and everything is found.
    pub const FOUND: Self = Self { delimiter: None, decimal: Decimal::Auto, header: Header::Auto };

    /// As these settings say.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        Self { delimiter: settings.delimiter.byte(), decimal: settings.decimal, header: settings.header }
    }
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self::FOUND
    }
}

/// The name of a column of CSV without a header row, by its number from 0: `column0`, as DuckDB has it.
#[must_use]
pub fn column_name(number: usize) -> String {
    format!("column{number}")
}

/// The number of the column of this name; `None` for any other name.
pub(super) fn column_number(name: &str) -> Option<usize> {
    name.strip_prefix("column")?.parse().ok().filter(|number| column_name(*number) == name)
}
