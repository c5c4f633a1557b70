//! Rows are given out, and the cursor moves behind them.

use std::sync::Arc;

use super::LiveSource;
use crate::pipeline::MAX_TOKEN_BYTES;
use crate::pipeline::sources::Fed;
use crate::pipeline::sources::live::LiveAsk;

impl LiveSource {
    /// Gives out rows, as far as there is room.
    pub(super) fn give(&mut self, room: usize, fed: &mut Fed<LiveAsk>) {
        while let Some(unit) = self.units.front_mut() {
            match unit.drafts.front() {
                Some(_) if fed.rows.len() >= room => break,
                // Else its cursor would stand behind all its rows, as that of a message that is done with.
                Some(_) if !unit.is_read && unit.drafts.len() == 1 => break,
                Some((place, _)) => {
                    let row = place.row as u64;
                    self.progress.refused += unit.refuse_until(row, fed);
                    if let Some((place, draft)) = unit.drafts.pop_front() {
                        self.ready_rows -= 1;
                        fed.rows.push((unit.place(place), draft));
                    }
                    unit.next = row + 1;
                    self.progress.given += 1;
                    self.cursor.taken = self.cursor.taken.max(unit.start + unit.next);
                    fed.has_moved = true;
                }
                None if unit.is_read => {
                    self.progress.refused += unit.refuse_until(unit.count, fed);
                    self.cursor.taken = self.cursor.taken.max(unit.start + unit.count);
                    let token = unit.token.take();
                    self.units.pop_front();
                    self.settle(token, fed);
                }
                None => break,
            }
        }
    }

    /// A message is given out whole: the other end goes on behind it.
    fn settle(&mut self, token: Option<Arc<str>>, fed: &mut Fed<LiveAsk>) {
        self.cursor.position += 1;
        if let Some(token) = token {
            // One that is too long is not kept: what follows is a gap when the connection is lost.
            self.cursor.token = if token.len() <= MAX_TOKEN_BYTES { token } else { "".into() };
            self.cursor.rows = self.cursor.taken;
        } else if self.cursor.token.is_empty() {
            self.cursor.rows = self.cursor.taken;
        }
        fed.has_moved = true;
    }
}
