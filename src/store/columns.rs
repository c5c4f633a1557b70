//! The values of a segment: a column for each measure that its rows have.

use std::ops::Range;
use std::sync::Arc;

use crate::pipeline::Measures;

/// A column for each measure, all of one length. Rows bring their measures along: where those of a segment differ, each
/// row lacks some of the columns and is NaN there.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Columns(Vec<Column>);

/// The values of one measure, one a row; NaN where a row lacks it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) measure: Arc<str>,
    pub(super) values: Vec<f64>,
}

impl Columns {
    /// Columns of one length.
    pub(super) fn new(columns: Vec<Column>) -> Self {
        Self(columns)
    }

    /// The columns, in order of their first row.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &Column> {
        self.0.iter()
    }

    /// Whether these are the columns of exactly these measures, in this order.
    pub(super) fn are_of(&self, measures: &[Arc<str>]) -> bool {
        self.0.iter().map(|column| &column.measure).eq(measures)
    }

    /// The values of a measure, if any row has it; it is looked for at `place` first.
    pub(super) fn get(&self, place: usize, measure: &str) -> Option<&[f64]> {
        self.place(place, measure).map(|place| &*self.0[place].values)
    }

    /// The values of each of these measures, in their order.
    pub(super) fn select(&self, measures: &Measures) -> Vec<Option<&[f64]>> {
        measures.names().enumerate().map(|(place, measure)| self.get(place, measure)).collect()
    }

    /// Inserts the values of a row before row `row` of `rows`; a measure that no other row has gets a column.
    pub(super) fn insert(&mut self, rows: usize, row: usize, measures: &[Arc<str>], values: &[f64]) {
        for (place, (measure, value)) in measures.iter().zip(values).enumerate() {
            self.column_mut(place, measure, rows).insert(row, *value);
        }
        for column in self.0.iter_mut().filter(|column| column.values.len() == rows) {
            column.values.insert(row, f64::NAN);
        }
    }

    /// Adds some of the rows that have these values of these measures behind the others, which are `rows`.
    pub(super) fn extend(&mut self, rows: usize, measures: &[Arc<str>], columns: &[&[f64]], new: Range<usize>) {
        for (place, (measure, values)) in measures.iter().zip(columns).enumerate() {
            self.column_mut(place, measure, rows).extend_from_slice(&values[new.clone()]);
        }
        for column in &mut self.0 {
            column.values.resize(rows + new.len(), f64::NAN);
        }
    }

    /// The rows from `middle` on; this keeps those before.
    pub(super) fn split_off(&mut self, middle: usize) -> Self {
        let second = |column: &mut Column| Column {
            measure: Arc::clone(&column.measure),
            values: column.values.split_off(middle),
        };
        Self(self.0.iter_mut().map(second).collect())
    }

    /// Brings the columns into their compact form: without those that no row has a value in.
    pub(super) fn seal(&mut self) {
        self.0.retain(|column| column.values.iter().any(|value| !value.is_nan()));
        self.0.iter_mut().for_each(|column| column.values.shrink_to_fit());
        self.0.shrink_to_fit();
    }

    /// Bytes of the rows, and of the columns' names, which other segments may share.
    pub(super) fn heap_bytes(&self) -> usize {
        let columns = self.0.iter().map(|column| column.values.capacity() * 8 + column.measure.len());
        self.0.capacity() * size_of::<Column>() + columns.sum::<usize>()
    }

    /// The values of a measure, which gets a column if no other of the `rows` has it; it is looked for at `place` first.
    fn column_mut(&mut self, place: usize, measure: &Arc<str>, rows: usize) -> &mut Vec<f64> {
        let place = self.place(place, measure).unwrap_or_else(|| {
            self.0.push(Column { measure: Arc::clone(measure), values: vec![f64::NAN; rows] });
            self.0.len() - 1
        });
        &mut self.0[place].values
    }

    /// The values of the column at this place.
    #[inline]
    pub(super) fn at(&self, place: usize) -> &[f64] {
        &self.0[place].values
    }

    /// The place of the column of a measure; it is looked for at `place` first.
    pub(super) fn place(&self, place: usize, measure: &str) -> Option<usize> {
        let is_of = |column: &Column| *column.measure == *measure;
        if self.0.get(place).is_some_and(is_of) { Some(place) } else { self.0.iter().position(is_of) }
    }
}

/// Copies the values of a row out of columns, see [`Columns::select`].
#[inline]
pub(super) fn copy_row(columns: &[Option<&[f64]>], row: usize, values: &mut [f64]) {
    for (value, column) in values.iter_mut().zip(columns) {
        *value = column.map_or(f64::NAN, |column| column[row]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measures(names: &str) -> Measures {
        Measures::parse(names).unwrap()
    }

    /// The values of a measure; `None` for a row that lacks it.
    fn shown(columns: &Columns, measure: &str) -> Vec<Option<f64>> {
        columns.get(0, measure).unwrap().iter().map(|value| Some(*value).filter(|value| !value.is_nan())).collect()
    }

    #[test]
    fn rows_of_different_measures_share_columns_by_name() {
        let mut columns = Columns::default();
        columns.insert(0, 0, measures("a,b").as_slice(), &[1.0, 2.0]);
        columns.insert(1, 1, measures("b,c").as_slice(), &[3.0, 4.0]);
        columns.insert(2, 0, measures("a").as_slice(), &[5.0]);
        columns.extend(3, measures("a,e").as_slice(), &[&[7.0, 8.0, 9.0], &[0.5, 1.5, 2.5]], 1..3);
        assert_eq!(shown(&columns, "a"), [Some(5.0), Some(1.0), None, Some(8.0), Some(9.0)]);
        assert_eq!(shown(&columns, "b"), [None, Some(2.0), Some(3.0), None, None]);
        assert_eq!(shown(&columns, "c"), [None, None, Some(4.0), None, None]);
        assert_eq!(shown(&columns, "e"), [None, None, None, Some(1.5), Some(2.5)]);
        assert_eq!(columns.get(0, "d"), None);
        let read = measures("c,d,a");
        let (read, mut row) = (columns.select(&read), [0.0; 3]);
        copy_row(&read, 2, &mut row);
        assert!(row[0] == 4.0 && row[1].is_nan() && row[2].is_nan());
    }

    #[test]
    fn sealing_drops_the_columns_of_measures_that_no_row_has() {
        let mut columns = Columns::default();
        columns.insert(0, 0, measures("a").as_slice(), &[1.0]);
        columns.insert(1, 1, measures("b").as_slice(), &[2.0]);
        let mut second = columns.split_off(1);
        columns.seal();
        second.seal();
        assert!(columns.are_of(measures("a").as_slice()) && second.are_of(measures("b").as_slice()));
    }
}
