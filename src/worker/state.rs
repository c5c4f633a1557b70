//! The state of a worker.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::{Interval, Timeout};

use super::bodies::Bodies;
use super::connection::Live;
use super::loading::Loading;
use super::nats_connections::Nats;
use super::peer::Peer;
use super::ports::Ports;
use super::streams::Streams;
use super::watch::{LONG_SILENCE_MILLIS, USUAL_SILENCE_MILLIS, Watch};
use crate::api::App;
use crate::browser::channel::Channel;
use crate::browser::clock;
use crate::browser::file_decoder::Decoders;
use crate::browser::message::Target;
use crate::browser::opfs::Opfs;
use crate::protocol::{OwnerThread, WorkerBroadcast};

/// The worker of one page.
pub(super) struct Worker {
    pub(super) page: Peer,
    /// The build of the page, and so of this worker.
    pub(super) build: Option<String>,
    /// The pipeline, once this worker owns it.
    pub(super) app: Option<App>,
    /// Its files, if the browser has any.
    pub(super) files: Option<Rc<Opfs>>,
    /// What decides whether this worker runs the pipeline.
    pub(super) ownership: Ownership,
    /// Runs when this worker has become the owner.
    pub(super) on_owned: fn(&Shared),
    /// Milliseconds that opening the files took.
    pub(super) opening_millis: f64,
    /// The timer of the next tick.
    pub(super) timer: Option<Timeout>,
    /// Whether that timer is over soon.
    pub(super) is_step_near: bool,
    /// When as much time has passed since the last step as that took, on the monotonic clock.
    pub(super) rested_millis: f64,
    /// The version of the settings that other pages know.
    pub(super) told_version: u64,
    pub(super) pace: Pace,
    /// Answers that are being worked on or read.
    pub(super) streams: Streams<Peer>,
    /// Bodies of requests that are received or read.
    pub(super) bodies: Bodies,
    /// The page and all ports, with their listeners.
    pub(super) ports: Ports,
    /// Files of people's own that are read.
    pub(super) loading: Loading,
    /// The live source that is read.
    pub(super) live: Live,
    /// The connections to NATS servers.
    pub(super) nats: Nats,
    /// The programs that decode some of them.
    pub(super) decoders: Decoders,
}

impl Worker {
    /// Whether this worker runs the pipeline, or is about to.
    pub(super) fn is_owner(&self) -> bool {
        self.app.is_some() || self.ownership.is_opening
    }

    /// Takes the pipeline from this worker, which starts the next one with the settings that were in force.
    pub(super) fn take_app(&mut self) -> Option<App> {
        let app = self.app.take()?;
        self.ownership.set_query(app.service().address_in_force());
        Some(app)
    }
}

/// The mean time of recent batches. Browser clocks advance in steps of about a tenth of a millisecond, the time of
/// several batches, so only a mean over many batches is meaningful.
#[derive(Default)]
pub(super) struct Pace {
    millis: f64,
    batches: f64,
}

impl Pace {
    /// The approximate number of batches in the mean.
    const MEMORY: f64 = 200.0;

    pub(super) fn add(&mut self, millis: f64, batches: usize) {
        if self.batches > Self::MEMORY {
            self.millis /= 2.0;
            self.batches /= 2.0;
        }
        self.millis += millis;
        self.batches += batches as f64;
    }

    pub(super) fn micros_per_batch(&self) -> f64 {
        self.millis * 1e3 / self.batches.max(1.0)
    }
}

pub(super) type Shared = Rc<RefCell<Worker>>;

/// The means to become the owner of the pipeline, and the state of the current owner.
#[derive(Default)]
pub(super) struct Ownership {
    /// The base path: it names lock, channel and files.
    pub(super) base: String,
    /// The query of the page's address: the settings to start with if this worker takes over.
    pub(super) query: String,
    /// Whether persistence was off when a page last showed it.
    pub(super) is_memory_only: bool,
    /// The channel between the workers of all tabs.
    pub(super) channel: Option<Channel>,
    /// The timer that sends heartbeats, or checks for them.
    pub(super) pulse: Option<Interval>,
    /// What this worker knows of the owner.
    pub(super) watch: Watch,
    /// Repeats heartbeats beside this thread, once this worker owns the pipeline.
    pub(super) heartbeat_worker: Option<Target>,
    pub(super) is_opening: bool,
    /// Whether this worker waits in the queue for the lock.
    pub(super) is_queued: bool,
}

impl Ownership {
    /// Sets the settings to start with if this worker takes over: those in force elsewhere.
    pub(super) fn set_query(&mut self, query: String) {
        self.is_memory_only = !crate::pipeline::settings_of_address(&query).0.persist;
        self.query = query;
    }

    /// Tells the other workers that this one owns the pipeline, and that its event loop may be silent for
    /// `silence_millis`.
    pub(super) fn send_heartbeat(&self, silence_millis: f64) {
        let (claim_millis, busy_until_millis) = (self.watch.claim_millis(), clock::now().as_millis() + silence_millis);
        let heartbeat = |thread| WorkerBroadcast::Heartbeat { thread, claim_millis, busy_until_millis };
        self.broadcast(heartbeat(OwnerThread::EventLoop));
        if let Some(worker) = &self.heartbeat_worker {
            worker.send(&heartbeat(OwnerThread::Heartbeat));
        }
    }

    /// Lets the heartbeat worker at the other end of this port send heartbeats too, for as long as this worker owns the
    /// pipeline.
    pub(super) fn repeat_heartbeats(&mut self, heartbeat_worker: Target) {
        self.heartbeat_worker = Some(heartbeat_worker);
        self.send_usual_heartbeat();
    }

    /// The same when no long operation begins; opening the files is one.
    pub(super) fn send_usual_heartbeat(&self) {
        self.send_heartbeat(if self.is_opening { LONG_SILENCE_MILLIS } else { USUAL_SILENCE_MILLIS });
    }

    pub(super) fn broadcast(&self, message: WorkerBroadcast) {
        if let Some(channel) = &self.channel {
            channel.send(&message);
        }
    }
}
