//! Rows grouped by key.

use super::level::Level;
use super::numbering::NONE;
use super::slots::Slots;

/// Rows by key, and the groups of the result.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// For each row the slot in which it is aggregated.
    pub(super) of: Vec<u32>,
    /// The number of slots: one for each group, and some for rows of no group.
    pub(super) slots: usize,
    /// For each group its slot.
    pub(super) order: Vec<u32>,
    /// For each level, the rank that each group has there.
    pub(super) codes: Vec<Vec<u32>>,
}

/// The items in the order of their keys, all below `keys`; items of one key keep their order.
fn counting_sort(items: &[u32], keys: usize, key: impl Fn(u32) -> usize) -> Vec<u32> {
    let mut next = vec![0; keys + 1];
    items.iter().for_each(|item| next[key(*item) + 1] += 1);
    (0..keys).for_each(|key| next[key + 1] += next[key]);
    let mut sorted = vec![0; items.len()];
    for item in items {
        let place = &mut next[key(*item)];
        sorted[*place] = *item;
        *place += 1;
    }
    sorted
}

impl Groups {
    /// The groups of rows whose keys all have a rank, in the order of their ranks if `sort`, else of appearance.
    pub(super) fn new(slots: Slots, levels: &[&Level], sort: bool) -> Self {
        let rank = |slot: u32, level: usize| levels[level].ranks[slots.codes[level][slot as usize] as usize];
        let has_group = |slot: &u32| {
            slots.firsts[*slot as usize] != NONE && (0..levels.len()).all(|level| rank(*slot, level) != NONE)
        };
        let mut order: Vec<u32> = (0..slots.firsts.len() as u32).filter(has_group).collect();
        if sort {
            // Stably by each level, the innermost first.
            for (place, level) in levels.iter().enumerate().rev() {
                order = counting_sort(&order, level.values.len(), |slot| rank(slot, place) as usize);
            }
        } else {
            order.sort_unstable_by_key(|slot| slots.firsts[*slot as usize]);
        }
        let codes = (0..levels.len()).map(|level| order.iter().map(|slot| rank(*slot, level)).collect()).collect();
        Self { slots: slots.firsts.len(), of: slots.of, order, codes }
    }

    /// The number of groups.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// The results of the slots, in the order of the groups.
    pub(super) fn ordered<T: Clone>(&self, slots: &[T]) -> Vec<T> {
        self.order.iter().map(|slot| slots[*slot as usize].clone()).collect()
    }

    /// The ranks of a group.
    pub(super) fn tuple(&self, group: usize) -> Vec<u32> {
        self.codes.iter().map(|codes| codes[group]).collect()
    }

    /// The rows of each slot, side by side: those of slot `s` are `rows[starts[s]..starts[s + 1]]`.
    pub(super) fn members(&self) -> (Vec<usize>, Vec<u32>) {
        let mut starts = vec![0; self.slots + 1];
        self.of.iter().for_each(|slot| starts[*slot as usize + 1] += 1);
        for slot in 0..self.slots {
            starts[slot + 1] += starts[slot];
        }
        let (mut next, mut rows) = (starts.clone(), vec![0; starts[self.slots]]);
        for (row, slot) in self.of.iter().enumerate() {
            rows[next[*slot as usize]] = row as u32;
            next[*slot as usize] += 1;
        }
        (starts, rows)
    }
}
