//! Reads the rows of a text in any format.

use super::encoding::{Encoding, to_utf8};
use super::error::BodyError;
use super::row::Rows;
use super::{csv, json};
use crate::time::Clock;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// An object, or an array of objects.
    Json,
    /// An object a line.
    Ndjson,
    /// A header row, then a record a row.
    Csv {
        /// The delimiter; found if `None`.
        delimiter: Option<u8>,
    },
}

/// Reads all rows of a text, whose encoding is `expected` unless a byte order mark says otherwise; naive timestamps are
/// read on `clock`. Each row is a draft or refused, never neither.
///
/// # Errors
/// [`BodyError`] for a text that is not JSON, and for a header row of CSV that does not name `value` once.
pub fn read(text: &[u8], format: Format, expected: Encoding, clock: &Clock) -> Result<Rows, BodyError> {
    let (text, encoding) = to_utf8(text, expected);
    match format {
        Format::Json => json::read(&text, encoding, clock),
        Format::Ndjson => Ok(json::read_lines(&text, encoding, clock)),
        Format::Csv { delimiter } => csv::read(&text, encoding, delimiter, clock),
    }
}
