//! `pivoted` by time: one row for each bucket that has rows, one column for each id, of each measure.

use super::buckets::TIMESTAMP;
use super::{Buckets, Pivoted, READ, ROWS, Selection, Step, Table};
use crate::frame::ops::Agg;
use crate::frame::{Column, Frame, FrameError};
use crate::pipeline::{Id, Measures};

/// A piece is returned once it has this many cells.
const CELLS: usize = 16 * ROWS;

/// Buckets in order of time.
pub(crate) struct Bucketed {
    selection: Selection,
    aggfunc: Agg,
    buckets: Buckets,
    /// The bucket that is being read.
    bucket: Option<Bucket>,
    /// The row after those of the buckets that are known.
    at: usize,
    /// The start of the newest bucket.
    last: i64,
    piece: Piece,
    has_begun: bool,
}

/// The rows of a bucket.
struct Bucket {
    first: usize,
    /// Their pivot by id, once the last of them is found.
    pivoted: Option<Pivoted>,
}

/// The rows of the result that are not returned yet.
struct Piece {
    starts: Vec<i64>,
    /// For each measure and each id its column.
    cells: Vec<Vec<f64>>,
}

impl Piece {
    fn new(columns: usize) -> Self {
        Self { starts: Vec::new(), cells: vec![Vec::new(); columns] }
    }

    fn is_full(&self) -> bool {
        self.starts.len() >= ROWS || self.starts.len() * self.cells.len() >= CELLS
    }

    /// Adds an empty row.
    fn open_row(&mut self, start: i64) {
        self.starts.push(start);
        self.cells.iter_mut().for_each(|column| column.push(f64::NAN));
    }

    /// Fills cells of the newest row from a pivot of some of these ids.
    fn fill(&mut self, measures: &Measures, ids: &[Id], pivoted: &Frame) -> Result<(), FrameError> {
        let names = pivoted.column("id")?;
        let columns = measures.names().map(|name| pivoted.column(name)).collect::<Result<Vec<_>, _>>()?;
        for row in 0..pivoted.len() {
            let id = names.as_strings().map(|names| Id::from_column(names, row));
            let Some(Ok(place)) = id.map(|id| ids.binary_search(&id)) else { continue };
            for (measure, values) in columns.iter().enumerate() {
                if let Some(cell) = self.cells[measure * ids.len() + place].last_mut() {
                    *cell = values.value(row).to_f64().unwrap_or(f64::NAN);
                }
            }
        }
        Ok(())
    }
}

impl Bucketed {
    pub(crate) fn new(selection: Selection, aggfunc: Agg, buckets: Buckets) -> Self {
        let piece = Piece::new(selection.measures().count() * buckets.ids.len());
        Self { selection, aggfunc, buckets, bucket: None, at: 0, last: i64::MIN, piece, has_begun: false }
    }

    /// Reads rows of the bucket up to its end, at most [`READ`]; returns whether the end is found.
    fn find_end(&mut self) -> bool {
        let mut rows = self.selection.step(self.at, READ);
        let end = rows.end;
        // A wall clock set back must not put later rows into an earlier bucket.
        let is_inside = |row: usize| self.buckets.start(self.selection.time(row)) <= self.last;
        self.at = rows.find(|row| !is_inside(*row)).unwrap_or(end);
        self.at < end || end == self.selection.len()
    }

    /// Reads for one step, or until the piece is full or has the last bucket; returns whether it is or has.
    fn read(&mut self) -> Result<bool, FrameError> {
        let mut read = 0;
        while read < READ {
            let Some(bucket) = &mut self.bucket else {
                if self.piece.is_full() || self.at == self.selection.len() {
                    return Ok(true);
                }
                self.last = self.last.max(self.buckets.start(self.selection.time(self.at)));
                self.piece.open_row(self.last);
                self.bucket = Some(Bucket { first: self.at, pivoted: None });
                continue;
            };
            let first = bucket.first;
            match &mut bucket.pivoted {
                None => {
                    let from = self.at;
                    if self.find_end() {
                        let rows = self.selection.clone().with_page(first, self.at - first);
                        let pivoted = Some(Pivoted::new(rows, self.aggfunc));
                        self.bucket = Some(Bucket { first, pivoted });
                    }
                    read += self.at - from;
                }
                Some(pivoted) => {
                    match pivoted.next()? {
                        Step::Rows(rows) => self.piece.fill(self.selection.measures(), &self.buckets.ids, &rows)?,
                        Step::Busy => {}
                        Step::End => self.bucket = None,
                    }
                    read += READ.min(self.at - first);
                }
            }
        }
        Ok(false)
    }
}

impl Table for Bucketed {
    fn next(&mut self) -> Result<Step, FrameError> {
        if !self.read()? {
            return Ok(Step::Busy);
        }
        if self.piece.starts.is_empty() && self.has_begun {
            return Ok(Step::End);
        }
        self.has_begun = true;
        let empty = Piece::new(self.piece.cells.len());
        let Piece { starts, cells } = std::mem::replace(&mut self.piece, empty);
        let is_int = self.aggfunc == Agg::Count && self.buckets.is_full;
        let column = |values: Vec<f64>| match is_int {
            true => Column::Int(values.into_iter().map(|value| value as i64).collect()),
            false => Column::Float(values.into()),
        };
        let mut columns = vec![(TIMESTAMP.into(), Column::Datetime(starts.into()))];
        let names = self.buckets.names(self.selection.measures());
        columns.extend(names.into_iter().zip(cells.into_iter().map(column)));
        Ok(Step::Rows(Frame::new(columns)?))
    }
}
