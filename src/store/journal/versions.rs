//! What files of earlier format versions hold, and how it reads as the present one.
//!
//! Version 1 knew neither transcripts nor receipts, no age of rows, and no lines of refused rows. Versions 1 and 2 knew no
//! measures but `value`, and no cursors; version 3 knew neither tokens nor ranges of cursors. Their headers are as those
//! of version 4.

use std::sync::Arc;

use serde::Deserialize;

use super::format::{
    Checkpoint, Group, Left, Metadata, WireBatch, WireBlock, WireCounters, WireCursor, WireDeadLetter, WireEvents,
    WireId, WireIds, WireLimits, WireMeasures, WirePlace, WireReceipt, read_value, segment_of,
};
use crate::pipeline::{Cursor, DEFAULT_MEASURE};
use crate::store::segment::Segment;

/// The checkpoint in a record's payload of a journal of this version; `None` when it cannot be decoded or is inconsistent.
pub(super) fn read_checkpoint(version: u32, payload: &[u8]) -> Option<Checkpoint> {
    let checkpoint: Option<Checkpoint> = match version {
        1 => read_value::<Checkpoint1>(payload).map(|checkpoint| Checkpoint2::from(checkpoint).into()),
        2 => read_value::<Checkpoint2>(payload).map(Into::into),
        3 => read_value::<Checkpoint3>(payload).map(Into::into),
        _ => read_value(payload),
    };
    checkpoint.filter(Checkpoint::is_sound)
}

/// The group in a record's payload of a journal of this version; `None` when it cannot be decoded or is inconsistent.
pub(super) fn read_group(version: u32, payload: &[u8]) -> Option<Group> {
    let group: Option<Group> = match version {
        1 => read_value::<Group1>(payload).map(|group| Group2::from(group).into()),
        2 => read_value::<Group2>(payload).map(Into::into),
        3 => read_value::<Group3>(payload).map(Into::into),
        _ => read_value(payload),
    };
    group.filter(Group::is_sound)
}

/// The rows in a block's payload of a data file of this version; `None` when it cannot be decoded or its columns are
/// inconsistent.
pub(super) fn read_block(version: u32, payload: &[u8]) -> Option<Segment> {
    let block: Option<WireBlock> =
        if version < 3 { read_value::<WireBlock2>(payload).map(Into::into) } else { read_value(payload) };
    block.and_then(segment_of)
}

/// The measures of a record that knows only `value`.
fn only_value() -> Vec<WireMeasures> {
    vec![vec![DEFAULT_MEASURE.into()]]
}

/// See [`WireCursor`].
#[derive(Debug, Deserialize)]
struct WireCursor3 {
    source: Arc<str>,
    epoch: u64,
    position: u64,
    taken: u64,
    rows: u64,
    lines: u64,
    shift_nanos: i64,
    is_done: bool,
}

impl From<WireCursor3> for WireCursor {
    fn from(cursor: WireCursor3) -> Self {
        let WireCursor3 { source, epoch, position, taken, rows, lines, shift_nanos, is_done } = cursor;
        let start = Cursor::new(&source, epoch);
        (&Cursor { position, taken, rows, lines, shift_nanos, is_done, ..start }).into()
    }
}

/// See [`Group`].
#[derive(Debug, Deserialize)]
struct Group3 {
    metadata: Metadata,
    measures: Vec<WireMeasures>,
    arrived: i64,
    first: u64,
    events: Vec<WireEvents>,
    left: Vec<Left>,
    dead_letters: Vec<WireDeadLetter>,
    receipts: Vec<WireReceipt>,
    cursors: Vec<WireCursor3>,
}

impl From<Group3> for Group {
    fn from(group: Group3) -> Self {
        let Group3 { metadata, measures, arrived, first, events, left, dead_letters, receipts, cursors } = group;
        let cursors = cursors.into_iter().map(Into::into).collect();
        Self { metadata, measures, arrived, first, events, left, dead_letters, receipts, cursors }
    }
}

/// See [`Checkpoint`].
#[derive(Debug, Deserialize)]
struct Checkpoint3 {
    metadata: Metadata,
    measures: Vec<WireMeasures>,
    first: u64,
    arrived: Vec<i64>,
    queue: WireEvents,
    dead_letters: Vec<WireDeadLetter>,
    latest: Option<(WireBatch, WireEvents)>,
    files: Vec<(u64, u64)>,
    blocks: Vec<WirePlace>,
    trimmed_rows: u64,
    receipts: Vec<WireReceipt>,
    cursors: Vec<WireCursor3>,
}

impl From<Checkpoint3> for Checkpoint {
    fn from(checkpoint: Checkpoint3) -> Self {
        let Checkpoint3 { metadata, measures, first, arrived, queue, dead_letters, latest, .. } = checkpoint;
        let Checkpoint3 { files, blocks, trimmed_rows, receipts, cursors, .. } = checkpoint;
        Self {
            metadata,
            measures,
            first,
            arrived,
            queue,
            dead_letters,
            latest,
            files,
            blocks,
            trimmed_rows,
            receipts,
            cursors: cursors.into_iter().map(Into::into).collect(),
        }
    }
}

/// See [`WireEvents`].
#[derive(Debug, Deserialize)]
struct WireEvent2 {
    time: i64,
    id: WireId,
    value: f64,
}

fn events_of(events: impl IntoIterator<Item = WireEvent2>) -> WireEvents {
    let mut columns = WireEvents::new(0);
    for WireEvent2 { time, id, value } in events {
        columns.times.push(time);
        columns.ids.push(id);
        columns.values.push(value);
    }
    columns
}

/// See [`WireBatch`].
#[derive(Debug, Deserialize)]
struct WireBatch2 {
    number: u64,
    processed_at: i64,
    agg: u8,
    aggfunc: u8,
    rolling: Vec<f64>,
}

impl From<WireBatch2> for WireBatch {
    fn from(WireBatch2 { number, processed_at, agg, aggfunc, rolling }: WireBatch2) -> Self {
        Self { number, processed_at, agg, aggfunc, measures: 0, rolling }
    }
}

/// See [`Left`].
#[derive(Debug, Deserialize)]
enum Left2 {
    Batch { until: u64, batch: WireBatch2 },
    Dropped { until: u64 },
}

impl From<Left2> for Left {
    fn from(left: Left2) -> Self {
        match left {
            Left2::Batch { until, batch } => Self::Batch { until, batch: batch.into() },
            Left2::Dropped { until } => Self::Dropped { until },
        }
    }
}

/// See [`Group`].
#[derive(Debug, Deserialize)]
struct Group2 {
    metadata: Metadata,
    arrived: i64,
    first: u64,
    events: Vec<WireEvent2>,
    left: Vec<Left2>,
    dead_letters: Vec<WireDeadLetter>,
    receipts: Vec<WireReceipt>,
}

impl From<Group2> for Group {
    fn from(group: Group2) -> Self {
        let Group2 { metadata, arrived, first, events, left, dead_letters, receipts } = group;
        Self {
            metadata,
            measures: only_value(),
            arrived,
            first,
            events: vec![events_of(events)],
            left: left.into_iter().map(Into::into).collect(),
            dead_letters,
            receipts,
            cursors: Vec::new(),
        }
    }
}

/// See [`Checkpoint`].
#[derive(Debug, Deserialize)]
struct Checkpoint2 {
    metadata: Metadata,
    first: u64,
    queue: Vec<(i64, WireEvent2)>,
    dead_letters: Vec<WireDeadLetter>,
    latest: Option<(WireBatch2, Vec<WireEvent2>)>,
    files: Vec<(u64, u64)>,
    blocks: Vec<WirePlace>,
    trimmed_rows: u64,
    receipts: Vec<WireReceipt>,
}

impl From<Checkpoint2> for Checkpoint {
    fn from(checkpoint: Checkpoint2) -> Self {
        let Checkpoint2 { metadata, first, queue, dead_letters, latest, files, blocks, trimmed_rows, receipts } =
            checkpoint;
        let (arrived, queue): (Vec<_>, Vec<_>) = queue.into_iter().unzip();
        Self {
            metadata,
            measures: only_value(),
            first,
            arrived,
            queue: events_of(queue),
            dead_letters,
            latest: latest.map(|(batch, rows)| (batch.into(), events_of(rows))),
            files,
            blocks,
            trimmed_rows,
            receipts,
            cursors: Vec::new(),
        }
    }
}

/// See [`WireBlock`].
#[derive(Debug, Deserialize)]
struct WireBlock2 {
    first_time: i64,
    steps: Vec<u64>,
    values: Vec<f64>,
    ids: WireIds,
}

impl From<WireBlock2> for WireBlock {
    fn from(WireBlock2 { first_time, steps, values, ids }: WireBlock2) -> Self {
        Self { first_time, steps, ids, columns: vec![(Arc::from(DEFAULT_MEASURE), values)] }
    }
}

/// See [`WireDeadLetter`].
#[derive(Debug, Deserialize)]
struct WireDeadLetter1 {
    arrived: i64,
    source: String,
    row: Option<u64>,
    reason: String,
    input: String,
}

impl From<WireDeadLetter1> for WireDeadLetter {
    fn from(WireDeadLetter1 { arrived, source, row, reason, input }: WireDeadLetter1) -> Self {
        Self { arrived, source, row, line: None, reason, input }
    }
}

/// See [`Metadata`].
#[derive(Debug, Deserialize)]
struct Metadata1 {
    counters: WireCounters,
    newest: Option<i64>,
    source: Option<(u64, u64)>,
    limits: (u64, u64),
}

impl From<Metadata1> for Metadata {
    fn from(Metadata1 { counters, newest, source, limits: (history_rows, memory_rows) }: Metadata1) -> Self {
        let limits = WireLimits { history_rows, memory_rows, ..WireLimits::default() };
        Self { counters, newest, source, limits, ..Self::default() }
    }
}

/// See [`Group2`].
#[derive(Debug, Deserialize)]
struct Group1 {
    metadata: Metadata1,
    arrived: i64,
    first: u64,
    events: Vec<WireEvent2>,
    left: Vec<Left2>,
    dead_letters: Vec<WireDeadLetter1>,
}

impl From<Group1> for Group2 {
    fn from(group: Group1) -> Self {
        let Group1 { metadata, arrived, first, events, left, dead_letters } = group;
        let dead_letters = dead_letters.into_iter().map(Into::into).collect();
        Self { metadata: metadata.into(), arrived, first, events, left, dead_letters, receipts: Vec::new() }
    }
}

/// See [`Checkpoint2`].
#[derive(Debug, Deserialize)]
struct Checkpoint1 {
    metadata: Metadata1,
    first: u64,
    queue: Vec<(i64, WireEvent2)>,
    dead_letters: Vec<WireDeadLetter1>,
    latest: Option<(WireBatch2, Vec<WireEvent2>)>,
    files: Vec<(u64, u64)>,
    blocks: Vec<WirePlace>,
    trimmed_rows: u64,
}

impl From<Checkpoint1> for Checkpoint2 {
    fn from(checkpoint: Checkpoint1) -> Self {
        let Checkpoint1 { metadata, first, queue, dead_letters, latest, files, blocks, trimmed_rows } = checkpoint;
        let dead_letters = dead_letters.into_iter().map(Into::into).collect();
        let metadata = metadata.into();
        Self { metadata, first, queue, dead_letters, latest, files, blocks, trimmed_rows, receipts: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cursor as version 3 wrote it: postcard writes a struct as the tuple of its fields.
    const CURSOR: (&str, u64, u64, u64, u64, u64, i64, bool) = ("file:a", 1, 2, 3, 4, 5, -6, true);

    fn cursors(cursors: Vec<WireCursor>) -> Vec<Cursor> {
        cursors.into_iter().map(Into::into).collect()
    }

    fn expected() -> [Cursor; 1] {
        let start = Cursor::new("file:a", 1);
        [Cursor { position: 2, taken: 3, rows: 4, lines: 5, shift_nanos: -6, is_done: true, ..start }]
    }

    #[test]
    fn a_group_of_version_3_has_cursors_without_tokens_and_ranges() {
        let Group { metadata, measures, arrived, first, events, left, dead_letters, receipts, .. } = Group::default();
        let fields = (metadata, measures, arrived, first, events, left, dead_letters, receipts, vec![CURSOR]);
        let payload = postcard::to_allocvec(&fields).unwrap();
        assert_eq!(cursors(read_group(3, &payload).unwrap().cursors), expected());
        assert_eq!(read_group(4, &payload), None);
    }

    #[test]
    fn a_checkpoint_of_version_3_has_cursors_without_tokens_and_ranges() {
        let Checkpoint { metadata, measures, first, arrived, queue, dead_letters, .. } = Checkpoint::default();
        let Checkpoint { latest, files, blocks, trimmed_rows, receipts, .. } = Checkpoint::default();
        let rest = (latest, files, blocks, trimmed_rows, receipts, vec![CURSOR]);
        let payload =
            postcard::to_allocvec(&((metadata, measures, first, arrived, queue, dead_letters), rest)).unwrap();
        assert_eq!(cursors(read_checkpoint(3, &payload).unwrap().cursors), expected());
    }

    #[test]
    fn a_cursor_takes_no_more_bytes_than_are_reserved_for_it() {
        let largest = Cursor {
            position: u64::MAX,
            taken: u64::MAX,
            rows: u64::MAX,
            lines: u64::MAX,
            shift_nanos: i64::MIN,
            token: "t".repeat(crate::pipeline::MAX_TOKEN_BYTES).into(),
            ranges: vec![(u64::MAX, u64::MAX); 5000].into(),
            ..Cursor::new(&"s".repeat(600), u64::MAX)
        };
        for cursor in [largest, Cursor::new("", 0)] {
            let bytes = postcard::to_allocvec(&WireCursor::from(&cursor)).unwrap().len();
            assert!(bytes <= cursor.record_bytes(), "{bytes}");
        }
    }
}
