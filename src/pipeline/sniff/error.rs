//! Why nothing of a file can be shown.

use std::fmt;

use crate::pipeline::records::{MAX_ROW_BYTES, brief};

/// Why a file cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SniffError {
    /// The file has no bytes, or blank lines alone.
    Empty,
    /// The file is of a format that is not read.
    Foreign {
        /// What it is.
        what: &'static str,
        /// What to do.
        mend: &'static str,
    },
    /// The file is no text.
    Binary {
        /// The line of the first byte that no text has, from 1.
        line: usize,
        /// The byte.
        byte: u8,
    },
    /// The file seems to be UTF-16 without the mark that says so.
    Unmarked,
    /// No row ends within the sample.
    NoRow,
    /// The file is not of the format that was chosen.
    Format {
        /// The format, as its setting names it.
        chosen: String,
        /// What is wrong.
        fault: &'static str,
    },
    /// A choice is not a value of its setting.
    Choice(String),
}

impl fmt::Display for SniffError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the file has no rows: it is empty; choose one with a header and rows"),
            Self::Foreign { what, mend } => write!(f, "the file is {what}, which is not read; {mend}"),
            Self::Binary { line, byte } => write!(
                f,
                "the file is not text: byte {byte:#04x} on line {line}; choose CSV, JSON, NDJSON, Arrow or Parquet"
            ),
            Self::Unmarked => f.write_str(
                "the file seems to be UTF-16 without a byte order mark; save it as UTF-8, or as UTF-16 with the mark",
            ),
            Self::NoRow => {
                write!(f, "no row ends within the first {MAX_ROW_BYTES} bytes of the file; rows must be shorter")
            }
            Self::Format { chosen, fault } => {
                write!(f, "the file cannot be read as \"{}\": {fault}; choose another format", brief(chosen))
            }
            Self::Choice(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for SniffError {}
