//! Rows of the messages that wait are given out.

use super::NatsSource;
use crate::pipeline::sources::Fed;
use crate::pipeline::sources::nats::NatsAsk;

/// Rows that are given out in one step at most.
pub const STEP_ROWS: usize = 1024;
/// Bytes of messages that are read in one step, besides the last one.
const STEP_BYTES: usize = 256 << 10;

impl NatsSource {
    /// Gives out rows of the messages that wait.
    pub(super) fn give(&mut self, room: usize, fed: &mut Fed<NatsAsk>) {
        let mut room = room.min(STEP_ROWS);
        let (mut bytes, mut done, mut has_given) = (0, Vec::new(), false);
        while room > 0 {
            let Some(open) = self.inbox.open.as_mut() else {
                if bytes >= STEP_BYTES || !self.open_first(&mut bytes, fed) {
                    break;
                }
                continue;
            };
            fed.is_redelivered = open.is_redelivered;
            let left = open.give(room, fed);
            room -= left.given as usize;
            has_given = true;
            self.progress.given += left.given;
            self.progress.refused += left.refused;
            self.cursor.add_rows(left.given + left.refused);
            self.given_stored = Some(open.stored);
            let sequence = open.sequence;
            if !open.is_done() {
                self.cursor.insert_part(sequence, open.next_row);
                break;
            }
            if self.is_shared() {
                self.cursor.insert(sequence);
            }
            self.inbox.open = None;
            done.push(sequence);
        }
        if has_given {
            self.finish(done, fed);
        }
    }

    /// Opens the message that waits first, or drops it if it is taken already. False: that has to wait.
    fn open_first(&mut self, bytes: &mut usize, fed: &mut Fed<NatsAsk>) -> bool {
        let Some((sequence, is_redelivered)) = self.inbox.first() else { return false };
        // Rows that come late by no fault of theirs are a step of their own.
        if !fed.rows.is_empty() && fed.is_redelivered != is_redelivered {
            return false;
        }
        if self.is_shared() && self.cursor.has_taken(sequence) {
            // It was delivered a second time while the first one waited: here, or to a machine that has acknowledged it
            // since.
            self.inbox.drop_first();
            self.details.repeated += 1;
            return true;
        }
        let Some(waiting) = self.inbox.take_first(fed) else { return false };
        *bytes += waiting.bytes;
        let taken_rows = self.cursor.taken().rows_of_part(sequence);
        if taken_rows == 0 {
            self.progress.messages += 1;
            self.progress.bytes += waiting.bytes as u64;
        }
        self.inbox.open(waiting, taken_rows);
        true
    }

    /// All rows of these messages are given out, and perhaps some of the one that is open.
    fn finish(&mut self, done: Vec<u64>, fed: &mut Fed<NatsAsk>) {
        if self.is_shared() {
            if !done.is_empty() {
                self.unflushed.push(done);
            }
        } else if let Some(last) = done.last() {
            self.cursor.move_to(*last);
        }
        self.cursor.store(fed);
    }
}
