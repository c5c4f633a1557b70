//! The state of a worker.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::{Interval, Timeout};

use super::streams::Streams;
use crate::api::App;
use crate::browser::channel::Channel;
use crate::browser::message::{ListenerGuard, Target};
use crate::browser::opfs::Opfs;
use crate::protocol::WorkerBroadcast;

/// The worker of one page.
pub(super) struct Worker {
    pub(super) page: Target,
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
    pub(super) pace: Pace,
    /// Bodies that are being read.
    pub(super) streams: Streams,
    /// Listeners on the page and on all ports. Those of abandoned ports stay: they are few, and no message arrives
    /// there.
    pub(super) listeners: Vec<ListenerGuard>,
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
    /// The channel between the workers of all tabs.
    pub(super) channel: Option<Channel>,
    /// The timer that sends heartbeats, or checks for them.
    pub(super) pulse: Option<Interval>,
    /// When the owner's last message arrived, and how long it may be silent after that, on the monotonic clock.
    pub(super) heard_millis: f64,
    pub(super) silence_millis: f64,
    /// When heartbeats were last checked: a worker that slept has received none.
    pub(super) checked_millis: f64,
    pub(super) is_opening: bool,
}

impl Ownership {
    /// Sets the settings to start with if this worker takes over.
    pub(super) fn set_query(&mut self, query: String) {
        self.query = query;
    }

    pub(super) fn broadcast(&self, message: WorkerBroadcast) {
        if let Some(channel) = &self.channel {
            channel.send(&message);
        }
    }
}
