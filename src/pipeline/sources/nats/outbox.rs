//! The machine that publishes batches, each once.

use super::NatsFault;
use crate::pipeline::records::brief;
use crate::pipeline::sources::backoff::{Backoff, LONGEST};
use crate::pipeline::{Cursor, Epoch, Position};
use crate::time::Timestamp;

/// What an outbox is told.
#[derive(Debug, Clone, PartialEq)]
pub enum OutboxInput {
    /// The server was reached: the last message of the subject.
    Last {
        /// Its sequence; 0: the subject has none.
        sequence: u64,
        /// Its `Nats-Msg-Id`.
        message_id: Option<String>,
    },
    /// The batch that was to be published is stored, with this sequence.
    Published {
        /// Its number in the stream.
        sequence: u64,
    },
    /// The subject has another last message than was expected: this one was not stored.
    Overtaken,
    /// The batch has more bytes than the server takes.
    TooLarge {
        /// Its bytes.
        bytes: u64,
        /// The most that the server takes.
        max_bytes: u64,
    },
    /// Something failed. Whether a batch is stored that was to be published is not known.
    Failed(NatsFault),
    /// Time passed, or a batch was processed.
    Tick,
}

/// What an outbox asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum OutboxAsk {
    /// Reach the server, and look for the last message of the subject: [`OutboxInput::Last`] or
    /// [`OutboxInput::Failed`].
    Connect,
    /// Publish a batch, unless another message than the expected one is the last of the subject.
    Publish {
        /// Its number.
        batch: u64,
        /// Its `Nats-Msg-Id`.
        message_id: String,
        /// The sequence of the last message of the subject; 0: it has none.
        expected: u64,
    },
    /// End the connection.
    Disconnect,
    /// Feed [`OutboxInput::Tick`] then.
    Wake(Timestamp),
}

/// The batches that can be published: those that are kept, and survive a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batches {
    /// The transcript that their numbers belong to.
    pub epoch: Epoch,
    /// The number of the first one that is kept.
    pub first: u64,
    /// The number of the last one that is flushed; 0 before the first.
    pub last: u64,
}

/// How far an outbox has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboxProgress {
    /// Batches that were published.
    pub published: u64,
    /// Batches that were trimmed from the history before they were published.
    pub lost: u64,
    /// How often it was tried again.
    pub retries: u64,
    /// Why nothing is published, with the mend.
    pub error: Option<String>,
    /// When it is tried next.
    pub retry_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Closed,
    Connecting,
    /// The last message of the subject has this sequence.
    Ready(u64),
    /// This batch is on its way.
    Publishing(u64),
    Retrying(Timestamp),
}

/// Publishes batches in order, each once: a state machine.
///
/// A batch is published under `<epoch>-<number>` as its `Nats-Msg-Id`, which the server remembers for two minutes, and
/// only behind the message that was the last of the subject. After a failure the last message is looked at: it says
/// whether the batch that was on its way is stored. How far it has come is a cursor, `sink:` and the subject, whose
/// position is the number of the last batch; it is stored in the journal.
#[derive(Debug)]
pub struct Outbox {
    subject: String,
    cursor: Cursor,
    phase: Phase,
    backoff: Backoff,
    progress: OutboxProgress,
    is_stored: bool,
}

impl Outbox {
    /// An outbox that goes on at its cursor, see [`source_of`](Self::source_of); without one it begins with the batch
    /// that comes next. The cursor's token is the server that is published to.
    #[must_use]
    pub fn new(subject: &str, server: &str, batches: Batches, cursor: Option<Cursor>) -> Self {
        let is_stored = cursor.as_ref().is_some_and(|cursor| *cursor.token == *server);
        let start =
            || Cursor { position: batches.last, ..Cursor::new(&Self::source_of(subject), batches.epoch.into()) };
        Self {
            subject: subject.to_owned(),
            cursor: Cursor { token: server.into(), ..cursor.unwrap_or_else(start) },
            phase: Phase::Closed,
            backoff: Backoff::default(),
            progress: OutboxProgress::default(),
            is_stored,
        }
    }

    /// What names its cursor; its epoch is that of the transcript.
    #[must_use]
    pub fn source_of(subject: &str) -> String {
        ["sink:", subject].concat()
    }

    /// How far it has come: to be stored when it has moved.
    #[must_use]
    pub fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// The subject.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What it has done.
    #[must_use]
    pub fn progress(&self) -> &OutboxProgress {
        &self.progress
    }

    /// Tries again at once: credentials or the address have changed.
    pub fn retry_now(&mut self, now: Timestamp) {
        self.backoff.reset();
        if let Phase::Retrying(at) = &mut self.phase {
            *at = now;
        }
    }

    /// Takes an input; returns whether the cursor has moved, and what to do next. `chance`, from 0 to 1, spreads
    /// retries.
    pub fn feed(
        &mut self,
        input: OutboxInput,
        batches: Batches,
        now: Timestamp,
        chance: f64,
    ) -> (bool, Vec<OutboxAsk>) {
        let (before, mut asks) = (self.cursor.clone(), Vec::new());
        match (input, self.phase) {
            (OutboxInput::Last { sequence, message_id }, Phase::Connecting) => {
                self.note_last(message_id.as_deref());
                self.phase = Phase::Ready(sequence);
            }
            (OutboxInput::Published { sequence }, Phase::Publishing(batch)) => {
                self.backoff.reset();
                (self.progress.error, self.progress.retry_at) = (None, None);
                self.move_to(batch);
                self.phase = Phase::Ready(sequence);
            }
            (OutboxInput::Overtaken, Phase::Publishing(_)) => {
                let subject = brief(&self.subject);
                self.fail(
                    format!("others publish to \"{subject}\" too; give the sink a subject of its own"),
                    now,
                    chance,
                    &mut asks,
                );
            }
            (OutboxInput::TooLarge { bytes, max_bytes }, Phase::Publishing(batch)) => {
                let sentence = format!(
                    "batch {batch} has {bytes} bytes, and the server takes {max_bytes}; raise its max_payload, and set \
                     batch_size lower for the batches that follow"
                );
                self.fail(sentence, now, chance, &mut asks);
            }
            (OutboxInput::Failed(fault), Phase::Connecting | Phase::Publishing(_) | Phase::Ready(_)) => {
                self.fail(fault.to_string(), now, chance, &mut asks);
            }
            _ => {}
        }
        self.step(batches, now, &mut asks);
        let has_moved = !self.is_stored || self.cursor != before;
        self.is_stored = true;
        (has_moved, asks)
    }

    /// The last message of the subject may be a batch of which it was not known that it is stored.
    fn note_last(&mut self, message_id: Option<&str>) {
        let last: Option<Position> = message_id.and_then(|id| id.parse().ok());
        if let Some(Position { epoch, batch }) = last
            && u64::from(epoch) == self.cursor.epoch
            && batch > self.cursor.position
        {
            self.move_to(batch);
        }
    }

    fn move_to(&mut self, batch: u64) {
        let more = batch.saturating_sub(self.cursor.position);
        self.progress.published += more;
        self.cursor.taken += more;
        self.cursor.position = batch;
    }

    fn fail(&mut self, sentence: String, now: Timestamp, chance: f64, asks: &mut Vec<OutboxAsk>) {
        let at = now + self.backoff.next(chance);
        (self.progress.error, self.progress.retry_at) = (Some(sentence), Some(at));
        self.phase = Phase::Retrying(at);
        asks.push(OutboxAsk::Disconnect);
    }

    fn step(&mut self, batches: Batches, now: Timestamp, asks: &mut Vec<OutboxAsk>) {
        if u64::from(batches.epoch) != self.cursor.epoch {
            // All was forgotten: the batches of the new transcript are counted anew. What is on its way is of the old
            // one. A transcript that shares batches with the one before comes with a new outbox, which has the cursor
            // renamed.
            let source = Self::source_of(&self.subject);
            self.cursor = Cursor { token: self.cursor.token.clone(), ..Cursor::new(&source, batches.epoch.into()) };
            if let Phase::Publishing(_) = self.phase {
                self.phase = Phase::Connecting;
                asks.push(OutboxAsk::Connect);
            }
        }
        if batches.first > self.cursor.position.saturating_add(1) && !matches!(self.phase, Phase::Publishing(_)) {
            self.progress.lost += batches.first - self.cursor.position - 1;
            self.cursor.position = batches.first - 1;
        }
        let next = self.cursor.position.saturating_add(1);
        let is_due = next <= batches.last;
        match self.phase {
            // Nobody is asked before there is something to publish.
            Phase::Closed if is_due => self.connect(asks),
            // A clock that was set back does not make it wait for longer.
            Phase::Retrying(at) if at <= now || at - now > LONGEST => {
                self.progress.retries += 1;
                self.connect(asks);
            }
            Phase::Retrying(at) => asks.push(OutboxAsk::Wake(at)),
            Phase::Ready(expected) if is_due => {
                self.phase = Phase::Publishing(next);
                let message_id = Position { epoch: self.cursor.epoch.into(), batch: next }.to_string();
                asks.push(OutboxAsk::Publish { batch: next, message_id, expected });
            }
            Phase::Closed | Phase::Ready(_) | Phase::Connecting | Phase::Publishing(_) => {}
        }
    }

    fn connect(&mut self, asks: &mut Vec<OutboxAsk>) {
        self.phase = Phase::Connecting;
        self.progress.retry_at = None;
        asks.push(OutboxAsk::Connect);
    }
}
