//! Drafts as columns: as they go from the thread that reads a file to the one that takes its rows, and wait there.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::frame::RecentTexts;
use crate::pipeline::records::{Draft, Place};
use crate::pipeline::{Id, Values};
use crate::time::Timestamp;

/// Drafts in the order of their rows, all with as many values. They are taken from the front.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DraftColumns {
    /// Little-endian numbers, column by column: nanoseconds since the epoch; the values of the first draft, then those of
    /// the next one, and so on; the numbers of the ids, from 1, and 0 for a draft without one; then rows and lines, counted
    /// from `first`, unless each is one more than that of the draft before, as they mostly are.
    bytes: Vec<u8>,
    count: usize,
    width: usize,
    /// The ids, each once.
    known: Vec<Id>,
    first: Place,
    has_rows: bool,
    has_lines: bool,
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
        let mut bytes = Vec::with_capacity(drafts.len() * draft_bytes(width, [true; 2]));
        for (_, Draft { timestamp, .. }) in drafts {
            bytes.extend_from_slice(&timestamp.map_or(UNTIMED, Timestamp::as_nanos).to_le_bytes());
        }
        for value in drafts.iter().flat_map(|(_, draft)| &draft.values) {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        let mut known = Vec::new();
        let mut numbers: FxHashMap<&Id, u32> = FxHashMap::default();
        let mut recent = RecentTexts::default();
        let mut number_of = |id| {
            *numbers.entry(id).or_insert_with(|| {
                known.push(id.clone());
                known.len() as u32
            })
        };
        for (_, Draft { id, .. }) in drafts {
            let number = match id {
                Some(id @ Id::Text(text)) => recent.get_or_find(text, || number_of(id)),
                Some(id) => number_of(id),
                None => 0,
            };
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        let row = |place: &Place| place.row - first.row;
        let line = |place: &Place| place.line - first.line;
        let [has_rows, has_lines] = [&row as &dyn Fn(&Place) -> usize, &line].map(|number| {
            let has_numbers = drafts.iter().enumerate().any(|(at, (place, _))| number(place) != at);
            for (place, _) in drafts.iter().filter(|_| has_numbers) {
                bytes.extend_from_slice(&(number(place) as u32).to_le_bytes());
            }
            has_numbers
        });
        Self { bytes, count: drafts.len(), width, known, first, has_rows, has_lines, taken: 0 }
    }

    /// The number of drafts that are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count - self.taken
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
        (self.taken..self.count).filter_map(|at| self.time(at))
    }

    fn place(&self, at: usize) -> Place {
        let number = |column: usize, has_numbers: bool| match has_numbers {
            true => u32::from_le_bytes(self.column(column)[at]) as usize,
            false => at,
        };
        let rows = self.count * draft_bytes(self.width, [false; 2]);
        let lines = self.count * draft_bytes(self.width, [self.has_rows, false]);
        Place {
            row: self.first.row + number(rows, self.has_rows),
            line: self.first.line + number(lines, self.has_lines),
        }
    }

    fn time(&self, at: usize) -> Option<Timestamp> {
        let nanos = i64::from_le_bytes(self.column(0)[at]);
        (nanos != UNTIMED).then(|| Timestamp::from_nanos(nanos))
    }

    fn id(&self, at: usize) -> Option<Id> {
        let number = u32::from_le_bytes(self.column(self.count * (8 + 8 * self.width))[at]);
        number.checked_sub(1).map(|number| self.known[number as usize].clone())
    }

    fn values(&self, at: usize) -> Values {
        let values = &self.column(self.count * 8)[at * self.width..][..self.width];
        values.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()
    }

    /// The numbers of the column that begins at this byte, and what is behind them.
    fn column<const N: usize>(&self, start: usize) -> &[[u8; N]] {
        self.bytes[start..].as_chunks().0
    }

    /// For another thread: what is no column, and the columns.
    #[must_use]
    pub fn into_bytes(self) -> (DraftColumnsHead, Vec<u8>) {
        let Self { bytes, width, known, first, has_rows, has_lines, .. } = self;
        let ids = known.iter().map(Into::into).collect();
        (DraftColumnsHead { first, width: width as u32, has_rows, has_lines, ids }, bytes)
    }

    /// What [`into_bytes`](Self::into_bytes) was called with; `None` when head and bytes do not belong together.
    #[must_use]
    pub fn from_bytes(head: DraftColumnsHead, bytes: Vec<u8>) -> Option<Self> {
        let DraftColumnsHead { first, width, has_rows, has_lines, ids } = head;
        let width = width as usize;
        let draft_bytes = draft_bytes(width, [has_rows, has_lines]);
        let count = bytes.len() / draft_bytes;
        let known: Vec<Id> = ids.into_iter().map(Into::into).collect();
        let columns = Self { bytes, count, width, known, first, has_rows, has_lines, taken: 0 };
        let numbers = &columns.column(count * (8 + 8 * width))[..count];
        let is_known = |number: &[u8; 4]| u32::from_le_bytes(*number) as usize <= columns.known.len();
        (count * draft_bytes == columns.bytes.len() && numbers.iter().all(is_known)).then_some(columns)
    }
}

impl Iterator for DraftColumns {
    type Item = (Place, Draft);

    #[inline]
    fn next(&mut self) -> Option<(Place, Draft)> {
        let at = self.taken;
        if at == self.count {
            return None;
        }
        self.taken += 1;
        Some((self.place(at), Draft { timestamp: self.time(at), id: self.id(at), values: self.values(at) }))
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
                let shorter = DraftColumns::from_bytes(head.clone(), bytes[..cut.index(bytes.len())].to_vec());
                prop_assert!(shorter.is_none_or(|shorter| shorter.len() < drafts.len()));
            }
            let mut columns = DraftColumns::from_bytes(head, bytes).unwrap();
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
        assert!(DraftColumns::from_bytes(DraftColumnsHead { ids: Vec::new(), ..head }, bytes).is_none());
    }
}
