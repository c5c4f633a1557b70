//! Why a body holds no rows at all.

use std::fmt;

/// Why no row of a text can be read, or none behind those that were; a row that cannot be read is a
/// [`BadRow`](super::BadRow).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyError {
    /// The text is no JSON: what the parser says.
    Json(String),
    /// The header row of CSV is at fault: a sentence that names the fix.
    Csv(String),
    /// The columns of an Arrow or Parquet file are at fault: a sentence that names the fix.
    Columns(String),
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => write!(f, "the body is not JSON: {error}"),
            Self::Csv(sentence) | Self::Columns(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for BodyError {}
