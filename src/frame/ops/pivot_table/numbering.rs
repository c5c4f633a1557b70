//! Numbers for values: equal values get the same number.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use crate::frame::{Column, FrameError, NAT, Strings};

/// No number: the row has no value.
pub(super) const NONE: u32 = u32::MAX;

/// Rows numbered by their value, in order of appearance or sorted.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    /// For each row the number of its value, or [`NONE`].
    pub(super) codes: Vec<u32>,
    /// For each number the row where it first occurs.
    pub(super) firsts: Vec<u32>,
}

impl Numbering {
    /// Renumbers, so that the rows where values first occur are in the order that `sort` gives them.
    pub(super) fn sorted(mut self, sort: impl FnOnce(&mut [u32])) -> Self {
        let unsorted = self.firsts.clone();
        sort(&mut self.firsts);
        if self.firsts != unsorted {
            let mut ranks = vec![NONE; unsorted.len()];
            for (rank, first) in self.firsts.iter().enumerate() {
                ranks[self.codes[*first as usize] as usize] = rank as u32;
            }
            self.codes.iter_mut().filter(|code| **code != NONE).for_each(|code| *code = ranks[*code as usize]);
        }
        self
    }
}

/// Numbers the values of a column that is not a view.
///
/// # Errors
/// [`FrameError::DtypeMismatch`] for a column of several types.
pub(super) fn number_column(name: &str, column: &Column, keep_missing: bool) -> Result<Numbering, FrameError> {
    Ok(match column {
        Column::Datetime(times) => number(times.iter().map(|time| (keep_missing || *time != NAT).then_some(*time))),
        Column::Int(values) => number(values.iter().copied().map(Some)),
        Column::Bool(values) => number(values.iter().copied().map(Some)),
        Column::Float(values) => number(values.iter().map(|value| match value {
            value if value.is_nan() => keep_missing.then_some(f64::NAN.to_bits()),
            // One key for both zeros.
            value => Some((value + 0.0).to_bits()),
        })),
        Column::String(strings) => number_strings(strings, keep_missing),
        _ => {
            let (column, found) = (name.to_owned(), column.dtype());
            return Err(FrameError::DtypeMismatch { column, expected: "values of one type", found });
        }
    })
}

/// Numbers texts.
pub(super) fn number_strings(strings: &Strings, keep_missing: bool) -> Numbering {
    match strings {
        Strings::Uuids(uuids) => number(uuids.iter().map(|uuid| Some(uuid.as_u128()))),
        Strings::Dictionary { codes, categories } => {
            let code = |code: &u32| (*code != Strings::MISSING || keep_missing).then_some(*code);
            // A table of all categories is faster than hashing, unless these rows use few of them.
            if categories.len() <= 4 * codes.len() {
                number_small(codes.iter().map(code), categories.len())
            } else {
                // As wide as UUIDs, so that both share one compiled function.
                number(codes.iter().map(|key| code(key).map(u128::from)))
            }
        }
    }
}

/// Numbers keys of any kind.
pub(super) fn number<K: Hash + Eq>(keys: impl ExactSizeIterator<Item = Option<K>>) -> Numbering {
    let mut numbers = FxHashMap::with_capacity_and_hasher(keys.len().min(1 << 16), Default::default());
    let mut firsts = Vec::new();
    let code = |(row, key): (usize, Option<K>)| {
        let Some(key) = key else { return NONE };
        *numbers.entry(key).or_insert_with(|| {
            firsts.push(row as u32);
            firsts.len() as u32 - 1
        })
    };
    let codes = keys.enumerate().map(code).collect();
    Numbering { codes, firsts }
}

/// Numbers keys below `limit`, and [`NONE`] as one more.
pub(super) fn number_small(keys: impl Iterator<Item = Option<u32>>, limit: usize) -> Numbering {
    let mut numbers = vec![NONE; limit + 1];
    let mut firsts = Vec::new();
    let code = |(row, key): (usize, Option<u32>)| {
        let Some(key) = key else { return NONE };
        let number = &mut numbers[(key as usize).min(limit)];
        if *number == NONE {
            *number = firsts.len() as u32;
            firsts.push(row as u32);
        }
        *number
    };
    let codes = keys.enumerate().map(code).collect();
    Numbering { codes, firsts }
}

/// Numbers the tuples of codes that items have, one code of each level; an item with [`NONE`] among them has no number.
pub(super) fn number_tuples(levels: &[&[u32]]) -> Numbering {
    let Some((first, rest)) = levels.split_first() else { return Numbering::default() };
    let present = |code: &u32| (*code != NONE).then_some(*code);
    let limit = first.iter().filter_map(present).max().map_or(0, |code| code as usize + 1);
    let start = number_small(first.iter().map(present), limit);
    rest.iter().fold(start, |numbered, level| {
        let pair = |(a, b): (&u32, &u32)| (*a != NONE && *b != NONE).then_some(u64::from(*a) << 32 | u64::from(*b));
        number(numbered.codes.iter().zip(*level).map(pair))
    })
}
