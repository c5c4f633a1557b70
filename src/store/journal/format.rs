//! The types stored on disk. They are separate from the types in memory, so that a change elsewhere does not change the
//! format; a change here must raise [`FORMAT_VERSION`], and leave what it replaces in `versions`.
//! `docs/journal-format.md` describes the bytes.
//!
//! Payloads are encoded with postcard: field by field, integers as varints.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::record::{append, checksum};
use crate::frame::Frame;
use crate::frame::ops::Agg;
use crate::pipeline::{
    Counters, Cursor, DeadLetter, Epoch, Event, Id, Measures, Position, Receipt, Transcript, Values, measures_of,
    with_rolling,
};
use crate::store::columns::{Column, Columns};
use crate::store::ids::Ids;
use crate::store::segment::Segment;
use crate::store::storage::StoreError;
use crate::time::Timestamp;

/// The format version in the header of every file that this build writes. It reads all versions from 1 on.
pub const FORMAT_VERSION: u32 = 4;

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

/// The names of some measures. A record lists the measures of its events and batches once; they have places in that list.
pub(super) type WireMeasures = Vec<Arc<str>>;

/// As [`place_of`], for measures whose names the list shares: those of the event before are then known by their address.
fn place_of_shared(list: &mut Vec<WireMeasures>, measures: &Measures) -> u32 {
    let names = measures.as_slice();
    let is_same = |(known, name): (&Arc<str>, &Arc<str>)| Arc::ptr_eq(known, name);
    match list.last() {
        Some(last) if last.len() == names.len() && last.iter().zip(names).all(is_same) => (list.len() - 1) as u32,
        _ => {
            let place = place_of(list, measures.names());
            list[place as usize] = names.to_vec();
            place
        }
    }
}

/// The place of these measures in the list of a record, where they are added if they are not there yet.
pub(super) fn place_of<'a>(list: &mut Vec<WireMeasures>, names: impl Iterator<Item = &'a str> + Clone) -> u32 {
    let is_it = |known: &WireMeasures| known.iter().map(|name| &**name).eq(names.clone());
    // A change of the measures is rare: they are those of the event before.
    let place = list.iter().rposition(is_it).unwrap_or_else(|| {
        list.push(names.clone().map(Arc::from).collect());
        list.len() - 1
    });
    place as u32
}

/// Events as they entered the queue, in order of arrival, all with the same measures.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct WireEvents {
    /// The place of the measures in the list of the record.
    pub(super) measures: u32,
    pub(super) times: Vec<i64>,
    pub(super) ids: Vec<WireId>,
    /// A value for each measure, event by event; NaN where an event lacks one.
    pub(super) values: Vec<f64>,
}

impl WireEvents {
    pub(super) fn new(measures: u32) -> Self {
        Self { measures, ..Self::default() }
    }

    /// With room for so many events with this number of measures.
    fn with_capacity(place: u32, events: usize, measures: usize) -> Self {
        let (times, ids) = (Vec::with_capacity(events), Vec::with_capacity(events));
        Self { measures: place, times, ids, values: Vec::with_capacity(events * measures) }
    }

    pub(super) fn len(&self) -> usize {
        self.times.len()
    }

    /// Adds an event with this number of measures.
    pub(super) fn push(&mut self, event: &Event, measures: usize) {
        self.times.push(event.timestamp.as_nanos());
        self.ids.push((&event.id).into());
        let end = self.values.len() + measures;
        self.values.extend_from_slice(event.values.get(..measures).unwrap_or(&event.values));
        self.values.resize(end, f64::NAN);
    }

    /// The events, which have this number of measures.
    pub(super) fn into_events(self, measures: usize) -> impl Iterator<Item = Event> {
        let Self { times, ids, values, .. } = self;
        times.into_iter().zip(ids).enumerate().map(move |(row, (time, id))| Event {
            timestamp: Timestamp::from_nanos(time),
            id: id.into(),
            values: Values::from_slice(&values[row * measures..][..measures]),
        })
    }

    /// Whether the columns are as long as the list of the record says.
    fn is_sound(&self, list: &[WireMeasures]) -> bool {
        let values = match list.get(self.measures as usize) {
            Some(names) => self.len().checked_mul(names.len()),
            None => (self.len() == 0).then_some(0),
        };
        self.ids.len() == self.len() && values == Some(self.values.len())
    }
}

/// How far a source was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WireCursor {
    source: Arc<str>,
    epoch: u64,
    position: u64,
    taken: u64,
    rows: u64,
    lines: u64,
    shift_nanos: i64,
    is_done: bool,
    token: Arc<str>,
    ranges: Arc<[(u64, u64)]>,
}

impl From<&Cursor> for WireCursor {
    fn from(cursor: &Cursor) -> Self {
        let Cursor { source, epoch, position, taken, rows, lines, shift_nanos, is_done, token, ranges } =
            cursor.clone();
        Self { source, epoch, position, taken, rows, lines, shift_nanos, is_done, token, ranges }
    }
}

impl From<WireCursor> for Cursor {
    fn from(cursor: WireCursor) -> Self {
        let WireCursor { source, epoch, position, taken, rows, lines, shift_nanos, is_done, token, ranges } = cursor;
        Self { source, epoch, position, taken, rows, lines, shift_nanos, is_done, token, ranges }
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
    /// The measures of the events and batches.
    pub(super) measures: Vec<WireMeasures>,
    /// The arrival time of the last of the events.
    pub(super) arrived: i64,
    /// The number of the first event. Recorded events are numbered from 0 over all runs.
    pub(super) first: u64,
    /// Events that entered the queue; others follow where their measures change.
    pub(super) events: Vec<WireEvents>,
    /// Batches and drops that left the queue, in order.
    pub(super) left: Vec<Left>,
    pub(super) dead_letters: Vec<WireDeadLetter>,
    /// The answers to the posts with an idempotency key that brought these events and dead letters.
    pub(super) receipts: Vec<WireReceipt>,
    /// How far the sources were read that brought these events and dead letters.
    pub(super) cursors: Vec<WireCursor>,
}

impl Group {
    /// Adds an event with these measures. About `usual` of them come.
    pub(super) fn push(&mut self, event: &Event, measures: &Measures, usual: usize) {
        let place = place_of_shared(&mut self.measures, measures);
        if self.events.last().is_none_or(|events| events.measures != place) {
            let room = if self.events.is_empty() { usual } else { 0 };
            self.events.push(WireEvents::with_capacity(place, room, measures.count()));
        }
        if let Some(events) = self.events.last_mut() {
            events.push(event, measures.count());
        }
    }

    /// The number of events.
    pub(super) fn event_count(&self) -> usize {
        self.events.iter().map(WireEvents::len).sum()
    }

    /// Whether events and batches are as the measures say.
    pub(super) fn is_sound(&self) -> bool {
        let is_sound = |left: &Left| match left {
            Left::Batch { batch, .. } => batch.is_sound(&self.measures),
            Left::Dropped { .. } => true,
        };
        self.events.iter().all(|events| events.is_sound(&self.measures)) && self.left.iter().all(is_sound)
    }
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
    pub(super) agg: u8,
    pub(super) aggfunc: u8,
    /// The place of its measures in the list of the record.
    pub(super) measures: u32,
    /// The rolling aggregates of its rows in order of time: of all rows for the first measure, then for the next.
    pub(super) rolling: Vec<f64>,
}

impl WireBatch {
    /// A batch whose rolling aggregates are added later.
    pub(super) fn new(number: u64, processed_at: Timestamp, agg: Agg, aggfunc: Agg, measures: u32) -> Self {
        Self {
            number,
            processed_at: processed_at.as_nanos(),
            agg: agg_code(agg),
            aggfunc: agg_code(aggfunc),
            measures,
            rolling: Vec::new(),
        }
    }

    /// The pivot's aggregate function.
    pub(super) fn aggfunc(&self) -> Agg {
        agg_of(self.aggfunc)
    }

    /// The table `latest` of these rows, which are in order of time and have columns for the batch's measures; `None` when
    /// the batch has another number of rows.
    pub(super) fn latest(&self, rows: Frame) -> Option<Frame> {
        let measures = rows.columns().len().checked_sub(2)?;
        if rows.is_empty() || rows.len().checked_mul(measures) != Some(self.rolling.len()) {
            return None;
        }
        let rolling = self.rolling.chunks(rows.len()).map(<[f64]>::to_vec).collect();
        with_rolling(rows, rolling, agg_of(self.agg)).ok()
    }

    fn is_sound(&self, list: &[WireMeasures]) -> bool {
        list.get(self.measures as usize).is_some()
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
    /// The measures of the queue and of the newest batch.
    pub(super) measures: Vec<WireMeasures>,
    /// The number of the oldest event in the queue, or of the next event if the queue is empty.
    pub(super) first: u64,
    /// The arrival times of the events in the queue.
    pub(super) arrived: Vec<i64>,
    /// The events in the queue, oldest first.
    pub(super) queue: WireEvents,
    pub(super) dead_letters: Vec<WireDeadLetter>,
    /// The newest batch, and its rows in order of time.
    pub(super) latest: Option<(WireBatch, WireEvents)>,
    /// Data files: number, and length up to the end of the last block.
    pub(super) files: Vec<(u64, u64)>,
    /// Blocks in order of time.
    pub(super) blocks: Vec<WirePlace>,
    /// Rows at the front of the first block that retention has dropped.
    pub(super) trimmed_rows: u64,
    /// The receipts that are kept, oldest first.
    pub(super) receipts: Vec<WireReceipt>,
    /// How far the sources were read, the one that moved last at the end.
    pub(super) cursors: Vec<WireCursor>,
}

impl Checkpoint {
    /// Whether queue and batch are as the measures say.
    pub(super) fn is_sound(&self) -> bool {
        let is_sound =
            |(batch, rows): &(WireBatch, WireEvents)| batch.is_sound(&self.measures) && rows.is_sound(&self.measures);
        self.arrived.len() == self.queue.len()
            && self.queue.is_sound(&self.measures)
            && self.latest.as_ref().is_none_or(is_sound)
    }
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
pub(super) struct WireBlock {
    pub(super) first_time: i64,
    /// The differences between the times of consecutive rows.
    pub(super) steps: Vec<u64>,
    pub(super) ids: WireIds,
    /// The measures that rows of the block have, and a value for each row; NaN where it lacks the measure.
    pub(super) columns: Vec<(Arc<str>, Vec<f64>)>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum WireIds {
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
            ids,
            columns: segment
                .columns
                .iter()
                .map(|column| (Arc::clone(&column.measure), column.values.clone()))
                .collect(),
        },
    );
}

/// The ids as a list and indices, or as [`WireIds::Uuids`] where they are all UUIDs and mostly distinct.
fn coded(ids: &Ids) -> WireIds {
    let (list, codes) = ids.numbered();
    let list: Vec<WireId> = list.iter().map(WireId::from).collect();
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

/// The rows of a table `latest`, whose measures have this place in the list of the record.
pub(super) fn events_of(latest: &Frame, measures: u32) -> WireEvents {
    let mut events = WireEvents::new(measures);
    let (Ok(times), Ok(ids)) = (latest.column("timestamp"), latest.column("id")) else { return events };
    let (Some(times), Some(ids)) = (times.as_datetime(), ids.as_strings()) else { return events };
    let columns: Vec<_> = measures_of(latest).map(|name| latest.column(name).ok()?.as_float()).collect();
    for (row, time) in times.iter().enumerate() {
        events.times.push(*time);
        events.ids.push((&Id::from_column(ids, row)).into());
        events.values.extend(columns.iter().map(|values| values.map_or(f64::NAN, |values| values[row])));
    }
    events
}

/// The rows of a block; `None` when its columns are inconsistent.
pub(super) fn segment_of(block: WireBlock) -> Option<Segment> {
    let WireBlock { first_time, steps, ids, columns } = block;
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
    let is_whole = columns.iter().all(|(_, values)| values.len() == times.len());
    let columns = columns.into_iter().map(|(measure, values)| Column { measure, values }).collect();
    (is_whole && times.len() == ids.len() && times.is_sorted()).then_some(Segment {
        times,
        columns: Columns::new(columns),
        ids,
    })
}
