//! When a connection is tried again.

use crate::time::{Duration, Timestamp};

/// The time until the second attempt; it doubles with each further one.
const FIRST: Duration = Duration::from_nanos(500_000_000);
/// The longest time between two attempts, unless the other end asks for more.
pub(super) const LONGEST: Duration = Duration::from_secs(30);
/// The bounds of what the other end may ask for.
const LEAST_ASKED: Duration = Duration::from_nanos(100_000_000);
const MOST_ASKED: Duration = Duration::from_secs(24 * 60 * 60);
/// Milliseconds of the longest time that is asked for.
const MOST_ASKED_MILLIS: u64 = 24 * 60 * 60 * 1000;

/// Waits that double, and are spread: a server that comes back is not met by all pages at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Backoff {
    first: Duration,
    failures: u32,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: FIRST, failures: 0 }
    }
}

impl Backoff {
    /// The first wait, as a server asks for it.
    pub(super) fn set_first(&mut self, millis: u64) {
        self.first = asked(millis);
    }

    /// Whether an attempt has failed since all was well.
    pub(super) fn has_failed(&self) -> bool {
        self.failures > 0
    }

    /// All is well: the next wait is a first one.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// The wait before the next attempt, from half of it to all of it; `chance` is from 0 to 1.
    pub(super) fn next(&mut self, chance: f64) -> Duration {
        let longest = LONGEST.max(self.first);
        let doubled = self.first.as_nanos().saturating_mul(1 << self.failures.min(20));
        self.failures = self.failures.saturating_add(1);
        let nanos = doubled.min(longest.as_nanos());
        // What is not a number is no chance.
        let share = if chance.is_nan() { 1.0 } else { 0.5 + chance.clamp(0.0, 1.0) / 2.0 };
        Duration::from_nanos((nanos as f64 * share) as i64)
    }
}

/// A time that a server asks for, within bounds.
fn asked(millis: u64) -> Duration {
    let nanos = millis.min(MOST_ASKED_MILLIS) as i64 * 1_000_000;
    Duration::from_nanos(nanos).clamp(LEAST_ASKED, MOST_ASKED)
}

/// The time that the header `Retry-After` asks for: seconds, or a date of HTTP. `None` for anything else.
pub(super) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim_ascii();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        let secs: u64 = value.parse().unwrap_or(u64::MAX);
        return Some(asked(secs.saturating_mul(1000)));
    }
    let date = chrono::DateTime::parse_from_rfc2822(value).ok()?;
    // A date may lie beyond the range of nanoseconds.
    let nanos = i128::from(date.timestamp()) * 1_000_000_000 - i128::from(now.as_nanos());
    let (least, most) = (i128::from(LEAST_ASKED.as_nanos()), i128::from(MOST_ASKED.as_nanos()));
    Some(Duration::from_nanos(nanos.clamp(least, most) as i64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waits_double_up_to_half_a_minute() {
        let mut backoff = Backoff::default();
        let waits: Vec<f64> = (0..9).map(|_| backoff.next(1.0).as_millis()).collect();
        assert_eq!(waits, [500.0, 1e3, 2e3, 4e3, 8e3, 16e3, 30e3, 30e3, 30e3]);
        backoff.reset();
        assert_eq!(backoff.next(0.0).as_millis(), 250.0);
    }

    #[test]
    fn a_server_says_when_to_come_again() {
        let now = Timestamp::from_nanos(1_445_412_480_000_000_000);
        for (value, secs) in [
            ("120", Some(120.0)),
            (" 1 ", Some(1.0)),
            ("0", Some(0.1)),
            ("99999999999999999999999", Some(86_400.0)),
            ("Wed, 21 Oct 2015 07:29:00 GMT", Some(60.0)),
            ("Wed, 21 Oct 2015 07:00:00 GMT", Some(0.1)),
            ("Wed, 21 Oct 2065 07:00:00 GMT", Some(86_400.0)),
            ("Tue, 01 Jan 2999 00:00:00 GMT", Some(86_400.0)),
            ("soon", None),
            ("-5", None),
            ("", None),
        ] {
            assert_eq!(retry_after(value, now).map(|wait| wait.as_millis() / 1e3), secs, "{value:?}");
        }
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn no_wait_is_shorter_than_asked_for(first in any::<u64>(), chance in any::<f64>(), failures in 1_usize..50) {
            let mut backoff = Backoff::default();
            backoff.set_first(first);
            for _ in 0..failures {
                let wait = backoff.next(chance);
                prop_assert!(wait >= Duration::from_nanos(50_000_000) && wait <= MOST_ASKED, "{wait:?}");
            }
        }
    }
}
