//! Rows grouped by their keys, before the groups are ordered.

use super::numbering::{NONE, Numbering, number_tuples};

/// Rows by the codes of their keys.
#[derive(Debug)]
pub(super) struct Slots {
    /// For each row its slot.
    pub(super) of: Vec<u32>,
    /// For each slot the first row in it, or [`NONE`].
    pub(super) firsts: Vec<u32>,
    /// For each key, the code that the rows of each slot have there; a missing key has the number of codes as its code.
    pub(super) codes: Vec<Vec<u32>>,
}

impl Slots {
    /// Puts `rows` rows into slots by keys, each with the codes of the rows and the number of codes.
    ///
    /// If there are not many more combinations than rows, the slot is computed from the codes; otherwise combinations
    /// are looked up in a hash table.
    pub(super) fn new(rows: usize, keys: &[(&[u32], usize)]) -> Self {
        let combinations = keys.iter().try_fold(1_usize, |product, (_, count)| product.checked_mul(count + 1));
        match combinations.filter(|combinations| *combinations <= 4096 + 2 * rows) {
            Some(combinations) => Self::computed(rows, keys, combinations),
            None => Self::numbered(keys),
        }
    }

    fn computed(rows: usize, keys: &[(&[u32], usize)], combinations: usize) -> Self {
        // Rows per pass, few enough that their slots are still in the cache for the next step.
        const BLOCK: usize = 4096;
        if keys.is_empty() {
            return Self { of: Vec::new(), firsts: Vec::new(), codes: Vec::new() };
        }
        let mut of = vec![0; rows];
        let mut firsts = vec![NONE; combinations];
        // Backwards, so that the first row of a slot is written last and no check is needed.
        for start in (0..rows).step_by(BLOCK).rev() {
            let end = rows.min(start + BLOCK);
            let slots = &mut of[start..end];
            for (codes, count) in keys {
                let missing = *count as u32;
                for (slot, code) in slots.iter_mut().zip(&codes[start..end]) {
                    *slot = *slot * (missing + 1) + (*code).min(missing);
                }
            }
            (start as u32..end as u32).zip(slots).rev().for_each(|(row, slot)| firsts[*slot as usize] = row);
        }
        let mut run = combinations;
        let codes = keys.iter().map(|(_, count)| {
            run /= count + 1;
            (0..combinations).map(|slot| (slot / run % (count + 1)) as u32).collect()
        });
        Self { codes: codes.collect(), of, firsts }
    }

    fn numbered(keys: &[(&[u32], usize)]) -> Self {
        let clamped: Vec<Vec<u32>> =
            keys.iter().map(|(codes, count)| codes.iter().map(|code| (*code).min(*count as u32)).collect()).collect();
        let levels: Vec<&[u32]> = clamped.iter().map(|codes| &**codes).collect();
        let Numbering { codes: of, firsts } = number_tuples(&levels);
        let codes = levels.iter().map(|codes| firsts.iter().map(|first| codes[*first as usize]).collect()).collect();
        Self { of, firsts, codes }
    }
}
