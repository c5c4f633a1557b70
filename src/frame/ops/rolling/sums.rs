//! Rolling sum and mean: updated in O(1) a row, digit for digit as pandas does.
//!
//! Source: pandas `_libs/window/aggregations.pyx`, `roll_sum` and `roll_mean`. Adding and removing have a compensation
//! each, and the mean of a window of equal values is that value, the sum a multiple of it.

use super::kernel::Kernel;
use crate::frame::ops::kahan::kahan;

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
#[derive(Default)]
pub(super) struct Sum {
    sum: f64,
    lost_adding: f64,
    lost_removing: f64,
    streak: Streak,
}

impl Kernel for Sum {
    #[inline(always)]
    fn add(&mut self, value: f64) {
        (self.sum, self.lost_adding) = kahan(self.sum, value, self.lost_adding);
        self.streak.add(value);
    }

    #[inline(always)]
    fn remove(&mut self, value: f64) {
        (self.sum, self.lost_removing) = kahan(self.sum, -value, self.lost_removing);
    }

    #[inline(always)]
    fn clear(&mut self) {
        *self = Self::default();
    }

    /// The sum; zero if there are no values.
    #[inline(always)]
    fn value(&mut self, present: u32) -> f64 {
        match present {
            0 => 0.0,
            _ if self.streak.fills(present) => self.streak.value * f64::from(present),
            _ => self.sum,
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

    /// The mean; missing if there are no values. A mean of a sign that no value has is a rounding error: zero.
    #[inline(always)]
    fn value(&mut self, present: u32) -> f64 {
        let mean = self.sum.sum / f64::from(present);
        match present {
            0 => f64::NAN,
            _ if self.sum.streak.fills(present) => self.sum.streak.value,
            _ if self.negatives == 0 && mean < 0.0 || self.negatives == present && mean > 0.0 => 0.0,
            _ => mean,
        }
    }
}
