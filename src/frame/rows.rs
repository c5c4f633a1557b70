//! Columns cut, rearranged and written out.

use std::ops::Range;

use super::{Buffer, Cell, Column, Dtype, NAT, Strings, StringsBuilder, Value};

impl Column {
    /// Stands for no row where rows are named: [`Column::gather`] leaves a gap there.
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
