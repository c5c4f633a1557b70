//! Rows are made of the messages that came, and numbered.

use std::sync::Arc;

use super::LiveSource;
use crate::pipeline::records::{Place, Rows};
use crate::pipeline::sources::Fed;
use crate::pipeline::sources::live::inbox::Message;
use crate::pipeline::sources::live::messages::Body;
use crate::pipeline::sources::live::unit::Unit;
use crate::pipeline::sources::live::validator::Validator;
use crate::pipeline::sources::live::{LiveAsk, LiveKind};

/// Bytes that are read in one step: a millisecond or two of work.
const STEP_BYTES: usize = 64 << 10;
/// Rows that are made ready in one step.
const STEP_ROWS: usize = 256;

impl LiveSource {
    /// Makes rows of the messages that came, as many as there is room for.
    pub(super) fn read(&mut self, room: usize, fed: &mut Fed<LiveAsk>) {
        if room == 0 {
            return;
        }
        // The last row of a message waits until the message is read to its end, and one more is read before it.
        let wanted = room.min(STEP_ROWS) + 1;
        let mut budget = STEP_BYTES;
        while self.ready_rows < wanted && budget > 0 {
            if self.units.back().is_none_or(|unit| unit.is_read) {
                let Some(message) = self.inbox.next(&self.reader, fed) else { break };
                budget = budget.saturating_sub(message.body.bytes().len());
                self.begin_message(message);
            } else {
                budget = 0;
            }
            self.read_step();
        }
    }

    fn begin_message(&mut self, message: Message) {
        let Message { body, token, arrived } = message;
        let is_read = !matches!(body, Body::Unread(..));
        if let Some(token) = token.as_ref().filter(|_| is_read) {
            let kind = self.head.kind;
            match kind {
                LiveKind::Poll if self.begin_answer(&body, token) => return,
                LiveKind::Poll | LiveKind::WebSocket => {}
                // A server that repeats where it goes on says nothing of what was taken behind that.
                LiveKind::Sse if body.bytes().is_empty() && self.units.is_empty() && *token == self.cursor.token => {
                    return;
                }
                LiveKind::Sse => self.begin_event(&body),
            }
        }
        self.progress.messages += 1;
        self.units.push_back(Unit::new(self.next_row, self.cursor.taken, token, arrived));
        self.reader.begin(body, &mut self.rows);
    }

    /// An answer of a poll: whether it is the one that was taken. One that was taken in part goes on where it ended.
    fn begin_answer(&mut self, body: &Body, token: &Arc<str>) -> bool {
        let is_same = *token == self.cursor.token;
        let is_whole = self.cursor.rows == self.cursor.taken;
        if is_same && is_whole && self.cursor.position > 0 {
            // The same bytes without times are another reading; with times they are the same one.
            let is_known = !Validator::is_digest(token) || self.probe(body).1;
            if is_known {
                return true;
            }
        }
        self.next_row = if is_same && !is_whole { self.cursor.rows } else { self.cursor.taken };
        (self.cursor.token, self.cursor.rows) = (Arc::clone(token), self.next_row);
        false
    }

    /// An event with an id of its own, while those before it are passed over that were taken: it is the one of which a
    /// part was taken, or a new one, when it has no further rows.
    fn begin_event(&mut self, body: &Body) {
        if self.next_row < self.cursor.taken && self.next_row + self.probe(body).0 <= self.cursor.taken {
            self.next_row = self.cursor.taken;
        }
    }

    /// The number of rows of a message, and whether each has a time.
    fn probe(&mut self, body: &Body) -> (u64, bool) {
        let mut rows = Rows::default();
        self.reader.begin(body.clone(), &mut rows);
        while !self.reader.read(usize::MAX, &mut rows) {}
        (rows.count() as u64, rows.drafts.iter().all(|(_, draft)| draft.timestamp.is_some()))
    }

    /// Reads a step of the newest message.
    fn read_step(&mut self) {
        let Some(unit) = self.units.back_mut().filter(|unit| !unit.is_read) else { return };
        unit.is_read = self.reader.read(STEP_BYTES, &mut self.rows);
        let (next, ready_before) = (unit.next, unit.drafts.len());
        let is_new = |place: &Place| place.row as u64 >= next;
        unit.drafts.extend(self.rows.drafts.drain(..).filter(|(place, _)| is_new(place)));
        self.ready_rows += unit.drafts.len() - ready_before;
        let refused = std::mem::take(&mut self.rows.refusals).newest();
        unit.refused.extend(refused.into_iter().filter(|bad| is_new(&bad.place)));
        unit.count = self.rows.count() as u64;
        if unit.is_read {
            self.next_row = unit.start + unit.count;
        }
    }
}
