//! Numbers for ids: rows are put together by a number, not by a text.

use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

use super::ids::Ids;
use crate::pipeline::Id;

/// The ids of some rows, or those of an interval of ids, numbered in order of first occurrence.
#[derive(Debug, Clone, Default)]
pub(super) struct IdNumbers {
    /// The id of each number from 1 on.
    ids: Vec<Id>,
    /// The numbers, found by the hash of their id: no id is kept twice.
    numbers: HashTable<u32>,
    /// The numbers in runs, each in the order of the ids' texts.
    runs: Vec<u32>,
    /// Only ids greater than this one have a number of their own,
    after: Option<Id>,
    /// and up to this one.
    until: Option<Id>,
    /// The list that the last rows shared, and the numbers of its ids, as far as they were needed.
    list: Option<Arc<Vec<Id>>>,
    of_list: Vec<Option<u32>>,
    /// The rows that are expected, about.
    rows: usize,
}

impl IdNumbers {
    /// No ids, of about so many rows.
    pub(super) fn of_rows(rows: usize) -> Self {
        Self { rows, ..Self::default() }
    }

    /// The number of ids outside the interval.
    pub(super) const OTHERS: u32 = 0;

    /// The number after the last one.
    pub(super) fn end(&self) -> usize {
        self.ids.len() + 1
    }

    /// The id of a number that is not [`Self::OTHERS`].
    pub(super) fn id(&self, number: u32) -> &Id {
        &self.ids[number as usize - 1]
    }

    /// The numbers that ids have, in the order of the ids' texts.
    pub(super) fn in_order(&self) -> Vec<u32> {
        let mut order = self.runs.clone();
        order.extend(order.len() as u32 + 1..self.end() as u32);
        // A stable sort merges runs.
        order.sort_by(|one, other| self.id(*one).cmp(self.id(*other)));
        order
    }

    /// Makes a run of the ids that were numbered since the last one, so that no step of many takes long.
    pub(super) fn end_run(&mut self) {
        let first = self.runs.len();
        self.runs.extend(first as u32 + 1..self.ids.len() as u32 + 1);
        let ids = &self.ids;
        self.runs[first..].sort_by(|one, other| ids[*one as usize - 1].cmp(&ids[*other as usize - 1]));
    }

    /// Appends the numbers of the ids at these places to `numbers`.
    pub(super) fn add(&mut self, ids: &Ids, places: impl Iterator<Item = usize>, numbers: &mut Vec<u32>) {
        match ids {
            Ids::Coded { codes, ids } if self.has_list(ids) => {
                let mut of_list = std::mem::take(&mut self.of_list);
                numbers.extend(places.map(|place| {
                    let code = codes[place] as usize;
                    *of_list[code].get_or_insert_with(|| self.number(&ids[code]))
                }));
                self.of_list = of_list;
            }
            Ids::Coded { codes, ids } => {
                numbers.extend(places.map(|place| self.number(&ids[codes[place] as usize])));
            }
            Ids::Uuids(uuids) => numbers.extend(places.map(|place| self.number(&Id::Uuid(uuids[place])))),
            Ids::Open(ids) => numbers.extend(places.map(|place| self.number(&ids[place]))),
        }
    }

    /// Keeps these ids alone, the smallest ones in order; from now on greater ones are outside the interval.
    pub(super) fn keep(&mut self, numbers: &[u32]) {
        let kept: Vec<Id> = numbers.iter().map(|number| self.id(*number).clone()).collect();
        self.until = kept.last().cloned();
        self.clear();
        for id in kept {
            self.insert(hash(&id), id);
        }
        self.runs.extend(1..self.end() as u32);
    }

    /// No ids, of the same interval. Their memory is kept for the next ones.
    pub(super) fn clear(&mut self) {
        self.ids.clear();
        self.numbers.clear();
        self.runs.clear();
        self.list = None;
    }

    /// No ids, of the interval behind this one; false when this one has no end.
    pub(super) fn advance(&mut self) -> bool {
        self.clear();
        self.after = self.until.take();
        self.after.is_some()
    }

    /// Whether there is a table of all ids of a list. A list far longer than the rows is not worth one.
    fn has_list(&mut self, list: &Arc<Vec<Id>>) -> bool {
        let is_worth = list.len() <= 4 * self.rows;
        if is_worth && !self.list.as_ref().is_some_and(|known| Arc::ptr_eq(known, list)) {
            self.list = Some(Arc::clone(list));
            self.of_list.clear();
            self.of_list.resize(list.len(), None);
        }
        is_worth
    }

    fn number(&mut self, id: &Id) -> u32 {
        let hash = hash(id);
        if let Some(number) = self.numbers.find(hash, |number| self.id(*number) == id) {
            return *number;
        }
        if self.after.as_ref().is_some_and(|after| id <= after) || self.until.as_ref().is_some_and(|until| id > until) {
            return Self::OTHERS;
        }
        self.insert(hash, id.clone())
    }

    /// Gives the next number to an id that has none.
    fn insert(&mut self, of_id: u64, id: Id) -> u32 {
        self.ids.push(id);
        let number = self.ids.len() as u32;
        self.numbers.insert_unique(of_id, number, |number| hash(&self.ids[*number as usize - 1]));
        number
    }
}

fn hash(id: &Id) -> u64 {
    FxBuildHasher.hash_one(id)
}
