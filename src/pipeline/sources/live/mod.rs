//! Live sources, which push or are asked again and again: a WebSocket, Server-Sent Events, an address that is polled.
//!
//! Read [`LiveSource`] first: one machine for the three, which differ in what they say of a connection. Each brings
//! *messages*, which bring rows: each is a text of the format of the settings, or Arrow or Parquet, of which another program
//! makes columns. What drives the machine holds one connection at most: the last that [`LiveAsk::Connect`] asked for.

mod conditions;
mod event_stream;
mod inbox;
mod messages;
mod problems;
mod source;
#[cfg(test)]
mod source_tests;
mod unit;
mod validator;

pub use event_stream::{EventStream, StreamItem};
pub use messages::EncodedMessage;
pub(super) use messages::{Body, MessageReader};
pub use source::LiveSource;

use std::sync::Arc;

use crc::{CRC_64_XZ, Crc};

use crate::pipeline::records::{CsvOptions, Mapping};
use crate::pipeline::{Cursor, Overflow, SourceFormat};
use crate::time::{Duration, Timestamp};

/// The same in every build: cursors outlive builds.
static CRC64: Crc<u64> = Crc::<u64>::new(&CRC_64_XZ);

/// Maximum size of a message, in bytes: an event of a stream, a message of a WebSocket, an answer of a poll. It is that of
/// the body of a post. A longer message is one refused row.
pub const MAX_MESSAGE_BYTES: usize = 64 << 20;

/// How a live source comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveKind {
    /// The messages of a WebSocket.
    WebSocket,
    /// The events of `text/event-stream`.
    Sse,
    /// The answers to requests, one each interval.
    Poll,
}

impl LiveKind {
    /// The schemes of its addresses.
    #[must_use]
    pub fn schemes(self) -> &'static [&'static str] {
        match self {
            Self::WebSocket => &["ws", "wss"],
            Self::Sse | Self::Poll => &["http", "https"],
        }
    }

    /// Its name in the contract, and in cursors.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WebSocket => "websocket",
            Self::Sse => "sse",
            Self::Poll => "poll",
        }
    }
}

/// A live source, and how it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveHead {
    /// How it comes.
    pub kind: LiveKind,
    /// Its address, which [`check_address`](super::check_address) accepts.
    pub url: Arc<str>,
    /// How its messages are written.
    pub format: SourceFormat,
    /// The same of CSV.
    pub csv: CsvOptions,
    /// What becomes of their records.
    pub mapping: Mapping,
    /// Time between two requests of a poll.
    pub poll_interval: Duration,
    /// What is done with messages of a WebSocket for which there is no room: it cannot be made to wait.
    pub overflow: Overflow,
}

impl LiveHead {
    /// The cursor at its beginning: find the one that is stored by its source and epoch. The epoch is a digest of the whole
    /// address, of which the name may be shortened.
    #[must_use]
    pub fn new_cursor(&self) -> Cursor {
        Cursor::new(&[self.kind.name(), ":", &self.url].concat(), CRC64.checksum(self.url.as_bytes()))
    }
}

/// What a live source is told. What comes of a connection that was closed since changes nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum LiveInput {
    /// The connection that was asked for is there.
    Opened(Opened),
    /// The next bytes of a body, which [`LiveAsk::Read`] asked for.
    Bytes(Vec<u8>),
    /// Messages of a WebSocket, in order, text as UTF-8.
    Messages(Vec<Vec<u8>>),
    /// The connection has ended, or there was none.
    Closed(Closing),
    /// The columns that [`LiveAsk::Decode`] asked for, or a sentence that says why there are none.
    Decoded(Result<Vec<u8>, String>),
    /// Time passed, or there may be room again.
    Tick,
}

/// What is known of a connection when it begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    /// The status of the answer; of a WebSocket 101.
    pub status: u16,
    /// Names, in lower case, and values of its headers, as far as the browser shows them.
    pub headers: Vec<(String, String)>,
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closing {
    /// As it should: the body is whole, or the WebSocket was closed by the other end with this code and reason.
    End {
        /// Of a WebSocket, 1000 to 4999; of a body 1000.
        code: u16,
        /// What the other end says; usually nothing.
        reason: String,
    },
    /// There was none, or it broke: what the browser says.
    Broken(String),
    /// It is not tried, since a browser would not allow it: a sentence with the mend. Nothing is tried again.
    Refused(String),
}

/// What a live source asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum LiveAsk {
    /// Close the connection, if there is one, and make this one: feed [`LiveInput::Opened`] or [`LiveInput::Closed`].
    Connect(Request),
    /// Read bytes of the body: feed [`LiveInput::Bytes`] or [`LiveInput::Closed`]. Of a WebSocket nothing is read:
    /// its messages are fed as they come.
    Read,
    /// Close the connection: nothing more comes of it.
    Close,
    /// Make columns of a message: feed [`LiveInput::Decoded`], also if the connection is closed meanwhile. One is asked
    /// for at a time.
    Decode(EncodedMessage),
    /// Feed [`LiveInput::Tick`] then; in the past when work is left.
    Wake(Timestamp),
}

/// A connection to make. Credentials are not in it: what drives the machine has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// How it is made.
    pub kind: LiveKind,
    /// The address.
    pub url: Arc<str>,
    /// Headers of the request, none of a WebSocket: `Accept`, `Last-Event-ID`, `If-None-Match`, `If-Modified-Since`.
    pub headers: Vec<(&'static str, String)>,
}
