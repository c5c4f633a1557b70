//! The newest batches, for those who follow the stream and come late.

use std::collections::VecDeque;

use super::Batch;
use crate::frame::ops::Agg;
use crate::frame::{Frame, FrameError};

use super::transform::{Tables, transform};

/// Batches and rows that are kept; older batches go first.
const MAX_BATCHES: usize = 10_000;
const MAX_ROWS: usize = 100_000;

/// A run of batches up to the newest. Only the rows are kept, since all else can be made of them again.
#[derive(Debug, Clone, Default)]
pub struct Recent {
    batches: VecDeque<RecentBatch>,
    /// The number of the first of them.
    first: u64,
    rows: usize,
}

#[derive(Debug, Clone)]
struct RecentBatch {
    latest: Frame,
    aggfunc: Agg,
}

impl Recent {
    /// Keeps a batch and lets go of the oldest beyond the bounds.
    pub fn push(&mut self, batch: &Batch, aggfunc: Agg) {
        self.keep(batch.number, batch.tables.latest.clone(), aggfunc);
    }

    /// The same of a batch whose other tables are not made.
    pub fn keep(&mut self, number: u64, latest: Frame, aggfunc: Agg) {
        if self.first + self.batches.len() as u64 != number {
            // The first one, or one behind a damaged stretch of the log.
            *self = Self { first: number, ..Self::default() };
        }
        self.rows += latest.len();
        self.batches.push_back(RecentBatch { latest, aggfunc });
        // The newest one stays, however large it is.
        while self.batches.len() > MAX_BATCHES || self.rows > MAX_ROWS && self.batches.len() > 1 {
            let Some(oldest) = self.batches.pop_front() else { return };
            self.rows -= oldest.latest.len();
            self.first += 1;
        }
    }

    /// The number of the oldest batch that is kept, 0 when there is none.
    pub fn first(&self) -> u64 {
        if self.batches.is_empty() { 0 } else { self.first }
    }

    /// What the pivot of the newest one computed.
    pub fn aggfunc(&self) -> Agg {
        self.batches.back().map_or(Agg::Mean, |newest| newest.aggfunc)
    }

    /// The table `latest` of each of them, oldest first.
    pub fn latest(&self) -> impl Iterator<Item = &Frame> {
        self.batches.iter().map(|kept| &kept.latest)
    }

    /// The tables of a batch by its number, if it is kept.
    ///
    /// # Errors
    /// None for batches as the processor makes them.
    pub fn tables(&self, number: u64) -> Option<Result<Tables, FrameError>> {
        let kept = self.batches.get(usize::try_from(number.checked_sub(self.first)?).ok()?)?;
        Some(transform(kept.latest.clone(), kept.aggfunc))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::rows_frame;
    use crate::time::Timestamp;

    fn batch(number: u64, rows: usize) -> Batch {
        let ids = (0..rows).map(|row| Some(format!("s{row}"))).collect();
        let values: Vec<f64> = (0..rows).map(|row| row as f64).collect();
        let frame = rows_frame(vec![number as i64; rows], ids, values.clone()).unwrap();
        let latest = frame.with_column("moving_avg", values.into()).unwrap();
        Batch { number, processed_at: Timestamp::default(), tables: transform(latest, Agg::Max).unwrap() }
    }

    #[test]
    fn a_kept_batch_is_given_as_it_was() {
        let mut recent = Recent::default();
        assert_eq!((recent.first(), recent.tables(0).is_none()), (0, true));
        for number in 7..10 {
            recent.push(&batch(number, 3), Agg::Max);
        }
        assert_eq!(recent.first(), 7);
        for number in 7..10 {
            assert_eq!(recent.tables(number).unwrap().unwrap(), batch(number, 3).tables);
        }
        assert!(recent.tables(6).is_none() && recent.tables(10).is_none());
    }

    #[test]
    fn batches_and_rows_are_bounded_and_the_newest_stays() {
        let mut recent = Recent::default();
        (1..=MAX_BATCHES as u64 + 5).for_each(|number| recent.push(&batch(number, 1), Agg::Mean));
        assert_eq!(recent.first(), 6);
        recent.push(&batch(MAX_BATCHES as u64 + 6, MAX_ROWS + 1), Agg::Mean);
        assert_eq!(recent.first(), MAX_BATCHES as u64 + 6);
    }
}
