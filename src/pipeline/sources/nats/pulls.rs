//! Which messages a consumer is asked for, and how many of them have not come.

use std::collections::VecDeque;

use super::{NatsAsk, PullEnd};
use crate::time::{Duration, Timestamp};

/// Pulls that wait at the server at once, at most.
const MAX_WAITING: usize = 8;
/// Messages that are asked for ahead of the queue, at most: at 40 ms to the server they are 400,000 a second.
pub(super) const MAX_AHEAD: u64 = 16_384;
/// Bytes that one pull brings at most: else a thousand giant messages would fill the memory.
const PULL_BYTES: u64 = 8 << 20;
/// Time until the next pull after one that brought nothing: a server that turns each down is not flooded with them.
const PULL_AFTER: Duration = Duration::from_nanos(100_000_000);
/// The same while the set of taken messages is full, after a message that was never delivered before: that one may be a
/// run of its own.
const FULL_AFTER: Duration = Duration::from_secs(1);

/// The pulls that wait at the server. It serves several at once, so that which of them a message belongs to is not
/// known, and need not be: the number of messages that are still to come is.
#[derive(Debug)]
pub(super) struct Pulls {
    last: u64,
    /// Number and messages of each, in order.
    waiting: VecDeque<(u64, u64)>,
    outstanding: u64,
    /// Whether the next message has more bytes than a pull brings.
    is_giant: bool,
    /// The most messages that one pull may ask for.
    max_messages: u64,
    /// No pull is added before.
    not_before: Option<Timestamp>,
}

impl Default for Pulls {
    fn default() -> Self {
        Self {
            last: 0,
            waiting: VecDeque::new(),
            outstanding: 0,
            is_giant: false,
            max_messages: MAX_AHEAD,
            not_before: None,
        }
    }
}

impl Pulls {
    /// The most messages that one pull may ask for, if the consumer has a limit.
    pub(super) fn set_max_messages(&mut self, max_messages: Option<u64>) {
        self.max_messages = max_messages.unwrap_or(MAX_AHEAD).clamp(1, MAX_AHEAD);
    }

    /// Asks for messages so that `wanted` of them are here or on their way; `here` are. Fewer pulls of more messages:
    /// each costs the server and the network a message.
    pub(super) fn ask(&mut self, wanted: u64, here: u64) -> Option<NatsAsk> {
        let has = here + self.outstanding;
        let (messages, max_bytes) = match self.is_giant {
            true if has == 0 && wanted > 0 => (1, None),
            true => return None,
            false if has * 2 <= wanted && has < wanted => ((wanted - has).min(self.max_messages), Some(PULL_BYTES)),
            false => return None,
        };
        Some(NatsAsk::Pull { pull: self.add(messages), messages, max_bytes })
    }

    /// Adds a pull of so many messages; returns its number.
    fn add(&mut self, messages: u64) -> u64 {
        self.last += 1;
        self.waiting.push_back((self.last, messages));
        self.outstanding += messages;
        self.last
    }

    /// Messages that are still to come.
    pub(super) fn outstanding(&self) -> u64 {
        self.outstanding
    }

    /// Whether no further pull is added.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= MAX_WAITING
    }

    /// So many messages have come.
    pub(super) fn arrive(&mut self, messages: u64) {
        self.is_giant = false;
        self.outstanding = self.outstanding.saturating_sub(messages);
        self.settle();
    }

    /// A pull has ended with so many messages that it did not bring; `None`: it is not known how many.
    pub(super) fn end(&mut self, pull: u64, left: Option<u64>, end: PullEnd, now: Timestamp) {
        let is_barren = self.remove(pull, left);
        match end {
            PullEnd::Expired if is_barren => self.not_before = Some(now + PULL_AFTER),
            PullEnd::TooLarge => self.is_giant |= is_barren,
            PullEnd::Expired | PullEnd::ConsumerGone | PullEnd::Standby => {}
        }
    }

    /// Returns whether the pull brought nothing.
    fn remove(&mut self, pull: u64, left: Option<u64>) -> bool {
        let Some(at) = self.waiting.iter().position(|(number, _)| *number == pull) else { return false };
        let Some((_, messages)) = self.waiting.remove(at) else { return false };
        let left = left.unwrap_or(messages).min(messages);
        self.outstanding = self.outstanding.saturating_sub(left);
        self.settle();
        left == messages
    }

    /// While the set of taken messages is full, a message has come that was never delivered before.
    pub(super) fn slow_down(&mut self, now: Timestamp) {
        self.not_before = Some(now + FULL_AFTER);
    }

    /// Until when no pull is added, if that is so. A clock that was set back does not make it wait for longer.
    pub(super) fn delayed_until(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.not_before = self.not_before.filter(|until| *until > now && *until - now <= FULL_AFTER);
        self.not_before
    }

    /// None of them counts any more.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        (self.outstanding, self.is_giant) = (0, false);
    }

    /// A pull that was served ends without a word: the oldest ones are, once the others can bring all that is to come.
    fn settle(&mut self) {
        let mut total: u64 = self.waiting.iter().map(|(_, messages)| messages).sum();
        while let Some((_, messages)) = self.waiting.front()
            && total - messages >= self.outstanding
        {
            total -= messages;
            self.waiting.pop_front();
        }
        if self.waiting.is_empty() {
            // More was counted than any pull can bring.
            self.outstanding = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pull_that_was_served_is_forgotten_and_one_that_ended_brings_no_more() {
        let mut pulls = Pulls::default();
        let (first, second) = (pulls.add(10), pulls.add(5));
        pulls.arrive(10);
        assert_eq!((pulls.outstanding(), pulls.waiting.len()), (5, 1));
        assert!(!pulls.remove(first, None), "it was served");
        assert_eq!(pulls.outstanding(), 5);
        pulls.arrive(2);
        assert!(!pulls.remove(second, Some(3)));
        assert_eq!((pulls.outstanding(), pulls.waiting.len()), (0, 0));
        let third = pulls.add(7);
        assert!(pulls.remove(third, None), "it brought none");
        pulls.arrive(1);
        assert_eq!(pulls.outstanding(), 0, "what comes uncalled for is not counted");
    }

    #[test]
    fn few_pulls_wait_at_once() {
        let mut pulls = Pulls::default();
        for _ in 0..MAX_WAITING {
            pulls.add(1);
        }
        assert!(pulls.is_full());
        pulls.clear();
        assert!(!pulls.is_full() && pulls.outstanding() == 0);
    }
}
