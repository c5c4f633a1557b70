//! Gaps in results: how they are filled, and the resulting types.

use crate::frame::{Column, Dtype, FrameError, Value};

/// The type that holds both, as pandas concatenates: numbers become floats, unlike types [`Dtype::Mixed`].
pub(super) fn common(a: Dtype, b: Dtype) -> Dtype {
    match (a, b) {
        (a, b) if a == b => a,
        (Dtype::Int, Dtype::Float) | (Dtype::Float, Dtype::Int) => Dtype::Float,
        _ => Dtype::Mixed,
    }
}

/// The type of one cell; missing ones have none.
pub(super) fn dtype_of(value: &Value<'_>) -> Option<Dtype> {
    match value {
        Value::Null => None,
        Value::Datetime(_) => Some(Dtype::Datetime),
        Value::Float(_) => Some(Dtype::Float),
        Value::Int(_) => Some(Dtype::Int),
        Value::Bool(_) => Some(Dtype::Bool),
        Value::Str(_) => Some(Dtype::String),
    }
}

/// The column with its type beside gaps: integers become floats, unless the gaps are filled with an integer.
///
/// # Errors
/// [`FrameError::InvalidArgument`] when the gaps of text or instants are filled with something else, as in pandas.
pub(super) fn widened(column: &Column, fill: Option<Value<'_>>) -> Result<Column, FrameError> {
    let gap = fill.unwrap_or(Value::Null);
    let dtype = dtype_of(&gap).map_or(column.dtype(), |dtype| common(column.dtype(), dtype));
    if matches!(column.dtype(), Dtype::String | Dtype::Datetime) && dtype == Dtype::Mixed {
        return Err(misfit(column));
    }
    Ok(Column::collect(dtype, column.values().chain([gap])).slice(0..column.len()))
}

/// The named rows of a column, with `fill` where there is none.
///
/// # Errors
/// [`FrameError::InvalidArgument`] when the gaps of text are filled with something else, as in pandas.
pub(super) fn gathered(column: &Column, rows: &[u32], fill: Option<Value<'_>>) -> Result<Column, FrameError> {
    let Some(fill) = fill.filter(|_| rows.contains(&Column::NO_ROW)) else { return Ok(column.gather(rows)) };
    let filled = gather_or(column, rows, fill);
    if column.dtype() == Dtype::String && filled.dtype() == Dtype::Mixed { Err(misfit(column)) } else { Ok(filled) }
}

fn gather_or(column: &Column, rows: &[u32], fill: Value<'_>) -> Column {
    let cell = |row: &u32| if *row == Column::NO_ROW { fill } else { column.value(*row as usize) };
    let dtype = dtype_of(&fill).map_or(column.dtype(), |dtype| common(column.dtype(), dtype));
    Column::collect(dtype, rows.iter().map(cell))
}

fn misfit(column: &Column) -> FrameError {
    let dtype = column.dtype();
    FrameError::InvalidArgument(format!("fill_value does not fit results of type {dtype}; give one that does, or none"))
}

/// The column of a combination of keys that does not occur: it has the type of `fill`, whatever the aggregate.
pub(super) fn blank(len: usize, fill: Option<Value<'_>>) -> Column {
    let fill = fill.unwrap_or(Value::Null);
    Column::collect(dtype_of(&fill).unwrap_or(Dtype::Float), std::iter::repeat_n(fill, len))
}

/// A column with `fill` in its gaps.
pub(super) fn filled(column: &Column, fill: Value<'_>) -> Column {
    let rows: Vec<u32> =
        (0..column.len()).map(|row| if column.is_missing(row) { Column::NO_ROW } else { row as u32 }).collect();
    if rows.contains(&Column::NO_ROW) { gather_or(column, &rows, fill) } else { column.clone() }
}

/// The column with one more cell; a whole number beside integers becomes an integer.
pub(super) fn with_cell(column: &Column, cell: Value<'_>) -> Column {
    let cell = match (column.dtype(), cell) {
        (Dtype::Int, Value::Float(number)) if number.fract() == 0.0 && number.abs() < 9e15 => Value::Int(number as i64),
        (_, cell) => cell,
    };
    let dtype = dtype_of(&cell).map_or(column.dtype(), |dtype| common(column.dtype(), dtype));
    Column::collect(dtype, column.values().chain([cell]))
}
