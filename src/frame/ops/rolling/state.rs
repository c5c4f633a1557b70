//! What a window keeps of its rows, and its answer.

use std::collections::VecDeque;
use std::ops::Range;

use super::Window;
use super::extrema::{Extrema, Side};
use super::moments::Moments;
use super::order::Order;
use super::sums::Sum;
use crate::frame::ops::Agg;

/// The rows that are inside the window, and the aggregate of their values.
#[derive(Debug, Clone)]
pub(super) struct State {
    kernel: Kernel,
    min_periods: usize,
    present: usize,
    start: usize,
    end: usize,
}

impl State {
    pub(super) fn new(window: &Window) -> Self {
        Self { kernel: Kernel::new(window), min_periods: window.min_periods, present: 0, start: 0, end: 0 }
    }

    /// The first row inside and the first row after.
    pub(super) fn bounds(&self) -> (usize, usize) {
        (self.start, self.end)
    }

    /// Moves on to the rows `start..end` and answers for them. Neither end moves back.
    ///
    /// Rows leave before others enter, and a window that shares no row with the last starts afresh, because the digits
    /// of a sum depend on it.
    pub(super) fn slide(&mut self, start: usize, end: usize, value: impl Fn(usize) -> f64) -> f64 {
        if start >= self.end {
            self.kernel.clear();
            self.present = 0;
            self.end = start;
        } else {
            for row in self.start..start {
                let value = value(row);
                if !value.is_nan() {
                    self.present -= 1;
                    self.kernel.remove(value);
                }
            }
        }
        self.present += self.enter(self.end..end, &value);
        if self.kernel.is_unsure() {
            self.kernel.clear();
            self.present = self.enter(start..end, &value);
        }
        (self.start, self.end) = (start, end);
        self.answer()
    }

    /// Adds the present values of these rows and says how many there are.
    fn enter(&mut self, rows: Range<usize>, value: impl Fn(usize) -> f64) -> usize {
        let present = rows.map(value).filter(|value| !value.is_nan());
        present.map(|value| self.kernel.add(value)).count()
    }

    /// Calls row `rows` row 0 from now on.
    pub(super) fn renumber(&mut self, rows: usize) {
        self.start -= rows;
        self.end -= rows;
    }

    fn answer(&self) -> f64 {
        // A count asks for rows, every other aggregate for present values.
        let periods = if matches!(self.kernel, Kernel::Count) { self.end - self.start } else { self.present };
        if periods < self.min_periods { f64::NAN } else { self.kernel.value(self.present) }
    }
}

/// The aggregate of the present values: they enter at one end of the window and leave at the other.
#[derive(Debug, Clone)]
enum Kernel {
    Count,
    Sum(Sum),
    Mean(Sum),
    Variance(Moments, usize),
    Deviation(Moments, usize),
    Extrema(Extrema),
    Quantile(Order),
    First(VecDeque<f64>),
    Last(f64),
}

impl Kernel {
    fn new(window: &Window) -> Self {
        match window.agg {
            Agg::Sum => Self::Sum(Sum::default()),
            Agg::Mean => Self::Mean(Sum::default()),
            Agg::Var => Self::Variance(Moments::default(), window.ddof),
            Agg::Std => Self::Deviation(Moments::default(), window.ddof),
            Agg::Min => Self::Extrema(Extrema::new(Side::Min)),
            Agg::Max => Self::Extrema(Extrema::new(Side::Max)),
            Agg::Median => Self::Quantile(Order::new(window.quantile)),
            Agg::First => Self::First(VecDeque::new()),
            Agg::Last => Self::Last(f64::NAN),
            // Nunique is refused before it comes here.
            Agg::Count | Agg::Nunique => Self::Count,
        }
    }

    fn add(&mut self, value: f64) {
        match self {
            Self::Count => {}
            Self::Sum(sum) | Self::Mean(sum) => sum.add(value),
            Self::Variance(moments, _) | Self::Deviation(moments, _) => moments.add(value),
            Self::Extrema(extrema) => extrema.add(value),
            Self::Quantile(order) => order.add(value),
            Self::First(values) => values.push_back(value),
            Self::Last(last) => *last = value,
        }
    }

    /// Takes away the oldest value, which is `value`.
    fn remove(&mut self, value: f64) {
        match self {
            Self::Count | Self::Last(_) => {}
            Self::Sum(sum) | Self::Mean(sum) => sum.remove(value),
            Self::Variance(moments, _) | Self::Deviation(moments, _) => moments.remove(value),
            Self::Extrema(extrema) => extrema.remove(),
            Self::Quantile(order) => order.remove(),
            Self::First(values) => drop(values.pop_front()),
        }
    }

    /// Whether rounding has eaten so many digits that the values should enter an empty kernel anew.
    fn is_unsure(&self) -> bool {
        matches!(self, Self::Variance(moments, _) | Self::Deviation(moments, _) if moments.is_unsure())
    }

    fn clear(&mut self) {
        match self {
            Self::Count => {}
            Self::Sum(sum) | Self::Mean(sum) => *sum = Sum::default(),
            Self::Variance(moments, _) | Self::Deviation(moments, _) => *moments = Moments::default(),
            Self::Extrema(extrema) => extrema.clear(),
            Self::Quantile(order) => order.clear(),
            Self::First(values) => values.clear(),
            Self::Last(last) => *last = f64::NAN,
        }
    }

    /// The aggregate of `present` values.
    fn value(&self, present: usize) -> f64 {
        match self {
            Self::Count => present as f64,
            Self::Sum(sum) => sum.sum(present),
            Self::Mean(sum) => sum.mean(present),
            Self::Variance(moments, ddof) => moments.variance(*ddof),
            Self::Deviation(moments, ddof) => moments.variance(*ddof).sqrt(),
            Self::Extrema(extrema) => extrema.value(),
            Self::Quantile(order) => order.value(),
            Self::First(values) => values.front().copied().unwrap_or(f64::NAN),
            Self::Last(last) => {
                if present > 0 {
                    *last
                } else {
                    f64::NAN
                }
            }
        }
    }
}
