//! Rolling minimum and maximum: a deque of the values that can still win, O(1) a row on average.

use std::collections::VecDeque;

/// Which end of the order is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The smallest value.
    Min,
    /// The largest value.
    Max,
}

/// The values that no later value beats, oldest first; so the first is the answer.
#[derive(Debug, Clone)]
pub(super) struct Extrema {
    side: Side,
    candidates: VecDeque<(u64, f64)>,
    added: u64,
    removed: u64,
}

impl Extrema {
    pub(super) fn new(side: Side) -> Self {
        Self { side, candidates: VecDeque::new(), added: 0, removed: 0 }
    }

    pub(super) fn add(&mut self, value: f64) {
        let is_beaten = |old: f64| if self.side == Side::Min { value <= old } else { value >= old };
        while self.candidates.back().is_some_and(|(_, old)| is_beaten(*old)) {
            self.candidates.pop_back();
        }
        self.candidates.push_back((self.added, value));
        self.added += 1;
    }

    /// Takes away the oldest value.
    pub(super) fn remove(&mut self) {
        if self.candidates.front().is_some_and(|(number, _)| *number == self.removed) {
            self.candidates.pop_front();
        }
        self.removed += 1;
    }

    pub(super) fn clear(&mut self) {
        self.candidates.clear();
        self.removed = self.added;
    }

    /// The smallest or largest value, missing if there is none.
    pub(super) fn value(&self) -> f64 {
        self.candidates.front().map_or(f64::NAN, |(_, value)| *value)
    }
}
