//! The pivot of an endless stream.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use millrace::frame::ops::{Agg, PivotTable, pivot_table};
use millrace::frame::{Column, Frame, FrameError, Strings};

/// A pivot of the newest rows of a stream: rows are appended at one end and dropped at the other.
///
/// The result equals that of [`pivot_table`] over the retained rows, bit for bit: only cells whose rows have changed
/// are aggregated again. Appending and dropping cost O(log cells) a row, a result O(rows of changed cells + cells).
/// Keys are columns of text, values floats.
#[derive(Debug)]
pub(crate) struct PivotStream {
    index: Vec<&'static str>,
    columns: Vec<&'static str>,
    values: &'static str,
    agg: Agg,
    /// The keys of each retained row, oldest first; `None` for a row that lacks one.
    rows: VecDeque<Option<Keys>>,
    /// The cells that have rows.
    cells: BTreeMap<Keys, Cell>,
}

/// The texts of the key columns in a row, index before columns.
type Keys = Rc<[String]>;

/// The rows with one combination of keys.
#[derive(Debug, Default)]
struct Cell {
    /// The values of its retained rows, oldest first.
    values: VecDeque<f64>,
    /// The aggregate; `None` when rows were added or dropped since it was computed.
    result: Option<f64>,
}

impl PivotStream {
    /// A pivot without rows.
    pub(crate) fn new(index: &[&'static str], columns: &[&'static str], values: &'static str, agg: Agg) -> Self {
        let (index, columns) = (index.to_vec(), columns.to_vec());
        Self { index, columns, values, agg, rows: VecDeque::new(), cells: BTreeMap::new() }
    }

    /// Adds the rows of a frame, in their order.
    ///
    /// # Errors
    /// [`FrameError::ColumnNotFound`], and [`FrameError::DtypeMismatch`] for keys that are not text and values that are
    /// not floats; no row is added then.
    pub(crate) fn append(&mut self, frame: &Frame) -> Result<(), FrameError> {
        let keys = self.names().map(|name| text_column(frame, name)).collect::<Result<Vec<_>, _>>()?;
        let column = frame.column(self.values)?.materialize();
        let values = column.as_float().ok_or_else(|| mismatch(self.values, "floats", &column))?;
        for (row, value) in values.iter().enumerate() {
            let texts = keys.iter().map(|key| key.get(row).map(|text| text.to_string()));
            let keys: Option<Keys> = texts.collect();
            if let Some(keys) = &keys {
                let cell = self.cells.entry(Rc::clone(keys)).or_default();
                cell.values.push_back(*value);
                cell.result = None;
            }
            self.rows.push_back(keys);
        }
        Ok(())
    }

    /// Drops the oldest rows until at most `rows` are left.
    pub(crate) fn retain(&mut self, rows: usize) {
        let surplus = self.rows.len().saturating_sub(rows);
        for keys in self.rows.drain(..surplus).flatten() {
            if let Some(cell) = self.cells.get_mut(&keys) {
                cell.values.pop_front();
                cell.result = None;
                if cell.values.is_empty() {
                    self.cells.remove(&keys);
                }
            }
        }
    }

    /// The pivot of the retained rows.
    ///
    /// # Errors
    /// Those of [`pivot_table`].
    pub(crate) fn pivot(&mut self) -> Result<Frame, FrameError> {
        self.aggregate_changed()?;
        let key = |place: usize| self.cells.keys().map(|keys| Some(&keys[place])).collect();
        let names = self.names().enumerate();
        let mut columns: Vec<_> = names.map(|(place, name)| (name.into(), Column::String(key(place)))).collect();
        let results = self.cells.values().map(|cell| cell.result.unwrap_or(f64::NAN));
        let results = match self.agg {
            Agg::Count | Agg::Nunique => Column::Int(results.map(|count| count as i64).collect()),
            _ => Column::Float(results.collect()),
        };
        columns.push((self.values.into(), results));
        // One row for each cell, so the first one is the cell.
        let options = PivotTable {
            index: &self.index,
            columns: &self.columns,
            values: Some(&[self.values]),
            aggfunc: Agg::First.into(),
            ..PivotTable::default()
        };
        pivot_table(&Frame::new(columns)?, &options)
    }

    /// Aggregates the cells whose rows have changed, all at once: each is a group of one pivot.
    fn aggregate_changed(&mut self) -> Result<(), FrameError> {
        let mut changed: Vec<&mut Cell> = self.cells.values_mut().filter(|cell| cell.result.is_none()).collect();
        let (mut numbers, mut values) = (Vec::new(), Vec::new());
        for (number, cell) in changed.iter().enumerate() {
            values.extend(&cell.values);
            numbers.resize(values.len(), number as i64);
        }
        let frame = Frame::new(vec![
            ("cell".into(), Column::Int(numbers.into())),
            ("value".into(), Column::Float(values.into())),
        ])?;
        // A cell without a result has a row all the same.
        let (index, dropna) = (&["cell"][..], false);
        let pivoted =
            pivot_table(&frame, &PivotTable { index, aggfunc: self.agg.into(), dropna, ..PivotTable::default() })?;
        for (cell, result) in changed.iter_mut().zip(pivoted.column("value")?.values()) {
            cell.result = Some(result.to_f64().unwrap_or(f64::NAN));
        }
        Ok(())
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.index.iter().chain(&self.columns).copied()
    }
}

fn text_column(frame: &Frame, name: &str) -> Result<Strings, FrameError> {
    let column = frame.column(name)?.materialize();
    column.as_strings().cloned().ok_or_else(|| mismatch(name, "text", &column))
}

fn mismatch(column: &str, expected: &'static str, found: &Column) -> FrameError {
    FrameError::DtypeMismatch { column: column.to_owned(), expected, found: found.dtype() }
}
