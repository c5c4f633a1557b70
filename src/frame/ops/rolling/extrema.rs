//! Rolling minimum and maximum: a queue made of two stacks, O(1) a row on average.

use super::kernel::Kernel;

/// The values of a window as two stacks, back to back.
///
/// Values are pushed on `recent`, of which only the best value is tracked; they leave from `older`, which holds for
/// each value the best of it and those that entered after it. When `older` is empty, `recent` is turned over into it.
/// Unlike a deque of the candidates, it has no branches that a processor predicts badly.
pub(super) struct Extrema {
    /// 1 for the smallest value; -1 for the largest, which is the smallest of the negated values.
    sign: f64,
    recent: Vec<f64>,
    best_recent: f64,
    older: Vec<f64>,
}

impl Extrema {
    pub(super) fn min() -> Self {
        Self { sign: 1.0, recent: Vec::new(), best_recent: f64::INFINITY, older: Vec::new() }
    }

    pub(super) fn max() -> Self {
        Self { sign: -1.0, ..Self::min() }
    }

    fn turn_over(&mut self) {
        let mut best = f64::INFINITY;
        while let Some(value) = self.recent.pop() {
            best = if value < best { value } else { best };
            self.older.push(best);
        }
        self.best_recent = f64::INFINITY;
    }
}

impl Kernel for Extrema {
    #[inline(always)]
    fn add(&mut self, value: f64) {
        let value = value * self.sign;
        self.recent.push(value);
        if value < self.best_recent {
            self.best_recent = value;
        }
    }

    #[inline(always)]
    fn remove(&mut self, _: f64) {
        if self.older.is_empty() {
            self.turn_over();
        }
        self.older.pop();
    }

    fn clear(&mut self) {
        self.recent.clear();
        self.best_recent = f64::INFINITY;
        self.older.clear();
    }

    /// The smallest or largest value, missing if there is none.
    #[inline(always)]
    fn value(&mut self, present: u32) -> f64 {
        let best_older = self.older.last().copied().unwrap_or(f64::INFINITY);
        let best = if self.best_recent < best_older { self.best_recent } else { best_older };
        if present > 0 { best * self.sign } else { f64::NAN }
    }
}
