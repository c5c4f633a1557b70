//! The rows inside a window, between two pointers that only move forward, and the aggregate of their values.

use super::Window;
use super::bounds::Reach;
use super::kernel::Kernel;

/// A window that moves along the rows.
pub(super) struct State<K> {
    reach: Reach,
    kernel: K,
    min_periods: usize,
    /// The number of values inside that are neither missing nor infinite.
    present: u32,
    /// The first row inside.
    start: usize,
    /// The first row after the window.
    end: usize,
    /// The number of rows that were answered.
    answered: u64,
    budget: Budget,
}

/// What restarts may cost: values whose sums cancel again and again would ask for one in every row, and a window may
/// hold a million rows.
#[derive(Debug, Default)]
struct Budget {
    /// The values that restarts have added.
    spent: u64,
}

impl Budget {
    const START: u64 = 1 << 20;
    const PER_ROW: u64 = 16;

    /// Whether there is enough for so many values after so many rows; they are spent then.
    fn spend(&mut self, values: usize, rows: u64) -> bool {
        let spent = self.spent + values as u64;
        let is_enough = spent <= Self::START + Self::PER_ROW * rows;
        if is_enough {
            self.spent = spent;
        }
        is_enough
    }
}

impl<K: Kernel> State<K> {
    pub(super) fn new(window: &Window, kernel: K) -> Self {
        let (reach, min_periods) = (Reach::new(window), window.min_periods);
        Self { reach, kernel, min_periods, present: 0, start: 0, end: 0, answered: 0, budget: Budget::default() }
    }

    /// This window, with `row` as the first that can enter it.
    pub(super) fn starting_at(self, row: usize) -> Self {
        Self { start: row, end: row, ..self }
    }

    /// The results for all rows; `None` if a time falls.
    pub(super) fn roll(mut self, times: &[i64], values: &[f64]) -> Option<Vec<f64>> {
        if self.reach.is_trailing() {
            return self.trail(times, values);
        }
        if times.windows(2).any(|pair| pair[0] > pair[1]) {
            return None;
        }
        Some((0..times.len()).map(|row| self.slide(row, times.len(), |row| times[row], |row| values[row])).collect())
    }

    /// Moves to the window of `row`, one of `rows`, and returns its result. Neither time nor row goes back.
    ///
    /// Rows leave before others enter, and a window that shares no row with the last one restarts from empty, because
    /// the digits of a sum depend on it.
    #[inline(always)]
    pub(super) fn slide(
        &mut self,
        row: usize,
        rows: usize,
        time: impl Fn(usize) -> i64,
        value: impl Fn(usize) -> f64,
    ) -> f64 {
        let at = time(row);
        while self.start < row && self.reach.is_behind(time(self.start), at) {
            if self.start < self.end {
                self.leave(value(self.start));
            }
            self.start += 1;
        }
        if self.start >= self.end {
            self.clear();
            self.end = self.start;
        }
        while self.end < rows && self.reach.has_come(self.end, row, &time) {
            self.enter(value(self.end));
            self.end += 1;
        }
        self.answer(value)
    }

    /// The results for all rows of windows that end with their row: with half the bookkeeping, and with local
    /// variables, which a compiler keeps in registers.
    fn trail(self, times: &[i64], values: &[f64]) -> Option<Vec<f64>> {
        let Self { reach, mut kernel, min_periods, mut budget, .. } = self;
        let (mut start, mut present, mut last) = (0, 0, i64::MIN);
        let mut answers = Vec::with_capacity(times.len());
        for (row, (at, value)) in times.iter().zip(values).enumerate() {
            if *at < last {
                return None;
            }
            last = *at;
            // Every window has a length, so the row itself ends the loop.
            while reach.is_behind(times[start], *at) {
                let value = values[start];
                if value.is_finite() {
                    present -= 1;
                    kernel.remove(value);
                }
                start += 1;
            }
            if start == row {
                kernel.clear();
                present = 0;
            }
            if value.is_finite() {
                present += 1;
                kernel.add(*value);
            }
            if kernel.is_unsure() && budget.spend(row + 1 - start, row as u64) {
                // Moved, since a variable that is borrowed by a call stays in memory in all rows.
                let mut unsure = kernel;
                unsure.restart(&|add| {
                    values[start..=row].iter().filter(|value| value.is_finite()).for_each(|value| add(*value))
                });
                kernel = unsure;
            }
            let periods = if kernel.counts_rows() { row + 1 - start } else { present as usize };
            answers.push(if periods < min_periods { f64::NAN } else { kernel.value(present) });
        }
        Some(answers)
    }

    #[inline(always)]
    fn answer(&mut self, value: impl Fn(usize) -> f64) -> f64 {
        self.answered += 1;
        if self.kernel.is_unsure() && self.budget.spend(self.end - self.start, self.answered) {
            let rows = self.start..self.end;
            self.kernel.restart(&|add| rows.clone().map(&value).filter(|value| value.is_finite()).for_each(&mut *add));
        }
        let periods = if self.kernel.counts_rows() { self.end - self.start } else { self.present as usize };
        if periods < self.min_periods { f64::NAN } else { self.kernel.value(self.present) }
    }

    /// Removes all rows; the next one is row 0.
    pub(super) fn restart(&mut self) {
        self.clear();
        (self.start, self.end) = (0, 0);
    }

    /// The first row inside.
    pub(super) fn first_row(&self) -> usize {
        self.start
    }

    /// Renumbers the rows so that the first row inside is row 0, and returns its old number.
    pub(super) fn renumber(&mut self) -> usize {
        let rows = std::mem::take(&mut self.start);
        self.end -= rows;
        rows
    }

    #[inline(always)]
    fn enter(&mut self, value: f64) {
        if value.is_finite() {
            self.present += 1;
            self.kernel.add(value);
        }
    }

    #[inline(always)]
    fn leave(&mut self, value: f64) {
        if value.is_finite() {
            self.present -= 1;
            self.kernel.remove(value);
        }
    }

    #[inline(always)]
    fn clear(&mut self) {
        self.kernel.clear();
        self.present = 0;
    }
}
