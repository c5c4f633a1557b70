//! When the rows of a replay are due: the file's time runs so many times faster than the clock, and rests when it does.

use crate::pipeline::ASLEEP_AFTER;
use crate::time::{Duration, Timestamp};

/// The time of a replayed file beside the clock.
///
/// An instant of the file is due at one instant of the clock, which is computed from where the replay began, not from
/// the row before: nothing adds up, however many rows there are.
#[derive(Debug, Clone)]
pub(super) struct ReplayClock {
    speed: f64,
    /// An instant of the file, and when the clock shows it; `None` before the first row.
    begun: Option<(Timestamp, Timestamp)>,
    /// What the clock showed last.
    seen: Option<Timestamp>,
    /// When a row was to be given out next.
    asked_wake: Option<Timestamp>,
}

impl ReplayClock {
    pub(super) fn new(speed: f64) -> Self {
        Self { speed, begun: None, seen: None, asked_wake: None }
    }

    /// Lets time pass up to `now`; `is_resting`: the file's time stood still since the last call.
    ///
    /// It stands still, too, while the machine sleeps, and a clock that is set back does not turn it back.
    pub(super) fn pass(&mut self, now: Timestamp, is_resting: bool) {
        let elapsed = self.seen.map_or(Duration::from_nanos(0), |seen| now - seen);
        let overslept = self.asked_wake.map(|wake| now - wake).filter(|late| *late > ASLEEP_AFTER);
        let stood = match overslept {
            _ if is_resting || elapsed.as_nanos() < 0 => elapsed,
            Some(late) => late.min(elapsed),
            None => Duration::from_nanos(0),
        };
        if let Some((_, clock)) = &mut self.begun {
            *clock = *clock + stood;
        }
        (self.seen, self.asked_wake) = (Some(now), None);
    }

    /// Begins at this instant of the file, or goes on there.
    pub(super) fn begin(&mut self, at: Timestamp, now: Timestamp) {
        self.begun = Some((at, now));
    }

    /// Begins anew with the next row.
    pub(super) fn stop(&mut self) {
        (self.begun, self.asked_wake) = (None, None);
    }

    pub(super) fn has_begun(&self) -> bool {
        self.begun.is_some()
    }

    /// Runs so many times faster than the clock from now on.
    pub(super) fn set_speed(&mut self, speed: f64, now: Timestamp) {
        self.begun = self.position(now).map(|position| (position, now));
        self.speed = speed;
    }

    /// The instant of the file that is due at `now`.
    pub(super) fn position(&self, now: Timestamp) -> Option<Timestamp> {
        let (at, clock) = self.begun?;
        Some(at + Duration::from_nanos(((now - clock).as_nanos() as f64 * self.speed) as i64))
    }

    /// When an instant of the file is due; at once before the first row.
    pub(super) fn due(&self, at: Timestamp, now: Timestamp) -> Timestamp {
        match self.begun {
            Some((begun, clock)) => {
                clock + Duration::from_nanos(((at - begun).as_nanos() as f64 / self.speed).ceil() as i64)
            }
            None => now,
        }
    }

    /// Notes when it is to be called next: a call long after that means that the machine slept.
    pub(super) fn ask(&mut self, wake: Timestamp) {
        self.asked_wake = Some(wake);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_nanos(secs * 1_000_000_000)
    }

    fn millis(millis: i64) -> Duration {
        Duration::from_nanos(millis * 1_000_000)
    }

    fn begun(speed: f64) -> ReplayClock {
        let mut clock = ReplayClock::new(speed);
        clock.pass(at(0), false);
        clock.begin(at(1000), at(0));
        clock
    }

    #[test]
    fn an_instant_is_due_by_the_speed_from_where_the_replay_began() {
        for (speed, due_millis) in [(0.1, 100_000), (1.0, 10_000), (2.5, 4_000), (10_000.0, 1)] {
            let clock = begun(speed);
            assert_eq!(clock.due(at(1010), at(0)), at(0) + millis(due_millis), "{speed}");
            assert!(clock.due(at(999), at(0)) <= at(0), "what is older is due");
        }
    }

    #[test]
    fn the_time_of_the_file_stands_still_while_it_rests() {
        let mut clock = begun(1.0);
        clock.pass(at(3), false);
        clock.pass(at(60), true);
        assert_eq!((clock.position(at(60)), clock.due(at(1004), at(60))), (Some(at(1003)), at(61)));
    }

    #[test]
    fn a_new_speed_holds_from_then_on() {
        let mut clock = begun(1.0);
        clock.pass(at(4), false);
        clock.set_speed(2.0, at(4));
        assert_eq!((clock.position(at(5)), clock.due(at(1010), at(4))), (Some(at(1006)), at(7)));
    }

    #[test]
    fn nothing_is_made_up_for_sleep_and_a_clock_set_back_holds_nothing_up() {
        let mut clock = begun(1.0);
        clock.ask(at(2));
        clock.pass(at(3602), false);
        assert_eq!(clock.position(at(3602)), Some(at(1002)));
        clock.pass(at(2), false);
        assert_eq!((clock.position(at(2)), clock.due(at(1003), at(2))), (Some(at(1002)), at(3)));
    }
}
