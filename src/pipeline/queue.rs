//! The bounded queue between sources and batches.

use std::collections::VecDeque;

use super::{Event, Overflow};
use crate::time::Timestamp;

/// A waiting event and its time of arrival (processing time).
pub(super) type Waiting = (Timestamp, Event);

/// Events in order of arrival, never more than `capacity`.
#[derive(Debug)]
pub struct Queue {
    waiting: VecDeque<Waiting>,
    capacity: usize,
    overflow: Overflow,
}

/// The result of offering an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Offer {
    /// It was queued.
    Queued,
    /// It was queued, and the oldest event was dropped for it.
    DroppedOldest,
    /// It was dropped.
    DroppedNewest,
    /// No room, and the policy drops nothing: the caller keeps the event, to wait (`block`) or to refuse it (`reject`).
    Full(Event),
}

impl Queue {
    /// An empty queue for at most `capacity` events, at least one.
    pub fn new(capacity: usize, overflow: Overflow) -> Self {
        Self { waiting: VecDeque::new(), capacity: capacity.max(1), overflow }
    }

    /// Changes the limits. Events beyond a smaller capacity stay until they are processed.
    pub fn set_limits(&mut self, capacity: usize, overflow: Overflow) {
        self.capacity = capacity.max(1);
        self.overflow = overflow;
    }

    /// Adds an event that arrived at `now`, as far as capacity and overflow policy allow.
    pub fn offer(&mut self, event: Event, now: Timestamp) -> Offer {
        if !self.is_full() {
            self.waiting.push_back((now, event));
            return Offer::Queued;
        }
        match self.overflow {
            Overflow::Block | Overflow::Reject => Offer::Full(event),
            Overflow::DropNewest => Offer::DroppedNewest,
            Overflow::DropOldest => {
                self.waiting.pop_front();
                self.waiting.push_back((now, event));
                Offer::DroppedOldest
            }
        }
    }

    /// The oldest `count` events, or all if there are fewer, oldest first.
    pub fn oldest(&self, count: usize) -> impl ExactSizeIterator<Item = &Event> {
        self.waiting.iter().take(count).map(|(_, event)| event)
    }

    /// Removes the oldest `count` events, or all if there are fewer; returns their number.
    pub fn drop_oldest(&mut self, count: usize) -> usize {
        let count = count.min(self.waiting.len());
        self.waiting.drain(..count);
        count
    }

    /// The event that was queued last.
    pub fn last(&self) -> Option<&Event> {
        self.waiting.back().map(|(_, event)| event)
    }

    /// Restores events that waited before, oldest first, even beyond the capacity.
    pub fn refill(&mut self, waiting: Vec<Waiting>) {
        self.waiting = waiting.into();
    }

    /// All waiting events, oldest first, each with its time of arrival.
    pub fn waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.iter()
    }

    /// When the oldest waiting event arrived.
    pub fn oldest_arrival(&self) -> Option<Timestamp> {
        self.waiting.front().map(|(arrived, _)| *arrived)
    }

    /// The newest `count` waiting events, newest last.
    pub fn newest(&self, count: usize) -> impl Iterator<Item = &Event> {
        self.waiting.range(self.waiting.len().saturating_sub(count)..).map(|(_, event)| event)
    }

    /// Removes all events.
    pub fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Number of waiting events.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether no event waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether the queue has no room for another event.
    pub fn is_full(&self) -> bool {
        self.waiting.len() >= self.capacity
    }

    /// Number of events that the queue can hold.
    pub fn capacity(&self) -> usize {
        self.capacity
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Id, Values};

    fn event(value: f64) -> Event {
        Event { timestamp: Timestamp::default(), id: Id::Text("a".into()), values: Values::from_slice(&[value]) }
    }

    /// The results of offering 0, 1, 2 to a queue for two, and the values that wait afterwards.
    fn offer_three(overflow: Overflow) -> (Offer, Vec<f64>) {
        let mut queue = Queue::new(2, overflow);
        queue.offer(event(0.0), Timestamp::default());
        queue.offer(event(1.0), Timestamp::default());
        let last = queue.offer(event(2.0), Timestamp::default());
        (last, queue.newest(9).map(|event| event.values[0]).collect())
    }

    #[test]
    fn block_and_reject_return_the_event() {
        assert_eq!(offer_three(Overflow::Block), (Offer::Full(event(2.0)), vec![0.0, 1.0]));
        assert_eq!(offer_three(Overflow::Reject), (Offer::Full(event(2.0)), vec![0.0, 1.0]));
    }

    #[test]
    fn drop_oldest_drops_the_oldest_event_and_drop_newest_the_new_one() {
        assert_eq!(offer_three(Overflow::DropOldest), (Offer::DroppedOldest, vec![1.0, 2.0]));
        assert_eq!(offer_three(Overflow::DropNewest), (Offer::DroppedNewest, vec![0.0, 1.0]));
    }

    #[test]
    fn a_smaller_capacity_keeps_all_waiting_events() {
        let mut queue = Queue::new(5, Overflow::Block);
        for value in 0..5 {
            queue.offer(event(f64::from(value)), Timestamp::default());
        }
        queue.set_limits(2, Overflow::Block);
        assert_eq!((queue.len(), queue.is_full()), (5, true));
    }
}
