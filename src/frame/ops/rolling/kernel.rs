//! The aggregates of a window: one kernel each.

use std::collections::VecDeque;

use super::Window;
use super::extrema::Extrema;
use super::moments::Spread;
use super::order::Order;
use super::sums::{Mean, Sum};
use crate::frame::ops::Agg;

/// The aggregate of the present values of a window: they enter at one end and leave at the other.
pub(super) trait Kernel {
    /// Adds the newest value.
    fn add(&mut self, value: f64);

    /// Removes the oldest value, which is `value`.
    fn remove(&mut self, value: f64);

    /// Removes all values.
    fn clear(&mut self);

    /// The aggregate of the `present` values inside.
    fn value(&mut self, present: u32) -> f64;

    /// Whether rounding has lost too many digits or a number has overflowed, so that a [restart](Self::restart) helps.
    fn is_unsure(&self) -> bool {
        false
    }

    /// Replaces all values by these, which are the same ones.
    fn restart(&mut self, values: Values<'_>) {
        self.clear();
        values(&mut |value| self.add(value));
    }

    /// Whether `min_periods` counts the rows of a window instead of its present values.
    fn counts_rows(&self) -> bool {
        false
    }
}

/// Values, oldest first: calls a function with each.
pub(super) type Values<'a> = &'a dyn Fn(&mut dyn FnMut(f64));

/// The size of the largest value.
pub(super) fn largest(values: Values<'_>) -> f64 {
    let mut largest = 0.0_f64;
    values(&mut |value| largest = largest.max(value.abs()));
    largest
}

/// Work that is compiled for each kernel separately.
pub(super) trait WithKernel {
    /// The result of the work.
    type Answer;

    /// Does the work with an empty kernel.
    fn with(self, kernel: impl Kernel + 'static) -> Self::Answer;
}

/// Does the work with the kernel of the window: the only place that maps aggregates to kernels.
pub(super) fn with_kernel<W: WithKernel>(window: &Window, work: W) -> W::Answer {
    match window.agg {
        Agg::Sum => work.with(Sum::default()),
        Agg::Mean => work.with(Mean::default()),
        Agg::Var => work.with(Spread::new(window.ddof, |variance, _, up| variance * up * up)),
        Agg::Std => work.with(Spread::new(window.ddof, |variance, _, up| variance.sqrt() * up)),
        // As pandas 3 has it; pandas 2 divided by the root of the count less `ddof`.
        Agg::Sem => {
            work.with(Spread::new(window.ddof, |variance, count, up| variance.sqrt() / f64::from(count).sqrt() * up))
        }
        Agg::Min => work.with(Extrema::min()),
        Agg::Max => work.with(Extrema::max()),
        Agg::Median => work.with(Order::new(window.quantile)),
        Agg::First => work.with(First::default()),
        Agg::Last => work.with(Last::default()),
        // [`Window::check`] refuses Nunique before.
        Agg::Count | Agg::Nunique => work.with(Count),
    }
}

/// The number of values.
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
#[derive(Default)]
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
#[derive(Default)]
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
