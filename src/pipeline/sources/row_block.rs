//! Rows of a file, block by block: what the thread that reads a file gives to the one that takes its rows.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::pipeline::records::{BadRow, Checkpoint, Draft, Place};
use crate::pipeline::{Id, Values};
use crate::time::Timestamp;

/// Rows that were read of a file, in order, and where reading stands behind them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RowBlock {
    /// The number of its first row, from 0.
    pub first_row: u64,
    /// The number of the row behind its last one.
    pub end_row: u64,
    /// Rows that can become events.
    pub drafts: Vec<(Place, Draft)>,
    /// The other ones; of more than a thousand, the newest.
    pub refused: Vec<BadRow>,
    /// The fields that were left out so far: the first hundred names.
    pub ignored: Vec<String>,
    /// Where the text can be read on behind it, see [`Reader::checkpoint`](crate::pipeline::records::Reader::checkpoint).
    pub checkpoint: Option<Checkpoint>,
    /// Bytes of the text that were read, with those of this block.
    pub read_bytes: u64,
    /// Whether the file ends with it.
    pub is_last: bool,
    /// Why nothing can be read behind it, though the file does not end: a sentence with place and mend.
    pub fault: Option<String>,
}

/// A [`RowBlock`] without its rows, which stand in columns beside it: see [`RowBlock::into_columns`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowBlockHead {
    first_row: u64,
    end_row: u64,
    refused: Vec<BadRow>,
    ignored: Vec<String>,
    checkpoint: Option<Checkpoint>,
    read_bytes: u64,
    is_last: bool,
    fault: Option<String>,
    /// The line of the first row; the others' are told from it.
    first_line: u64,
    /// Number of the values of each row.
    measures: u32,
    ids: Vec<WireId>,
}

/// An id: text, or the bytes of a UUID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum WireId {
    Text(String),
    Uuid([u8; 16]),
}

/// Stands for a row without a time, as in frames.
const UNTIMED: i64 = i64::MIN;
/// Bytes of a row but for its values: time, id, row, line.
const ROW_BYTES: usize = 8 + 3 * 4;

impl RowBlock {
    /// Head and columns, for another thread: times, values, ids, rows and lines, one column after the other, in
    /// little-endian numbers. Of ids that recur the text is written once.
    #[must_use]
    pub fn into_columns(self) -> (RowBlockHead, Vec<u8>) {
        let Self { first_row, end_row, drafts, refused, ignored, checkpoint, read_bytes, is_last, fault } = self;
        let measures = drafts.first().map_or(0, |(_, draft)| draft.values.len());
        let first_line = drafts.first().map_or(0, |(place, _)| place.line);
        let mut columns = Vec::with_capacity(drafts.len() * (ROW_BYTES + 8 * measures));
        for (_, draft) in &drafts {
            let nanos = draft.timestamp.map_or(UNTIMED, Timestamp::as_nanos);
            columns.extend_from_slice(&nanos.to_le_bytes());
        }
        for value in drafts.iter().flat_map(|(_, draft)| &draft.values) {
            columns.extend_from_slice(&value.to_le_bytes());
        }
        // From 1: a row without an id has 0.
        let mut numbers: HashMap<&Id, u32, FxBuildHasher> = HashMap::default();
        let mut ids = Vec::new();
        for (_, draft) in &drafts {
            let number = draft.id.as_ref().map_or(0, |id| {
                *numbers.entry(id).or_insert_with(|| {
                    ids.push(id.into());
                    ids.len() as u32
                })
            });
            columns.extend_from_slice(&number.to_le_bytes());
        }
        for (place, _) in &drafts {
            columns.extend_from_slice(&((place.row as u64 - first_row) as u32).to_le_bytes());
        }
        for (place, _) in &drafts {
            columns.extend_from_slice(&((place.line - first_line) as u32).to_le_bytes());
        }
        let head = RowBlockHead {
            first_row,
            end_row,
            refused,
            ignored,
            checkpoint,
            read_bytes,
            is_last,
            fault,
            first_line: first_line as u64,
            measures: measures as u32,
            ids,
        };
        (head, columns)
    }

    /// The block of a head and its columns; `None` when they do not belong together.
    #[must_use]
    pub fn from_columns(head: RowBlockHead, columns: &[u8]) -> Option<Self> {
        let measures = head.measures as usize;
        let rows = columns.len() / (ROW_BYTES + 8 * measures);
        let mut rest = columns;
        let mut column = |bytes: usize| rest.split_off(..rows * bytes);
        let (times, values, ids) = (column(8)?, column(8 * measures)?, column(4)?);
        let (places, lines) = (column(4)?, column(4)?);
        if !rest.is_empty() {
            return None;
        }
        let known: Vec<Id> = head.ids.into_iter().map(Into::into).collect();
        let longs = |column: &[u8]| column.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect();
        let times: Vec<i64> = longs(times);
        let mut values = values.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes));
        let [ids, places, lines] =
            [ids, places, lines].map(|column| column.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)));
        let mut drafts = Vec::with_capacity(rows);
        for (((nanos, id), place), line) in times.into_iter().zip(ids).zip(places).zip(lines) {
            let id = match id.checked_sub(1) {
                Some(number) => Some(known.get(number as usize)?.clone()),
                None => None,
            };
            let place =
                Place { row: head.first_row as usize + place as usize, line: head.first_line as usize + line as usize };
            let values: Values = values.by_ref().take(measures).collect();
            let timestamp = (nanos != UNTIMED).then(|| Timestamp::from_nanos(nanos));
            drafts.push((place, Draft { timestamp, id, values }));
        }
        Some(Self {
            first_row: head.first_row,
            end_row: head.end_row,
            drafts,
            refused: head.refused,
            ignored: head.ignored,
            checkpoint: head.checkpoint,
            read_bytes: head.read_bytes,
            is_last: head.is_last,
            fault: head.fault,
        })
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

    fn block(measures: usize) -> impl Strategy<Value = RowBlock> {
        let row =
            (1_usize..4, 0_usize..3, prop::option::of(-5_i64..5), id(), prop::collection::vec(-1e3..1e3, measures));
        (prop::collection::vec(row, 0..20), 0_u64..1 << 40).prop_map(|(rows, first_row)| {
            let (mut row, mut line) = (first_row as usize, 7);
            let mut drafts = Vec::new();
            for (rows, lines, nanos, id, values) in rows {
                let timestamp = nanos.map(Timestamp::from_nanos);
                drafts.push((Place { row, line }, Draft { timestamp, id, values: values.into_iter().collect() }));
                (row, line) = (row + rows, line + lines);
            }
            RowBlock { first_row, end_row: row as u64, drafts, read_bytes: 9, is_last: true, ..RowBlock::default() }
        })
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn a_block_is_the_same_in_another_thread(block in (1_usize..4).prop_flat_map(block), cut in any::<prop::sample::Index>()) {
            let (head, columns) = block.clone().into_columns();
            if !columns.is_empty() {
                let shorter = &columns[..cut.index(columns.len())];
                let others = RowBlock::from_columns(head.clone(), shorter).map(|block| block.drafts.len());
                prop_assert!(others.is_none_or(|rows| rows < block.drafts.len()));
            }
            prop_assert_eq!(RowBlock::from_columns(head, &columns), Some(block));
        }
    }

    #[test]
    fn an_id_that_is_not_in_the_head_makes_no_block() {
        let draft = Draft { timestamp: None, id: Some(Id::Text("a".into())), values: Values::from_slice(&[1.0]) };
        let block = RowBlock { drafts: vec![(Place { row: 0, line: 2 }, draft)], end_row: 1, ..RowBlock::default() };
        let (head, columns) = block.into_columns();
        assert!(RowBlock::from_columns(RowBlockHead { ids: Vec::new(), ..head }, &columns).is_none());
    }
}
