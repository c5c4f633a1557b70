//! Rows of a file, block by block: what the thread that reads a file gives to the one that takes its rows.

use serde::{Deserialize, Serialize};

use super::draft_columns::{DraftColumns, DraftColumnsHead};
use crate::pipeline::records::{BadRow, Checkpoint};

/// Rows that were read of a file, in order, and where reading stands behind them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RowBlock {
    /// Rows that can become events.
    pub drafts: DraftColumns,
    /// The rest of it.
    pub info: BlockInfo,
}

/// What is known of a [`RowBlock`] besides its drafts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockInfo {
    /// The number of its first row, from 0.
    pub first_row: u64,
    /// The number of the row behind its last one.
    pub end_row: u64,
    /// Rows that cannot become events; of more than a thousand, the newest.
    pub refused: Vec<BadRow>,
    /// The fields that were left out so far: the first hundred names.
    pub ignored: Vec<String>,
    /// Where the text can be read on behind it, see [`Reader::checkpoint`](crate::pipeline::records::Reader::checkpoint).
    pub checkpoint: Option<Checkpoint>,
    /// Bytes of the text that were read, with those of this block.
    pub read_bytes: u64,
    /// Whether the file ends with it.
    pub is_last: bool,
    /// Why nothing can be read behind it, though the file does not end: a sentence with place and mend.
    pub fault: Option<String>,
}

/// A [`RowBlock`] without its columns of numbers, which stand beside it: see [`RowBlock::into_bytes`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowBlockHead {
    info: BlockInfo,
    drafts: DraftColumnsHead,
}

impl RowBlock {
    /// Head and columns, for another thread.
    #[must_use]
    pub fn into_bytes(self) -> (RowBlockHead, Vec<u8>) {
        let (drafts, bytes) = self.drafts.into_bytes();
        (RowBlockHead { info: self.info, drafts }, bytes)
    }

    /// The block of a head and its columns; `None` when they do not belong together.
    #[must_use]
    pub fn from_bytes(head: RowBlockHead, bytes: Vec<u8>) -> Option<Self> {
        Some(Self { drafts: DraftColumns::from_bytes(head.drafts, bytes)?, info: head.info })
    }
}
