//! One cell.

use super::Text;
use crate::time::Timestamp;

/// A cell read from a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Missing, in a column of any type.
    Null,
    /// An instant.
    Datetime(Timestamp),
    /// A float; NaN is read as [`Value::Null`].
    Float(f64),
    /// An integer.
    Int(i64),
    /// A truth value.
    Bool(bool),
    /// Text.
    Str(Text<'a>),
}
