//! How many messages a consumer was asked for that have not come.

use std::collections::VecDeque;

/// Pulls that wait at the server at once, at most.
const MAX_WAITING: usize = 8;

/// The pulls that wait at the server. It serves several at once, so that which of them a message belongs to is not
/// known, and need not be: the number of messages that are still to come is.
#[derive(Debug, Default)]
pub(super) struct Pulls {
    last: u64,
    /// Number and messages of each, in order.
    waiting: VecDeque<(u64, u64)>,
    outstanding: u64,
}

impl Pulls {
    /// Adds a pull of so many messages; returns its number.
    pub(super) fn add(&mut self, messages: u64) -> u64 {
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
        self.outstanding = self.outstanding.saturating_sub(messages);
        self.settle();
    }

    /// A pull has ended with so many messages that it did not bring; `None`: it is not known how many. Returns whether
    /// it brought none.
    pub(super) fn end(&mut self, pull: u64, left: Option<u64>) -> bool {
        let Some(at) = self.waiting.iter().position(|(number, _)| *number == pull) else { return false };
        let Some((_, messages)) = self.waiting.remove(at) else { return false };
        let left = left.unwrap_or(messages).min(messages);
        self.outstanding = self.outstanding.saturating_sub(left);
        self.settle();
        left == messages
    }

    /// None of them counts any more.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.outstanding = 0;
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
        assert!(!pulls.end(first, None), "it was served");
        assert_eq!(pulls.outstanding(), 5);
        pulls.arrive(2);
        assert!(!pulls.end(second, Some(3)));
        assert_eq!((pulls.outstanding(), pulls.waiting.len()), (0, 0));
        let third = pulls.add(7);
        assert!(pulls.end(third, None), "it brought none");
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
