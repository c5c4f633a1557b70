//! Floor 2: the messages that cross threads, and their version.
//!
//! Read [`ToWorker`] and [`FromWorker`] first: each message between a page, its service worker and a pipeline worker is
//! a variant of one of them. [`WorkerBroadcast`] goes between the workers of all tabs, and [`ToServiceWorker`] from a
//! page to the service worker, about the page itself.
//!
//! A message travels in an envelope of four fields: `version` ([`VERSION`]), the message as `bytes` (postcard) or, from
//! and to the service worker, which is plain JavaScript, as `json`, and a `body` that is transferred beside it: the
//! body of a request or an answer, the columns of a chart, or files. `src/browser/message.rs` reads and writes
//! envelopes; `src/browser/service_worker/sw.js` is the only other code that knows these names, and a test compares
//! them. No message says what its sender may do: that is known of the connection, see `worker/access.rs`.
//!
//! This floor is below `service`, which makes snapshots: it holds plain data and depends on nothing but serde.

mod messages;
mod snapshot;
mod view;

pub use messages::HeldSetting;
pub use messages::{
    FromWorker, Mode, OwnerThread, PartKind, RawFileEntry, Role, Start, StorageAction, ToServiceWorker, ToWorker,
    WorkerBroadcast,
};
pub use snapshot::{
    BatchView, CHART_COLUMNS, ChartFrame, ChartPoint, Counters, EventRow, KeptRow, MAX_PROVENANCE_ROWS, Provenance,
    RejectedRow, RowsSlice, RunState, Snapshot, StorageView, TableView, Tier, UNKNOWN_ROWS,
};
pub use view::{CellRef, ChartRange, ChartView, MAX_SERIES, RowsSort, RowsView, View};

use serde::{Serialize, de::DeserializeOwned};

/// Raised by every change of a message. A message of another version is refused, with both versions named.
pub const VERSION: u32 = 9;

/// Milliseconds between two heartbeats of a worker to its page.
pub const HEARTBEAT_MILLIS: u32 = 1000;

/// The name of the lock of the pipeline below this base path, and of the channel between the workers of all tabs.
#[must_use]
pub fn lock_name(base: &str) -> String {
    format!("millrace:{base}")
}

/// A message in one of its two forms.
#[derive(Debug, Clone, PartialEq)]
pub enum Encoded {
    /// Between Rust programs of one version: postcard, field by field, without names.
    Bytes(Vec<u8>),
    /// From and to the service worker.
    Json(String),
}

/// Why a message cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProtocolError {
    /// It is of another version; `None`: from before versions stood in each message.
    Version(Option<u32>),
    /// It is none of the known messages.
    Malformed,
}

impl std::fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Version(Some(version)) => write!(f, "protocol version {version}, this build speaks {VERSION}"),
            Self::Version(None) => write!(f, "an older protocol version, this build speaks {VERSION}"),
            Self::Malformed => f.write_str("a message that cannot be read"),
        }
    }
}

impl std::error::Error for ProtocolError {}

/// A message as postcard.
pub fn pack(message: &impl Serialize) -> Encoded {
    // Only sequences of unknown length fail, and no message has one.
    Encoded::Bytes(postcard::to_allocvec(message).unwrap_or_default())
}

/// A message as JSON.
pub fn pack_json(message: &impl Serialize) -> Encoded {
    // Only maps with keys that are not text fail, and no message has one.
    Encoded::Json(serde_json::to_string(message).unwrap_or_default())
}

/// Reads a message of this version.
///
/// # Errors
/// [`ProtocolError::Version`] for any other version, [`ProtocolError::Malformed`] for anything that is not a message.
pub fn unpack<T: DeserializeOwned>(version: Option<u32>, encoded: &Encoded) -> Result<T, ProtocolError> {
    if version != Some(VERSION) {
        return Err(ProtocolError::Version(version));
    }
    match encoded {
        Encoded::Bytes(bytes) => postcard::from_bytes(bytes).map_err(|_| ProtocolError::Malformed),
        Encoded::Json(text) => serde_json::from_str(text).map_err(|_| ProtocolError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_reads_back_in_either_form() {
        let view = View { table_offsets: [0, 20, 300], rows: Some(RowsView::default()), ..View::default() };
        let message = ToWorker::View(view);
        for encoded in [pack(&message), pack_json(&message)] {
            assert_eq!(unpack(Some(VERSION), &encoded), Ok(message.clone()));
        }
    }

    #[test]
    fn another_version_is_refused_and_named() {
        let encoded = pack(&ToWorker::Ping);
        let error = unpack::<ToWorker>(Some(VERSION + 1), &encoded).unwrap_err();
        assert_eq!(error.to_string(), format!("protocol version {}, this build speaks {VERSION}", VERSION + 1));
        assert_eq!(unpack::<ToWorker>(None, &encoded), Err(ProtocolError::Version(None)));
    }

    #[test]
    fn other_bytes_are_malformed() {
        let encoded = [Encoded::Bytes(vec![0xff; 3]), Encoded::Bytes(Vec::new()), Encoded::Json("{\"pong\":1}".into())];
        for encoded in encoded {
            assert_eq!(unpack::<ToWorker>(Some(VERSION), &encoded), Err(ProtocolError::Malformed));
        }
    }
}
