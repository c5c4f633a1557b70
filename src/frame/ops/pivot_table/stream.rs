//! The pivot of an endless stream.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::aggregate::aggregate;
use super::groups::Groups;
use super::{PivotTable, pivot_table};
use crate::frame::ops::Agg;
use crate::frame::{Column, Frame, FrameError, Strings};

/// A pivot of the newest rows of a stream: rows are appended at one end and dropped at the other.
///
/// The result equals that of [`pivot_table`] over the retained rows, bit for bit: only cells whose rows have changed
/// are aggregated again. Appending and dropping cost O(1) a row, a result O(rows of changed cells + cells). Keys are
/// columns of text, values floats.
#[derive(Debug)]
pub struct PivotStream {
    index: Vec<String>,
    columns: Vec<String>,
    values: String,
    agg: Agg,
    /// For each key column, index before columns, its texts.
    keys: Vec<Texts>,
    /// The cell of each retained row, oldest first; `None` for a row that lacks a key.
    rows: VecDeque<Option<u32>>,
    cells: Vec<Cell>,
    /// The number of cells that have rows.
    used: usize,
    cell_of: FxHashMap<Vec<u32>, u32>,
}

/// The distinct texts of a key, and the code of each.
type Texts = (Vec<Arc<str>>, FxHashMap<Arc<str>, u32>);

/// The rows with one combination of keys.
#[derive(Debug, Default)]
struct Cell {
    /// The codes of its keys.
    keys: Vec<u32>,
    /// The values of its retained rows, oldest first.
    values: VecDeque<f64>,
    /// The aggregate; `None` when rows were added or dropped since it was computed.
    result: Option<f64>,
}

impl PivotStream {
    /// A pivot without rows.
    pub fn new(index: &[&str], columns: &[&str], values: &str, agg: Agg) -> Self {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            index: owned(index),
            columns: owned(columns),
            values: values.to_owned(),
            agg,
            keys: vec![Default::default(); index.len() + columns.len()],
            rows: VecDeque::new(),
            cells: Vec::new(),
            used: 0,
            cell_of: FxHashMap::default(),
        }
    }

    /// The number of retained rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no rows are retained.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds the rows of a frame, in their order.
    ///
    /// # Errors
    /// [`FrameError::ColumnNotFound`], and [`FrameError::DtypeMismatch`] for keys that are not text and values that are
    /// not floats; no row is added then.
    pub fn append(&mut self, frame: &Frame) -> Result<(), FrameError> {
        let names = self.index.iter().chain(&self.columns);
        let keys = names.map(|name| text_column(frame, name)).collect::<Result<Vec<_>, _>>()?;
        let column = frame.column(&self.values)?.materialize();
        let Some(values) = column.as_float() else { return Err(mismatch(&self.values, "floats", &column)) };
        for (row, value) in values.iter().enumerate() {
            let cell = self.cell(&keys, row);
            if let Some(cell) = cell {
                let cell = &mut self.cells[cell as usize];
                self.used += usize::from(!cell.is_used());
                cell.values.push_back(*value);
                cell.result = None;
            }
            self.rows.push_back(cell);
        }
        Ok(())
    }

    /// Drops the oldest rows until at most `rows` are left.
    pub fn retain(&mut self, rows: usize) {
        let surplus = self.rows.len().saturating_sub(rows);
        for cell in self.rows.drain(..surplus).flatten() {
            let cell = &mut self.cells[cell as usize];
            cell.values.pop_front();
            cell.result = None;
            self.used -= usize::from(!cell.is_used());
        }
        // Keys that occur once and never again must not be kept forever.
        if self.cells.len() > 64 && self.cells.len() > 4 * self.used {
            self.forget_unused();
        }
    }

    /// The pivot of the retained rows.
    ///
    /// # Errors
    /// Those of [`pivot_table`].
    pub fn pivot(&mut self) -> Result<Frame, FrameError> {
        self.aggregate_changed()?;
        let used: Vec<&Cell> = self.cells.iter().filter(|cell| cell.is_used()).collect();
        let names: Vec<&str> = self.index.iter().chain(&self.columns).map(String::as_str).collect();
        let mut columns = Vec::with_capacity(names.len() + 1);
        for (place, name) in names.iter().enumerate() {
            let codes = used.iter().map(|cell| cell.keys[place]).collect();
            let categories = Arc::new(self.keys[place].0.clone());
            let column = Column::String(Strings::Dictionary { codes, categories });
            columns.push(((*name).to_owned().into(), column));
        }
        let results = used.iter().map(|cell| cell.result.unwrap_or(f64::NAN));
        let results = match self.agg {
            Agg::Count | Agg::Nunique => Column::Int(results.map(|count| count as i64).collect()),
            _ => Column::Float(results.collect()),
        };
        columns.push((self.values.clone().into(), results));
        // One row for each cell, so the first one is the cell.
        let (index, keys) = names.split_at(self.index.len());
        let options = PivotTable {
            index,
            columns: keys,
            values: Some(&[&self.values]),
            aggfunc: Agg::First.into(),
            ..PivotTable::default()
        };
        pivot_table(&Frame::new(columns)?, &options)
    }

    /// The cell of a row, created if it is the first of its keys.
    fn cell(&mut self, keys: &[Strings], row: usize) -> Option<u32> {
        let mut codes = Vec::with_capacity(keys.len());
        for (strings, (texts, code_of)) in keys.iter().zip(&mut self.keys) {
            let text = strings.get(row)?;
            codes.push(code_of.get(&*text).copied().unwrap_or_else(|| {
                let shared: Arc<str> = Arc::from(&*text);
                texts.push(Arc::clone(&shared));
                code_of.insert(shared, texts.len() as u32 - 1);
                texts.len() as u32 - 1
            }));
        }
        if let Some(cell) = self.cell_of.get(&codes) {
            return Some(*cell);
        }
        let cell = self.cells.len() as u32;
        self.cell_of.insert(codes.clone(), cell);
        self.cells.push(Cell { keys: codes, ..Cell::default() });
        Some(cell)
    }

    /// Aggregates the cells whose rows have changed, all at once.
    fn aggregate_changed(&mut self) -> Result<(), FrameError> {
        let changed: Vec<usize> = (0..self.cells.len()).filter(|cell| self.cells[*cell].result.is_none()).collect();
        let (mut values, mut of) = (Vec::new(), Vec::new());
        for (slot, cell) in changed.iter().enumerate() {
            values.extend(&self.cells[*cell].values);
            of.resize(values.len(), slot as u32);
        }
        let order = (0..changed.len() as u32).collect();
        let groups = Groups { of, slots: changed.len(), order, codes: Vec::new() };
        let results = aggregate(&self.values, &values.into(), &groups, self.agg)?;
        for (cell, result) in changed.iter().zip(results.values()) {
            self.cells[*cell].result = Some(result.to_f64().unwrap_or(f64::NAN));
        }
        Ok(())
    }

    /// Drops cells without rows, and the texts that only they named.
    fn forget_unused(&mut self) {
        let mut kept = Self { rows: std::mem::take(&mut self.rows), ..Self::new(&[], &[], &self.values, self.agg) };
        (kept.index, kept.columns) = (std::mem::take(&mut self.index), std::mem::take(&mut self.columns));
        kept.keys = vec![Default::default(); self.keys.len()];
        kept.used = self.used;
        let mut moved = vec![None; self.cells.len()];
        for (old, cell) in std::mem::take(&mut self.cells).into_iter().enumerate().filter(|(_, cell)| cell.is_used()) {
            let texts = cell.keys.iter().zip(&self.keys).map(|(code, (texts, _))| texts.get(*code as usize));
            let keys: Vec<Strings> = texts.map(|text| [text].into_iter().collect()).collect();
            moved[old] = kept.cell(&keys, 0);
            if let Some(new) = kept.cells.last_mut() {
                (new.values, new.result) = (cell.values, cell.result);
            }
        }
        kept.rows.iter_mut().for_each(|cell| *cell = cell.and_then(|cell| moved[cell as usize]));
        *self = kept;
    }
}

impl Cell {
    fn is_used(&self) -> bool {
        !self.values.is_empty()
    }
}

fn text_column(frame: &Frame, name: &str) -> Result<Strings, FrameError> {
    let column = frame.column(name)?.materialize();
    column.as_strings().cloned().ok_or_else(|| mismatch(name, "text", &column))
}

fn mismatch(column: &str, expected: &'static str, found: &Column) -> FrameError {
    FrameError::DtypeMismatch { column: column.to_owned(), expected, found: found.dtype() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Row = (Option<u16>, u8, f64);

    fn frame(rows: &[Row]) -> Frame {
        let ids: Strings = rows.iter().map(|row| row.0.map(|id| format!("id-{id}"))).collect();
        let kinds: Strings = rows.iter().map(|row| Some(format!("kind-{}", row.1))).collect();
        Frame::new(vec![
            ("id".into(), Column::String(ids)),
            ("kind".into(), Column::String(kinds)),
            ("value".into(), rows.iter().map(|row| row.2).collect::<Vec<f64>>().into()),
        ])
        .unwrap()
    }

    fn fresh(rows: &[Row], columns: &[&str], agg: Agg) -> Frame {
        let values = Some(&["value"][..]);
        let options = PivotTable { index: &["id"], columns, values, aggfunc: agg.into(), ..PivotTable::default() };
        pivot_table(&frame(rows), &options).unwrap()
    }

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let value = prop_oneof![
            6 => (-99..99).prop_map(|hundredths| f64::from(hundredths) / 100.0),
            1 => Just(f64::NAN),
            1 => Just(1e16),
            1 => Just(f64::INFINITY),
        ];
        prop::collection::vec((prop::option::weighted(0.9, 0_u16..4), 0_u8..3, value), 0..12)
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(1_000))]

        #[test]
        fn a_stream_of_batches_equals_a_new_pivot_of_the_retained_rows(
            batches in prop::collection::vec((rows(), 0_usize..20), 1..6),
            agg in prop::sample::select(Agg::ALL),
            is_wide: bool,
        ) {
            let columns: &[&str] = if is_wide { &["kind"] } else { &[] };
            let mut stream = PivotStream::new(&["id"], columns, "value", agg);
            let mut retained: Vec<Row> = Vec::new();
            for (batch, limit) in batches {
                stream.append(&frame(&batch)).unwrap();
                stream.retain(limit);
                retained.extend(batch);
                retained.drain(..retained.len().saturating_sub(limit));
                prop_assert_eq!(stream.len(), retained.len());
                prop_assert_eq!(stream.pivot().unwrap(), fresh(&retained, columns, agg));
            }
        }
    }

    #[test]
    fn keys_without_retained_rows_are_dropped() {
        let mut stream = PivotStream::new(&["id"], &["kind"], "value", Agg::Mean);
        for id in 0..1000_u16 {
            stream.append(&frame(&[(Some(id), 0, f64::from(id)), (Some(id), 1, 0.5)])).unwrap();
            stream.retain(10);
        }
        assert!(stream.cells.len() <= 65, "{} cells for 10 rows", stream.cells.len());
        assert!(stream.keys[0].0.len() <= 65);
        let last: Vec<Row> = (995..1000).flat_map(|id| [(Some(id), 0, f64::from(id)), (Some(id), 1, 0.5)]).collect();
        assert_eq!(stream.pivot().unwrap(), fresh(&last, &["kind"], Agg::Mean));
    }

    #[test]
    fn refuses_keys_that_are_not_text_and_adds_no_row() {
        let mut stream = PivotStream::new(&["value"], &[], "value", Agg::Mean);
        let refusal = stream.append(&frame(&[(Some(1), 0, 1.0)])).unwrap_err();
        assert_eq!(refusal.to_string(), mismatch("value", "text", &vec![1.0].into()).to_string());
        assert!(stream.is_empty());
    }
}
