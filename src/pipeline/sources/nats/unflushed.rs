//! Messages of a shared consumer that were given out and are not acknowledged yet.

use std::collections::VecDeque;

/// Messages whose rows were given out and are not flushed: each is acknowledged after that.
#[derive(Debug, Default)]
pub(super) struct Unflushed {
    /// Their sequences, by the move of the cursor that came with them.
    moves: VecDeque<(Option<u64>, Vec<u64>)>,
    /// The last move that was flushed.
    flushed: u64,
}

impl Unflushed {
    pub(super) fn is_empty(&self) -> bool {
        self.moves.is_empty()
    }

    pub(super) fn contains(&self, sequence: u64) -> bool {
        self.moves.iter().any(|(_, sequences)| sequences.contains(&sequence))
    }

    /// Adds messages that were given out together; the number of their move follows.
    pub(super) fn push(&mut self, sequences: Vec<u64>) {
        self.moves.push_back((None, sequences));
    }

    /// The cursor of the last ones was stored as this move.
    pub(super) fn note_move(&mut self, moves: u64) {
        if let Some((number, _)) = self.moves.back_mut() {
            number.get_or_insert(moves);
        }
    }

    /// All moves up to this one are flushed; returns the sequences that came with them.
    pub(super) fn flush(&mut self, flushed: u64) -> Vec<u64> {
        // The count begins anew when everything is forgotten: no crash brings those rows back.
        let is_anew = flushed < self.flushed;
        self.flushed = flushed;
        let mut sequences = Vec::new();
        while let Some((number, _)) = self.moves.front()
            && number.is_some_and(|number| is_anew || number <= flushed)
        {
            sequences.extend(self.moves.pop_front().into_iter().flat_map(|(_, sequences)| sequences));
        }
        sequences
    }

    /// They are of a stream that is gone: there is nothing to acknowledge.
    pub(super) fn clear(&mut self) {
        self.moves.clear();
    }
}
