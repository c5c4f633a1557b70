//! Sorting of rows by value and by id, in linear time (radix sort).

use super::id_numbers::IdNumbers;
use super::rows::{BlockAccess, Rows};

/// Sorts row numbers by the value of a measure, given by its place among those of the rows, NaN last; returns the number
/// of NaN rows. The sort is stable.
pub(super) fn sort_by_value(rows: &Rows, numbers: &mut [u32], measure: usize) -> usize {
    let Some(name) = rows.measures().names().nth(measure) else { return numbers.len() };
    let mut keys = Vec::with_capacity(numbers.len());
    rows.each_picked_part(numbers, BlockAccess::Passing, &mut |segment, places| {
        let values = segment.columns.get(measure, name);
        keys.extend(places.iter().map(|place| values.map_or(MISSING, |values| key_of_value(values[*place]))));
    });
    sort_by_keys(numbers, &[&keys]);
    keys.iter().filter(|key| **key == MISSING).count()
}

/// Sorts row numbers by the text of their id. The sort is stable.
pub(super) fn sort_by_id(rows: &Rows, numbers: &mut [u32]) {
    // Mostly distinct UUIDs are their own keys: a dictionary of them would take more memory than the rows.
    if rows.has_unique_uuids() {
        let (mut low, mut high) = (Vec::with_capacity(numbers.len()), Vec::with_capacity(numbers.len()));
        rows.each_picked_part(numbers, BlockAccess::Passing, &mut |segment, places| {
            for place in places {
                if let Some(uuid) = segment.ids.uuid(*place) {
                    let (first, last) = uuid.as_u64_pair();
                    high.push(first);
                    low.push(last);
                }
            }
        });
        if high.len() == numbers.len() {
            return sort_by_keys(numbers, &[&low, &high]);
        }
    }
    let mut known = IdNumbers::of_rows(numbers.len());
    let mut own = Vec::with_capacity(numbers.len());
    rows.each_picked_part(numbers, BlockAccess::Passing, &mut |segment, places| {
        known.add(&segment.ids, places.iter().copied(), &mut own)
    });
    let mut ranks = vec![0; known.end()];
    for (rank, number) in known.in_order().iter().enumerate() {
        ranks[*number as usize] = rank as u64;
    }
    let keys = own.into_iter().map(|number| ranks[number as usize]).collect();
    sort_by_keys(numbers, &[&keys]);
}

/// The key of a row without a value.
const MISSING: u64 = u64::MAX;

/// Maps a value to an integer that sorts as the value does.
fn key_of_value(value: f64) -> u64 {
    if value.is_nan() {
        return MISSING;
    }
    // Adding 0.0 turns -0.0 into 0.0: the two are equal.
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

const DIGIT_BITS: usize = 11;
const DIGITS: usize = 64_usize.div_ceil(DIGIT_BITS);

fn digit(key: u64, digit: usize) -> usize {
    (key >> (digit * DIGIT_BITS)) as usize & ((1 << DIGIT_BITS) - 1)
}

/// Sorts `numbers` by the keys at the same positions; the last list of `keys` is the most significant. Stable.
fn sort_by_keys(numbers: &mut [u32], keys: &[&Vec<u64>]) {
    let mut places: Vec<u32> = (0..numbers.len() as u32).collect();
    let mut moved = vec![0; numbers.len()];
    for keys in keys {
        let mut counts = vec![0u32; DIGITS << DIGIT_BITS];
        for key in *keys {
            for number in 0..DIGITS {
                counts[(number << DIGIT_BITS) + digit(*key, number)] += 1;
            }
        }
        // LSD radix sort: each pass is stable, so equal digits keep the order of the passes before.
        for (number, counts) in counts.chunks_mut(1 << DIGIT_BITS).enumerate() {
            if counts.iter().any(|count| *count as usize == keys.len()) {
                continue;
            }
            let mut start = 0;
            for count in counts.iter_mut() {
                start += std::mem::replace(count, start);
            }
            for place in &places {
                let next = &mut counts[digit(keys[*place as usize], number)];
                moved[*next as usize] = *place;
                *next += 1;
            }
            std::mem::swap(&mut places, &mut moved);
        }
    }
    for (moved, place) in moved.iter_mut().zip(&places) {
        *moved = numbers[*place as usize];
    }
    numbers.copy_from_slice(&moved);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_their_values() {
        let values = [f64::NEG_INFINITY, -1e300, -1.5, -f64::MIN_POSITIVE, 0.0, 1e-300, 1.0, 1e300, f64::INFINITY];
        assert!(values.windows(2).all(|pair| key_of_value(pair[0]) < key_of_value(pair[1])));
        assert_eq!(key_of_value(-0.0), key_of_value(0.0));
        assert!(key_of_value(f64::INFINITY) < key_of_value(f64::NAN));
    }

    #[test]
    fn the_sort_is_stable_and_later_keys_are_more_significant() {
        let low: Vec<u64> = (0..1000).map(|row| ((row * 7919 % 5) << 60) | (row * 31 % 3)).collect();
        let high: Vec<u64> = (0..1000).map(|row| row * 104_729 % 7).collect();
        let mut numbers: Vec<u32> = (0..1000).map(|row| row + 5000).collect();
        let mut expected = numbers.clone();
        expected.sort_by_key(|row| (high[*row as usize - 5000], low[*row as usize - 5000]));
        sort_by_keys(&mut numbers, &[&low, &high]);
        assert_eq!(numbers, expected);
    }
}
