//! Messages that have come, and wait to be read.

use std::collections::VecDeque;
use std::sync::Arc;

use super::LiveAsk;
use super::messages::{Body, MessageReader};
use crate::pipeline::sources::Fed;
use crate::time::Timestamp;

/// Bytes of messages of a WebSocket that wait to be read.
const MAX_BYTES: usize = 16 << 20;
/// What a message that waits takes beside its bytes.
const MESSAGE_BYTES: usize = 96;

/// A message that is not read yet.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) body: Body,
    /// Where the other end goes on behind it, if it says so: see [`Cursor::token`](crate::pipeline::Cursor::token).
    pub(super) token: Option<Arc<str>>,
    pub(super) arrived: Timestamp,
}

/// The messages that wait, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    messages: VecDeque<Message>,
    bytes: usize,
    /// The message before them, whose columns are waited for.
    decoding: Option<Message>,
}

impl Inbox {
    /// The number of messages.
    pub(super) fn count(&self) -> usize {
        self.messages.len() + usize::from(self.decoding.is_some())
    }

    /// Whether no message waits, but perhaps the one whose columns are waited for.
    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Whether there is no message at all.
    pub(super) fn is_drained(&self) -> bool {
        self.count() == 0
    }

    /// Whether a message can be read now.
    pub(super) fn has_next(&self) -> bool {
        self.decoding.is_none() && !self.is_empty()
    }

    /// When the oldest message has come.
    pub(super) fn oldest_arrival(&self) -> Option<Timestamp> {
        self.decoding.iter().chain(&self.messages).next().map(|message| message.arrived)
    }

    /// Whether a message has room in it beside the others.
    pub(super) fn has_room_for(&self, body: &Body) -> bool {
        self.bytes <= MAX_BYTES.saturating_sub(body.bytes().len() + MESSAGE_BYTES)
    }

    /// Adds a message that has come.
    pub(super) fn push(&mut self, message: Message) {
        self.bytes += message.body.bytes().len() + MESSAGE_BYTES;
        self.messages.push_back(message);
    }

    /// Takes the message that waits for longest, also while the columns of one before it are waited for.
    pub(super) fn pop(&mut self) -> Option<Message> {
        let message = self.messages.pop_front()?;
        self.bytes -= message.body.bytes().len() + MESSAGE_BYTES;
        Some(message)
    }

    /// The message that is read next, unless columns are waited for: they are asked for.
    pub(super) fn next(&mut self, reader: &MessageReader, fed: &mut Fed<LiveAsk>) -> Option<Message> {
        if self.decoding.is_some() {
            return None;
        }
        let mut message = self.pop()?;
        let Some(encoded) = reader.take_encoded(&mut message.body) else { return Some(message) };
        fed.asks.push(LiveAsk::Decode(encoded));
        self.decoding = Some(message);
        None
    }

    /// The columns of a message have come, or never will.
    pub(super) fn take_columns(&mut self, columns: Result<Vec<u8>, String>) {
        let Some(Message { body, token, arrived }) = self.decoding.take() else { return };
        let message = Message { body: body.decoded(columns), token, arrived };
        self.bytes += message.body.bytes().len() + MESSAGE_BYTES;
        self.messages.push_front(message);
    }
}
