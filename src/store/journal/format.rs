//! The types stored on disk. They are separate from the types in memory, so that a change elsewhere does not change the
//! format; a change here must raise [`FORMAT_VERSION`], and leave what it replaces in `versions`.
//! `docs/journal-format.md` describes the bytes.
//!
//! Payloads are encoded with postcard: field by field, integers as varints.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::record::{append, checksum};
use crate::frame::ops::Agg;
use crate::frame::{Column, Frame, Strings, StringsBuilder};
use crate::pipeline::{
    Counters, DeadLetter, Epoch, Event, Id, Position, Receipt, Transcript, push_id, rolling_name, rows_frame,
};
use crate::store::ids::Ids;
use crate::store::segment::Segment;
use crate::store::storage::StoreError;
use crate::time::Timestamp;

/// The format version in the header of every file that this build writes. It reads all versions from 1 on.
pub const FORMAT_VERSION: u32 = 2;

const MAGIC: [u8; 8] = *b"MILLRACE";
/// Bytes of one copy of a header: magic, version, kind and number, zeros, and the checksum in the last 4 bytes.
const COPY_BYTES: usize = 64;
/// Bytes of a file's header. It is stored twice: without it the kind of the file is not known.
pub(super) const HEADER_BYTES: usize = 2 * COPY_BYTES;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A checkpoint, and the groups after it.
    Journal,
    /// Blocks of rows.
    Data,
    /// Only a header, whose number is that of the owner of the files.
    Fence,
}

const KINDS: [Kind; 3] = [Kind::Journal, Kind::Data, Kind::Fence];

/// What the header of a file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// The format of its records.
    pub(super) version: u32,
    pub(super) kind: Kind,
    pub(super) number: u64,
}

/// The header of a file, both copies.
pub(super) fn header(kind: Kind, number: u64) -> [u8; HEADER_BYTES] {
    let mut bytes = [0; HEADER_BYTES];
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[8..12].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
    bytes[12] = KINDS.iter().position(|known| *known == kind).unwrap_or(0) as u8;
    bytes[16..24].copy_from_slice(&number.to_le_bytes());
    let sum = checksum(&bytes[..COPY_BYTES - 4]);
    bytes[COPY_BYTES - 4..COPY_BYTES].copy_from_slice(&sum.to_le_bytes());
    bytes.copy_within(..COPY_BYTES, COPY_BYTES);
    bytes
}

/// Whether a file without a valid header may be one of this format, left unfinished: its first bytes match the magic.
pub(super) fn is_begun(bytes: &[u8]) -> bool {
    bytes.iter().zip(MAGIC).all(|(byte, ours)| *byte == ours)
}

/// Whether the first copy of a header is valid: a header that a crash left unfinished has at least that one.
pub(super) fn is_header_whole(bytes: &[u8]) -> bool {
    bytes.get(..COPY_BYTES).is_some_and(|copy| matches!(read_header(copy), Ok(Some(_))))
}

/// The header at the beginning of a file, from its first valid copy; `None` when both are damaged or incomplete.
///
/// # Errors
/// [`StoreError::Version`] for a valid header of a later version.
pub(super) fn read_header(bytes: &[u8]) -> Result<Option<Header>, StoreError> {
    for copy in bytes.chunks_exact(COPY_BYTES).take(2) {
        let (body, sum) = copy.split_at(COPY_BYTES - 4);
        if body[..8] != MAGIC || checksum(body).to_le_bytes() != *sum {
            continue;
        }
        let version = u32::from_le_bytes([body[8], body[9], body[10], body[11]]);
        if !(1..=FORMAT_VERSION).contains(&version) {
            return Err(StoreError::Version { found: version, known: FORMAT_VERSION });
        }
        let mut number = [0; 8];
        number.copy_from_slice(&body[16..24]);
        let number = u64::from_le_bytes(number);
        return Ok(KINDS.get(usize::from(body[12])).map(|kind| Header { version, kind: *kind, number }));
    }
    Ok(None)
}

/// Appends a record with this value.
pub(super) fn append_value(out: &mut Vec<u8>, value: &impl Serialize) {
    append(out, |out| {
        let bytes = std::mem::take(out);
        // Cannot fail: the vector grows, and every sequence below has a known length.
        *out = postcard::to_extend(value, bytes).unwrap_or_default();
    });
}

/// The value in a record's payload; `None` when it cannot be decoded.
pub(super) fn read_value<T: DeserializeOwned>(payload: &[u8]) -> Option<T> {
    postcard::from_bytes(payload).ok()
}

/// An id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum WireId {
    Uuid([u8; 16]),
    Text(Arc<str>),
}

impl From<&Id> for WireId {
    fn from(id: &Id) -> Self {
        match id {
            Id::Uuid(uuid) => Self::Uuid(uuid.into_bytes()),
            Id::Text(text) => Self::Text(Arc::clone(text)),
        }
    }
}

impl From<WireId> for Id {
    fn from(id: WireId) -> Self {
        match id {
            WireId::Uuid(bytes) => Self::Uuid(Uuid::from_bytes(bytes)),
            WireId::Text(text) => Self::Text(text),
        }
    }
}

/// An event as it entered the queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct WireEvent {
    time: i64,
    id: WireId,
    value: f64,
}

impl From<&Event> for WireEvent {
    fn from(event: &Event) -> Self {
        Self { time: event.timestamp.as_nanos(), id: (&event.id).into(), value: event.value }
    }
}

impl From<WireEvent> for Event {
    fn from(event: WireEvent) -> Self {
        Self { timestamp: Timestamp::from_nanos(event.time), id: event.id.into(), value: event.value }
    }
}

/// A dead letter: a refused row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct WireDeadLetter {
    pub(super) arrived: i64,
    pub(super) source: String,
    pub(super) row: Option<u64>,
    pub(super) line: Option<u64>,
    pub(super) reason: String,
    pub(super) input: String,
}

impl From<&DeadLetter> for WireDeadLetter {
    fn from(dead_letter: &DeadLetter) -> Self {
        Self {
            arrived: dead_letter.arrived.as_nanos(),
            source: dead_letter.source.to_string(),
            row: dead_letter.row.map(|row| row as u64),
            line: dead_letter.line,
            reason: dead_letter.reason.clone(),
            input: dead_letter.input.clone(),
        }
    }
}

impl From<WireDeadLetter> for DeadLetter {
    fn from(dead_letter: WireDeadLetter) -> Self {
        Self {
            arrived: Timestamp::from_nanos(dead_letter.arrived),
            source: dead_letter.source.into(),
            row: dead_letter.row.map(|row| row as usize),
            line: dead_letter.line,
            reason: dead_letter.reason,
            input: dead_letter.input,
        }
    }
}

/// The answer to a post with an idempotency key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct WireReceipt {
    key: Arc<str>,
    digest: u64,
    status: u16,
    body: Vec<u8>,
    short_body: Option<Vec<u8>>,
}

impl From<&Receipt> for WireReceipt {
    fn from(receipt: &Receipt) -> Self {
        let Receipt { key, digest, status, body, short_body } = receipt.clone();
        Self { key, digest, status, body, short_body }
    }
}

impl From<WireReceipt> for Receipt {
    fn from(WireReceipt { key, digest, status, body, short_body }: WireReceipt) -> Self {
        Self { key, digest, status, body, short_body }
    }
}

/// The transcript of the batches: its epoch, and the epoch and number of the last batch that it shares with an earlier
/// one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WireTranscript {
    epoch: u64,
    parent: Option<(u64, u64)>,
}

impl From<Transcript> for WireTranscript {
    fn from(Transcript { epoch, parent }: Transcript) -> Self {
        Self { epoch: epoch.into(), parent: parent.map(|Position { epoch, batch }| (epoch.into(), batch)) }
    }
}

impl From<WireTranscript> for Transcript {
    fn from(WireTranscript { epoch, parent }: WireTranscript) -> Self {
        let parent = parent.map(|(epoch, batch)| Position { epoch: Epoch::from(epoch), batch });
        Self { epoch: epoch.into(), parent }
    }
}

/// Counters that continue from run to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct WireCounters {
    produced: u64,
    posted: u64,
    processed: u64,
    late: u64,
    dropped: u64,
    pub(super) batches: u64,
    late_ticks: u64,
    caught_up: u64,
    rejected: u64,
}

impl WireCounters {
    pub(super) fn new(counters: &Counters, rejected: u64) -> Self {
        let Counters { produced, posted, processed, late, dropped, batches, late_ticks, caught_up } = *counters;
        Self { produced, posted, processed, late, dropped, batches, late_ticks, caught_up, rejected }
    }

    /// The engine's counters, and the number of refused rows.
    pub(super) fn read(self) -> (Counters, u64) {
        let Self { produced, posted, processed, late, dropped, batches, late_ticks, caught_up, rejected } = self;
        (Counters { produced, posted, processed, late, dropped, batches, late_ticks, caught_up }, rejected)
    }
}

/// The state besides rows and queue, as of the record that holds it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Metadata {
    pub(super) counters: WireCounters,
    /// The newest accepted timestamp, in nanoseconds since the epoch.
    pub(super) newest: Option<i64>,
    /// The seed of the simulated source and the position of its generator; `None` without a fixed seed.
    pub(super) source: Option<(u64, u64)>,
    /// So that opening the app with another link drops no rows, and keeps none for longer.
    pub(super) limits: WireLimits,
    /// The transcript that the batches belong to; `None` where version 1 was read.
    pub(super) transcript: Option<WireTranscript>,
}

/// The settings that limit the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(in crate::store) struct WireLimits {
    pub(in crate::store) history_rows: u64,
    pub(in crate::store) memory_rows: u64,
    /// In nanoseconds; `None` for rows of any age, and where version 1 was read.
    pub(in crate::store) history_age: Option<i64>,
}

/// The changes between two writes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) metadata: Metadata,
    /// The arrival time of the last of the events.
    pub(super) arrived: i64,
    /// The number of the first event. Recorded events are numbered from 0 over all runs.
    pub(super) first: u64,
    /// Events that entered the queue.
    pub(super) events: Vec<WireEvent>,
    /// Batches and drops that left the queue, in order.
    pub(super) left: Vec<Left>,
    pub(super) dead_letters: Vec<WireDeadLetter>,
    /// The answers to the posts with an idempotency key that brought these events and dead letters.
    pub(super) receipts: Vec<WireReceipt>,
}

/// Events that left the queue: all with a number below `until`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Left {
    /// As a batch.
    Batch { until: u64, batch: WireBatch },
    /// Dropped, since the queue was full.
    Dropped { until: u64 },
}

/// A batch without its rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct WireBatch {
    pub(super) number: u64,
    pub(super) processed_at: i64,
    agg: u8,
    aggfunc: u8,
    /// The rolling aggregate of its rows, in order of time.
    rolling: Vec<f64>,
}

impl WireBatch {
    pub(super) fn new(number: u64, processed_at: Timestamp, agg: Agg, aggfunc: Agg, rolling: &[f64]) -> Self {
        Self {
            number,
            processed_at: processed_at.as_nanos(),
            agg: agg_code(agg),
            aggfunc: agg_code(aggfunc),
            rolling: rolling.to_vec(),
        }
    }

    /// The pivot's aggregate function.
    pub(super) fn aggfunc(&self) -> Agg {
        agg_of(self.aggfunc)
    }

    /// The table `latest` of these rows, which are in order of time; `None` when the batch has another number of rows.
    pub(super) fn latest(&self, rows: Frame) -> Option<Frame> {
        rows.with_column(rolling_name(agg_of(self.agg)), Column::Float(self.rolling.clone().into())).ok()
    }
}

/// The index in `Agg::ALL`, which is part of the format: a new aggregate must be added at its end.
fn agg_code(agg: Agg) -> u8 {
    Agg::ALL.iter().position(|known| *known == agg).unwrap_or(0) as u8
}

fn agg_of(code: u8) -> Agg {
    Agg::ALL.get(usize::from(code)).copied().unwrap_or(Agg::Mean)
}

/// The whole state, except the rows of the blocks that it lists.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    pub(super) metadata: Metadata,
    /// The number of the oldest event in the queue, or of the next event if the queue is empty.
    pub(super) first: u64,
    /// The events in the queue, oldest first, each with its arrival time.
    pub(super) queue: Vec<(i64, WireEvent)>,
    pub(super) dead_letters: Vec<WireDeadLetter>,
    pub(super) latest: Option<(WireBatch, Vec<WireEvent>)>,
    /// Data files: number, and length up to the end of the last block.
    pub(super) files: Vec<(u64, u64)>,
    /// Blocks in order of time.
    pub(super) blocks: Vec<WirePlace>,
    /// Rows at the front of the first block that retention has dropped.
    pub(super) trimmed_rows: u64,
    /// The receipts that are kept, oldest first.
    pub(super) receipts: Vec<WireReceipt>,
}

/// The location of a block, its number of rows and its time range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WirePlace {
    pub(super) file: u64,
    pub(super) at: u64,
    pub(super) bytes: u32,
    pub(super) rows: u32,
    pub(super) first_time: i64,
    pub(super) last_time: i64,
}

/// A block of rows in order of time, as columns.
#[derive(Debug, Serialize, Deserialize)]
struct WireBlock {
    first_time: i64,
    /// The differences between the times of consecutive rows.
    steps: Vec<u64>,
    values: Vec<f64>,
    ids: WireIds,
}

#[derive(Debug, Serialize, Deserialize)]
enum WireIds {
    /// One UUID per row, when most are distinct.
    Uuids(Vec<[u8; 16]>),
    /// A list of ids, and one index into it per row.
    Coded { ids: Vec<WireId>, codes: Vec<u32> },
}

/// Appends a record with the rows of a segment, which is not empty.
pub(super) fn append_block(out: &mut Vec<u8>, segment: &Segment) {
    let ids = match &segment.ids {
        Ids::Uuids(uuids) => WireIds::Uuids(uuids.iter().map(|uuid| uuid.into_bytes()).collect()),
        ids => coded(ids),
    };
    append_value(
        out,
        &WireBlock {
            first_time: segment.first_time(),
            steps: segment.times.windows(2).map(|pair| pair[1].wrapping_sub(pair[0]) as u64).collect(),
            values: segment.values.clone(),
            ids,
        },
    );
}

/// The ids as a list and indices, or as [`WireIds::Uuids`] where they are all UUIDs and mostly distinct.
fn coded(ids: &Ids) -> WireIds {
    let mut code_of: FxHashMap<Id, u32> = FxHashMap::default();
    let mut list = Vec::new();
    let codes: Vec<u32> = (0..ids.len())
        .map(|row| {
            let id = ids.get(row);
            *code_of.entry(id).or_insert_with_key(|id| {
                list.push(WireId::from(id));
                (list.len() - 1) as u32
            })
        })
        .collect();
    let uuids: Option<Vec<[u8; 16]>> = (list.len() * 2 > codes.len())
        .then(|| {
            codes
                .iter()
                .map(|code| if let WireId::Uuid(bytes) = list[*code as usize] { Some(bytes) } else { None })
                .collect()
        })
        .flatten();
    uuids.map_or(WireIds::Coded { ids: list, codes }, WireIds::Uuids)
}

/// The rows in a block's payload; `None` when it cannot be decoded or its columns are inconsistent.
pub(super) fn read_block(payload: &[u8]) -> Option<Segment> {
    let WireBlock { first_time, steps, values, ids } = read_value(payload)?;
    let mut times = Vec::with_capacity(steps.len() + 1);
    times.push(first_time);
    let mut time = first_time;
    for step in steps {
        time = time.wrapping_add(step as i64);
        times.push(time);
    }
    let ids = match ids {
        WireIds::Uuids(uuids) => Ids::Uuids(uuids.into_iter().map(Uuid::from_bytes).collect()),
        WireIds::Coded { ids, codes } => {
            if codes.iter().any(|code| *code as usize >= ids.len()) {
                return None;
            }
            Ids::Coded { codes, ids: Arc::new(ids.into_iter().map(Id::from).collect()) }
        }
    };
    (times.len() == values.len() && times.len() == ids.len() && times.is_sorted()).then_some(Segment {
        times,
        values,
        ids,
    })
}

/// Events as rows in order of time, equal times in order of arrival; `None` only if the frame cannot be built.
pub(super) fn rows_of(mut events: Vec<WireEvent>) -> Option<Frame> {
    events.sort_by_key(|event| event.time);
    let mut ids = StringsBuilder::default();
    for event in &events {
        push_id(&mut ids, &event.id.clone().into());
    }
    let (times, values) = events.iter().map(|event| (event.time, event.value)).unzip();
    rows_frame(times, ids.finish(), values).ok()
}

/// The rows of a frame as events.
pub(super) fn events_of(rows: &Frame) -> Vec<WireEvent> {
    let columns = (rows.column("timestamp"), rows.column("id"), rows.column("value"));
    let (Ok(times), Ok(ids), Ok(values)) = columns else { return Vec::new() };
    let (Some(times), Some(ids), Some(values)) = (times.as_datetime(), ids.as_strings(), values.as_float()) else {
        return Vec::new();
    };
    let event = |row: usize| WireEvent { time: times[row], id: (&id_of(ids, row)).into(), value: values[row] };
    (0..times.len()).map(event).collect()
}

fn id_of(ids: &Strings, row: usize) -> Id {
    Id::from_column(ids, row)
}
