//! The rolling aggregates of a batch's rows as part of the stream, under options that are not those of the stream.

use super::{READ, WindowsOver};
use crate::frame::FrameError;
use crate::pipeline::RollingOptions;
use crate::service::match_batch;
use crate::store::Rows;

/// Finds the rows of a batch among those of the history, newest first, and then moves windows over these, oldest first.
pub(crate) struct BatchRolling {
    around: Rows,
    /// The number of rows of the batch.
    rows: usize,
    /// Rows of the history, newest first, and the row of the batch that each is.
    pairs: Box<dyn Iterator<Item = (usize, Option<usize>)>>,
    are_paired: bool,
    /// Rows that are in both, newest first: the number in the history, and in the batch.
    found: Vec<(usize, usize)>,
    windows: WindowsOver,
    /// The next row of the history that the windows move over.
    fed: usize,
    /// For each measure its column.
    rolled: Vec<Vec<f64>>,
}

impl BatchRolling {
    /// `around` are the rows of the history, of the same measures, from the first window of the batch to its last row.
    ///
    /// # Errors
    /// [`FrameError::InvalidArgument`] when the rolling verb refuses the window.
    pub(crate) fn new(batch: &Rows, around: Rows, options: &RollingOptions) -> Result<Self, FrameError> {
        let (of_batch, of_history) = (batch.clone(), around.clone());
        let measures = batch.measures().count();
        let is_same = move |row: usize, own: usize| {
            let (batch, history) = (&of_batch, &of_history);
            let mut each = 0..measures;
            history.time(row) == batch.time(own)
                && each.all(|measure| is_alike(history.value(row, measure), batch.value(own, measure)))
                && history.id(row) == batch.id(own)
        };
        Ok(Self {
            pairs: Box::new(match_batch(around.len(), 0..batch.len(), is_same)),
            are_paired: false,
            rows: batch.len(),
            found: Vec::with_capacity(batch.len()),
            windows: WindowsOver::new(options, measures, 0)?,
            fed: 0,
            rolled: vec![vec![f64::NAN; batch.len()]; measures],
            around,
        })
    }

    /// Reads the next rows; returns, for each measure, the aggregate of each row of the batch once all are known. It is
    /// missing for a row that the history does not hold.
    pub(crate) fn step(&mut self) -> Option<Vec<Vec<f64>>> {
        if !self.are_paired {
            let mut read = 0;
            for (row, own) in self.pairs.by_ref().take(READ) {
                read += 1;
                self.found.extend(own.map(|own| (row, own)));
            }
            self.are_paired = read < READ || self.found.len() == self.rows;
            return None;
        }
        let most = self.fed + READ;
        while let Some((number, own)) = self.found.last() {
            let until = most.min(number + 1);
            let mut slid = vec![Vec::new(); self.rolled.len()];
            self.windows.slide(&self.around, self.fed..until, &mut slid);
            self.fed = until;
            if until <= *number {
                return None;
            }
            for (column, slid) in self.rolled.iter_mut().zip(slid) {
                column[*own] = slid.last().copied().unwrap_or(f64::NAN);
            }
            self.found.pop();
        }
        Some(std::mem::take(&mut self.rolled))
    }
}

/// Whether two values are the same to the bit; a missing one is like another.
fn is_alike(one: f64, other: f64) -> bool {
    one.to_bits() == other.to_bits() || one.is_nan() && other.is_nan()
}
