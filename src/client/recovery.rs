//! Restarts this tab's worker: one that panics, hangs or cannot be loaded is ended and another started, which goes on
//! from the journal. After too many failures, what is stored can still be exported. The rules are in
//! [`super::supervision`].

use gloo_timers::callback::Timeout;

use super::supervision::{Look, Pulse, START_MILLIS};
use super::{Client, ClientEvent, Connection, Failure, RecoveryMode};
use crate::browser::clock;
use crate::browser::message::Target;
use crate::browser::pipeline_worker::PipelineWorker;
use crate::protocol::ToWorker;

impl Client {
    /// Starts this tab's worker and listens to it.
    pub(super) fn start_worker(&self) {
        let (hearing, failing) = (self.clone(), self.clone());
        let worker = PipelineWorker::spawn(
            move |message| hearing.on_worker_message(message),
            move |reason| failing.worker_failed(reason),
        );
        match worker {
            Ok(worker) => {
                self.0.supervisor.worker.replace(Some(worker));
                self.expect(|pulse| pulse.allow(clock::monotonic_millis(), START_MILLIS));
            }
            Err(sentence) => self.worker_failed(sentence),
        }
    }

    /// Starts this tab's worker if there is none, since it failed while another tab ran the pipeline.
    pub(super) fn start_worker_if_none(&self) {
        let has_none = self.0.supervisor.worker.borrow().is_none();
        if has_none {
            self.start_worker();
        }
    }

    /// Called when the worker listens; returns the target of messages to it.
    pub(super) fn is_started(&self) -> Option<Target> {
        self.expect(Pulse::rest);
        self.0.supervisor.worker.borrow().as_ref().map(PipelineWorker::target)
    }

    /// Handles a heartbeat; `busy_millis` is how long the worker may be silent.
    pub(super) fn on_heartbeat(&self, busy_millis: Option<f64>) {
        let mut pulse = self.0.supervisor.pulse.get();
        pulse.heartbeat(clock::monotonic_millis(), busy_millis);
        self.0.supervisor.pulse.set(pulse);
        // The next check is set anew each time: the silence allowed before may have been much longer.
        self.look_after_it();
    }

    fn expect(&self, change: impl FnOnce(&mut Pulse)) {
        let mut pulse = self.0.supervisor.pulse.get();
        change(&mut pulse);
        self.0.supervisor.pulse.set(pulse);
        self.look_after_it();
    }

    fn look_after_it(&self) {
        let supervisor = &self.0.supervisor;
        let mut pulse = supervisor.pulse.get();
        let look = pulse.look(clock::monotonic_millis());
        supervisor.pulse.set(pulse);
        let rest_millis = match look {
            Look::Never => None,
            Look::After(millis) => Some(millis),
            Look::Ask(millis) => {
                if let Some(worker) = &*supervisor.worker.borrow() {
                    worker.target().send(&ToWorker::Ping);
                }
                Some(millis)
            }
            Look::Hung => return self.worker_failed("it no longer answers".to_owned()),
        };
        let client = self.clone();
        let next = rest_millis.map(|millis| Timeout::new(millis.ceil() as u32, move || client.look_after_it()));
        supervisor.look.replace(next);
    }

    /// Ends the worker, if it still runs, and starts another.
    fn worker_failed(&self, reason: String) {
        let supervisor = &self.0.supervisor;
        supervisor.worker.take();
        supervisor.look.take();
        supervisor.pulse.set(Pulse::default());
        self.0.worker.take();
        self.0.heartbeat_worker.take();
        self.end_decoders();
        if self.0.is_owner.replace(false) {
            if let Some(connection) = self.0.connection.take() {
                connection.give_up();
            }
            if let Some(relay) = &*self.0.relay.borrow() {
                relay.report_restart();
            }
        }
        match supervisor.mode.get() {
            RecoveryMode::Unneeded => self.try_again(reason),
            RecoveryMode::Requests => self.recovery(RecoveryMode::Files),
            RecoveryMode::Files | RecoveryMode::Nothing => self.recovery(RecoveryMode::Nothing),
        }
    }

    fn try_again(&self, reason: String) {
        let is_last = !self.0.supervisor.failures.borrow_mut().count(clock::monotonic_millis());
        let failure = Failure { reason, at: clock::now(), is_last };
        let sentence =
            format!("The pipeline worker stopped: {}. Reload the page to start it again.", failure.headline());
        self.emit(ClientEvent::Failure(failure));
        // The failure does not affect a pipeline in another tab.
        let is_needed = self.0.connection.borrow().is_none();
        match (is_last, is_needed) {
            (false, true) => {
                self.emit(ClientEvent::Connection(Connection::Connecting));
                self.start_worker();
            }
            (false, false) => self.start_worker(),
            (true, true) => {
                self.fail(sentence);
                self.recovery(RecoveryMode::Requests);
            }
            (true, false) => {}
        }
    }

    /// Starts a worker that exports what is stored in the way of `mode`, if there is one.
    fn recovery(&self, mode: RecoveryMode) {
        self.0.supervisor.mode.set(mode);
        if mode == RecoveryMode::Nothing { self.emit(ClientEvent::RecoveryMode(mode)) } else { self.start_worker() }
    }
}
