//! The errors of verbs.

use std::fmt;

use super::Dtype;

/// Why a frame or a verb refused its arguments.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum FrameError {
    /// No column of this name.
    ColumnNotFound {
        /// The requested name.
        name: String,
        /// The names of the columns.
        columns: Vec<String>,
    },
    /// Two columns of one name.
    DuplicateColumn {
        /// The name.
        name: String,
    },
    /// A column of another length than the first.
    LengthMismatch {
        /// The column.
        column: String,
        /// Rows of the first column.
        expected: usize,
        /// Rows of this one.
        found: usize,
    },
    /// A column whose type the verb cannot work on.
    DtypeMismatch {
        /// The column.
        column: String,
        /// The types that the verb accepts.
        expected: &'static str,
        /// The type of the column.
        found: Dtype,
    },
    /// Times that neither only rise nor only fall.
    Unordered {
        /// The time column.
        column: String,
        /// The first row out of order.
        row: usize,
    },
    /// A missing time.
    MissingTime {
        /// The time column.
        column: String,
        /// The first row without a time.
        row: usize,
    },
    /// An option that the verb does not accept; the sentence names the option, the value and the fix.
    InvalidArgument(String),
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ColumnNotFound { name, columns } => {
                write!(f, "column \"{name}\" not found; the frame has {}", quoted(columns))
            }
            Self::DuplicateColumn { name } => write!(f, "column \"{name}\" occurs twice; rename one of them"),
            Self::LengthMismatch { column, expected, found } => {
                write!(f, "column \"{column}\" has {found} rows where the others have {expected}")
            }
            Self::DtypeMismatch { column, expected, found } => {
                write!(f, "column \"{column}\" is {found}; this needs {expected}")
            }
            Self::Unordered { column, row } => {
                write!(f, "times in \"{column}\" must only rise or only fall; row {row} breaks the order: sort first")
            }
            Self::MissingTime { column, row } => {
                write!(f, "row {row} of \"{column}\" has no time; drop rows without one first")
            }
            Self::InvalidArgument(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for FrameError {}

fn quoted(names: &[String]) -> String {
    if names.is_empty() {
        return "no columns".to_owned();
    }
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}
