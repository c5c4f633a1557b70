//! The other end of a connection, and the protocol that it speaks.

use super::access::Access;
use crate::browser::message::{Envelope, ListenerGuard, Received, Target};
use crate::protocol::{FromWorker, ProtocolError, ToRelay, ToWorker};

/// A page, or the service worker. Its messages and those to it are the worker's own in either case; the service
/// worker's few are translated here.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Peer {
    target: Target,
    is_relay: bool,
}

impl Peer {
    /// The other end of a connection with these rights from its start.
    pub(super) fn new(target: Target, access: Access) -> Self {
        Self { target, is_relay: access == Access::Relay }
    }

    /// Whether this is the page of this worker.
    pub(super) fn is_page(&self) -> bool {
        self.target.is_page()
    }

    /// Sends a message.
    pub(super) fn send(&self, message: &FromWorker) {
        self.post(self.envelope(message));
    }

    /// Sends a message with a body.
    pub(super) fn send_with_body(&self, message: &FromWorker, body: &[u8]) {
        self.post(self.envelope(message).map(|envelope| envelope.with_body(body)));
    }

    /// Sends a message with numbers as its body.
    pub(super) fn send_with_floats(&self, message: &FromWorker, floats: &[f64]) {
        self.post(self.envelope(message).map(|envelope| envelope.with_floats(floats)));
    }

    /// The envelope of a message, if there is one in the protocol of this peer.
    fn envelope(&self, message: &FromWorker) -> Option<Envelope> {
        if self.is_relay {
            ToRelay::from_worker(message).map(|message| Envelope::for_relay(&message))
        } else {
            Some(Envelope::new(message))
        }
    }

    fn post(&self, envelope: Option<Envelope>) {
        if let Some(envelope) = envelope {
            self.target.post(&envelope);
        }
    }

    /// Closes the port, see [`Target::close`].
    pub(super) fn close(&self) {
        self.target.close();
    }

    /// Calls `callback` with every message from this peer, for as long as the returned guard is kept.
    #[must_use = "messages come only while the guard is kept"]
    pub(super) fn listen(
        &self,
        mut callback: impl FnMut(Result<Received<ToWorker>, ProtocolError>) + 'static,
    ) -> ListenerGuard {
        if self.is_relay {
            self.target.listen_to_relay(move |received| callback(received.map(|received| received.map(ToWorker::from))))
        } else {
            self.target.listen(callback)
        }
    }
}
