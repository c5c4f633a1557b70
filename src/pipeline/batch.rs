//! A processed batch.

use std::sync::OnceLock;

use super::Tables;
use super::transform::transform;
use crate::frame::ops::Agg;
use crate::frame::{Frame, FrameError};
use crate::time::Timestamp;

/// A processed batch; the next one replaces it as a whole.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Its number, from 1.
    pub number: u64,
    /// When it was processed.
    pub processed_at: Timestamp,
    /// Its rows with their rolling aggregates, as in [`Tables::latest`].
    pub latest: Frame,
    /// The aggregate of its pivot.
    pub aggfunc: Agg,
    /// All of them, once they were read.
    tables: OnceLock<Tables>,
}

impl Batch {
    pub(super) fn new(number: u64, processed_at: Timestamp, latest: Frame, aggfunc: Agg) -> Self {
        Self { number, processed_at, latest, aggfunc, tables: OnceLock::new() }
    }

    /// Its rows, transformed into the three tables when they are read first: of hundreds of batches that come in a second
    /// few are.
    ///
    /// # Errors
    /// None for batches as the processor makes them.
    pub fn tables(&self) -> Result<&Tables, FrameError> {
        if let Some(known) = self.tables.get() {
            return Ok(known);
        }
        let made = transform(self.latest.clone(), self.aggfunc)?;
        Ok(self.tables.get_or_init(|| made))
    }
}

/// By what the tables follow from.
impl PartialEq for Batch {
    fn eq(&self, other: &Self) -> bool {
        let of = |batch: &Self| (batch.number, batch.processed_at, batch.aggfunc);
        of(self) == of(other) && self.latest == other.latest
    }
}
