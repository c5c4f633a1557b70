//! A column: typed shared values, or a cheap rearrangement of other columns.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::{Buffer, Cell, Strings, StringsBuilder, Value};
use crate::time::Timestamp;

/// The missing instant, as in pandas: the one i64 that is no [`Timestamp`].
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
        /// What is repeated.
        column: Arc<Column>,
        /// How often.
        times: usize,
    },
    /// Each row of a column repeated `run` times before the next.
    Runs {
        /// What is repeated.
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

    /// All cells in order.
    pub fn values(&self) -> impl Iterator<Item = Value<'_>> {
        (0..self.len()).map(|row| self.value(row))
    }

    /// The instants of a datetime column that is no view.
    pub fn as_datetime(&self) -> Option<&Buffer<i64>> {
        if let Self::Datetime(values) = self { Some(values) } else { None }
    }

    /// The floats of a float column that is no view.
    pub fn as_float(&self) -> Option<&Buffer<f64>> {
        if let Self::Float(values) = self { Some(values) } else { None }
    }

    /// The text of a string column that is no view.
    pub fn as_strings(&self) -> Option<&Strings> {
        if let Self::String(strings) = self { Some(strings) } else { None }
    }

    /// The rows of `range`: shared for typed columns, written out for views.
    pub fn slice(&self, range: Range<usize>) -> Self {
        match self {
            Self::Datetime(values) => Self::Datetime(values.slice(range)),
            Self::Float(values) => Self::Float(values.slice(range)),
            Self::Int(values) => Self::Int(values.slice(range)),
            Self::Bool(values) => Self::Bool(values.slice(range)),
            Self::String(strings) => Self::String(strings.slice(range)),
            Self::Mixed(cells) => Self::Mixed(cells.slice(range)),
            view => view.take(&range.map(|row| row as u32).collect::<Vec<_>>()),
        }
    }

    /// The named rows, in that order.
    ///
    /// # Panics
    /// When a row does not exist.
    pub fn take(&self, rows: &[u32]) -> Self {
        match self {
            Self::Datetime(values) => Self::Datetime(rows.iter().map(|row| values[*row as usize]).collect()),
            Self::Float(values) => Self::Float(rows.iter().map(|row| values[*row as usize]).collect()),
            Self::Int(values) => Self::Int(rows.iter().map(|row| values[*row as usize]).collect()),
            Self::Bool(values) => Self::Bool(rows.iter().map(|row| values[*row as usize]).collect()),
            Self::String(strings) => Self::String(strings.take(rows)),
            Self::Mixed(cells) => Self::Mixed(rows.iter().map(|row| cells[*row as usize].clone()).collect()),
            Self::Tiled { column, .. } => {
                let len = column.len().max(1) as u32;
                column.take(&rows.iter().map(|row| row % len).collect::<Vec<_>>())
            }
            Self::Runs { column, run } => {
                let run = (*run).max(1) as u32;
                column.take(&rows.iter().map(|row| row / run).collect::<Vec<_>>())
            }
            Self::Stacked(_) => Self::collect(self.dtype(), rows.iter().map(|row| self.value(*row as usize))),
        }
    }

    /// The same rows as a column that is no view; shared if it is none already.
    pub fn materialize(&self) -> Self {
        match self {
            Self::Tiled { .. } | Self::Runs { .. } => self.slice(0..self.len()),
            Self::Stacked(columns) if columns.len() == 1 => columns[0].materialize(),
            Self::Stacked(columns) => Self::collect(self.dtype(), columns.iter().flat_map(Self::values)),
            values => values.clone(),
        }
    }

    /// A column of cells that are known to be of `dtype`; one that is not becomes missing.
    ///
    /// Integers with gaps become floats and truth values with gaps [`Dtype::Mixed`], as in pandas.
    pub fn collect<'a>(dtype: Dtype, cells: impl Iterator<Item = Value<'a>>) -> Self {
        match dtype {
            Dtype::Datetime => Self::Datetime(
                cells.map(|cell| if let Value::Datetime(at) = cell { at.as_nanos() } else { NAT }).collect(),
            ),
            Dtype::Float => Self::Float(cells.map(|cell| cell.to_f64().unwrap_or(f64::NAN)).collect()),
            Dtype::Int => {
                let cells = Vec::from_iter(cells.map(|cell| if let Value::Int(int) = cell { Some(int) } else { None }));
                match cells.iter().copied().collect::<Option<Vec<_>>>() {
                    Some(ints) => Self::Int(ints.into()),
                    None => {
                        Self::Float(cells.into_iter().map(|cell| cell.map_or(f64::NAN, |int| int as f64)).collect())
                    }
                }
            }
            Dtype::Bool => {
                let cells = Vec::from_iter(cells);
                let truths = cells.iter().map(|cell| if let Value::Bool(truth) = cell { Some(*truth) } else { None });
                match truths.collect::<Option<Vec<_>>>() {
                    Some(truths) => Self::Bool(truths.into()),
                    None => Self::collect(Dtype::Mixed, cells.into_iter()),
                }
            }
            Dtype::String => {
                let mut builder = StringsBuilder::default();
                for cell in cells {
                    match cell {
                        Value::Str(text) => builder.push(&text),
                        _ => builder.push_missing(),
                    }
                }
                Self::String(builder.finish())
            }
            Dtype::Mixed => Self::Mixed(cells.map(Cell::from).collect()),
        }
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
