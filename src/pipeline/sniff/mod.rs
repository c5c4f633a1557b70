//! Guesses how a file is to be read, from its first bytes: a preview shows the guesses before any row is taken.
//!
//! Read [`preview()`] first, and [`Preview`]: what is shown. A person corrects it by [`Choices`], and the file is read
//! by the [`Reading`] that results: each of its fields is the value of a setting. What more than one answer fits is a
//! [`Question`], not a guess.
//!
//! `kind` tells formats apart by their first bytes, `csv` finds the dialect, `table` makes texts of rows, `columns` and
//! `times` say what they are, `names` and `roles` what becomes of them, and `parsed` reads the rows as they would be
//! taken.

mod column_kinds;
mod columns;
mod csv;
mod error;
mod kind;
mod names;
mod parsed;
mod preview;
mod reading;
mod roles;
mod sniffer;
mod table;
#[cfg(test)]
mod tests;
mod times;

pub use error::SniffError;
pub use kind::{FileKind, Packing};
pub use preview::{
    Answer, Choices, Column, ColumnKind, MAX_PREVIEW_COLUMNS, MAX_PREVIEW_ROWS, MAX_REASONS, ParsedRow, Preview,
    PreviewRow, Question, Reading, RefusedReason, Role, Subject, TimeGuess,
};
pub use reading::{Resolved, Zones};
pub use sniffer::{Sample, preview};
