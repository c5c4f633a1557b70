//! Rows grouped by the values of several keys at once.

use super::numbering::{NONE, Numbering, number, number_small};

/// Items that share the same code in every level.
#[derive(Debug, Clone, Default)]
pub(super) struct Groups {
    /// For each item its group, or [`NONE`].
    pub(super) of: Vec<u32>,
    /// For each level, the code that each group has there.
    pub(super) codes: Vec<Vec<u32>>,
    /// How many groups there are.
    pub(super) len: usize,
}

impl Groups {
    /// Groups items by their codes; an item with [`NONE`] among its codes belongs to no group.
    ///
    /// Groups come in the order of their codes if `sort`, else in order of appearance.
    pub(super) fn new(levels: &[&[u32]], sort: bool) -> Self {
        if let ([codes], true) = (levels, sort) {
            return Self::of_one(codes);
        }
        let mut numbering = number_tuples(levels);
        if sort {
            let tuple = |item: u32| levels.iter().map(move |codes| codes[item as usize]);
            numbering = numbering.sorted(|firsts| firsts.sort_by(|a, b| tuple(*a).cmp(tuple(*b))));
        }
        let Numbering { codes: of, firsts } = numbering;
        let codes = levels.iter().map(|codes| firsts.iter().map(|first| codes[*first as usize]).collect()).collect();
        Self { of, codes, len: firsts.len() }
    }

    /// Groups by the codes of one level, in their order: nothing is compared or hashed.
    fn of_one(codes: &[u32]) -> Self {
        let present = codes.iter().filter(|code| **code != NONE);
        let mut ranks = vec![NONE; present.clone().max().map_or(0, |code| *code as usize + 1)];
        present.for_each(|code| ranks[*code as usize] = 0);
        let occurring: Vec<u32> = (0..ranks.len() as u32).filter(|code| ranks[*code as usize] == 0).collect();
        occurring.iter().enumerate().for_each(|(rank, code)| ranks[*code as usize] = rank as u32);
        let of = codes.iter().map(|code| ranks.get(*code as usize).copied().unwrap_or(NONE)).collect();
        Self { of, len: occurring.len(), codes: vec![occurring] }
    }

    /// The codes of a group.
    pub(super) fn tuple(&self, group: usize) -> Vec<u32> {
        self.codes.iter().map(|codes| codes[group]).collect()
    }

    /// The rows of each group, side by side: those of group `g` are `rows[starts[g]..starts[g + 1]]`.
    pub(super) fn members(&self) -> (Vec<usize>, Vec<u32>) {
        let mut starts = vec![0; self.len + 1];
        let grouped = || self.of.iter().enumerate().filter(|(_, group)| **group != NONE);
        grouped().for_each(|(_, group)| starts[*group as usize + 1] += 1);
        for group in 0..self.len {
            starts[group + 1] += starts[group];
        }
        let (mut next, mut rows) = (starts.clone(), vec![0; starts[self.len]]);
        for (row, group) in grouped() {
            rows[next[*group as usize]] = row as u32;
            next[*group as usize] += 1;
        }
        (starts, rows)
    }
}

/// Numbers the tuples of codes, level by level, so that two codes are all that is ever hashed.
fn number_tuples(levels: &[&[u32]]) -> Numbering {
    let Some((first, rest)) = levels.split_first() else { return Numbering::default() };
    let present = |code: &u32| (*code != NONE).then_some(*code);
    let limit = first.iter().filter_map(present).max().map_or(0, |code| code as usize + 1);
    let start = number_small(first.iter().map(present), limit);
    rest.iter().fold(start, |numbered, level| {
        number(
            numbered
                .codes
                .iter()
                .zip(*level)
                .map(|(a, b)| (*a != NONE && *b != NONE).then_some(u64::from(*a) << 32 | u64::from(*b))),
        )
    })
}
