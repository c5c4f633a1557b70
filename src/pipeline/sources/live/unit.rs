//! A message that is read, and whose rows are given out.

use std::collections::VecDeque;
use std::sync::Arc;

use super::LiveAsk;
use crate::pipeline::records::{BadRow, Draft, Place};
use crate::pipeline::sources::Fed;
use crate::time::Timestamp;

/// The rows of a message that were not given out.
#[derive(Debug)]
pub(super) struct Unit {
    /// The number of its first row among those of the source.
    pub(super) start: u64,
    /// The row of the message before which all are given out, refused or passed over.
    pub(super) next: u64,
    /// Rows of the message that were read, and whether these are all.
    pub(super) count: u64,
    pub(super) is_read: bool,
    pub(super) drafts: VecDeque<(Place, Draft)>,
    pub(super) refused: VecDeque<BadRow>,
    pub(super) token: Option<Arc<str>>,
    pub(super) arrived: Timestamp,
}

impl Unit {
    /// A message whose first row has this number, while so many rows of the source were taken before.
    pub(super) fn new(start: u64, taken: u64, token: Option<Arc<str>>, arrived: Timestamp) -> Self {
        Self {
            start,
            next: taken.saturating_sub(start),
            count: 0,
            is_read: false,
            drafts: VecDeque::new(),
            refused: VecDeque::new(),
            token,
            arrived,
        }
    }

    /// The place of a row among those of the source.
    pub(super) fn place(&self, Place { row, line }: Place) -> Place {
        Place { row: (self.start + row as u64) as usize, line }
    }

    /// The rows before this one that are not settled were refused; returns their number.
    pub(super) fn refuse_until(&mut self, row: u64, fed: &mut Fed<LiveAsk>) -> u64 {
        let refused = row.saturating_sub(self.next);
        let listed = self.refused.iter().take_while(|bad| (bad.place.row as u64) < row).count();
        let start = self.start;
        fed.refused.extend(self.refused.drain(..listed).map(|bad| {
            let Place { row, line } = bad.place;
            BadRow { place: Place { row: (start + row as u64) as usize, line }, ..bad }
        }));
        fed.refused_unlisted += (refused as usize).saturating_sub(listed);
        self.next = self.next.max(row);
        refused
    }
}
