//! Rolling variance: Welford's method, which detects when it has lost too many digits.

use super::kernel::{Kernel, Values, largest};
use crate::frame::ops::scale::Scale;

/// The mean of the values and the sum of their squared distances from it; values are removed as well.
///
/// pandas updates the same two numbers and restarts when they become uncertain. Here each step adds its possible
/// rounding error to `noise`, and the window [restarts](Self::is_unsure) when that shows in the eleventh digit: seldom,
/// unless values far larger than the rest have left. Values are taken less the first one, so a large offset costs no
/// digits; when squares overflow, the values are scaled down.
struct Moments {
    scale: Scale,
    count: u32,
    offset: f64,
    mean: f64,
    squares: f64,
    /// The possible rounding errors of `squares`, in units of the last digit of 1.
    noise: f64,
}

impl Moments {
    /// Where the eleventh digit of the squares is uncertain, in units of the last one.
    const TOLERANCE: f64 = 1e-11 / f64::EPSILON;

    fn new(scale: Scale) -> Self {
        Self { scale, count: 0, offset: 0.0, mean: 0.0, squares: 0.0, noise: 0.0 }
    }

    #[inline(always)]
    fn add(&mut self, value: f64) {
        let value = value * self.scale.down;
        if self.count == 0 {
            *self = Self { offset: value, ..Self::new(self.scale) };
        }
        self.count += 1;
        let value = value - self.offset;
        let distance = value - self.mean;
        self.mean += distance / f64::from(self.count);
        self.squares += distance * (value - self.mean);
        self.noise += self.squares + (value * distance).abs();
    }

    #[inline(always)]
    fn remove(&mut self, value: f64) {
        if self.count == 1 {
            *self = Self::new(Scale::NONE);
            return;
        }
        self.count -= 1;
        let value = value * self.scale.down - self.offset;
        let distance = value - self.mean;
        self.noise += self.squares + (value * distance).abs();
        self.mean -= distance / f64::from(self.count);
        self.squares -= distance * (value - self.mean);
    }

    /// Whether the values should be added again to an empty accumulator.
    #[inline(always)]
    fn is_unsure(&self) -> bool {
        // Squares that have overflowed are infinite or not numbers, and so is their noise; the difference of infinities
        // is not a number.
        let is_sure = Self::TOLERANCE * self.squares - self.noise >= 0.0;
        self.count > 1 && !is_sure
    }

    /// The variance of the scaled values, missing unless there are more than `ddof` values.
    #[inline(always)]
    fn variance(&self, ddof: u32) -> f64 {
        match self.count {
            count if count <= ddof => f64::NAN,
            1 => 0.0,
            count => self.squares / f64::from(count - ddof),
        }
    }
}

/// An aggregate made of the variance and the number of values.
pub(super) struct Spread<F> {
    moments: Moments,
    ddof: u32,
    finish: F,
}

impl<F: Fn(f64, u32, f64) -> f64> Spread<F> {
    /// `finish` makes the aggregate of the variance of scaled values, their number and the factor back to their size.
    pub(super) fn new(ddof: u32, finish: F) -> Self {
        Self { moments: Moments::new(Scale::NONE), ddof, finish }
    }
}

impl<F: Fn(f64, u32, f64) -> f64> Kernel for Spread<F> {
    #[inline(always)]
    fn add(&mut self, value: f64) {
        self.moments.add(value);
    }

    #[inline(always)]
    fn remove(&mut self, value: f64) {
        self.moments.remove(value);
    }

    #[inline(always)]
    fn clear(&mut self) {
        self.moments = Moments::new(Scale::NONE);
    }

    fn restart(&mut self, values: Values<'_>) {
        self.moments = Moments::new(Scale::for_squares(largest(values)));
        values(&mut |value| self.moments.add(value));
    }

    #[inline(always)]
    fn value(&mut self, _: u32) -> f64 {
        (self.finish)(self.moments.variance(self.ddof), self.moments.count, self.moments.scale.up)
    }

    #[inline(always)]
    fn is_unsure(&self) -> bool {
        self.moments.is_unsure()
    }
}
