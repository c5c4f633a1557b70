//! What journals of earlier format versions hold, and how it reads as the present one.
//!
//! Version 1 knew neither transcripts nor receipts, no age of rows, and no lines of refused rows. The headers of files and the blocks of
//! data files are alike in versions 1 and 2, so that a data file goes on with blocks of either.

use serde::Deserialize;

use super::format::{
    Checkpoint, Group, Left, Metadata, WireBatch, WireCounters, WireDeadLetter, WireEvent, WireLimits, WirePlace,
    read_value,
};

/// The checkpoint in a record's payload of a journal of this version; `None` when it cannot be decoded.
pub(super) fn read_checkpoint(version: u32, payload: &[u8]) -> Option<Checkpoint> {
    if version == 1 { read_value::<Checkpoint1>(payload).map(Into::into) } else { read_value(payload) }
}

/// The group in a record's payload of a journal of this version; `None` when it cannot be decoded.
pub(super) fn read_group(version: u32, payload: &[u8]) -> Option<Group> {
    if version == 1 { read_value::<Group1>(payload).map(Into::into) } else { read_value(payload) }
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

/// See [`Group`].
#[derive(Debug, Deserialize)]
struct Group1 {
    metadata: Metadata1,
    arrived: i64,
    first: u64,
    events: Vec<WireEvent>,
    left: Vec<Left>,
    dead_letters: Vec<WireDeadLetter1>,
}

impl From<Group1> for Group {
    fn from(group: Group1) -> Self {
        let Group1 { metadata, arrived, first, events, left, dead_letters } = group;
        let dead_letters = dead_letters.into_iter().map(Into::into).collect();
        Self { metadata: metadata.into(), arrived, first, events, left, dead_letters, receipts: Vec::new() }
    }
}

/// See [`Checkpoint`].
#[derive(Debug, Deserialize)]
struct Checkpoint1 {
    metadata: Metadata1,
    first: u64,
    queue: Vec<(i64, WireEvent)>,
    dead_letters: Vec<WireDeadLetter1>,
    latest: Option<(WireBatch, Vec<WireEvent>)>,
    files: Vec<(u64, u64)>,
    blocks: Vec<WirePlace>,
    trimmed_rows: u64,
}

impl From<Checkpoint1> for Checkpoint {
    fn from(checkpoint: Checkpoint1) -> Self {
        let Checkpoint1 { metadata, first, queue, dead_letters, latest, files, blocks, trimmed_rows } = checkpoint;
        let dead_letters = dead_letters.into_iter().map(Into::into).collect();
        let metadata = metadata.into();
        Self { metadata, first, queue, dead_letters, latest, files, blocks, trimmed_rows, receipts: Vec::new() }
    }
}
