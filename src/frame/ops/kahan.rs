//! Sums and their rounding errors.

/// The sum with one more value, and the rounding error of this step, to be passed to the next.
///
/// Source: Kahan, "Further remarks on reducing truncation errors", 1965; pandas uses it in rolling and in groups.
pub(super) fn kahan(sum: f64, value: f64, lost: f64) -> (f64, f64) {
    let rest = value - lost;
    let next = sum + rest;
    (next, next - sum - rest)
}

/// The sum of two numbers and what is missing to the exact sum, whichever of them is larger.
///
/// Source: Knuth, "The art of computer programming", volume 2, 4.2.2.
pub(super) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let moved = sum - a;
    (sum, (a - (sum - moved)) + (b - moved))
}
