//! The newest batches, for readers of the stream that connect late or fall behind.

use std::collections::VecDeque;

use super::Batch;
use crate::frame::ops::Agg;
use crate::frame::{Frame, FrameError};

use super::transform::{Tables, transform};

/// Maximum number of batches and of cells that are kept, which are those of 100,000 rows of one measure; the oldest batches
/// are dropped first.
const MAX_BATCHES: usize = 10_000;
const MAX_CELLS: usize = 400_000;

/// The newest batches, with consecutive numbers. Only the rows are kept; the other tables are computed from them.
#[derive(Debug, Clone, Default)]
pub struct Recent {
    batches: VecDeque<RecentBatch>,
    /// The number of the first batch.
    first: u64,
    cells: usize,
}

#[derive(Debug, Clone)]
struct RecentBatch {
    latest: Frame,
    aggfunc: Agg,
}

impl Recent {
    /// Keeps a batch and drops the oldest ones beyond the limits.
    pub fn push(&mut self, batch: &Batch) {
        self.keep(batch.number, batch.latest.clone(), batch.aggfunc);
    }

    /// As [`push`](Self::push), for a batch of this number.
    pub fn keep(&mut self, number: u64, latest: Frame, aggfunc: Agg) {
        if self.first + self.batches.len() as u64 != number {
            // The first batch, or one behind a damaged part of the journal.
            *self = Self { first: number, ..Self::default() };
        }
        self.cells += cells(&latest);
        self.batches.push_back(RecentBatch { latest, aggfunc });
        // The newest batch stays, however large it is.
        while self.batches.len() > MAX_BATCHES || self.cells > MAX_CELLS && self.batches.len() > 1 {
            let Some(oldest) = self.batches.pop_front() else { return };
            self.cells -= cells(&oldest.latest);
            self.first += 1;
        }
    }

    /// The number of the oldest kept batch, 0 when there is none.
    pub fn first(&self) -> u64 {
        if self.batches.is_empty() { 0 } else { self.first }
    }

    /// The table `latest` of each kept batch, oldest first.
    pub fn latest(&self) -> impl Iterator<Item = &Frame> {
        self.batches.iter().map(|kept| &kept.latest)
    }

    /// The tables of the batch with this number, if it is kept.
    ///
    /// # Errors
    /// None for batches as the processor makes them.
    pub fn tables(&self, number: u64) -> Option<Result<Tables, FrameError>> {
        let kept = self.batches.get(usize::try_from(number.checked_sub(self.first)?).ok()?)?;
        Some(transform(kept.latest.clone(), kept.aggfunc))
    }
}

fn cells(frame: &Frame) -> usize {
    frame.len() * frame.columns().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Measures, rows_frame, with_rolling};
    use crate::time::Timestamp;

    fn batch(number: u64, rows: usize) -> Batch {
        let ids = (0..rows).map(|row| Some(format!("s{row}"))).collect();
        let values: Vec<f64> = (0..rows).map(|row| row as f64).collect();
        let measures = Measures::parse("value,val").unwrap();
        let columns = vec![values.clone(), values];
        let frame = rows_frame(vec![number as i64; rows], ids, &measures, columns.clone()).unwrap();
        let latest = with_rolling(frame, columns, Agg::Mean).unwrap();
        Batch::new(number, Timestamp::default(), latest, Agg::Max)
    }

    #[test]
    fn a_kept_batch_is_returned_unchanged() {
        let mut recent = Recent::default();
        assert_eq!((recent.first(), recent.tables(0).is_none()), (0, true));
        for number in 7..10 {
            recent.push(&batch(number, 3));
        }
        assert_eq!(recent.first(), 7);
        for number in 7..10 {
            assert_eq!(&recent.tables(number).unwrap().unwrap(), batch(number, 3).tables().unwrap());
        }
        assert!(recent.tables(6).is_none() && recent.tables(10).is_none());
    }

    #[test]
    fn batches_and_cells_are_bounded_and_the_newest_stays() {
        let mut recent = Recent::default();
        (1..=MAX_BATCHES as u64 + 5).for_each(|number| recent.push(&batch(number, 1)));
        assert_eq!(recent.first(), 6);
        let wide = batch(MAX_BATCHES as u64 + 6, MAX_CELLS / 6 + 1);
        assert_eq!(wide.latest.columns().len(), 6);
        recent.push(&wide);
        assert_eq!(recent.first(), MAX_BATCHES as u64 + 6);
    }
}
