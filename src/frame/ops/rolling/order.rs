//! Rolling median and quantiles: the values in order, in runs short enough to insert into.

use super::kernel::Kernel;
use super::{Interpolation, Quantile};

/// A full run is split in two. Moving half a run costs less than any pointer structure; finding the run makes the total
/// O(log w) a row. Tests split often.
const RUN: usize = if cfg!(test) { 8 } else { 256 };

/// The values of a window in rising order.
pub(super) struct Order {
    quantile: Quantile,
    /// Concatenated, they are all values in order; none is empty.
    runs: Vec<Vec<f64>>,
    len: usize,
    /// The run that held the last position, and the number of values before it. The position changes little from row to
    /// row, so the next one is near.
    run: usize,
    before: usize,
}

impl Order {
    pub(super) fn new(quantile: Quantile) -> Self {
        Self { quantile, runs: Vec::new(), len: 0, run: 0, before: 0 }
    }

    /// The first run that does not end below the value, or the last run.
    #[inline]
    fn run_of(&self, value: f64) -> usize {
        match self.runs.len() {
            0 | 1 => 0,
            runs => self.runs[..runs - 1].partition_point(|run| run.last().is_some_and(|last| *last < value)),
        }
    }

    fn split(&mut self, run: usize) {
        let upper = self.runs[run].split_off(RUN / 2);
        self.runs.insert(run + 1, upper);
        if run < self.run {
            self.run += 1;
        }
    }

    fn drop_run(&mut self, run: usize) {
        self.runs.remove(run);
        if run < self.run {
            self.run -= 1;
        }
        if self.run == self.runs.len() {
            (self.run, self.before) = (0, 0);
        }
    }

    /// The value at a position of the order, and the next value if there is one.
    #[inline]
    fn at(&mut self, place: usize) -> (f64, Option<f64>) {
        while place < self.before {
            self.run -= 1;
            self.before -= self.runs[self.run].len();
        }
        while place >= self.before + self.runs[self.run].len() {
            self.before += self.runs[self.run].len();
            self.run += 1;
        }
        let (run, place) = (&self.runs[self.run], place - self.before);
        let next = run.get(place + 1).or_else(|| self.runs.get(self.run + 1)?.first());
        (run[place], next.copied())
    }
}

impl Kernel for Order {
    fn add(&mut self, value: f64) {
        if self.runs.is_empty() {
            // Not with the capacity of a run: there may be an order for each of many keys.
            self.runs.push(Vec::new());
        }
        let run = self.run_of(value);
        let values = &mut self.runs[run];
        values.insert(values.partition_point(|other| *other < value), value);
        self.len += 1;
        self.before += usize::from(run < self.run);
        if self.runs[run].len() == RUN {
            self.split(run);
        }
    }

    fn remove(&mut self, value: f64) {
        let run = self.run_of(value);
        let values = &mut self.runs[run];
        values.remove(values.partition_point(|other| *other < value));
        self.len -= 1;
        self.before -= usize::from(run < self.run);
        if self.runs[run].is_empty() {
            self.drop_run(run);
        }
    }

    fn clear(&mut self) {
        *self = Self::new(self.quantile);
    }

    /// The quantile, missing if there are no values. Source: pandas `roll_quantile`.
    fn value(&mut self, _: u32) -> f64 {
        if self.len == 0 {
            return f64::NAN;
        }
        // The position of the quantile, with the fraction by which it lies between two values.
        let place = self.quantile.at * (self.len - 1) as f64;
        let fraction = place.fract();
        let (lower, higher) = self.at(place as usize);
        let Some(higher) = higher.filter(|_| fraction > 0.0) else { return lower };
        match self.quantile.interpolation {
            Interpolation::Linear => lower + (higher - lower) * fraction,
            Interpolation::Lower => lower,
            Interpolation::Higher => higher,
            Interpolation::Midpoint => (lower + higher) / 2.0,
            Interpolation::Nearest if fraction == 0.5 && place % 2.0 < 1.0 => lower,
            Interpolation::Nearest if fraction < 0.5 => lower,
            Interpolation::Nearest => higher,
        }
    }
}
