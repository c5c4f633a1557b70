//! A processed batch.

use super::Tables;
use crate::time::Timestamp;

/// A processed batch with its tables; the next batch replaces it as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Its number, from 1.
    pub number: u64,
    /// When it was processed.
    pub processed_at: Timestamp,
    /// Its rows, transformed into the three tables.
    pub tables: Tables,
}
