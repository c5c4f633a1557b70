//! When a worker counts as dead, and how often it is started again: rules for the page, which keeps the time.
//!
//! Read [`Pulse`] for the worker that hangs and [`Failures`] for the one that fails again and again.

/// How long it may be silent when it did not announce more.
pub const SILENCE_MILLIS: f64 = 3000.0;
/// How long it may take to start.
pub const START_MILLIS: f64 = 30_000.0;
/// How long a worker that was asked whether it lives has to answer.
const ANSWER_MILLIS: f64 = 2000.0;
/// A look that comes so much too late says that the page slept, or is hidden, and then the worker may have slept too.
const LATE_MILLIS: f64 = 1000.0;
/// Questions after which lateness is no excuse: browsers look only once a minute on behalf of hidden pages.
const MAX_QUESTIONS: u32 = 3;

/// Failures that end it, when they come within `SPAN_MILLIS`.
pub const MAX_FAILURES: usize = 3;
/// See [`MAX_FAILURES`].
const SPAN_MILLIS: f64 = 60_000.0;

/// Whether a worker lives, by what is heard of it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pulse {
    /// Until when silence is no sign; `None` while nothing is expected of it.
    due_millis: Option<f64>,
    questions: u32,
}

/// What a look at a [`Pulse`] asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Look {
    /// Nothing, as long as nothing is heard.
    Never,
    /// Another look, so many milliseconds later.
    After(f64),
    /// A question to the worker whether it lives, and another look so many milliseconds later.
    Ask(f64),
    /// It hangs.
    Hung,
}

impl Pulse {
    /// It lives, and may be silent for so long.
    pub fn allow(&mut self, now_millis: f64, silence_millis: f64) {
        *self = Self { due_millis: Some(now_millis + silence_millis), questions: 0 };
    }

    /// A heartbeat was heard; `busy_millis` is what it announced.
    pub fn heartbeat(&mut self, now_millis: f64, busy_millis: Option<f64>) {
        self.allow(now_millis, busy_millis.unwrap_or_default().max(SILENCE_MILLIS));
    }

    /// Nothing is expected of it until it beats.
    pub fn rest(&mut self) {
        *self = Self::default();
    }

    /// What is to be done now.
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

/// The failures of late.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Failures {
    at_millis: Vec<f64>,
}

impl Failures {
    /// Counts one more; answers whether a worker is worth another try.
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
    fn a_worker_that_never_beat_is_left_alone() {
        assert_eq!(Pulse::default().look(1e9), Look::Never);
        let mut pulse = Pulse::default();
        pulse.allow(0.0, 30_000.0);
        pulse.rest();
        assert_eq!(pulse.look(1e9), Look::Never);
    }

    #[test]
    fn a_silent_worker_is_asked_and_then_counts_as_hung() {
        let mut pulse = Pulse::default();
        pulse.heartbeat(0.0, None);
        assert_eq!(pulse.look(1000.0), Look::After(2000.0));
        assert_eq!(pulse.look(3001.0), Look::Ask(2000.0));
        assert_eq!(pulse.look(4000.0), Look::After(1001.0));
        assert_eq!(pulse.look(5002.0), Look::Hung);
    }

    #[test]
    fn an_answer_saves_it() {
        let mut pulse = Pulse::default();
        pulse.heartbeat(0.0, None);
        assert_eq!(pulse.look(3000.0), Look::Ask(2000.0));
        pulse.heartbeat(4900.0, None);
        assert_eq!(pulse.look(5000.0), Look::After(2900.0));
    }

    #[test]
    fn announced_work_takes_as_long_as_announced() {
        let mut pulse = Pulse::default();
        pulse.heartbeat(0.0, Some(20_000.0));
        assert_eq!(pulse.look(19_000.0), Look::After(1000.0));
        pulse.heartbeat(19_500.0, Some(1.0));
        assert_eq!(pulse.look(20_000.0), Look::After(2500.0));
    }

    #[test]
    fn a_look_after_sleep_is_no_proof() {
        let mut pulse = Pulse::default();
        pulse.heartbeat(0.0, None);
        assert_eq!(pulse.look(3_600_000.0), Look::Ask(2000.0));
        // It slept again, in the middle of the question.
        assert_eq!(pulse.look(7_200_000.0), Look::Ask(2000.0));
        assert_eq!(pulse.look(7_202_000.0), Look::Hung);
    }

    #[test]
    fn a_page_that_looks_once_a_minute_finds_out_too() {
        let mut pulse = Pulse::default();
        pulse.heartbeat(0.0, None);
        let looks = [60_000.0, 120_000.0, 180_000.0, 240_000.0].map(|at| pulse.look(at));
        assert_eq!(looks, [Look::Ask(2000.0), Look::Ask(2000.0), Look::Ask(2000.0), Look::Hung]);
    }

    #[test]
    fn three_failures_within_a_minute_end_it() {
        let mut failures = Failures::default();
        let worth = [0.0, 30_000.0, 61_000.0, 62_000.0].map(|at| failures.count(at));
        assert_eq!(worth, [true, true, true, false]);
    }
}
