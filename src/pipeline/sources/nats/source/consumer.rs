//! The connection and its consumer: they are made, watched, and made anew.

use super::{NatsSource, Phase};
use crate::pipeline::sources::Fed;
use crate::pipeline::sources::nats::pulls::MAX_AHEAD;
use crate::pipeline::sources::nats::{Consumer, ConsumerState, NatsAsk, NatsFault, NatsMode, NatsStart, StreamState};
use crate::time::{Duration, Timestamp};

/// The most messages ahead of the queue of a shared consumer, where others could have them meanwhile.
const MAX_AHEAD_SHARED: u64 = 4096;
/// Messages that one pull asks for while the set of taken ones is full.
const FULL_PULL: u64 = 10;
/// Time between two looks at how far stream and consumer are.
const LOOK_AFTER: Duration = Duration::from_secs(2);
/// A server that was asked for messages and says nothing for so long has lost the consumer; it sends a heartbeat every
/// 5 s else.
const SILENT_AFTER: Duration = Duration::from_secs(12);
/// Time until it is looked anew whether rows are flushed: as long as they wait for that at most.
const ACK_AFTER: Duration = Duration::from_nanos(100_000_000);

impl NatsSource {
    /// Connects anew, and looks at the stream before a consumer is made: it may be another one by now, of which the
    /// position says nothing.
    pub(super) fn connect(&mut self, fed: &mut Fed<NatsAsk>) {
        self.phase = Phase::Connecting;
        self.pulls.clear();
        self.progress.next_try = None;
        fed.asks.push(NatsAsk::Connect);
    }

    /// Asks for a consumer behind what has come.
    pub(super) fn consume(&mut self, fed: &mut Fed<NatsAsk>) {
        self.phase = Phase::Consuming;
        self.pulls.clear();
        (self.is_looking, self.is_outdated) = (false, false);
        let durable = if let NatsMode::Share { durable } = &self.plan.mode { Some(durable.clone()) } else { None };
        let behind = NatsStart::Sequence(self.received.saturating_add(1));
        let start = match self.start {
            Some(start) => start,
            // A consumer of the name was there once; what it had acknowledged is passed over.
            None if durable.is_some() => NatsStart::Sequence(self.cursor.position().saturating_add(1)),
            None => behind,
        };
        fed.asks.push(NatsAsk::Consume(Consumer { durable, subject: self.plan.subject.clone(), start }));
    }

    /// The consumer is there: messages come.
    pub(super) fn begin(&mut self, consumer: ConsumerState, now: Timestamp, fed: &mut Fed<NatsAsk>) {
        self.phase = Phase::Open;
        self.next_delivery = 1;
        self.ack_wait = consumer.ack_wait;
        self.alive_at = now;
        self.next_look = now + LOOK_AFTER;
        self.pending = Some(consumer.pending);
        self.pulls.set_max_messages(consumer.max_messages);
        self.progress.error = None;
        self.progress.next_try = None;
        if self.is_shared() {
            self.start = None;
            self.raise_floor(consumer.ack_floor, fed);
            if consumer.is_old && self.first > consumer.delivered.saturating_add(1) {
                self.gaps.lose(consumer.delivered, self.first);
            }
        }
    }

    /// Something failed: it is tried again, later each time.
    pub(super) fn fail(&mut self, fault: &NatsFault, now: Timestamp, chance: f64, fed: &mut Fed<NatsAsk>) {
        self.progress.error = Some(fault.to_string());
        self.pulls.clear();
        self.is_looking = false;
        let is_first = !self.backoff.has_failed();
        let at = now + self.backoff.next(chance);
        if *fault == NatsFault::ConsumerGone && self.phase == Phase::Open && is_first {
            // Until a consumer is known to be alive again, the next one is not made at once.
            return self.connect(fed);
        }
        (self.phase, self.progress.next_try) = (Phase::Retrying(at), Some(at));
        fed.asks.push(NatsAsk::Disconnect);
    }

    pub(super) fn note_alive(&mut self, now: Timestamp) {
        self.alive_at = now;
        self.backoff.reset();
    }

    /// Keeps the consumer busy, and knows when it is lost.
    pub(super) fn maintain(&mut self, room: usize, now: Timestamp, fed: &mut Fed<NatsAsk>) {
        if self.pulls.outstanding() == 0 || now < self.alive_at {
            self.alive_at = now;
        }
        if now - self.alive_at >= SILENT_AFTER {
            self.progress.retries += 1;
            return self.connect(fed);
        }
        let delayed_until = self.pulls.delayed_until(now);
        if !self.is_resting() && delayed_until.is_none() {
            self.pull(room.saturating_sub(fed.rows.len()), fed);
        }
        if !self.is_looking && (self.next_look <= now || self.next_look - now > LOOK_AFTER) {
            self.is_looking = true;
            fed.asks.push(NatsAsk::Look);
        }
        let mut wake = self.alive_at + SILENT_AFTER;
        if !self.is_looking {
            wake = wake.min(self.next_look);
        }
        wake = delayed_until.map_or(wake, |until| wake.min(until));
        if !self.unflushed.is_empty() {
            wake = wake.min(now + ACK_AFTER);
        }
        fed.asks.push(NatsAsk::Wake(wake));
    }

    /// Asks for as many messages as the queue has room for. While the set of taken ones is full, for few: what a machine
    /// that died had not acknowledged is delivered again before anything new, and has to be taken by somebody for the
    /// set to shrink.
    fn pull(&mut self, room: usize, fed: &mut Fed<NatsAsk>) {
        let taken = self.cursor.taken();
        let is_full = self.is_shared() && taken.is_full();
        let has_room = !is_full || taken.has_room(self.inbox.waiting() + FULL_PULL as usize);
        if self.pulls.is_full() || !has_room {
            return;
        }
        let messages = self.progress.messages.max(1);
        let rows_each = (self.progress.given + self.progress.refused).div_ceil(messages).max(1);
        let most_ahead = match (is_full, self.is_shared()) {
            (true, _) => FULL_PULL,
            (false, true) => MAX_AHEAD_SHARED,
            (false, false) => MAX_AHEAD,
        };
        let wanted = (room as u64).div_ceil(rows_each).min(most_ahead);
        fed.asks.extend(self.pulls.ask(wanted, self.inbox.len()));
    }

    /// How far stream and consumer are.
    pub(super) fn look(
        &mut self,
        stream: StreamState,
        consumer: ConsumerState,
        now: Timestamp,
        fed: &mut Fed<NatsAsk>,
    ) {
        self.is_looking = false;
        self.next_look = now + LOOK_AFTER;
        self.first = stream.first;
        if !self.cursor.is_in(stream.epoch()) {
            return self.place(stream, fed);
        }
        self.pending = Some(consumer.pending);
        if self.is_shared() {
            self.raise_floor(consumer.ack_floor, fed);
        } else {
            self.gaps.settle_holes(stream.first);
        }
    }
}
