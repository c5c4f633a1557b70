//! A worker that repeats a message of the pipeline worker to those of the other tabs, on a thread of its own: the
//! pipeline worker's is busy while it computes. Its script is `heartbeat_worker.js`.
//!
//! The page starts it. In Firefox a worker that starts another one may hang for ever while the service worker takes
//! over, as it does on a first visit.

use web_sys::{MessageChannel, Worker, WorkerOptions};

use super::message::Port;

/// Repeats a message until it is dropped, or its tab is frozen or closed.
#[derive(Debug)]
pub struct HeartbeatWorker(Worker);

impl HeartbeatWorker {
    /// Starts it for the [channel](super::channel::Channel) of this name. It is silent until a message is sent through
    /// the port, and repeats the newest one from then on. A script that cannot be loaded leaves it silent for ever, and
    /// a browser that refuses gives `None`: then the event loop alone sends heartbeats.
    pub fn spawn(channel: &str) -> Option<(Self, Port)> {
        let options = WorkerOptions::new();
        options.set_name(channel);
        let ports = MessageChannel::new().ok()?;
        let worker = Self(Worker::new_with_options("heartbeat_worker.js", &options).ok()?);
        let transfer = js_sys::Array::of1(&ports.port1());
        worker.0.post_message_with_transfer(&transfer, &transfer).ok()?;
        Some((worker, ports.port2()))
    }
}

impl Drop for HeartbeatWorker {
    fn drop(&mut self) {
        self.0.terminate();
    }
}
