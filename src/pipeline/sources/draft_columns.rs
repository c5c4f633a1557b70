//! Drafts as columns: as they go from the thread that reads a file to the one that takes its rows, and wait there.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::pipeline::records::{Draft, Place};
use crate::pipeline::{Id, Values};
use crate::time::Timestamp;

/// Drafts in the order of their rows, all with as many values. They are taken from the front.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DraftColumns {
    /// Nanoseconds since the epoch.
    times: Vec<i64>,
    /// So many values of the first draft, then those of the next one, and so on.
    values: Vec<f64>,
    width: usize,
    /// The number of its id, from 1; 0 for a draft without one.
    ids: Vec<u32>,
    /// The ids, each once.
    known: Vec<Id>,
    /// The rows and the lines, from `first` on. No numbers stand for one after the other, as they mostly are.
    rows: Vec<u32>,
    lines: Vec<u32>,
    first: Place,
    /// The drafts that were taken.
    taken: usize,
}

/// What of [`DraftColumns`] is not a column of numbers, see [`DraftColumns::to_bytes`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftColumnsHead {
    first: Place,
    width: u32,
    has_rows: bool,
    has_lines: bool,
    ids: Vec<WireId>,
}

/// An id: text, or the bytes of a UUID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum WireId {
    Text(String),
    Uuid([u8; 16]),
}

/// Stands for a draft without a time, as in frames.
const UNTIMED: i64 = i64::MIN;

/// Bytes of a draft: time, id, values, and whether row and line have numbers.
fn draft_bytes(width: usize, numbers: [bool; 2]) -> usize {
    8 + 4 + 8 * width + numbers.into_iter().filter(|has| *has).count() * 4
}

impl DraftColumns {
    /// These drafts.
    #[must_use]
    pub fn new(drafts: &[(Place, Draft)]) -> Self {
        let Some((first, width)) = drafts.first().map(|(place, draft)| (*place, draft.values.len())) else {
            return Self::default();
        };
        let mut columns = Self {
            times: Vec::with_capacity(drafts.len()),
            values: Vec::with_capacity(drafts.len() * width),
            width,
            ids: Vec::with_capacity(drafts.len()),
            rows: Vec::with_capacity(drafts.len()),
            lines: Vec::with_capacity(drafts.len()),
            first,
            ..Self::default()
        };
        let mut numbers: HashMap<&Id, u32, FxBuildHasher> = HashMap::default();
        for (place, Draft { timestamp, id, values }) in drafts {
            let number = id.as_ref().map_or(0, |id| {
                *numbers.entry(id).or_insert_with(|| {
                    columns.known.push(id.clone());
                    columns.known.len() as u32
                })
            });
            columns.times.push(timestamp.map_or(UNTIMED, Timestamp::as_nanos));
            columns.values.extend_from_slice(values);
            columns.ids.push(number);
            columns.rows.push((place.row - first.row) as u32);
            columns.lines.push((place.line - first.line) as u32);
        }
        for numbers in [&mut columns.rows, &mut columns.lines] {
            if numbers.iter().copied().eq(0..numbers.len() as u32) {
                numbers.clear();
            }
        }
        columns
    }

    /// The number of drafts that are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.times.len() - self.taken
    }

    /// Whether none are left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of the row of the next draft, and its time.
    #[must_use]
    pub fn peek(&self) -> Option<(usize, Option<Timestamp>)> {
        (!self.is_empty()).then(|| (self.place(self.taken).row, self.time(self.taken)))
    }

    /// The times of the drafts that are left and have one.
    pub fn times(&self) -> impl Iterator<Item = Timestamp> {
        (self.taken..self.times.len()).filter_map(|at| self.time(at))
    }

    fn place(&self, at: usize) -> Place {
        let number = |numbers: &[u32]| numbers.get(at).map_or(at, |number| *number as usize);
        Place { row: self.first.row + number(&self.rows), line: self.first.line + number(&self.lines) }
    }

    fn time(&self, at: usize) -> Option<Timestamp> {
        Some(self.times[at]).filter(|nanos| *nanos != UNTIMED).map(Timestamp::from_nanos)
    }

    /// For another thread: the rest of it, and its columns, one after the other, in little-endian numbers.
    #[must_use]
    pub fn into_bytes(self) -> (DraftColumnsHead, Vec<u8>) {
        let Self { times, values, width, ids, known, rows, lines, first, .. } = self;
        let [has_rows, has_lines] = [&rows, &lines].map(|numbers| !numbers.is_empty());
        let mut bytes = vec![0; times.len() * draft_bytes(width, [has_rows, has_lines])];
        let rest = put(&mut bytes, &times, i64::to_le_bytes);
        let mut rest = put(rest, &values, f64::to_le_bytes);
        for column in [ids, rows, lines] {
            rest = put(rest, &column, u32::to_le_bytes);
        }
        let ids = known.iter().map(Into::into).collect();
        (DraftColumnsHead { first, width: width as u32, has_rows, has_lines, ids }, bytes)
    }

    /// What [`into_bytes`](Self::into_bytes) was called with; `None` when head and bytes do not belong together.
    #[must_use]
    pub fn from_bytes(head: DraftColumnsHead, bytes: &[u8]) -> Option<Self> {
        let width = head.width as usize;
        let count = bytes.len() / draft_bytes(width, [head.has_rows, head.has_lines]);
        let mut rest = bytes;
        let mut column = |bytes: usize| rest.split_off(..count * bytes);
        let (times, values) = (column(8)?, column(8 * width)?);
        let [ids, rows, lines] =
            [column(4)?, column(4 * usize::from(head.has_rows))?, column(4 * usize::from(head.has_lines))?]
                .map(|column| column.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect::<Vec<_>>());
        let known: Vec<Id> = head.ids.into_iter().map(Into::into).collect();
        if !rest.is_empty() || ids.iter().any(|number| *number as usize > known.len()) {
            return None;
        }
        Some(Self {
            times: times.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect(),
            values: values.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect(),
            width,
            ids,
            known,
            rows,
            lines,
            first: head.first,
            taken: 0,
        })
    }
}

/// Writes numbers to the front of `bytes`, and returns what is behind them.
fn put<'a, T: Copy, const N: usize>(bytes: &'a mut [u8], numbers: &[T], to_bytes: fn(T) -> [u8; N]) -> &'a mut [u8] {
    let (column, rest) = bytes.split_at_mut(N * numbers.len());
    for (place, number) in column.as_chunks_mut().0.iter_mut().zip(numbers) {
        *place = to_bytes(*number);
    }
    rest
}

impl Iterator for DraftColumns {
    type Item = (Place, Draft);

    #[inline]
    fn next(&mut self) -> Option<(Place, Draft)> {
        let at = self.taken;
        if at == self.times.len() {
            return None;
        }
        self.taken += 1;
        let place = self.place(at);
        let id = self.ids[at].checked_sub(1).map(|number| self.known[number as usize].clone());
        let values = Values::from_slice(&self.values[at * self.width..][..self.width]);
        Some((place, Draft { timestamp: self.time(at), id, values }))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), Some(self.len()))
    }
}

impl From<&Id> for WireId {
    fn from(id: &Id) -> Self {
        match id {
            Id::Text(text) => Self::Text(text.to_string()),
            Id::Uuid(uuid) => Self::Uuid(uuid.into_bytes()),
        }
    }
}

impl From<WireId> for Id {
    fn from(id: WireId) -> Self {
        match id {
            WireId::Text(text) => Self::Text(text.into()),
            WireId::Uuid(bytes) => Self::Uuid(Uuid::from_bytes(bytes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id() -> impl Strategy<Value = Option<Id>> {
        prop_oneof![
            Just(None),
            "[a-d]{1,2}".prop_map(|text| Some(Id::Text(text.into()))),
            any::<[u8; 16]>().prop_map(|bytes| Some(Id::Uuid(Uuid::from_bytes(bytes)))),
        ]
    }

    fn drafts(measures: usize) -> impl Strategy<Value = Vec<(Place, Draft)>> {
        let row =
            (1_usize..4, 0_usize..3, prop::option::of(-5_i64..5), id(), prop::collection::vec(-1e3..1e3, measures));
        (prop::collection::vec(row, 0..20), 0_usize..1 << 30).prop_map(|(rows, first_row)| {
            let (mut row, mut line) = (first_row, 7);
            let mut drafts = Vec::new();
            for (rows, lines, nanos, id, values) in rows {
                let timestamp = nanos.map(Timestamp::from_nanos);
                drafts.push((Place { row, line }, Draft { timestamp, id, values: values.into_iter().collect() }));
                (row, line) = (row + rows, line + lines);
            }
            drafts
        })
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn drafts_are_the_same_in_another_thread(
            drafts in (1_usize..4).prop_flat_map(drafts),
            cut in any::<prop::sample::Index>(),
        ) {
            let (head, bytes) = DraftColumns::new(&drafts).into_bytes();
            if !bytes.is_empty() {
                let shorter = DraftColumns::from_bytes(head.clone(), &bytes[..cut.index(bytes.len())]);
                prop_assert!(shorter.is_none_or(|shorter| shorter.len() < drafts.len()));
            }
            let mut columns = DraftColumns::from_bytes(head, &bytes).unwrap();
            prop_assert!(columns.times().eq(drafts.iter().filter_map(|(_, draft)| draft.timestamp)));
            for (left, expected) in (1..=drafts.len()).rev().zip(&drafts) {
                prop_assert_eq!(columns.len(), left);
                prop_assert_eq!(columns.peek(), Some((expected.0.row, expected.1.timestamp)));
                prop_assert_eq!(columns.next(), Some(expected.clone()));
            }
            prop_assert_eq!((columns.is_empty(), columns.peek(), columns.next()), (true, None, None));
        }
    }

    #[test]
    fn an_id_that_is_not_in_the_head_makes_no_drafts() {
        let draft = Draft { timestamp: None, id: Some(Id::Text("a".into())), values: Values::from_slice(&[1.0]) };
        let (head, bytes) = DraftColumns::new(&[(Place { row: 0, line: 2 }, draft)]).into_bytes();
        assert!(DraftColumns::from_bytes(DraftColumnsHead { ids: Vec::new(), ..head }, &bytes).is_none());
    }
}
