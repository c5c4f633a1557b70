//! The bounded queue between sources and batches.

use std::collections::VecDeque;
use std::collections::vec_deque::Drain;

use super::{Event, Overflow};
use crate::time::Timestamp;

/// An event that waits, and since when (processing time).
pub(super) type Waiting = (Timestamp, Event);

/// Events in order of arrival, never more than `capacity`.
#[derive(Debug)]
pub struct Queue {
    waiting: VecDeque<Waiting>,
    capacity: usize,
    overflow: Overflow,
}

/// What became of an offered event.
#[derive(Debug, Clone, PartialEq)]
pub enum Offer {
    /// It waits in the queue.
    Queued,
    /// It waits in the queue, and the oldest one was dropped for it.
    DroppedOldest,
    /// It was dropped itself.
    DroppedNewest,
    /// There is no room, and the policy drops nothing: the caller keeps the event, to wait (`block`) or to refuse
    /// (`reject`).
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

    /// Takes the oldest `count` events, or all if there are fewer.
    pub fn take(&mut self, count: usize) -> Drain<'_, Waiting> {
        let count = count.min(self.waiting.len());
        self.waiting.drain(..count)
    }

    /// Lets events wait that waited before, oldest first, however many they are.
    pub fn refill(&mut self, waiting: Vec<Waiting>) {
        self.waiting = waiting.into();
    }

    /// All that wait, oldest first, with the time of their arrival.
    pub fn waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.iter()
    }

    /// When the event that waits longest arrived.
    pub fn oldest_arrival(&self) -> Option<Timestamp> {
        self.waiting.front().map(|(arrived, _)| *arrived)
    }

    /// The last `count` events that entered and still wait, newest last.
    pub fn newest(&self, count: usize) -> impl Iterator<Item = &Event> {
        self.waiting.range(self.waiting.len().saturating_sub(count)..).map(|(_, event)| event)
    }

    /// Forgets all events.
    pub fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Events that wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether no event waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether there is no room for one more.
    pub fn is_full(&self) -> bool {
        self.waiting.len() >= self.capacity
    }

    /// Events that it can hold.
    pub fn capacity(&self) -> usize {
        self.capacity
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Id;

    fn event(value: f64) -> Event {
        Event { timestamp: Timestamp::default(), id: Id::Text("a".into()), value }
    }

    /// The answers to offers of 0, 1, 2 into a queue for two, and the values that wait afterwards.
    fn offer_three(overflow: Overflow) -> (Offer, Vec<f64>) {
        let mut queue = Queue::new(2, overflow);
        queue.offer(event(0.0), Timestamp::default());
        queue.offer(event(1.0), Timestamp::default());
        let last = queue.offer(event(2.0), Timestamp::default());
        (last, queue.newest(9).map(|event| event.value).collect())
    }

    #[test]
    fn block_and_reject_hand_the_event_back() {
        assert_eq!(offer_three(Overflow::Block), (Offer::Full(event(2.0)), vec![0.0, 1.0]));
        assert_eq!(offer_three(Overflow::Reject), (Offer::Full(event(2.0)), vec![0.0, 1.0]));
    }

    #[test]
    fn drop_oldest_makes_room_and_drop_newest_keeps_what_waits() {
        assert_eq!(offer_three(Overflow::DropOldest), (Offer::DroppedOldest, vec![1.0, 2.0]));
        assert_eq!(offer_three(Overflow::DropNewest), (Offer::DroppedNewest, vec![0.0, 1.0]));
    }

    #[test]
    fn a_smaller_capacity_loses_nothing_that_waits() {
        let mut queue = Queue::new(5, Overflow::Block);
        for value in 0..5 {
            queue.offer(event(f64::from(value)), Timestamp::default());
        }
        queue.set_limits(2, Overflow::Block);
        assert_eq!((queue.len(), queue.is_full()), (5, true));
    }
}
