//! The connections of a worker: its own page, and the ports of other pages and of the service worker.

use std::cell::Cell;
use std::rc::Rc;

use super::access::Access;
use super::peer::Peer;
use crate::browser::message::ListenerGuard;
use crate::protocol::FromWorker;

/// The page of a worker and its open ports; `goodbye` says when a port is closed.
#[derive(Default)]
pub(super) struct Ports {
    ports: Vec<Port>,
    /// The locks that this worker waits for.
    locks: Vec<String>,
}

/// A connection, which is listened to for as long as this is kept.
pub(super) struct Port {
    pub(super) peer: Peer,
    /// The lock that its sender holds for as long as it lives, once it has said so.
    pub(super) lock: Option<String>,
    access: Rc<Cell<Access>>,
    _guard: ListenerGuard,
}

impl Ports {
    /// Keeps a listener until its port is removed.
    pub(super) fn add(&mut self, peer: Peer, access: Rc<Cell<Access>>, guard: ListenerGuard) {
        self.ports.push(Port { peer, lock: None, access, _guard: guard });
    }

    /// Sends a message to all other pages.
    pub(super) fn tell_pages(&self, message: &FromWorker) {
        self.ports.iter().filter(|port| port.access.get() == Access::Page).for_each(|port| port.peer.send(message));
    }

    /// Open ports; the worker's own page is none.
    pub(super) fn len(&self) -> usize {
        self.ports.iter().filter(|port| !port.peer.is_page()).count()
    }

    /// Records that the sender of a port holds this lock; returns whether nobody waits for the lock yet.
    pub(super) fn hold(&mut self, sender: &Peer, lock: &str) -> bool {
        for port in self.ports.iter_mut().filter(|port| port.peer == *sender) {
            port.lock = Some(lock.to_owned());
        }
        let is_new = !self.locks.iter().any(|known| known == lock);
        if is_new {
            self.locks.push(lock.to_owned());
        }
        is_new
    }

    /// Forgets a lock that nobody waits for any more.
    pub(super) fn release(&mut self, lock: &str) {
        self.locks.retain(|known| known != lock);
    }

    /// Removes the ports that `is_gone` chooses; the worker's own page stays.
    pub(super) fn remove(&mut self, is_gone: impl Fn(&Port) -> bool) -> Vec<Port> {
        self.ports.extract_if(.., |port| !port.peer.is_page() && is_gone(port)).collect()
    }
}
