//! The progress of an export: it is streamed, and its length is not known before it ends.

/// The share of all rows, from 0 to 1.
#[must_use]
pub fn share_of(rows: u64, total: u64) -> f64 {
    rows as f64 / total.max(rows).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::share_of;

    #[test]
    fn a_share_is_at_most_one() {
        assert_eq!([share_of(5, 10), share_of(11, 10), share_of(0, 0)], [0.5, 1.0, 0.0]);
    }
}
