//! The connections to NATS servers, and what came of them. `nats` makes and uses them.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::connection::Bell;
use crate::browser::nats::NatsConnection;
use crate::pipeline::sources::nats::NatsInput;

/// The connections to NATS servers.
#[derive(Default)]
pub(super) struct Nats {
    /// The run that is read.
    pub(super) source: Option<Reading>,
    /// Until when nothing is asked for, on the monotonic clock.
    pub(super) away_until_millis: f64,
    pub(super) is_publishing: bool,
    /// Ends the rest of what publishes.
    pub(super) outbox: Bell,
}

/// A connection, once the client is loaded; cheap to clone.
pub(super) type Slot = Rc<RefCell<Option<Rc<NatsConnection>>>>;

/// A run of a stream, with its connection once there is one, and what came of it; cheap to clone.
#[derive(Clone)]
pub(super) struct Reading {
    pub(super) number: u32,
    pub(super) slot: Slot,
    pub(super) inbox: Inbox<NatsInput>,
}

/// What came of what was asked for, oldest first; cheap to clone.
pub(super) struct Inbox<T> {
    inputs: Rc<RefCell<VecDeque<T>>>,
    bell: Bell,
}

impl<T> Clone for Inbox<T> {
    fn clone(&self) -> Self {
        Self { inputs: Rc::clone(&self.inputs), bell: self.bell.clone() }
    }
}

impl<T> Inbox<T> {
    /// An empty one; the bell rings when something comes.
    pub(super) fn new(bell: Bell) -> Self {
        Self { inputs: Rc::default(), bell }
    }

    /// Adds what came.
    pub(super) fn push(&self, input: T) {
        self.inputs.borrow_mut().push_back(input);
        self.bell.ring();
    }

    /// The next of what came.
    pub(super) fn next(&self) -> Option<T> {
        self.inputs.borrow_mut().pop_front()
    }

    /// Whether there is more of it.
    pub(super) fn has_more(&self) -> bool {
        !self.inputs.borrow().is_empty()
    }
}
