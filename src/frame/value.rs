//! One cell.

use std::sync::Arc;

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

impl Value<'_> {
    /// Whether the cell is missing.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The number of this cell; truth values count as 0 and 1, as in pandas.
    pub fn to_f64(self) -> Option<f64> {
        match self {
            Self::Float(number) => Some(number),
            Self::Int(number) => Some(number as f64),
            Self::Bool(truth) => Some(f64::from(u8::from(truth))),
            Self::Null | Self::Datetime(_) | Self::Str(_) => None,
        }
    }
}

/// A cell that owns its text: the cells of mixed columns and the labels of pivoted columns.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Cell {
    /// Missing.
    #[default]
    Null,
    /// An instant.
    Datetime(Timestamp),
    /// A float.
    Float(f64),
    /// An integer.
    Int(i64),
    /// A truth value.
    Bool(bool),
    /// Text.
    Str(Arc<str>),
}

impl Cell {
    /// The cell as columns show it; NaN is missing.
    pub fn as_value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Datetime(at) => Value::Datetime(*at),
            Self::Float(number) if number.is_nan() => Value::Null,
            Self::Float(number) => Value::Float(*number),
            Self::Int(number) => Value::Int(*number),
            Self::Bool(truth) => Value::Bool(*truth),
            Self::Str(text) => Value::Str(Text::Borrowed(text)),
        }
    }
}

impl From<Value<'_>> for Cell {
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Datetime(at) => Self::Datetime(at),
            Value::Float(number) => Self::Float(number),
            Value::Int(number) => Self::Int(number),
            Value::Bool(truth) => Self::Bool(truth),
            Value::Str(text) => Self::Str(Arc::from(&*text)),
        }
    }
}
