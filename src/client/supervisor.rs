//! What the page knows about its worker: what it is for, its failures and its pulse.

use std::cell::{Cell, RefCell};

use gloo_timers::callback::Timeout;

use super::supervision::{Failures, Pulse};
use super::types::RecoveryMode;
use crate::browser::pipeline_worker::PipelineWorker;

/// This tab's worker, and how it is.
#[derive(Default)]
pub(super) struct Supervisor {
    /// What the worker is for.
    pub(super) mode: Cell<RecoveryMode>,
    pub(super) worker: RefCell<Option<PipelineWorker>>,
    pub(super) failures: RefCell<Failures>,
    pub(super) pulse: Cell<Pulse>,
    /// The next look at the pulse.
    pub(super) look: RefCell<Option<Timeout>>,
}
