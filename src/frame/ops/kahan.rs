//! Compensated summation.

/// The sum with one more value, and the rounding error of this step, to be passed to the next.
///
/// Source: Kahan, "Further remarks on reducing truncation errors", 1965; pandas uses it in rolling and in groups.
pub(super) fn kahan(sum: f64, value: f64, lost: f64) -> (f64, f64) {
    let rest = value - lost;
    let next = sum + rest;
    (next, next - sum - rest)
}
