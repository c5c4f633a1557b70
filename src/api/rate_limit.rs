//! The rate limiter behind `rate_limit`.
//!
//! The generic cell rate algorithm: a bucket is the instant at which it will be full again, moved on by one period for
//! each request. Times are whole nanoseconds, so that rounding never adds up to a wrong refusal.
//!
//! **Why not the `governor` crate?** Without its `std` feature it did not build for wasm32 (0.10.4); with it, it added
//! 55 KB (brotli) to a bare program where this module adds 0.7. It reads a clock of its own, while here time is an
//! argument, and it does not report when the bucket is full.

use crate::time::{Duration, Timestamp};

const NANOS_PER_SEC: i64 = 1_000_000_000;

/// A bucket of one second's requests, at least one, that fills evenly.
#[derive(Debug)]
pub(super) struct RateLimiter {
    rate: f64,
    period_nanos: i64,
    burst: i64,
    full_at: Timestamp,
}

/// The decision about one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RateDecision {
    /// Requests that a full bucket holds.
    pub(super) burst: i64,
    /// Requests that it holds now.
    pub(super) remaining: i64,
    /// Whole seconds until it is full again, rounded up.
    pub(super) reset_secs: i64,
    /// Whole seconds until it holds a request, rounded up; `None` when it held one, which is now taken.
    pub(super) retry_secs: Option<i64>,
}

impl RateLimiter {
    /// A full bucket that fills by `rate` requests a second, which is above zero.
    pub(super) fn new(rate: f64, now: Timestamp) -> Self {
        // Casts saturate at the largest i64: the slowest rates then let one request through in 292 years.
        let period_nanos = ((NANOS_PER_SEC as f64 / rate).round() as i64).max(1);
        Self { rate, period_nanos, burst: (rate.ceil() as i64).max(1), full_at: now }
    }

    pub(super) fn rate(&self) -> f64 {
        self.rate
    }

    /// Takes a request out of the bucket if it holds one. A clock that is set back at most empties the bucket.
    pub(super) fn take(&mut self, now: Timestamp) -> RateDecision {
        let size_nanos = self.period_nanos.saturating_mul(self.burst);
        let mut missing_nanos = (self.full_at - now).as_nanos().clamp(0, size_nanos);
        let wait_nanos = missing_nanos - (size_nanos - self.period_nanos);
        if wait_nanos <= 0 {
            missing_nanos += self.period_nanos;
        }
        self.full_at = now + Duration::from_nanos(missing_nanos);
        RateDecision {
            burst: self.burst,
            remaining: (size_nanos - missing_nanos) / self.period_nanos,
            reset_secs: whole_secs(missing_nanos),
            retry_secs: (wait_nanos > 0).then(|| whole_secs(wait_nanos)),
        }
    }
}

fn whole_secs(nanos: i64) -> i64 {
    nanos / NANOS_PER_SEC + i64::from(nanos % NANOS_PER_SEC > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_nanos(1_748_779_200_000_000_000);

    fn after(millis: i64) -> Timestamp {
        NOON + Duration::from_nanos(millis * 1_000_000)
    }

    /// The number of requests that are granted, of a thousand at once.
    fn granted(limit: &mut RateLimiter, now: Timestamp) -> usize {
        (0..1000).filter(|_| limit.take(now).retry_secs.is_none()).count()
    }

    #[test]
    fn a_burst_goes_through_and_the_bucket_fills_evenly() {
        let mut limit = RateLimiter::new(5.0, NOON);
        assert_eq!(limit.take(NOON), RateDecision { burst: 5, remaining: 4, reset_secs: 1, retry_secs: None });
        assert_eq!(granted(&mut limit, NOON), 4);
        assert_eq!(limit.take(after(199)), RateDecision { burst: 5, remaining: 0, reset_secs: 1, retry_secs: Some(1) });
        assert_eq!(granted(&mut limit, after(200)), 1);
        assert_eq!(granted(&mut limit, after(800)), 3);
        assert_eq!(granted(&mut limit, after(60_000)), 5, "it is never more than full");
    }

    #[test]
    fn slow_rates_hold_one_request_and_return_the_wait() {
        let mut limit = RateLimiter::new(0.1, NOON);
        assert_eq!(limit.take(NOON), RateDecision { burst: 1, remaining: 0, reset_secs: 10, retry_secs: None });
        assert_eq!(limit.take(after(1)), RateDecision { burst: 1, remaining: 0, reset_secs: 10, retry_secs: Some(10) });
        assert_eq!(limit.take(after(9_999)).retry_secs, Some(1));
        assert_eq!(limit.take(after(10_000)).retry_secs, None);
    }

    #[test]
    fn a_rate_between_whole_numbers_is_kept_in_the_long_run() {
        let mut limit = RateLimiter::new(2.5, NOON);
        let through = (0..10_000).filter(|at| limit.take(after(at * 10)).retry_secs.is_none()).count();
        assert_eq!(through, 250 + 2, "a hundred seconds, and what is left of the three at once");
    }

    #[test]
    fn a_clock_set_back_at_most_empties_the_bucket() {
        let mut limit = RateLimiter::new(2.0, NOON);
        assert_eq!(granted(&mut limit, NOON), 2);
        let earlier = after(-3_600_000);
        assert_eq!(limit.take(earlier).retry_secs, Some(1));
        assert_eq!(granted(&mut limit, earlier + Duration::from_secs(1)), 2);
    }

    #[test]
    fn the_slowest_and_the_fastest_rate_do_not_overflow() {
        let mut limit = RateLimiter::new(1e-300, NOON);
        assert_eq!(limit.take(NOON).retry_secs, None);
        assert!(limit.take(after(1000)).retry_secs > Some(1_000_000_000));
        let mut limit = RateLimiter::new(1e6, NOON);
        assert_eq!(granted(&mut limit, NOON), 1000);
        assert_eq!(limit.take(NOON).remaining, 998_999);
    }
}
