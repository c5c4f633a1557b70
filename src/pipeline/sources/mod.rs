//! Sources of events beside the simulated one, as state machines: what they read is told to them, and what they want is
//! asked for.
//!
//! Read [`FileSource`] first: a file that is loaded, replayed or followed. `feed(input, room, now)` takes an [`Input`]
//! and gives back the rows that are due, as many as the queue has room for, and what to do next, as [`Ask`]s. Nothing
//! here reads a file or a clock, so that a property test can pause, seek and loop as it likes. The rows of a file are read
//! by a [`FileReader`], in a thread of its own, and come as [`RowBlock`]s.
//!
//! [`LiveSource`] is another: a WebSocket, Server-Sent Events, or an address that is polled. What all have in common is
//! [`Source`]: each has inputs and asks of its own, and the same rows, cursor, state and progress come of it.
//!
//! Three layers are shared by all sources, and stand in [`records`](super::records): framing, records, mapping. How far
//! a source has come is a [`Cursor`](super::Cursor), which is stored together with the rows.

mod address;
mod backoff;
#[cfg(test)]
mod conformance_tests;
mod draft_columns;
mod file;
mod file_epoch;
mod file_head;
mod file_reader;
#[cfg(test)]
mod file_tests;
pub mod live;
mod marks;
pub mod nats;
mod replay_clock;
mod row_block;
mod source;

pub use address::{AddressNotes, AddressSpace, PageOrigin, check_address, space_of};
pub use draft_columns::DraftColumns;
pub use file::{FileProgress, FileSource};
pub use file_epoch::{EPOCH_BYTES, file_epoch};
pub use file_head::{FileHead, Pace, ReadingOn};
pub use file_reader::{FileReader, ReadFrom};
pub use live::LiveSource;
pub use nats::NatsSource;
pub use row_block::{BlockInfo, RowBlock, RowBlockHead};
pub use source::{Seek, Source, SourceProgress, SourceState};

use super::records::{BadRow, Draft, Place};
use crate::time::Timestamp;

/// What the source of a file is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// What [`Ask::Open`] asked for is open.
    Opened {
        /// Its length in bytes as they are read, where that is known.
        bytes: Option<u64>,
        /// The epoch of what it holds now, see [`file_epoch`].
        epoch: u64,
    },
    /// What [`Ask::Read`] asked for.
    Rows(Box<RowBlock>),
    /// It cannot be read any further: a sentence with place, reason and mend.
    Closed(String),
    /// Time passed, or the queue has room.
    Tick,
}

/// What the source of a file asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Open what is read, as it is now.
    Open(ReadFrom),
    /// Read the next block of rows.
    Read,
    /// Close what is read: nothing more is asked for.
    Close,
    /// Feed [`Input::Tick`] then; in the past when work is left.
    Wake(Timestamp),
}

/// What an input led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Fed<A = Ask> {
    /// Rows that are due, in order; never more than there was room for.
    pub rows: Vec<(Place, Draft)>,
    /// Rows before the cursor that were refused.
    pub refused: Vec<BadRow>,
    /// Further refused rows, which nothing is known of but their number.
    pub refused_unlisted: usize,
    /// Rows before the cursor that were dropped, since a buffer that cannot wait was full.
    pub dropped: usize,
    /// Whether the rows came late since a server delivered them again: none of them is refused as late.
    pub is_redelivered: bool,
    /// Whether the cursor has moved: it is to be stored with the rows.
    pub has_moved: bool,
    /// What to do next.
    pub asks: Vec<A>,
}

/// Nothing: also for asks that have no default.
impl<A> Default for Fed<A> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            refused: Vec::new(),
            refused_unlisted: 0,
            dropped: 0,
            is_redelivered: false,
            has_moved: false,
            asks: Vec::new(),
        }
    }
}
