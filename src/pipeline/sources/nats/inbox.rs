//! Messages that have come, and wait to be read.

use std::collections::{HashSet, VecDeque};

use super::opened::OpenMessage;
use super::{Message, NatsAsk, NatsPlan};
use crate::pipeline::records::Rows;
use crate::pipeline::sources::Fed;
use crate::pipeline::sources::live::{Body, MessageReader};
use crate::time::{Duration, Timestamp};

/// A message that waits to be read, and when it came.
#[derive(Debug)]
pub(super) struct Waiting {
    /// Without its payload.
    message: Message,
    body: Body,
    /// Bytes of the payload.
    pub(super) bytes: usize,
    /// Whether columns are made of it.
    is_decoding: bool,
    arrived: Timestamp,
}

/// The messages that wait, in the order in which they came, and the one whose rows are given out.
#[derive(Debug)]
pub(super) struct Inbox {
    waiting: VecDeque<Waiting>,
    /// The message that was read last, until all its rows are given out.
    pub(super) open: Option<OpenMessage>,
    /// What makes rows of messages, and those of the one that was read last.
    reader: MessageReader,
    rows: Rows,
}

impl Inbox {
    pub(super) fn new(plan: &NatsPlan) -> Self {
        Self {
            waiting: VecDeque::new(),
            open: None,
            reader: MessageReader::new(plan.format, plan.csv, plan.mapping.clone(), true),
            rows: Rows::default(),
        }
    }

    /// The number of messages that wait or are open.
    pub(super) fn len(&self) -> u64 {
        self.waiting.len() as u64 + u64::from(self.open.is_some())
    }

    /// The number of messages that wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether rows can be given out now.
    pub(super) fn has_work(&self) -> bool {
        self.open.is_some() || self.waiting.front().is_some_and(|waiting| !waiting.is_decoding)
    }

    /// When the message that waits for longest was stored.
    pub(super) fn oldest_stored(&self) -> Option<Timestamp> {
        self.waiting.front().map(|waiting| waiting.message.stored)
    }

    /// The sequences of the messages that wait.
    pub(super) fn sequences(&self) -> impl Iterator<Item = u64> {
        self.waiting.iter().map(|waiting| waiting.message.sequence)
    }

    /// The sequences of the messages that wait or are open.
    pub(super) fn all_sequences(&self) -> HashSet<u64> {
        self.sequences().chain(self.open.as_ref().map(|open| open.sequence)).collect()
    }

    /// Adds a message that has come.
    pub(super) fn push(&mut self, mut message: Message, arrived: Timestamp) {
        let payload = std::mem::take(&mut message.payload);
        let (bytes, body) = (payload.len(), Body::Sent(payload));
        self.waiting.push_back(Waiting { message, body, bytes, is_decoding: false, arrived });
    }

    /// Drops all messages.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.open = None;
    }

    /// The sequence of the message that waits first, and whether it was delivered before.
    pub(super) fn first(&self) -> Option<(u64, bool)> {
        self.waiting.front().map(|Waiting { message, .. }| (message.sequence, message.deliveries > 1))
    }

    /// Drops the message that waits first.
    pub(super) fn drop_first(&mut self) {
        self.waiting.pop_front();
    }

    /// Takes the message that waits first, unless its columns have to be waited for: they are asked for.
    pub(super) fn take_first(&mut self, fed: &mut Fed<NatsAsk>) -> Option<Waiting> {
        let waiting = self.waiting.front_mut()?;
        if !waiting.is_decoding
            && let Some(encoded) = self.reader.take_encoded(&mut waiting.body)
        {
            waiting.is_decoding = true;
            fed.asks.push(NatsAsk::Decode { sequence: waiting.message.sequence, encoded });
        }
        if waiting.is_decoding { None } else { self.waiting.pop_front() }
    }

    /// Reads a message, of which so many rows were taken before.
    pub(super) fn open(&mut self, waiting: Waiting, taken_rows: u64) {
        let Waiting { message, body, .. } = waiting;
        self.open = Some(OpenMessage::new(&message, body, &mut self.reader, &mut self.rows, taken_rows));
    }

    /// The columns of a message have come, or never will; of one that was given back nothing is wanted.
    pub(super) fn take_columns(&mut self, sequence: u64, columns: Result<Vec<u8>, String>) {
        let is_it = |waiting: &&mut Waiting| waiting.is_decoding && waiting.message.sequence == sequence;
        if let Some(waiting) = self.waiting.iter_mut().find(is_it) {
            let sent = std::mem::replace(&mut waiting.body, Body::Sent(Vec::new()));
            (waiting.body, waiting.is_decoding) = (sent.decoded(columns), false);
        }
    }

    /// Drops the messages that wait for at least so long, or all, and returns their sequences.
    pub(super) fn drop_old(&mut self, longest: Duration, is_all: bool, now: Timestamp) -> Vec<u64> {
        let mut dropped = Vec::new();
        while let Some(Waiting { message, arrived, .. }) = self.waiting.front()
            && (is_all || now - *arrived >= longest)
        {
            dropped.push(message.sequence);
            self.waiting.pop_front();
        }
        dropped
    }
}
