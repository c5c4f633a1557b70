//! Which messages of a stream were taken, where others read the same stream, so that they come in no order of their
//! own.

use std::fmt::Write;

use crate::pipeline::{Cursor, MAX_RANGES};

/// The most messages that were taken in part: 20 pairs of numbers fit into [`Cursor::token`].
const MAX_PARTS: usize = 20;

/// Messages of a stream behind the position of its cursor that were taken, by their sequences: whole ones as ranges,
/// and those of which only the first rows were taken.
///
/// They stand in the cursor: the ranges in [`Cursor::ranges`], the others in [`Cursor::token`] as `7:2,12:40`, sequence
/// and rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TakenMessages {
    /// First and last sequence of each run, in order; no two of them touch.
    ranges: Vec<(u64, u64)>,
    /// The sequence of each message that was taken in part, in order, and how many of its rows were.
    parts: Vec<(u64, u64)>,
}

impl TakenMessages {
    /// Those that stand in a cursor.
    pub(super) fn of(cursor: &Cursor) -> Self {
        let part = |text: &str| {
            let (sequence, rows) = text.split_once(':')?;
            Some((sequence.parse().ok()?, rows.parse().ok()?))
        };
        Self::new(cursor.ranges.to_vec(), cursor.token.split(',').filter_map(part).collect())
    }

    /// Puts them into a cursor.
    pub(super) fn write_to(&self, cursor: &mut Cursor) {
        // Most moves change neither, and a cursor is copied with each.
        if *cursor.ranges != *self.ranges {
            cursor.ranges = self.ranges.as_slice().into();
        }
        let mut token = String::new();
        for (sequence, rows) in &self.parts {
            let comma = if token.is_empty() { "" } else { "," };
            // Writing into a text does not fail.
            let _ = write!(token, "{comma}{sequence}:{rows}");
        }
        if *cursor.token != *token {
            cursor.token = token.into();
        }
    }

    /// Whether it has so many runs that it should not grow by many more, until messages before them are acknowledged by
    /// other machines. What was asked for already comes all the same.
    pub(super) fn is_full(&self) -> bool {
        self.ranges.len() >= MAX_RANGES / 4
    }

    /// Whether so many messages more fit, each a run of its own.
    pub(super) fn has_room(&self, messages: usize) -> bool {
        self.ranges.len() + messages <= MAX_RANGES
    }

    /// Of ranges and parts in any order; ranges that end before they begin are left out.
    fn new(ranges: Vec<(u64, u64)>, mut parts: Vec<(u64, u64)>) -> Self {
        let mut sorted = ranges;
        sorted.retain(|(first, last)| first <= last);
        sorted.sort_unstable();
        let mut ranges: Vec<(u64, u64)> = Vec::with_capacity(sorted.len());
        for (first, last) in sorted {
            match ranges.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => ranges.push((first, last)),
            }
        }
        parts.sort_unstable();
        parts.dedup_by_key(|(sequence, _)| *sequence);
        let mut taken = Self { ranges, parts };
        let parts = std::mem::take(&mut taken.parts);
        taken.parts = parts.into_iter().filter(|(sequence, _)| !taken.contains(*sequence)).collect();
        taken
    }

    /// Whether all of this message was taken.
    pub(super) fn contains(&self, sequence: u64) -> bool {
        self.run_before(sequence).is_some_and(|at| sequence <= self.ranges[at].1)
    }

    /// How many rows were taken of a message that is not taken as a whole.
    pub(super) fn rows_of_part(&self, sequence: u64) -> u64 {
        self.find_part(sequence).map_or(0, |at| self.parts[at].1)
    }

    /// Adds a message. Messages come nearly in order, so that most only make the last run longer.
    pub(super) fn insert(&mut self, sequence: u64) {
        if let Some(at) = self.find_part(sequence) {
            self.parts.remove(at);
        }
        let at = match self.run_before(sequence) {
            Some(at) if sequence <= self.ranges[at].1 => return,
            Some(at) if self.ranges[at].1 + 1 == sequence => {
                self.ranges[at].1 = sequence;
                at
            }
            before => {
                let at = before.map_or(0, |at| at + 1);
                self.ranges.insert(at, (sequence, sequence));
                at
            }
        };
        // The run behind it may begin where this one ends now.
        if let Some((first, last)) = self.ranges.get(at + 1).copied()
            && first.checked_sub(1) == Some(sequence)
        {
            self.ranges[at].1 = last;
            self.ranges.remove(at + 1);
        }
    }

    /// Notes that so many rows of a message were taken, from its first one on.
    pub(super) fn insert_part(&mut self, sequence: u64, rows: u64) {
        match self.parts.binary_search_by_key(&sequence, |(sequence, _)| *sequence) {
            Ok(at) => self.parts[at].1 = rows,
            Err(at) => self.parts.insert(at, (sequence, rows)),
        }
        if self.parts.len() > MAX_PARTS {
            self.parts.remove(0);
        }
    }

    /// Leaves out the messages up to this one.
    pub(super) fn forget_until(&mut self, sequence: u64) {
        let before = self.ranges.partition_point(|(_, last)| *last <= sequence);
        self.ranges.drain(..before);
        if let Some((first, _)) = self.ranges.first_mut() {
            *first = (*first).max(sequence.saturating_add(1));
        }
        let before = self.parts.partition_point(|(part, _)| *part <= sequence);
        self.parts.drain(..before);
    }

    /// Leaves out the messages behind this one.
    pub(super) fn forget_behind(&mut self, sequence: u64) {
        self.ranges.retain(|(first, _)| *first <= sequence);
        if let Some((_, last)) = self.ranges.last_mut() {
            *last = (*last).min(sequence);
        }
        self.parts.retain(|(part, _)| *part <= sequence);
    }

    /// The last message of which anything was taken; 0: there is none.
    pub(super) fn last(&self) -> u64 {
        let whole = self.ranges.last().map_or(0, |(_, last)| *last);
        self.parts.last().map_or(0, |(part, _)| *part).max(whole)
    }

    /// The run that begins at or before this message.
    fn run_before(&self, sequence: u64) -> Option<usize> {
        self.ranges.partition_point(|(first, _)| *first <= sequence).checked_sub(1)
    }

    fn find_part(&self, sequence: u64) -> Option<usize> {
        self.parts.binary_search_by_key(&sequence, |(sequence, _)| *sequence).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::pipeline::MAX_TOKEN_BYTES;

    #[derive(Debug, Clone)]
    enum Step {
        Insert(u64),
        Part(u64, u64),
        Forget(u64),
        ForgetBehind(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => (1u64..60).prop_map(Step::Insert),
            1 => (1u64..60, 1u64..5).prop_map(|(sequence, rows)| Step::Part(sequence, rows)),
            1 => (0u64..60).prop_map(Step::Forget),
            1 => (0u64..60).prop_map(Step::ForgetBehind),
        ]
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn it_is_the_set_of_its_sequences(steps in prop::collection::vec(step(), 0..80)) {
            let (mut taken, mut twin) = (TakenMessages::default(), BTreeSet::new());
            for step in steps {
                match step {
                    Step::Insert(sequence) => {
                        taken.insert(sequence);
                        twin.insert(sequence);
                    }
                    Step::Part(sequence, rows) if !taken.contains(sequence) => {
                        taken.insert_part(sequence, rows);
                        prop_assert_eq!(taken.rows_of_part(sequence), rows);
                    }
                    Step::Part(..) => {}
                    Step::Forget(sequence) => {
                        taken.forget_until(sequence);
                        twin.retain(|kept| *kept > sequence);
                        prop_assert!(taken.parts.iter().all(|(part, _)| *part > sequence));
                    }
                    Step::ForgetBehind(sequence) => {
                        taken.forget_behind(sequence);
                        twin.retain(|kept| *kept <= sequence);
                        prop_assert!(taken.last() <= sequence);
                    }
                }
                let has: BTreeSet<u64> = (0..70).filter(|sequence| taken.contains(*sequence)).collect();
                prop_assert_eq!(&has, &twin);
                prop_assert!(taken.ranges.windows(2).all(|two| two[0].1 + 1 < two[1].0), "{:?}", taken.ranges);
                prop_assert!(taken.parts.iter().all(|(part, _)| !taken.contains(*part)));
                let mut cursor = Cursor::new("nats:S/d", 1);
                taken.write_to(&mut cursor);
                prop_assert!(cursor.token.len() <= MAX_TOKEN_BYTES);
                prop_assert_eq!(&TakenMessages::of(&cursor), &taken);
            }
        }
    }

    #[test]
    fn ranges_of_a_damaged_file_are_put_in_order() {
        let taken = TakenMessages::new(vec![(7, 9), (5, 4), (1, 3), (4, 7), (u64::MAX, u64::MAX)], vec![(20, 1)]);
        assert_eq!(taken.ranges, [(1, 9), (u64::MAX, u64::MAX)]);
        assert_eq!((taken.contains(9), taken.contains(10), taken.rows_of_part(20)), (true, false, 1));
    }
}
