//! The page's state about its worker: its mode, its failures and its pulse.

use std::cell::{Cell, RefCell};

use gloo_timers::callback::Timeout;

use super::supervision::{Failures, Pulse};
use super::types::RecoveryMode;
use crate::browser::pipeline_worker::PipelineWorker;

/// This tab's worker, and its state.
#[derive(Default)]
pub(super) struct Supervisor {
    /// What the worker is for.
    pub(super) mode: Cell<RecoveryMode>,
    pub(super) worker: RefCell<Option<PipelineWorker>>,
    pub(super) failures: RefCell<Failures>,
    pub(super) pulse: Cell<Pulse>,
    /// The timer of the next check of the pulse.
    pub(super) look: RefCell<Option<Timeout>>,
}
