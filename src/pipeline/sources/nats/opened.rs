//! A message whose rows are given out: all at once, or as the queue has room for them.

use std::collections::VecDeque;

use super::Message;
use crate::pipeline::records::{BadRow, Draft, Place, Rows};
use crate::pipeline::sources::Fed;
use crate::pipeline::sources::live::{Body, MessageReader};
use crate::time::Timestamp;

/// A message that was read, and what of it is not given out yet.
#[derive(Debug)]
pub(super) struct OpenMessage {
    pub(super) sequence: u64,
    pub(super) stored: Timestamp,
    pub(super) is_redelivered: bool,
    /// The row before which all are given out, refused, or were so before.
    pub(super) next_row: u64,
    rows: u64,
    drafts: VecDeque<(Place, Draft)>,
    refused: VecDeque<BadRow>,
}

/// How many rows left a message.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Left {
    pub(super) given: u64,
    pub(super) refused: u64,
}

impl OpenMessage {
    /// Reads a message, of which so many rows were taken before. `rows` is used for one message after the other: ids
    /// that recur are shared.
    pub(super) fn new(
        message: &Message,
        body: Body,
        reader: &mut MessageReader,
        rows: &mut Rows,
        taken_rows: u64,
    ) -> Self {
        reader.begin(body, rows);
        while !reader.read(usize::MAX, rows) {}
        let refused: VecDeque<BadRow> = std::mem::take(&mut rows.refusals).newest().into();
        let mut open = Self {
            sequence: message.sequence,
            stored: message.stored,
            is_redelivered: message.deliveries > 1,
            next_row: taken_rows,
            rows: rows.count() as u64,
            drafts: std::mem::take(&mut rows.drafts).into(),
            refused,
        };
        while open.drafts.front().is_some_and(|(place, _)| (place.row as u64) < taken_rows) {
            open.drafts.pop_front();
        }
        while open.refused.front().is_some_and(|bad| (bad.place.row as u64) < taken_rows) {
            open.refused.pop_front();
        }
        open
    }

    /// Gives out rows, so many at most, with the refused ones between them.
    pub(super) fn give<A>(&mut self, room: usize, fed: &mut Fed<A>) -> Left {
        let mut left = Left::default();
        while (left.given as usize) < room
            && let Some((place, draft)) = self.drafts.pop_front()
        {
            left.refused += self.refuse_until(place.row as u64, fed);
            self.next_row = place.row as u64 + 1;
            fed.rows.push((place, draft));
            left.given += 1;
        }
        if self.drafts.is_empty() {
            left.refused += self.refuse_until(self.rows, fed);
        }
        left
    }

    /// Whether all of it is given out or refused.
    pub(super) fn is_done(&self) -> bool {
        self.next_row >= self.rows
    }

    /// The rows before this one that are not settled were refused; returns how many they are.
    fn refuse_until<A>(&mut self, row: u64, fed: &mut Fed<A>) -> u64 {
        let refused = row.saturating_sub(self.next_row);
        let listed = self.refused.iter().take_while(|bad| (bad.place.row as u64) < row).count();
        let sequence = self.sequence;
        fed.refused.extend(self.refused.drain(..listed).map(|bad| {
            let reason = format!("message {sequence}: {}", bad.reason);
            BadRow { reason, ..bad }
        }));
        fed.refused_unlisted += (refused as usize).saturating_sub(listed);
        self.next_row = self.next_row.max(row);
        refused
    }
}
