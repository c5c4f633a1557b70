//! The end of a port: its sender says goodbye, or is gone without a word, since pages crash and browsers stop service
//! workers when they like. Each sender holds a lock for as long as it lives, and this worker waits for that lock.

use std::rc::Rc;

use super::peer::Peer;
use super::ports::Port;
use super::state::Shared;
use crate::browser::{locks, spawn_local};
use crate::protocol::{FromWorker, Role};

/// Closes the port of a sender that says goodbye.
pub(super) fn close(worker: &Shared, sender: &Peer) {
    close_where(worker, |port| port.peer == *sender);
}

/// Closes the ports of a sender as soon as it holds this lock no longer.
pub(super) fn close_after(worker: &Shared, sender: &Peer, lock: String) {
    let is_new = worker.borrow_mut().ports.hold(sender, &lock);
    if !is_new {
        return;
    }
    let worker = Rc::clone(worker);
    locks::when_gone(&lock.clone(), move || {
        worker.borrow_mut().ports.release(&lock);
        close_where(&worker, |port| port.lock.as_ref() == Some(&lock));
    });
}

/// Closes ports, and drops the bodies that are read over them.
fn close_where(worker: &Shared, is_gone: impl Fn(&Port) -> bool) {
    let gone = {
        let mut worker = worker.borrow_mut();
        let gone = worker.ports.remove(is_gone);
        for port in &gone {
            worker.streams.leave(&port.peer);
            worker.bodies.leave(&port.peer);
        }
        gone
    };
    // The message that is handled now may be one of the port's own: its listener ends after that.
    spawn_local(async move {
        for port in &gone {
            // A sender that lives all the same, since another script stole its lock, connects anew.
            port.peer.send(&FromWorker::Role(Role::Waiting));
            port.peer.close();
        }
    });
}
