//! When a worker counts as dead, and how often it is started again: rules without a clock, the page passes the
//! time.
//!
//! Read [`Pulse`] for a worker that hangs and [`Failures`] for one that fails repeatedly.

/// How long a worker may be silent when it did not announce more.
pub const SILENCE_MILLIS: f64 = 3000.0;
/// How long a worker may take to start.
pub const START_MILLIS: f64 = 30_000.0;
/// How long a worker may take to answer a ping.
const ANSWER_MILLIS: f64 = 2000.0;
/// A check that is this much too late shows that the page slept, is hidden or had no turn on a busy machine: then the
/// worker may have slept too, or its answer still waits to be read.
const LATE_MILLIS: f64 = 250.0;
/// Pings after which a late check counts too: browsers run timers of hidden pages only once a minute.
const MAX_QUESTIONS: u32 = 3;

/// The number of failures within `SPAN_MILLIS` after which no further worker is started.
pub const MAX_FAILURES: usize = 3;
/// See [`MAX_FAILURES`].
const SPAN_MILLIS: f64 = 60_000.0;

/// Whether a worker lives, by its heartbeats.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pulse {
    /// The instant until which it may be silent; `None` while no heartbeat is expected.
    due_millis: Option<f64>,
    questions: u32,
}

/// What to do after a check of a [`Pulse`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Look {
    /// Nothing until a heartbeat arrives.
    Never,
    /// Check again after these milliseconds.
    After(f64),
    /// Send a ping to the worker, and check again after these milliseconds.
    Ask(f64),
    /// End the worker: it hangs.
    Hung,
}

impl Pulse {
    /// Records that the worker lives, and may be silent for `silence_millis`.
    pub fn allow(&mut self, now_millis: f64, silence_millis: f64) {
        *self = Self { due_millis: Some(now_millis + silence_millis), questions: 0 };
    }

    /// Records a heartbeat; `busy_millis` is the silence that it announced.
    pub fn heartbeat(&mut self, now_millis: f64, busy_millis: Option<f64>) {
        self.allow(now_millis, busy_millis.unwrap_or_default().max(SILENCE_MILLIS));
    }

    /// Expects nothing until the next heartbeat.
    pub fn rest(&mut self) {
        *self = Self::default();
    }

    /// Checks whether a heartbeat is overdue; returns what to do now.
    pub fn look(&mut self, now_millis: f64) -> Look {
        let Some(due_millis) = self.due_millis else { return Look::Never };
        let late_millis = now_millis - due_millis;
        if late_millis < 0.0 {
            return Look::After(-late_millis);
        }
        let is_proof = late_millis < LATE_MILLIS || self.questions >= MAX_QUESTIONS;
        if self.questions > 0 && is_proof {
            return Look::Hung;
        }
        self.questions += 1;
        self.due_millis = Some(now_millis + ANSWER_MILLIS);
        Look::Ask(ANSWER_MILLIS)
    }
}

/// The recent failures.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Failures {
    at_millis: Vec<f64>,
}

impl Failures {
    /// Counts a failure; returns whether another worker is to be started.
    pub fn count(&mut self, now_millis: f64) -> bool {
        self.at_millis.retain(|at| now_millis - at < SPAN_MILLIS);
        self.at_millis.push(now_millis);
        self.at_millis.len() < MAX_FAILURES
    }
}

#[cfg(test)]
mod tests {
    use super::{Failures, Look, Pulse};

    #[test]
    fn a_worker_without_a_heartbeat_is_never_checked() {
        assert_eq!(Pulse::default().look(1e9), Look::Never);
        let mut pulse = Pulse::default();
        pulse.allow(0.0, 30_000.0);
        pulse.rest();
        assert_eq!(pulse.look(1e9), Look::Never);
    }

    #[test]
    fn a_silent_worker_is_pinged_and_then_counts_as_hung() {
        let mut pulse = Pulse::default();
        pulse.heartbeat(0.0, None);
        assert_eq!(pulse.look(1000.0), Look::After(2000.0));
        assert_eq!(pulse.look(3001.0), Look::Ask(2000.0));
        assert_eq!(pulse.look(4000.0), Look::After(1001.0));
        assert_eq!(pulse.look(5002.0), Look::Hung);
    }

    #[test]
    fn a_heartbeat_after_a_ping_resets_the_pulse() {
        let mut pulse = Pulse::default();
        pulse.heartbeat(0.0, None);
        assert_eq!(pulse.look(3000.0), Look::Ask(2000.0));
        pulse.heartbeat(4900.0, None);
        assert_eq!(pulse.look(5000.0), Look::After(2900.0));
    }

    #[test]
    fn an_announced_silence_is_allowed() {
        let mut pulse = Pulse::default();
        pulse.heartbeat(0.0, Some(20_000.0));
        assert_eq!(pulse.look(19_000.0), Look::After(1000.0));
        pulse.heartbeat(19_500.0, Some(1.0));
        assert_eq!(pulse.look(20_000.0), Look::After(2500.0));
    }

    #[test]
    fn a_late_check_after_sleep_does_not_count_as_hung() {
        let mut pulse = Pulse::default();
        pulse.heartbeat(0.0, None);
        assert_eq!(pulse.look(3_600_000.0), Look::Ask(2000.0));
        // It slept again before the answer to the ping.
        assert_eq!(pulse.look(7_200_000.0), Look::Ask(2000.0));
        assert_eq!(pulse.look(7_202_000.0), Look::Hung);
    }

    #[test]
    fn an_answer_that_a_busy_page_has_not_read_yet_counts() {
        let mut pulse = Pulse::default();
        pulse.heartbeat(0.0, None);
        assert_eq!(pulse.look(3000.0), Look::Ask(2000.0));
        // The page had no turn for 2.9 s, and its timer comes before the message.
        assert_eq!(pulse.look(5900.0), Look::Ask(2000.0));
        pulse.heartbeat(5900.5, None);
        assert_eq!(pulse.look(7900.0), Look::After(1000.5));
    }

    #[test]
    fn checks_once_a_minute_detect_a_hung_worker() {
        let mut pulse = Pulse::default();
        pulse.heartbeat(0.0, None);
        let looks = [60_000.0, 120_000.0, 180_000.0, 240_000.0].map(|at| pulse.look(at));
        assert_eq!(looks, [Look::Ask(2000.0), Look::Ask(2000.0), Look::Ask(2000.0), Look::Hung]);
    }

    #[test]
    fn three_failures_within_a_minute_end_the_restarts() {
        let mut failures = Failures::default();
        let worth = [0.0, 30_000.0, 61_000.0, 62_000.0].map(|at| failures.count(at));
        assert_eq!(worth, [true, true, true, false]);
    }
}
