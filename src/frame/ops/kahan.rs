//! Compensated adding.

/// The sum with one more value, and what this step lost to rounding, to be handed to the next.
///
/// Source: Kahan, "Further remarks on reducing truncation errors", 1965; pandas adds so in rolling and in groups.
pub(super) fn kahan(sum: f64, value: f64, lost: f64) -> (f64, f64) {
    let rest = value - lost;
    let next = sum + rest;
    (next, next - sum - rest)
}
