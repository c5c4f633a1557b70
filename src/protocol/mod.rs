//! Floor 2: the messages that cross threads, and their version.
//!
//! Read [`ToWorker`] and [`FromWorker`] first: each message between a page and a pipeline worker is a variant of one of
//! them. [`FromRelay`] and [`ToRelay`] are the few of them that the service worker speaks too, in a form of their own.
//! [`WorkerBroadcast`] goes between the workers of all tabs, and [`ToServiceWorker`] from a page to the service worker,
//! about the page itself. [`ToDecoder`] and [`FromDecoder`] go between a worker and the program that reads
//! files for it.
//!
//! A message travels in an envelope of three fields: `version` ([`VERSION`]), the message as `bytes` (postcard), and a
//! `body` that is transferred beside it: the body of a request or an answer, the columns of a chart, or files of the
//! journal. From and to the service worker, which is plain JavaScript, the message is `json` instead; which of both is
//! spoken on a port is known when the port is connected. Beside [`ToWorker::File`] an envelope has a `file`, which is
//! cloned: a handle on it, not its bytes. `src/browser/message.rs` reads and writes envelopes;
//! `src/browser/service_worker/sw.js` is the only other code that knows these names, and a test compares them. No
//! message says what its sender may do: that is known of the connection, see `worker/access.rs`.
//!
//! This floor is below `service`, which makes snapshots: it holds plain data and depends on nothing but serde
//! and `pipeline`, whose previews and blocks of rows are plain data too.

mod decoding;
mod files;
mod http;
mod messages;
mod relay;
mod snapshot;
mod source;
mod view;

pub use decoding::{
    Coding, DecodedFile, DecoderHandshake, FileFacts, FromDecoder, MAX_UNREADABLE, ToDecoder, UnreadableColumn,
};
pub use files::{FileControl, FilePace, FilePreview, FileRequest, FileSeek, FileState, FileView, LoadedBefore};
pub use http::{PartKind, RequestHead, RequestPart, ResponseHead, ResponsePart};
pub use messages::{
    FromWorker, HeldSetting, Mode, OwnerThread, RawFileEntry, Role, Start, StorageAction, ToServiceWorker, ToWorker,
    WorkerBroadcast,
};
pub use relay::{FromRelay, ToRelay};
pub use snapshot::{
    BatchView, CHART_COLUMNS, ChartFrame, ChartPoint, Counters, EventRow, KeptRow, MAX_PROVENANCE_ROWS, Provenance,
    RejectedRow, RowsSlice, RunState, Snapshot, StorageView, TableView, Tier, UNKNOWN_ROWS,
};
pub use source::{SinkView, SourceStanding, SourceView};
pub use view::{CellRef, ChartRange, ChartView, MAX_SERIES, RowsSort, RowsView, View};

use serde::{Serialize, de::DeserializeOwned};

/// Raised by every change of a message. A message of another version is refused, with both versions named.
pub const VERSION: u32 = 13;

/// Milliseconds between two heartbeats of a worker to its page.
pub const HEARTBEAT_MILLIS: u32 = 1000;

/// The name of the lock of the pipeline below this base path, and of the channel between the workers of all tabs.
#[must_use]
pub fn lock_name(base: &str) -> String {
    format!("millrace:{base}")
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

/// A message as postcard: field by field, without names.
#[must_use]
pub fn pack(message: &impl Serialize) -> Vec<u8> {
    // Only sequences of unknown length fail, and no message has one.
    postcard::to_allocvec(message).unwrap_or_default()
}

/// Reads a message of this version.
///
/// # Errors
/// [`ProtocolError::Version`] for any other version, [`ProtocolError::Malformed`] for anything that is not a message.
pub fn unpack<T: DeserializeOwned>(version: Option<u32>, bytes: &[u8]) -> Result<T, ProtocolError> {
    check_version(version)?;
    postcard::from_bytes(bytes).map_err(|_| ProtocolError::Malformed)
}

fn check_version(version: Option<u32>) -> Result<(), ProtocolError> {
    if version == Some(VERSION) { Ok(()) } else { Err(ProtocolError::Version(version)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_reads_back() {
        let view = View { table_offsets: [0, 20, 300], rows: Some(RowsView::default()), ..View::default() };
        let message = ToWorker::View(view);
        assert_eq!(unpack(Some(VERSION), &pack(&message)), Ok(message));
    }

    #[test]
    fn another_version_is_refused_and_named() {
        let bytes = pack(&ToWorker::Ping);
        let error = unpack::<ToWorker>(Some(VERSION + 1), &bytes).unwrap_err();
        assert_eq!(error.to_string(), format!("protocol version {}, this build speaks {VERSION}", VERSION + 1));
        assert_eq!(unpack::<ToWorker>(None, &bytes), Err(ProtocolError::Version(None)));
    }

    #[test]
    fn other_bytes_are_malformed() {
        for bytes in [&[0xff; 3][..], &[], br#"{"pong":1}"#] {
            assert_eq!(unpack::<ToWorker>(Some(VERSION), bytes), Err(ProtocolError::Malformed));
        }
    }

    /// `tests/e2e/relay_trust.spec.mjs` speaks as a page of any build, in these bytes.
    #[test]
    fn the_handshake_of_a_page_is_known_byte_by_byte() {
        let hello = |build: Option<&str>| ToWorker::Hello { build: build.map(str::to_owned), start: None };
        assert_eq!(pack(&hello(None)), [0, 0, 0]);
        assert_eq!(pack(&hello(Some("a.js"))), [&[0, 1, 4][..], b"a.js", &[0]].concat());
        let [method, path] = ["GET", "config"].map(str::to_owned);
        let request = ToWorker::Request(RequestHead { id: 7, method, path, ..RequestHead::default() });
        assert_eq!(pack(&request), [&[4, 7, 3][..], b"GET", &[6], b"config", &[0, 0, 0]].concat());
        assert_eq!([pack(&FromWorker::Welcome), pack(&FromWorker::Refused)], [[1], [2]]);
        let response = ResponseHead { id: 7, status: 200, headers: Vec::new(), stream: None };
        assert_eq!(pack(&FromWorker::Response(response)), [5, 7, 0xc8, 1, 0, 0]);
        assert_eq!(pack(&FromWorker::Settings { query: "a=1".into() }), [&[9, 3][..], b"a=1"].concat());
    }
}
