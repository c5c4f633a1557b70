//! What a worker holds.

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
    /// The build that the page is of, and so is this worker.
    pub(super) build: Option<String>,
    /// The pipeline, once this worker owns it.
    pub(super) app: Option<App>,
    /// Its files, if the browser has any.
    pub(super) files: Option<Rc<Opfs>>,
    /// Who runs the pipeline, and whether that is this worker.
    pub(super) ownership: Ownership,
    /// Runs when this worker has become the owner.
    pub(super) on_owned: fn(&Shared),
    /// Milliseconds that opening the files took.
    pub(super) opening_millis: f64,
    /// The tick that is set.
    pub(super) timer: Option<Timeout>,
    pub(super) pace: Pace,
    /// Bodies that are being read.
    pub(super) streams: Streams,
    /// Everybody who speaks to this worker. Ports of those who went away stay: they are silent, and few.
    pub(super) listeners: Vec<ListenerGuard>,
}

/// What batches cost lately. Browser clocks tick every tenth of a millisecond or so, several batches long, so only a mean
/// over many tells anything.
#[derive(Default)]
pub(super) struct Pace {
    millis: f64,
    batches: f64,
}

impl Pace {
    /// Batches that the mean goes back over, roughly.
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

/// What this worker knows of who runs the pipeline.
#[derive(Default)]
pub(super) struct Ownership {
    /// The base path: it names lock, channel and files.
    pub(super) base: String,
    /// The page's address after `?`, as it would start the pipeline.
    pub(super) query: String,
    /// Between the workers of all tabs.
    pub(super) channel: Option<Channel>,
    /// The heartbeat, or the watch for it.
    pub(super) pulse: Option<Interval>,
    /// When the owner was heard last, and how long it may be silent since, on the monotonic clock.
    pub(super) heard_millis: f64,
    pub(super) silence_millis: f64,
    /// When the watch looked last: a worker that slept has heard nobody.
    pub(super) looked_millis: f64,
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
