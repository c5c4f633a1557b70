//! Powers of two by which values are multiplied where sums of them would overflow.

/// A factor and its inverse, powers of two both: multiplying by them rounds nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    /// The factor of values.
    pub(super) down: f64,
    /// The factor of results.
    pub(super) up: f64,
}

impl Scale {
    /// For values of a common size.
    pub(super) const NONE: Self = Self::new(0);
    /// For sums of up to 2 to the power of 63 values of any size.
    pub(super) const SUMS: Self = Self::new(64);
    /// For sums of squares of up to 2 to the power of 63 values of any size.
    pub(super) const SQUARES: Self = Self::new(600);

    /// 2 to the power of `-power` and of `power`: floats of which only the exponent has bits.
    const fn new(power: u64) -> Self {
        Self { down: f64::from_bits((1023 - power) << 52), up: f64::from_bits((1023 + power) << 52) }
    }

    /// The scale in which the sum of values does not overflow, none of which is larger than `largest` in size.
    pub(super) fn for_sums(largest: f64) -> Self {
        if largest * Self::SUMS.up < f64::INFINITY { Self::NONE } else { Self::SUMS }
    }

    /// The scale in which the sum of the squares of such values does not overflow.
    pub(super) fn for_squares(largest: f64) -> Self {
        let sum = largest * largest * Self::SUMS.up * 4.0;
        if sum < f64::INFINITY { Self::NONE } else { Self::SQUARES }
    }
}
