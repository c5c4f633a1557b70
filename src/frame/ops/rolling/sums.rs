//! Rolling sum and mean: updated in O(1) a row, digit for digit as pandas does.
//!
//! Source: pandas `_libs/window/aggregations.pyx`, `roll_sum` and `roll_mean`. Adding and removing have a compensation
//! each, and the mean of a window of equal values is that value, the sum a multiple of it.
//!
//! Otherwise than in pandas, a value far larger than the rest leaves nothing behind: once it has left and its rounding
//! errors would show, or the sum has overflowed, the values of the window are added anew. So an endless stream recovers,
//! and its latest batch and a query over any part of it agree. While the window holds such a value, digits are pandas'
//! unless its sums might overflow.

use super::kernel::{Kernel, Values, largest};
use crate::frame::ops::kahan::{kahan, two_sum};
use crate::frame::ops::scale::Scale;

/// The most recent run of equal values.
///
/// When it is at least as long as the window, the window holds no other value, and the result needs no rounding.
#[derive(Default)]
struct Streak {
    value: f64,
    len: u32,
}

impl Streak {
    #[inline(always)]
    fn add(&mut self, value: f64) {
        if value != self.value {
            *self = Self { value, len: 0 };
        }
        self.len += 1;
    }

    #[inline(always)]
    fn fills(&self, count: u32) -> bool {
        self.len >= count
    }
}

/// 1 for a negative value, else 0.
#[inline(always)]
fn sign(value: f64) -> u32 {
    (value.to_bits() >> 63) as u32
}

/// A Kahan-compensated sum from which values are removed as well.
pub(super) struct Sum {
    /// The sum of the values times `scale`.
    sum: f64,
    lost_adding: f64,
    lost_removing: f64,
    /// The largest size that the sum has had since it was empty or restarted, and that of the values it was restarted
    /// with: its errors are of the last digits of that.
    peak: f64,
    scale: Scale,
    streak: Streak,
}

impl Sum {
    /// How many times larger the sum may have been: two million, which leaves nine digits.
    const SHRINKING: f64 = (1 << 21) as f64;

    /// For each value that is added. Removing one needs none: its size was noted when it came, by itself or in the sum.
    #[inline(always)]
    fn note_size(&mut self) {
        let size = self.sum.abs();
        if size > self.peak {
            self.peak = size;
        }
    }
}

impl Default for Sum {
    fn default() -> Self {
        Self {
            sum: 0.0,
            lost_adding: 0.0,
            lost_removing: 0.0,
            peak: 0.0,
            scale: Scale::NONE,
            streak: Streak::default(),
        }
    }
}

impl Kernel for Sum {
    #[inline(always)]
    fn add(&mut self, value: f64) {
        (self.sum, self.lost_adding) = kahan(self.sum, value * self.scale.down, self.lost_adding);
        self.note_size();
        self.streak.add(value);
    }

    #[inline(always)]
    fn remove(&mut self, value: f64) {
        (self.sum, self.lost_removing) = kahan(self.sum, -value * self.scale.down, self.lost_removing);
    }

    #[inline(always)]
    fn clear(&mut self) {
        *self = Self::default();
    }

    fn restart(&mut self, values: Values<'_>) {
        let largest = largest(values);
        let scale = Scale::for_sums(largest);
        let is_scaled = self.scale != Scale::NONE || scale != Scale::NONE;
        if !is_scaled && largest * Self::SHRINKING >= self.peak {
            return;
        }
        *self = Self { scale, ..Self::default() };
        // With the errors of all steps, since a window may hold huge values that cancel.
        let mut errors = 0.0;
        values(&mut |value| {
            let (sum, error) = two_sum(self.sum, value * self.scale.down);
            (self.sum, errors) = (sum, errors + error);
            self.streak.add(value);
        });
        (self.sum, self.lost_adding) = kahan(self.sum, errors, 0.0);
        // Values that cancel are found by their size once they leave one by one.
        self.peak = self.sum.abs().max(largest * self.scale.down);
    }

    /// Whether rounding errors show, or the sum has overflowed: an overflowed sum is infinite or not a number.
    #[inline(always)]
    fn is_unsure(&self) -> bool {
        // The difference of infinities is not a number.
        let is_sure = self.sum.abs() * Self::SHRINKING - self.peak >= 0.0;
        !is_sure
    }

    /// The sum; zero if there are no values.
    #[inline(always)]
    fn value(&mut self, present: u32) -> f64 {
        match present {
            0 => 0.0,
            _ if self.streak.fills(present) => self.streak.value * f64::from(present),
            _ => self.sum * self.scale.up,
        }
    }
}

/// The mean, from the sum.
#[derive(Default)]
pub(super) struct Mean {
    sum: Sum,
    negatives: u32,
}

impl Kernel for Mean {
    #[inline(always)]
    fn add(&mut self, value: f64) {
        self.sum.add(value);
        self.negatives += sign(value);
    }

    #[inline(always)]
    fn remove(&mut self, value: f64) {
        self.sum.remove(value);
        self.negatives -= sign(value);
    }

    #[inline(always)]
    fn clear(&mut self) {
        *self = Self::default();
    }

    fn restart(&mut self, values: Values<'_>) {
        self.sum.restart(values);
        self.negatives = 0;
        values(&mut |value| self.negatives += sign(value));
    }

    #[inline(always)]
    fn is_unsure(&self) -> bool {
        self.sum.is_unsure()
    }

    /// The mean; missing if there are no values. A mean of a sign that no value has is a rounding error: zero.
    #[inline(always)]
    fn value(&mut self, present: u32) -> f64 {
        let mean = self.sum.sum / f64::from(present) * self.sum.scale.up;
        match present {
            0 => f64::NAN,
            _ if self.sum.streak.fills(present) => self.sum.streak.value,
            _ if self.negatives == 0 && mean < 0.0 || self.negatives == present && mean > 0.0 => 0.0,
            _ => mean,
        }
    }
}
