//! Which rows of the history are those of a batch.

use std::ops::Range;

/// Pairs the rows of a batch with those of the history, newest first: each row of the history from the last to number
/// 0, and the row of the batch that it is, if it is one.
///
/// Rows of one instant are in order of arrival, and a batch arrives after what the history held before, so both are
/// read backwards. `is_same` compares a row of the history with a row of the batch: instant, values to the bit, and id.
pub fn match_batch(
    history_rows: usize,
    batch: Range<usize>,
    is_same: impl Fn(usize, usize) -> bool,
) -> impl Iterator<Item = (usize, Option<usize>)> {
    let mut left = batch;
    (0..history_rows).rev().map(move |row| {
        let own = left.end.checked_sub(1).filter(|own| *own >= left.start && is_same(row, *own));
        left.end = own.unwrap_or(left.end);
        (row, own)
    })
}

#[cfg(test)]
mod tests {
    use super::match_batch;

    #[test]
    fn equal_rows_from_before_the_batch_are_not_the_batchs() {
        let (history, batch) = ([1, 2, 2, 3, 2], [2, 3, 2]);
        let pairs: Vec<_> = match_batch(5, 0..3, |row, own| history[row] == batch[own]).collect();
        assert_eq!(pairs, [(4, Some(2)), (3, Some(1)), (2, Some(0)), (1, None), (0, None)]);
    }

    #[test]
    fn rows_between_those_of_the_batch_are_passed_over() {
        let (history, batch) = ([1, 9, 2, 9], [1, 2]);
        let pairs: Vec<_> = match_batch(4, 0..2, |row, own| history[row] == batch[own]).collect();
        assert_eq!(pairs, [(3, None), (2, Some(1)), (1, None), (0, Some(0))]);
    }
}
