//! The one reader of rows: the same bytes give the same rows, from `POST /events` and from a file.
//!
//! Read [`Reader`] first: it takes a text in pieces of any size, and its memory does not grow with the text; [`read`]
//! gives it a whole one. Three small layers lie on each other: `encoding` turns bytes into UTF-8, `dialect` finds the
//! delimiter of CSV, `framing` finds its records, in text that may come in pieces. `csv` and `json` make rows of that;
//! `fields` reads a timestamp and a number, or says truly why it cannot.
//!
//! To cut a large file of CSV into bodies: read the mark with [`Encoding::of_mark`], turn each piece into UTF-8 with a
//! [`Decoder`], find the dialect with [`Dialect::detect`] as soon as the header has ended, then let a [`Framer`] tell
//! where the last whole record ends. Each further body begins with what stands before the second record: the line
//! `sep=;`, if there is one, and the header.

mod csv;
mod dialect;
mod encoding;
mod error;
mod fields;
mod framing;
mod json;
mod reader;
mod row;
#[cfg(test)]
mod tests;

pub use dialect::{DELIMITERS, Dialect};
pub use encoding::{Decoder, Encoding, to_utf8};
pub use error::BodyError;
pub use fields::brief;
pub use framing::{Fault, Field, Frame, Framer, MAX_FIELDS, line_ends};
pub use reader::{Format, Reader, read};
pub use row::{BadRow, Draft, MAX_LISTED, MAX_ROW_BYTES, Place, Refusals, Rows};
