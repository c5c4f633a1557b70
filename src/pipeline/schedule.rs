//! When simulated events are due, also after the machine was late, slept, or had its clock set.

use crate::time::{Duration, Timestamp};

/// Minimum time between two wakes; faster sources produce several events per tick.
const TICK: Duration = Duration::from_nanos(4_000_000);
/// A tick counts as late when it comes this much after the requested wake, or an interval if that is longer.
const LATE_AFTER: Duration = Duration::from_nanos(50_000_000);

/// A tick this much after the requested wake (or an interval, if that is longer) means that the machine slept or its
/// clock was set forward: no timer is that late otherwise. The source then produces no events for the gap.
pub const ASLEEP_AFTER: Duration = Duration::from_secs(10);

/// The schedule of the simulated source: one event each interval.
#[derive(Debug)]
pub(super) struct Schedule {
    /// When the next event is due.
    next_due: Timestamp,
    /// The last wake requested for the source.
    asked_wake: Option<Timestamp>,
}

/// What a tick shows beside the events that are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tick {
    /// The span in which the machine slept, if it did.
    pub(super) slept: Option<(Timestamp, Timestamp)>,
    /// Whether it came late, though the machine did not sleep.
    pub(super) is_late: bool,
}

impl Schedule {
    /// A schedule whose first event is due at `now`.
    pub(super) fn new(now: Timestamp) -> Self {
        Self { next_due: to_micros(now), asked_wake: None }
    }

    /// The next event is due at `now`.
    pub(super) fn restart(&mut self, now: Timestamp) {
        self.next_due = to_micros(now);
    }

    /// Counts the new interval from the last event, but never into the past: a shorter interval makes no event overdue.
    pub(super) fn change_interval(&mut self, old: Duration, new: Duration, now: Timestamp) {
        let last_due = self.next_due - old;
        self.next_due = (last_due + new).max(to_micros(now));
    }

    /// Compares the clock with the requested wake, and leaves out what it cannot catch up.
    pub(super) fn tick(&mut self, now: Timestamp, interval: Duration) -> Tick {
        let is_after = |wake: &Timestamp, wait: Duration| now - *wake >= wait.max(interval);
        let slept = self.asked_wake.filter(|wake| is_after(wake, ASLEEP_AFTER)).map(|wake| (wake, now));
        // A clock set back must not make the source wait until it has caught up.
        if slept.is_some() || self.next_due - now > interval {
            self.restart(now);
        }
        let is_late = slept.is_none() && self.asked_wake.is_some_and(|wake| is_after(&wake, LATE_AFTER));
        Tick { slept, is_late }
    }

    /// The time of the next event, if it is due by `now`; the one after it is due an interval later.
    pub(super) fn next(&mut self, now: Timestamp, interval: Duration) -> Option<Timestamp> {
        let due = self.next_due;
        if due > now {
            return None;
        }
        self.next_due = due + interval;
        Some(due)
    }

    /// How far it is behind at `now`.
    pub(super) fn lag(&self, now: Timestamp) -> Duration {
        if self.next_due < now { now - self.next_due } else { Duration::default() }
    }

    /// Requests a wake for the next event, if events are produced at all.
    pub(super) fn ask_wake(&mut self, is_producing: bool) -> Option<Timestamp> {
        self.asked_wake = is_producing.then_some(self.next_due);
        self.asked_wake
    }
}

/// The number of events that a tick brings when none is late.
pub(super) fn events_per_tick(interval: Duration) -> u64 {
    (TICK.as_nanos() / interval.as_nanos()).max(1) as u64
}

/// Simulated events have whole microseconds, as in the original.
pub(super) fn to_micros(now: Timestamp) -> Timestamp {
    Timestamp::from_nanos(now.as_nanos() - now.as_nanos().rem_euclid(1000))
}
