//! Columns sliced, gathered and materialized.

use std::ops::Range;
use std::sync::Arc;

use super::{Buffer, Cell, Column, Dtype, NAT, Strings, StringsBuilder, Value};

/// How values are repeated: all of them `times` times, or each of them for a run of rows.
#[derive(Clone, Copy)]
enum Layout {
    Tiled(usize),
    Runs(usize),
}

impl Layout {
    fn of<T: Clone>(self, values: &[T]) -> Buffer<T> {
        match self {
            Self::Tiled(times) => {
                let mut tiled = Vec::with_capacity(values.len() * times);
                (0..times).for_each(|_| tiled.extend_from_slice(values));
                tiled.into()
            }
            Self::Runs(run) => {
                let mut runs = Vec::with_capacity(values.len() * run);
                values.iter().for_each(|value| runs.resize(runs.len() + run, value.clone()));
                runs.into()
            }
        }
    }
}

/// Columns end to end: numbers and instants copied as they lie, other types cell by cell.
fn stacked(dtype: Dtype, columns: &[Column]) -> Column {
    let columns: Vec<Column> = columns.iter().map(Column::materialize).collect();
    match (dtype, &columns[..]) {
        (_, [column]) => column.clone(),
        (Dtype::Float, columns) => Column::Float(end_to_end(columns, Column::as_float)),
        (Dtype::Datetime, columns) => Column::Datetime(end_to_end(columns, Column::as_datetime)),
        (dtype, columns) => Column::collect(dtype, columns.iter().flat_map(Column::values)),
    }
}

fn end_to_end<T: Clone>(columns: &[Column], values: impl Fn(&Column) -> Option<&Buffer<T>>) -> Buffer<T> {
    let parts: Vec<&[T]> = columns.iter().filter_map(|column| values(column).map(|part| &**part)).collect();
    parts.concat().into()
}

impl Column {
    /// Means no row where rows are named: [`Column::gather`] leaves a gap there.
    pub const NO_ROW: u32 = u32::MAX;

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

    /// The same rows as a column that is not a view; shared if it already is one.
    pub fn materialize(&self) -> Self {
        match self {
            Self::Tiled { column, times } => column.materialize().laid(Layout::Tiled(*times)),
            Self::Runs { column, run } => column.materialize().laid(Layout::Runs(*run)),
            Self::Stacked(columns) => stacked(self.dtype(), columns),
            values => values.clone(),
        }
    }

    /// A column that is not a view, with its values repeated.
    fn laid(&self, layout: Layout) -> Self {
        match self {
            Self::Datetime(values) => Self::Datetime(layout.of(values)),
            Self::Float(values) => Self::Float(layout.of(values)),
            Self::Int(values) => Self::Int(layout.of(values)),
            Self::Bool(values) => Self::Bool(layout.of(values)),
            Self::String(Strings::Uuids(uuids)) => Self::String(Strings::Uuids(layout.of(uuids))),
            Self::String(Strings::Dictionary { codes, categories }) => {
                Self::String(Strings::Dictionary { codes: layout.of(codes), categories: Arc::clone(categories) })
            }
            Self::Mixed(cells) => Self::Mixed(layout.of(cells)),
            view => view.clone(),
        }
    }

    /// A column of cells that are known to be of `dtype`; a cell of another type becomes missing.
    ///
    /// Integers with gaps become floats and truth values with gaps [`Dtype::Mixed`], as in pandas.
    pub fn collect<'a>(dtype: Dtype, mut cells: impl Iterator<Item = Value<'a>>) -> Self {
        Self::collect_all(dtype, &mut cells)
    }

    fn collect_all<'a>(dtype: Dtype, cells: &mut dyn Iterator<Item = Value<'a>>) -> Self {
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
                    None => Self::collect_all(Dtype::Mixed, &mut cells.into_iter()),
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

    /// The named rows, in that order, with a gap for each [`Column::NO_ROW`].
    ///
    /// Integers with gaps become floats and truth values with gaps [`Dtype::Mixed`], as in pandas.
    ///
    /// # Panics
    /// When another row does not exist.
    pub fn gather(&self, rows: &[u32]) -> Self {
        if !rows.contains(&Self::NO_ROW) {
            return self.take(rows);
        }
        let cell = |row: &u32| if *row == Self::NO_ROW { Value::Null } else { self.value(*row as usize) };
        match self {
            Self::Datetime(values) => Self::Datetime(pick(values, rows, NAT)),
            Self::Float(values) => Self::Float(pick(values, rows, f64::NAN)),
            Self::String(Strings::Dictionary { codes, categories }) => Self::String(Strings::Dictionary {
                codes: pick(codes, rows, Strings::MISSING),
                categories: categories.clone(),
            }),
            other => Self::collect(other.dtype(), rows.iter().map(cell)),
        }
    }
}

fn pick<T: Copy>(values: &[T], rows: &[u32], gap: T) -> Buffer<T> {
    rows.iter().map(|row| values.get(*row as usize).copied().unwrap_or(gap)).collect()
}
