//! Messages as the server delivers them: which ones wait here, and which ones go back.

use super::NatsSource;
use crate::pipeline::sources::Fed;
use crate::pipeline::sources::nats::{Message, NatsAsk};
use crate::time::{Duration, Timestamp};

impl NatsSource {
    /// Takes in messages of the consumer.
    pub(super) fn receive(&mut self, messages: Vec<Message>, now: Timestamp, fed: &mut Fed<NatsAsk>) {
        self.note_alive(now);
        self.pulls.arrive(messages.len() as u64);
        self.details.is_standby = false;
        let (mut again, mut back) = (Vec::new(), Vec::new());
        if self.is_shared() && self.cursor.taken().is_full() && messages.iter().any(|message| message.deliveries == 1) {
            self.pulls.slow_down(now);
        }
        for message in messages {
            self.pending = Some(message.pending);
            if self.is_shared() {
                let sequence = message.sequence;
                if self.cursor.has_taken(sequence) {
                    self.details.repeated += 1;
                    // It is acknowledged after the flush of its rows.
                    if !self.unflushed.contains(sequence) {
                        again.push(sequence);
                    }
                } else if self.is_resting() {
                    back.push(sequence);
                } else {
                    self.inbox.push(message, now);
                }
                continue;
            }
            if message.delivery != self.next_delivery {
                // One is missing: a consumer that begins behind the last one that came brings it.
                return self.consume(fed);
            }
            self.next_delivery += 1;
            if message.sequence <= self.received && self.start.is_none() {
                self.details.repeated += 1;
                continue;
            }
            if self.start.take().is_none() && message.sequence > self.received.saturating_add(1) {
                self.gaps.add_hole(self.received, message.sequence);
            }
            self.received = message.sequence;
            self.inbox.push(message, now);
        }
        if !again.is_empty() {
            fed.asks.push(NatsAsk::Ack(again));
        }
        if !back.is_empty() {
            fed.asks.push(NatsAsk::Nak(back));
        }
    }

    /// Messages that come while no consumer is read go back: the server would wait for their acknowledgement, and then
    /// deliver them, perhaps to be dropped once more.
    pub(super) fn give_back(&self, messages: &[Message], fed: &mut Fed<NatsAsk>) {
        let here = self.inbox.all_sequences();
        let is_wanted = |sequence: &u64| !self.cursor.has_taken(*sequence) && !here.contains(sequence);
        let back: Vec<u64> = messages.iter().map(|message| message.sequence).filter(is_wanted).collect();
        if !back.is_empty() {
            fed.asks.push(NatsAsk::Nak(back));
        }
    }

    /// Messages that wait for long, or while it rests, go back, so that another machine takes them: the server would
    /// deliver them there anyway, and both would have them.
    pub(super) fn return_old(&mut self, now: Timestamp, fed: &mut Fed<NatsAsk>) {
        if !self.is_shared() {
            return;
        }
        let longest = Duration::from_nanos(self.ack_wait.as_nanos() / 2);
        let back = self.inbox.drop_old(longest, self.is_resting(), now);
        if !back.is_empty() {
            fed.asks.push(NatsAsk::Nak(back));
        }
    }
}
