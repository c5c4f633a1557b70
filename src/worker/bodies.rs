//! The bodies of requests that come part by part: which are awaited, and which are read.
//!
//! `receiving` receives and reads them.

use std::collections::VecDeque;

use futures_channel::oneshot::{self, Receiver, Sender};

use super::peer::Peer;
use crate::browser::message::Body;

/// Bodies of many parts that are received or read at once, and bodies altogether; more are refused with 503.
const MAX_IN_PARTS: usize = 8;
const MAX_BODIES: usize = 256;
/// A body of more bytes is a large one.
const SMALL_BYTES: usize = 16 << 10;
/// Small and large bodies that are read at once; the others wait for their turn, and no small one for a large one.
const MAX_READING: [usize; 2] = [16, 4];

/// The bodies that are received or read.
#[derive(Default)]
pub(super) struct Bodies {
    open: Vec<Incoming>,
    /// Of small bodies, and of large ones.
    turns: [Turns; 2],
}

/// The bodies of one size that are read, and those that wait until one of them is.
#[derive(Default)]
struct Turns {
    reading: usize,
    waiting: VecDeque<Sender<()>>,
}

/// The size of a body.
#[derive(Debug, Clone, Copy)]
pub(super) enum Size {
    /// Up to 16 KiB.
    Small,
    /// More.
    Large,
}

impl Size {
    pub(super) fn of(bytes: usize) -> Self {
        if bytes > SMALL_BYTES { Self::Large } else { Self::Small }
    }
}

/// A request whose body is received or read.
struct Incoming {
    sender: Peer,
    id: u32,
    has_parts: bool,
    /// Where its next part goes, once it was asked for.
    part: Option<Sender<NextPart>>,
}

/// A part of a body, and whether the body goes on.
pub(super) type NextPart = (Body, bool);

impl Bodies {
    /// Takes a request whose body is to be received; returns false when there are too many.
    pub(super) fn open(&mut self, sender: &Peer, id: u32, has_parts: bool) -> bool {
        let in_parts = self.open.iter().filter(|incoming| incoming.has_parts).count();
        let has_room = self.open.len() < MAX_BODIES && (!has_parts || in_parts < MAX_IN_PARTS);
        if has_room {
            self.open.push(Incoming { sender: sender.clone(), id, has_parts, part: None });
        }
        has_room
    }

    /// Whether the sender of a request waits for its answer.
    pub(super) fn is_open(&self, sender: &Peer, id: u32) -> bool {
        self.open.iter().any(|incoming| incoming.is(sender, id))
    }

    /// Awaits the next part of a body.
    pub(super) fn expect(&mut self, sender: &Peer, id: u32) -> Receiver<NextPart> {
        let (part, awaited) = oneshot::channel();
        if let Some(incoming) = self.find(sender, id) {
            incoming.part = Some(part);
        }
        awaited
    }

    /// Awaits it no longer.
    pub(super) fn give_up(&mut self, sender: &Peer, id: u32) {
        if let Some(incoming) = self.find(sender, id) {
            incoming.part = None;
        }
    }

    /// Hands a part to the request that it belongs to.
    pub(super) fn receive(&mut self, sender: &Peer, id: u32, part: Body, has_more: bool) {
        let awaited = self.find(sender, id).and_then(|incoming| incoming.part.take());
        // A request that was answered meanwhile takes no more parts.
        drop(awaited.map(|awaited| awaited.send((part, has_more))));
    }

    /// Drops a request that is answered, or for whose answer nobody waits.
    pub(super) fn close(&mut self, sender: &Peer, id: u32) {
        self.open.retain(|incoming| !incoming.is(sender, id));
    }

    /// Drops the requests of a sender that is gone.
    pub(super) fn leave(&mut self, sender: &Peer) {
        self.open.retain(|incoming| incoming.sender != *sender);
    }

    /// Begins to read a body, or returns what to wait for first.
    pub(super) fn take_turn(&mut self, size: Size) -> Option<Receiver<()>> {
        let turns = &mut self.turns[size as usize];
        if turns.reading < MAX_READING[size as usize] {
            turns.reading += 1;
            return None;
        }
        let (sender, turn) = oneshot::channel();
        turns.waiting.push_back(sender);
        Some(turn)
    }

    /// Lets another body have the turn of one that was read.
    pub(super) fn end_turn(&mut self, size: Size) {
        let turns = &mut self.turns[size as usize];
        while let Some(next) = turns.waiting.pop_front() {
            if next.send(()).is_ok() {
                return;
            }
        }
        turns.reading -= 1;
    }

    fn find(&mut self, sender: &Peer, id: u32) -> Option<&mut Incoming> {
        self.open.iter_mut().find(|incoming| incoming.is(sender, id))
    }
}

impl Incoming {
    fn is(&self, sender: &Peer, id: u32) -> bool {
        self.id == id && self.sender == *sender
    }
}
