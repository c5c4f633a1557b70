//! Cursors: how far the pipeline has read its sources, so that a restart loses no row and doubles none.

use std::collections::VecDeque;
use std::sync::Arc;

/// Sources whose cursors are remembered; the one that moved longest ago goes first.
pub const MAX_CURSORS: usize = 1000;

/// How far a source has been read.
///
/// It is written in the same record of the journal as the events that it brought: either both are there or neither.
/// Rows that were refused, late or dropped move it too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The source: `file:` and the name of a file, `nats:` and the name of a stream, `websocket:`, `sse:` and `poll:` and
    /// an address, `sink:` and a subject. At most [`MAX_SOURCE_BYTES`].
    pub source: Arc<str>,
    /// The content that the position belongs to: another file of the same name, or a stream that was made anew, has
    /// another epoch. For a file it is a digest of its beginning.
    pub epoch: u64,
    /// Where to read on, in the source's own measure: of a file a byte with which a row begins, of a stream the last
    /// sequence.
    pub position: u64,
    /// Rows before the cursor: taken, refused, late and passed over. Those of them that follow the position were taken
    /// too, and are not taken again.
    pub taken: u64,
    /// Rows before the position.
    pub rows: u64,
    /// Lines before the position of a text, so that a row that is refused later is named by its line; else 0.
    pub lines: u64,
    /// How much later than in the source the rows after the position happen, in nanoseconds: each round of a looped
    /// replay goes on where the one before ended. Else 0.
    pub shift_nanos: i64,
    /// Whether the source has ended here: nothing of it is left to read.
    pub is_done: bool,
    /// What the other end is told to go on at the position, where no number says it: the last event id of SSE, the `ETag`
    /// of an answer that was polled; of a sink the server that is published to. At most [`MAX_TOKEN_BYTES`]; else empty.
    pub token: Arc<str>,
    /// Positions behind [`Self::position`] that were taken already, as closed ranges in order that neither touch nor
    /// overlap: messages of a shared consumer come in any order. At most [`MAX_RANGES`]; else empty.
    pub ranges: Arc<[(u64, u64)]>,
}

/// The longest [`Cursor::source`], in bytes; the names of files are shortened to it.
pub const MAX_SOURCE_BYTES: usize = 512;
/// The longest [`Cursor::token`], in bytes.
pub const MAX_TOKEN_BYTES: usize = 1024;
/// The most [`Cursor::ranges`] of one source: some hundred KiB in a record.
pub const MAX_RANGES: usize = 10_000;
/// The most bytes that one of [`Cursor::ranges`] takes in a record: two numbers.
pub const RANGE_BYTES: usize = 20;

impl Cursor {
    /// The cursor at the beginning of a source.
    #[must_use]
    pub fn new(source: &str, epoch: u64) -> Self {
        let source = shortened(source).into();
        Self {
            source,
            epoch,
            position: 0,
            taken: 0,
            rows: 0,
            lines: 0,
            shift_nanos: 0,
            is_done: false,
            token: "".into(),
            ranges: Arc::default(),
        }
    }

    /// The most bytes that it takes in a record.
    #[must_use]
    pub fn record_bytes(&self) -> usize {
        // Seven numbers and two lengths, of up to ten bytes each.
        100 + self.source.len() + self.token.len() + RANGE_BYTES * self.ranges.len()
    }

    /// Whether both are of one source with the same content.
    #[must_use]
    pub fn is_of(&self, source: &str, epoch: u64) -> bool {
        self.epoch == epoch && *self.source == *shortened(source)
    }
}

/// The start of a name that is too long.
fn shortened(source: &str) -> &str {
    let end = (0..=MAX_SOURCE_BYTES.min(source.len())).rfind(|&end| source.is_char_boundary(end));
    &source[..end.unwrap_or(0)]
}

/// The newest cursor of each source, so that files that were loaded one after the other are all remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cursors {
    /// In the order in which they moved, each with the number of its move; the newest is last.
    kept: VecDeque<(u64, Cursor)>,
    moves: u64,
}

impl Cursors {
    /// Moves the cursor of a source. A cursor of the same source with another epoch stays: the file that has this name
    /// now may be chosen again.
    pub fn advance(&mut self, cursor: Cursor) {
        self.moves += 1;
        // The last one, by far the most often: one source moves.
        match self.kept.iter().rposition(|(_, known)| known.is_of(&cursor.source, cursor.epoch)) {
            Some(at) => drop(self.kept.remove(at)),
            None if self.kept.len() == MAX_CURSORS => drop(self.kept.pop_front()),
            None => {}
        }
        self.kept.push_back((self.moves, cursor));
    }

    /// How far this content of a source has been read, if any of it has.
    #[must_use]
    pub fn find(&self, source: &str, epoch: u64) -> Option<&Cursor> {
        self.newest_first().find(|cursor| cursor.is_of(source, epoch))
    }

    /// The cursors, the one that moved last first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Cursor> {
        self.kept.iter().rev().map(|(_, cursor)| cursor)
    }

    /// How often a cursor has moved since the start: when it has not grown, there is nothing to write.
    #[must_use]
    pub fn moves(&self) -> u64 {
        self.moves
    }

    /// The cursors that moved after so many moves, the one that moved last first.
    pub fn moved_since(&self, moves: u64) -> impl Iterator<Item = &Cursor> {
        self.kept.iter().rev().take_while(move |(number, _)| *number > moves).map(|(_, cursor)| cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(source: &str, epoch: u64, position: u64) -> Cursor {
        Cursor { position, taken: position, ..Cursor::new(source, epoch) }
    }

    #[test]
    fn a_cursor_replaces_the_one_of_its_source_and_content_alone() {
        let mut cursors = Cursors::default();
        for moved in [cursor("a", 1, 5), cursor("b", 1, 6), cursor("a", 2, 7), cursor("a", 1, 8), cursor("a", 1, 9)] {
            cursors.advance(moved);
        }
        let kept: Vec<_> = cursors.newest_first().cloned().collect();
        assert_eq!(kept, [cursor("a", 1, 9), cursor("a", 2, 7), cursor("b", 1, 6)]);
        assert_eq!(cursors.find("b", 1), Some(&cursor("b", 1, 6)));
        assert_eq!((cursors.find("b", 2), cursors.moves()), (None, 5));
        let moved = [0, 2, 3, 5, 9].map(|moves| cursors.moved_since(moves).count());
        assert_eq!(moved, [3, 2, 1, 0, 0], "a cursor that moved several times is written once");
    }

    #[test]
    fn the_sources_that_moved_last_are_remembered() {
        let mut cursors = Cursors::default();
        (0..MAX_CURSORS as u64 + 2).for_each(|epoch| cursors.advance(cursor("a", epoch, 1)));
        cursors.advance(cursor("a", 2, 2));
        cursors.advance(cursor("a", u64::MAX, 1));
        assert_eq!(cursors.newest_first().count(), MAX_CURSORS);
        assert_eq!((cursors.find("a", 2).is_some(), cursors.find("a", 3)), (true, None));
    }

    #[test]
    fn a_long_name_is_found_again() {
        let name = "ä".repeat(MAX_SOURCE_BYTES);
        let mut cursors = Cursors::default();
        cursors.advance(Cursor::new(&name, 1));
        assert!(cursors.find(&name, 1).is_some_and(|found| found.source.len() <= MAX_SOURCE_BYTES));
    }
}
