//! Rolling sum and mean: carried along in O(1) a row, digit for digit as pandas carries them.
//!
//! Source: pandas `_libs/window/aggregations.pyx`, `roll_sum` and `roll_mean`. Adding and removing have a compensation
//! of their own, and a window whose last values are all one number answers that number.

use crate::frame::ops::kahan::kahan;

/// The equal values that entered last.
///
/// When there are at least as many of them as values in the window, the window holds nothing else, and the answer needs
/// no rounding.
#[derive(Debug, Clone, Default)]
struct Streak {
    value: f64,
    len: usize,
}

impl Streak {
    fn add(&mut self, value: f64) {
        self.len = if self.len > 0 && value == self.value { self.len + 1 } else { 1 };
        self.value = value;
    }

    fn fills(&self, count: usize) -> bool {
        self.len >= count
    }
}

/// A Kahan-compensated sum that values also leave.
#[derive(Debug, Clone, Default)]
pub(super) struct Sum {
    sum: f64,
    lost_adding: f64,
    lost_removing: f64,
    negatives: usize,
    streak: Streak,
}

impl Sum {
    pub(super) fn add(&mut self, value: f64) {
        (self.sum, self.lost_adding) = kahan(self.sum, value, self.lost_adding);
        self.negatives += usize::from(value.is_sign_negative());
        self.streak.add(value);
    }

    pub(super) fn remove(&mut self, value: f64) {
        (self.sum, self.lost_removing) = kahan(self.sum, -value, self.lost_removing);
        self.negatives -= usize::from(value.is_sign_negative());
    }

    /// The sum of `count` values; zero if there are none.
    pub(super) fn sum(&self, count: usize) -> f64 {
        match count {
            0 => 0.0,
            _ if self.streak.fills(count) => self.streak.value * count as f64,
            _ => self.sum,
        }
    }

    /// The mean of `count` values; missing if there are none. A mean whose sign no value has is rounding: zero.
    pub(super) fn mean(&self, count: usize) -> f64 {
        let mean = self.sum / count as f64;
        match count {
            0 => f64::NAN,
            _ if self.streak.fills(count) => self.streak.value,
            _ if self.negatives == 0 && mean < 0.0 || self.negatives == count && mean > 0.0 => 0.0,
            _ => mean,
        }
    }
}
