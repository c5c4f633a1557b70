//! What a window computes: one kernel for each aggregate.

use std::collections::VecDeque;
use std::fmt::Debug;

use super::Window;
use super::extrema::Extrema;
use super::moments::{Deviation, Variance};
use super::order::Order;
use super::state::State;
use super::sums::{Mean, Sum};
use crate::frame::ops::Agg;

/// The aggregate of the present values of a window: they enter at one end and leave at the other.
pub(super) trait Kernel: Debug {
    /// Lets the newest value in.
    fn add(&mut self, value: f64);

    /// Lets the oldest value out, which is `value`.
    fn remove(&mut self, value: f64);

    /// Lets all values out.
    fn clear(&mut self);

    /// The aggregate of the `present` values inside.
    fn value(&mut self, present: u32) -> f64;

    /// Whether rounding has eaten so many digits that the values should enter an empty kernel anew.
    fn is_unsure(&self) -> bool {
        false
    }

    /// Whether a window must hold `min_periods` rows, and not as many present values.
    fn counts_rows(&self) -> bool {
        false
    }
}

/// A kernel that is chosen while the program runs.
pub(super) trait AnyKernel: Kernel {
    /// The aggregates of the windows of all rows; `None` if a time falls.
    fn roll(self: Box<Self>, window: &Window, times: &[i64], values: &[f64]) -> Option<Vec<f64>>;
}

impl<K: Kernel> AnyKernel for K {
    fn roll(self: Box<Self>, window: &Window, times: &[i64], values: &[f64]) -> Option<Vec<f64>> {
        State::new(window, *self).roll(times, values)
    }
}

/// The kernel that the window asks for: the one place that knows which aggregate is which kernel.
pub(super) fn kernel(window: &Window) -> Box<dyn AnyKernel> {
    match window.agg {
        Agg::Sum => Box::new(Sum::default()),
        Agg::Mean => Box::new(Mean::default()),
        Agg::Var => Box::new(Variance::new(window.ddof)),
        Agg::Std => Box::new(Deviation::new(window.ddof)),
        Agg::Min => Box::new(Extrema::min()),
        Agg::Max => Box::new(Extrema::max()),
        Agg::Median => Box::new(Order::new(window.quantile)),
        Agg::First => Box::new(First::default()),
        Agg::Last => Box::new(Last::default()),
        // Nunique is refused before it comes here.
        Agg::Count | Agg::Nunique => Box::new(Count),
    }
}

impl Kernel for Box<dyn AnyKernel> {
    fn add(&mut self, value: f64) {
        (**self).add(value);
    }

    fn remove(&mut self, value: f64) {
        (**self).remove(value);
    }

    fn clear(&mut self) {
        (**self).clear();
    }

    fn value(&mut self, present: u32) -> f64 {
        (**self).value(present)
    }

    fn is_unsure(&self) -> bool {
        (**self).is_unsure()
    }

    fn counts_rows(&self) -> bool {
        (**self).counts_rows()
    }
}

/// How many values there are.
#[derive(Debug)]
struct Count;

impl Kernel for Count {
    fn add(&mut self, _: f64) {}

    fn remove(&mut self, _: f64) {}

    fn clear(&mut self) {}

    fn value(&mut self, present: u32) -> f64 {
        f64::from(present)
    }

    fn counts_rows(&self) -> bool {
        true
    }
}

/// The oldest value.
#[derive(Debug, Default)]
struct First(VecDeque<f64>);

impl Kernel for First {
    fn add(&mut self, value: f64) {
        self.0.push_back(value);
    }

    fn remove(&mut self, _: f64) {
        self.0.pop_front();
    }

    fn clear(&mut self) {
        self.0.clear();
    }

    fn value(&mut self, _: u32) -> f64 {
        self.0.front().copied().unwrap_or(f64::NAN)
    }
}

/// The newest value.
#[derive(Debug, Default)]
struct Last(f64);

impl Kernel for Last {
    fn add(&mut self, value: f64) {
        self.0 = value;
    }

    fn remove(&mut self, _: f64) {}

    fn clear(&mut self) {}

    fn value(&mut self, present: u32) -> f64 {
        if present > 0 { self.0 } else { f64::NAN }
    }
}
