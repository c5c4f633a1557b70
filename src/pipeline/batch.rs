//! A processed batch.

use super::Tables;
use crate::time::Timestamp;

/// A batch and what was made of it; replaced as a whole by the next one.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Its number, from 1.
    pub number: u64,
    /// When it was processed.
    pub processed_at: Timestamp,
    /// Its rows, transformed.
    pub tables: Tables,
}
