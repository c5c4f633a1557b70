//! What a NATS source is told, and what it asks for.

use std::sync::Arc;

use super::NatsFault;
use crate::pipeline::SourceFormat;
use crate::pipeline::records::{CsvOptions, Mapping};
use crate::pipeline::sources::live::EncodedMessage;
use crate::time::{Duration, Timestamp};

/// What of a stream is read, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct NatsPlan {
    /// The name of the stream.
    pub stream: Arc<str>,
    /// The subject whose messages are read; `>`: those of all subjects.
    pub subject: Arc<str>,
    /// Where a stream is read from that has no cursor yet.
    pub start: NatsStart,
    /// Whether other pipelines take messages of the same consumer.
    pub mode: NatsMode,
    /// How the rows of a message are written.
    pub format: SourceFormat,
    /// The same of CSV.
    pub csv: CsvOptions,
    /// What becomes of them.
    pub mapping: Mapping,
}

impl NatsPlan {
    /// What names it in its cursor. The modes have cursors of their own: messages before the position of a shared
    /// consumer are in the history of some machine, not of this one.
    #[must_use]
    pub fn source(&self) -> String {
        match &self.mode {
            NatsMode::Follow => format!("nats:{}", self.stream),
            // No name has a slash.
            NatsMode::Share { durable } => format!("nats:{}/{durable}", self.stream),
        }
    }
}

/// Where a stream is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NatsStart {
    /// With the next message.
    New,
    /// With the first message that the stream holds.
    All,
    /// With this sequence.
    Sequence(u64),
    /// With the first message that was stored at this time or later.
    Time(Timestamp),
}

/// Who takes the messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NatsMode {
    /// Every pipeline takes all of them.
    Follow,
    /// Each is taken by one of the pipelines that share a durable consumer.
    Share {
        /// The name of the consumer.
        durable: Arc<str>,
    },
}

/// What a source is told.
#[derive(Debug, Clone, PartialEq)]
pub enum NatsInput {
    /// The server was reached, and knows the stream.
    Connected(StreamState),
    /// The consumer that was asked for is there.
    Consuming(ConsumerState),
    /// Messages of the consumer, in the order of their delivery.
    Messages(Vec<Message>),
    /// No more messages come of a pull.
    PullEnded {
        /// Its number.
        pull: u64,
        /// Messages that it would still have brought, where the server says so.
        left: Option<u64>,
        /// Why.
        end: PullEnd,
    },
    /// The server is alive, and has no message for the pulls that wait.
    Heartbeat,
    /// What [`NatsAsk::Look`] asked for.
    Looked {
        /// The stream.
        stream: StreamState,
        /// The consumer.
        consumer: ConsumerState,
    },
    /// What [`NatsAsk::Decode`] asked for.
    Decoded {
        /// The message.
        sequence: u64,
        /// Its columns, or a sentence that says why there are none.
        columns: Result<Vec<u8>, String>,
    },
    /// Something that was asked for failed, or the connection was lost.
    Failed(NatsFault),
    /// Time passed, or the queue has room.
    Tick,
}

/// A stream as its server describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamState {
    /// When it was made: another stream of the same name has another time.
    pub created: Timestamp,
    /// The sequence of the first message that it holds; one more than the last one's when it holds none.
    pub first: u64,
    /// The sequence of the last message that was stored; 0 before the first.
    pub last: u64,
}

impl StreamState {
    /// What tells it from another stream of the same name, see [`Cursor::epoch`](crate::pipeline::Cursor::epoch).
    pub(super) fn epoch(self) -> u64 {
        self.created.as_nanos() as u64
    }
}

/// A consumer as its server describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsumerState {
    /// The sequence in the stream up to which all messages were acknowledged.
    pub ack_floor: u64,
    /// The highest sequence in the stream that was delivered.
    pub delivered: u64,
    /// Messages that were not delivered yet.
    pub pending: u64,
    /// The time after which a message that was not acknowledged is delivered again.
    pub ack_wait: Duration,
    /// The most messages that one pull may ask for, if there is a limit.
    pub max_messages: Option<u64>,
    /// Whether it was there before it was asked for.
    pub is_old: bool,
}

/// A message of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its number in the stream.
    pub sequence: u64,
    /// The number of this delivery, of all that the consumer has made.
    pub delivery: u64,
    /// How often the message was delivered, with this time.
    pub deliveries: u64,
    /// When the server stored it.
    pub stored: Timestamp,
    /// Messages that the consumer had not delivered yet when it delivered this one.
    pub pending: u64,
    /// What it holds.
    pub payload: Vec<u8>,
}

/// Why no more messages come of a pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullEnd {
    /// Its time is over, or the server has changed its leader: pull again.
    Expired,
    /// The next message has more bytes than the pull may bring.
    TooLarge,
    /// The consumer is gone: ask for another one.
    ConsumerGone,
    /// Another machine is pinned to the consumer: this one is its standby.
    Standby,
}

/// What a source asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum NatsAsk {
    /// Reach the server, and look for the stream: [`NatsInput::Connected`] or [`NatsInput::Failed`].
    Connect,
    /// Make the consumer, or find it: [`NatsInput::Consuming`] or [`NatsInput::Failed`]. Messages of an earlier one are
    /// of no use.
    Consume(Consumer),
    /// Ask the consumer for messages.
    Pull {
        /// Its number.
        pull: u64,
        /// So many messages at most, 1 or more.
        messages: u64,
        /// So many bytes at most; `None`: of any size.
        max_bytes: Option<u64>,
    },
    /// Acknowledge the messages of these sequences: they are flushed.
    Ack(Vec<u64>),
    /// Give the messages of these sequences back, to be delivered again at once.
    Nak(Vec<u64>),
    /// Make columns of a message: [`NatsInput::Decoded`], also if the connection is lost meanwhile.
    Decode {
        /// The message.
        sequence: u64,
        /// What it holds.
        encoded: EncodedMessage,
    },
    /// Ask how far stream and consumer are: [`NatsInput::Looked`] or [`NatsInput::Failed`].
    Look,
    /// End the connection, if there is one, when what was asked for before was sent.
    Disconnect,
    /// Feed [`NatsInput::Tick`] then; in the past when work is left.
    Wake(Timestamp),
}

/// The consumer that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consumer {
    /// The name of a durable consumer with explicit acknowledgements, which is made unless it is there; `None`: one of
    /// this connection's own, without acknowledgements.
    pub durable: Option<Arc<str>>,
    /// The messages that it delivers.
    pub subject: Arc<str>,
    /// Where it begins, unless it is there already.
    pub start: NatsStart,
}

/// What a stream has beside the progress of all sources.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NatsProgress {
    /// Messages that were delivered again after they had been taken, and were passed over.
    pub repeated: u64,
    /// Messages that were gone before they were read; with a subject other than `>` at most so many.
    pub lost: u64,
    /// Whether another machine is served and this one waits to take its place.
    pub is_standby: bool,
}
