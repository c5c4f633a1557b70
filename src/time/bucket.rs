//! Instants grouped into buckets of one width.

use super::{Clock, Duration, Timestamp};

const NANOS_PER_SEC: i64 = 1_000_000_000;
const HOUR: i64 = 3600 * NANOS_PER_SEC;

/// The start of the bucket that an instant falls into: whole widths since the epoch on the wall clock, as pandas'
/// `dt.floor`, so that days begin at midnight of the clock's zone.
///
/// Differs on purpose where clocks change: in buckets up to an hour, the two hours of the same local time in autumn
/// stay apart, which pandas' naive times cannot do. A start before the first instant becomes the first instant.
///
/// # Panics
/// When `width` is not above zero.
pub fn bucket_start(at: Timestamp, width: Duration, clock: &Clock) -> Timestamp {
    let nanos = at.as_nanos();
    let zone = clock.zone();
    let offset = i64::from(zone.offset_at(nanos.div_euclid(NANOS_PER_SEC))) * NANOS_PER_SEC;
    let wall = nanos.saturating_add(offset);
    let into = wall.rem_euclid(width.as_nanos());
    if width.as_nanos() <= HOUR {
        return at.saturating_sub(Duration::from_nanos(into));
    }
    let start = wall.saturating_sub(into);
    let (secs, rest) = (start.div_euclid(NANOS_PER_SEC), start.rem_euclid(NANOS_PER_SEC));
    let start = zone.to_utc(secs).saturating_mul(NANOS_PER_SEC).saturating_add(rest);
    Timestamp::from_nanos(start.min(nanos)).max(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Zone;

    /// Central European time in 2025: summer time from 30 March 01:00 UTC to 26 October 01:00 UTC.
    fn berlin() -> Clock {
        Clock::Local(Zone::new(3600, vec![(1_743_296_400, 7200), (1_761_440_400, 3600)]))
    }

    fn start(text: &str, width: &str, clock: &Clock) -> String {
        let at = Timestamp::parse(text, clock).unwrap();
        bucket_start(at, Duration::parse(width).unwrap(), clock).to_text(clock)
    }

    #[test]
    fn buckets_are_whole_widths_since_the_epoch() {
        for (text, width, expected) in [
            ("2025-06-01T12:00:07.5", "5s", "2025-06-01T12:00:05Z"),
            ("2025-06-01T12:00:05", "5s", "2025-06-01T12:00:05Z"),
            ("2025-06-01T12:59:59", "1h", "2025-06-01T12:00:00Z"),
            ("2025-06-01T12:59:59", "1d", "2025-06-01T00:00:00Z"),
            ("1969-12-31T23:59:58", "5s", "1969-12-31T23:59:55Z"),
        ] {
            assert_eq!(start(text, width, &Clock::Utc), expected);
        }
    }

    #[test]
    fn days_begin_at_local_midnight_also_when_clocks_change() {
        let berlin = berlin();
        for text in ["2025-03-30T00:30:00", "2025-03-30T03:30:00", "2025-03-30T23:59:59"] {
            assert_eq!(start(text, "1d", &berlin), "2025-03-30T00:00:00");
        }
        for text in ["2025-10-26T00:30:00", "2025-10-26T02:30:00", "2025-10-26T23:59:59"] {
            assert_eq!(start(text, "1d", &berlin), "2025-10-26T00:00:00");
        }
    }

    #[test]
    fn hours_of_the_same_local_time_stay_separate() {
        let berlin = berlin();
        let hours =
            ["2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z"].map(|text| Timestamp::parse(text, &berlin).unwrap());
        let starts = hours.map(|at| bucket_start(at, Duration::from_secs(3600), &berlin));
        assert_eq!(starts[1] - starts[0], Duration::from_secs(3600));
    }

    #[test]
    fn the_first_and_the_last_instant_have_a_bucket() {
        for at in [Timestamp::MIN, Timestamp::MAX] {
            for clock in [Clock::Utc, berlin()] {
                for width in ["1ns", "1h", "7d"] {
                    assert!(bucket_start(at, Duration::parse(width).unwrap(), &clock) <= at);
                }
            }
        }
    }
}
