//! A column: typed shared values, or a view that rearranges other columns.

use std::fmt;
use std::sync::Arc;

use super::{Buffer, Cell, Strings, Value};
use crate::time::Timestamp;

/// The missing instant, as in pandas: the one i64 that is not a [`Timestamp`].
pub const NAT: i64 = i64::MIN;

/// The values of one column.
///
/// The last three are views that melt makes: they say how rows are laid out without writing them.
/// [`Column::materialize`] writes them.
#[derive(Debug, Clone)]
pub enum Column {
    /// Nanoseconds since the epoch in UTC, [`NAT`] where missing.
    Datetime(Buffer<i64>),
    /// Floats, NaN where missing.
    Float(Buffer<f64>),
    /// Integers, none missing.
    Int(Buffer<i64>),
    /// Truth values, none missing.
    Bool(Buffer<bool>),
    /// Text.
    String(Strings),
    /// Cells of several types, or of a type that has no missing value of its own with gaps (pandas: object).
    Mixed(Buffer<Cell>),
    /// One column laid end to end with itself, `times` times.
    Tiled {
        /// The repeated column.
        column: Arc<Column>,
        /// How often.
        times: usize,
    },
    /// Each row of a column repeated `run` times before the next.
    Runs {
        /// The repeated column.
        column: Arc<Column>,
        /// Rows of each run.
        run: usize,
    },
    /// Columns laid end to end, of one type or of several ([`Dtype::Mixed`]).
    Stacked(Arc<Vec<Column>>),
}

/// The type of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dtype {
    /// Instants.
    Datetime,
    /// 64-bit floats.
    Float,
    /// 64-bit integers.
    Int,
    /// Truth values.
    Bool,
    /// Text.
    String,
    /// Values of several types, as melt makes of a date and a number (pandas: object).
    Mixed,
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Datetime => "datetime",
            Self::Float => "float",
            Self::Int => "int",
            Self::Bool => "bool",
            Self::String => "string",
            Self::Mixed => "mixed",
        })
    }
}

impl Column {
    /// Rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Datetime(values) | Self::Int(values) => values.len(),
            Self::Float(values) => values.len(),
            Self::Bool(values) => values.len(),
            Self::String(strings) => strings.len(),
            Self::Mixed(cells) => cells.len(),
            Self::Tiled { column, times } => column.len() * times,
            Self::Runs { column, run } => column.len() * run,
            Self::Stacked(columns) => columns.iter().map(Self::len).sum(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The type of the values.
    pub fn dtype(&self) -> Dtype {
        match self {
            Self::Datetime(_) => Dtype::Datetime,
            Self::Float(_) => Dtype::Float,
            Self::Int(_) => Dtype::Int,
            Self::Bool(_) => Dtype::Bool,
            Self::String(_) => Dtype::String,
            Self::Mixed(_) => Dtype::Mixed,
            Self::Tiled { column, .. } | Self::Runs { column, .. } => column.dtype(),
            Self::Stacked(columns) => {
                let mut dtypes = columns.iter().map(Self::dtype);
                let first = dtypes.next().unwrap_or(Dtype::Mixed);
                if dtypes.all(|dtype| dtype == first) { first } else { Dtype::Mixed }
            }
        }
    }

    /// The cell of a row.
    ///
    /// # Panics
    /// When there is no such row, as slices do.
    pub fn value(&self, row: usize) -> Value<'_> {
        match self {
            Self::Datetime(values) if values[row] == NAT => Value::Null,
            Self::Datetime(values) => Value::Datetime(Timestamp::from_nanos(values[row])),
            Self::Float(values) if values[row].is_nan() => Value::Null,
            Self::Float(values) => Value::Float(values[row]),
            Self::Int(values) => Value::Int(values[row]),
            Self::Bool(values) => Value::Bool(values[row]),
            Self::String(strings) => strings.get(row).map_or(Value::Null, Value::Str),
            Self::Mixed(cells) => cells[row].as_value(),
            Self::Tiled { column, times } => {
                assert!(row < column.len() * times, "row {row} of {} rows", column.len() * times);
                column.value(row % column.len())
            }
            Self::Runs { column, run } => column.value(row / run),
            Self::Stacked(columns) => {
                let mut row = row;
                for column in columns.iter() {
                    if row < column.len() {
                        return column.value(row);
                    }
                    row -= column.len();
                }
                panic!("row {row} past the end of a stacked column")
            }
        }
    }

    /// Whether the cell of a row is missing.
    ///
    /// # Panics
    /// When there is no such row, as slices do.
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Datetime(values) => values[row] == NAT,
            Self::Float(values) => values[row].is_nan(),
            Self::Int(_) | Self::Bool(_) => false,
            Self::String(strings) => strings.is_missing(row),
            other => other.value(row).is_null(),
        }
    }

    /// All cells in order.
    pub fn values(&self) -> impl Iterator<Item = Value<'_>> {
        (0..self.len()).map(|row| self.value(row))
    }

    /// The instants of a datetime column that is not a view.
    pub fn as_datetime(&self) -> Option<&Buffer<i64>> {
        if let Self::Datetime(values) = self { Some(values) } else { None }
    }

    /// The floats of a float column that is not a view.
    pub fn as_float(&self) -> Option<&Buffer<f64>> {
        if let Self::Float(values) = self { Some(values) } else { None }
    }

    /// The text of a string column that is not a view.
    pub fn as_strings(&self) -> Option<&Strings> {
        if let Self::String(strings) = self { Some(strings) } else { None }
    }
}

impl From<Vec<f64>> for Column {
    fn from(values: Vec<f64>) -> Self {
        Self::Float(values.into())
    }
}

/// Equal type and equal cells; how the rows are laid out does not count, and missing equals missing.
impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        self.dtype() == other.dtype() && self.len() == other.len() && self.values().eq(other.values())
    }
}
