//! How far a stream was read: a position, and the messages behind it that were taken.

use super::taken::TakenMessages;
use crate::pipeline::Cursor;
use crate::pipeline::sources::Fed;

/// The cursor of the stream that the server has, with the set of messages that were taken behind its position.
///
/// The set is written into the cursor by [`store`](Self::store), once all that an input led to is in it.
#[derive(Debug)]
pub(super) struct StreamCursor {
    cursor: Cursor,
    taken: TakenMessages,
    /// Whether the cursor is of the stream that the server has.
    is_placed: bool,
    /// The cursors of this source; which of them goes on is known when the stream's epoch is.
    known: Vec<Cursor>,
}

/// What is known of a stream that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// It was read before.
    Known,
    /// None of its name was read before.
    First,
    /// One of its name was read before, and is gone.
    MadeAnew,
}

impl StreamCursor {
    /// A cursor of no stream yet; `cursors` are all that are known, the one that moved last first.
    pub(super) fn new<'a>(source: &str, cursors: impl IntoIterator<Item = &'a Cursor>) -> Self {
        let known = cursors.into_iter().filter(|cursor| cursor.is_of(source, cursor.epoch)).cloned().collect();
        Self { cursor: Cursor::new(source, 0), taken: TakenMessages::default(), is_placed: false, known }
    }

    /// As it was stored last.
    pub(super) fn stored(&self) -> &Cursor {
        &self.cursor
    }

    pub(super) fn position(&self) -> u64 {
        self.cursor.position
    }

    pub(super) fn taken(&self) -> &TakenMessages {
        &self.taken
    }

    /// Whether it is of any stream yet.
    pub(super) fn is_placed(&self) -> bool {
        self.is_placed
    }

    /// Whether it is of the stream of this epoch.
    pub(super) fn is_in(&self, epoch: u64) -> bool {
        self.is_placed && self.cursor.epoch == epoch
    }

    /// Whether rows were taken at all.
    pub(super) fn has_rows(&self) -> bool {
        self.cursor.taken > 0
    }

    /// The last message of which anything was taken, or that is before the position.
    pub(super) fn last(&self) -> u64 {
        self.cursor.position.max(self.taken.last())
    }

    /// Whether all of a message was taken, or is in the history of another machine.
    pub(super) fn has_taken(&self, sequence: u64) -> bool {
        sequence <= self.cursor.position || self.taken.contains(sequence)
    }

    /// Goes on in the stream of this epoch, at the cursor that is known of it.
    pub(super) fn enter(&mut self, epoch: u64) -> Found {
        let start = Cursor::new(&self.cursor.source, epoch);
        if self.is_placed {
            let old = std::mem::replace(&mut self.cursor, start.clone());
            self.known.retain(|known| known.epoch != old.epoch);
            self.known.insert(0, old);
        }
        let (cursor, found) = match self.known.iter().find(|known| known.epoch == epoch).cloned() {
            Some(cursor) => (cursor, Found::Known),
            None if self.known.is_empty() => (start, Found::First),
            None => (start, Found::MadeAnew),
        };
        (self.cursor, self.is_placed) = (cursor, true);
        self.taken = TakenMessages::of(&self.cursor);
        found
    }

    /// Goes on behind this message; what was taken behind it stays taken.
    pub(super) fn set_position(&mut self, position: u64) {
        self.cursor.position = position;
    }

    /// Takes again what was taken behind the position.
    pub(super) fn forget_taken(&mut self) {
        self.taken = TakenMessages::default();
    }

    /// The stream ends at `last`: nothing behind that was taken.
    pub(super) fn cut(&mut self, last: u64) {
        self.taken.forget_behind(last);
        self.cursor.position = self.cursor.position.min(last);
    }

    /// Goes on behind this message: it and all before it are taken, here or elsewhere.
    pub(super) fn move_to(&mut self, sequence: u64) {
        self.cursor.position = sequence;
        self.taken.forget_until(sequence);
    }

    /// A message was taken as a whole.
    pub(super) fn insert(&mut self, sequence: u64) {
        self.taken.insert(sequence);
    }

    /// Of a message so many rows were taken.
    pub(super) fn insert_part(&mut self, sequence: u64, rows: u64) {
        self.taken.insert_part(sequence, rows);
    }

    /// Counts rows that were given out or refused.
    pub(super) fn add_rows(&mut self, rows: u64) {
        self.cursor.taken += rows;
    }

    /// Writes what was taken into the cursor, which is to be stored with the rows.
    pub(super) fn store<A>(&mut self, fed: &mut Fed<A>) {
        self.taken.write_to(&mut self.cursor);
        self.cursor.rows = self.cursor.taken;
        fed.has_moved = true;
    }
}
