//! The one reader of rows: the same bytes give the same rows, from `POST /events` and from a file.
//!
//! Read [`Reader`] first: it takes a text in pieces of any size, and its memory does not grow with the text; [`read`]
//! gives it a whole one. Three layers lie on each other:
//!
//! - *framing* finds records: `encoding` turns bytes into UTF-8, `dialect` finds the delimiter of CSV, `framing` its
//!   records, in text that may come in pieces;
//! - *records* have fields with names: `csv`, `json` and [`columns`] find them;
//! - a *mapping* says which fields are the time, the id and the measures: [`Mapping`] makes a [`Draft`] of them, and
//!   `fields` reads a number, or says truly why it cannot.

pub mod columns;
mod csv;
mod dialect;
mod encoding;
mod error;
mod fields;
mod format;
mod framing;
mod ids;
mod ignored;
mod json;
mod mapping;
mod reader;
mod row;
#[cfg(test)]
mod tests;

pub use dialect::{DELIMITERS, Dialect};
pub use encoding::{Encoding, to_utf8};
pub use error::BodyError;
pub use fields::brief;
pub(crate) use fields::{MISSING_MARKS, is_missing_mark};
pub use format::{CsvOptions, Format, column_name};
pub use framing::{Fault, Field, Frame, Framer, MAX_FIELDS, line_ends};
pub use ignored::{Ignored, MAX_IGNORED};
pub use mapping::Mapping;
pub use reader::{Checkpoint, Reader, read};
pub use row::{BadRow, Draft, MAX_LISTED, MAX_ROW_BYTES, Place, Refusals, Rows};
