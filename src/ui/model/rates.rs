//! Current rates, from counters sampled over time.

use std::collections::VecDeque;

use crate::protocol::Counters;

/// Rates per second, and recent problems.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rates {
    /// Events received.
    pub events: f64,
    /// Batches processed.
    pub batches: f64,
    /// Rows processed.
    pub rows: f64,
    /// Requests answered.
    pub requests: f64,
    /// Problems within the last [`RateMeter::RECENT_SECS`].
    pub recent: Recent,
}

/// Counts of problems, over a time long enough to be noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recent {
    /// Events that were dropped.
    pub dropped: u64,
    /// Events that were late.
    pub late: u64,
    /// Rows that were refused.
    pub rejected: u64,
}

/// Measures [`Rates`] over the last [`RateMeter::SPAN_MILLIS`].
#[derive(Debug, Clone, Default)]
pub struct RateMeter {
    samples: VecDeque<(f64, Counters)>,
}

impl RateMeter {
    /// Time over which the rates are averaged.
    pub const SPAN_MILLIS: f64 = 2_000.0;
    /// Time over which problems are counted.
    pub const RECENT_SECS: u32 = 10;
    const STEP_MILLIS: f64 = 100.0;

    /// Adds a sample of the counters and returns the rates; counters that fall (a reset) restart the measurement.
    pub fn advance(&mut self, at_millis: f64, counters: &Counters) -> Rates {
        let (samples, now) = (&mut self.samples, *counters);
        if samples.back().is_some_and(|(_, last)| now.arrived() < last.arrived() || now.batches < last.batches) {
            samples.clear();
        }
        if samples.back().is_none_or(|(last_millis, _)| at_millis - last_millis >= Self::STEP_MILLIS) {
            samples.push_back((at_millis, now));
        }
        let recent_millis = f64::from(Self::RECENT_SECS) * 1000.0;
        while samples.len() > 2 && at_millis - samples[1].0 >= recent_millis {
            samples.pop_front();
        }
        let Some(oldest) = samples.front() else { return Rates::default() };
        // The newest sample that is old enough, so that rates are measured over a whole span.
        let start = samples.iter().rev().find(|(millis, _)| at_millis - millis >= Self::SPAN_MILLIS).unwrap_or(oldest);
        Rates { recent: Recent::between(&oldest.1, &now), ..Rates::between(&start.1, &now, at_millis - start.0) }
    }
}

impl Rates {
    fn between(first: &Counters, now: &Counters, millis: f64) -> Self {
        if millis <= 0.0 {
            return Self::default();
        }
        let flow = |from: u64, to: u64| to.saturating_sub(from) as f64 * 1000.0 / millis;
        Self {
            events: flow(first.arrived(), now.arrived()),
            batches: flow(first.batches, now.batches),
            rows: flow(first.processed, now.processed),
            requests: flow(first.requests, now.requests),
            recent: Recent::default(),
        }
    }
}

impl Recent {
    fn between(first: &Counters, now: &Counters) -> Self {
        Self {
            dropped: now.dropped.saturating_sub(first.dropped),
            late: now.late.saturating_sub(first.late),
            rejected: now.rejected.saturating_sub(first.rejected),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{RateMeter, Rates, Recent};
    use crate::protocol::Counters;

    fn counters(produced: u64, batches: u64) -> Counters {
        Counters { produced, batches, processed: produced, ..Counters::default() }
    }

    #[test]
    fn a_constant_rate_is_measured() {
        let mut meter = RateMeter::default();
        let rates = (0..=50_u64).map(|step| meter.advance(step as f64 * 100.0, &counters(step * 1000, step))).last();
        let rates = rates.unwrap_or_default();
        assert!((rates.events - 10_000.0).abs() < 1.0 && (rates.batches - 10.0).abs() < 0.1, "{rates:?}");
        assert!((rates.rows - 10_000.0).abs() < 1.0, "{rates:?}");
    }

    #[test]
    fn the_rate_is_zero_when_counters_stop() {
        let mut meter = RateMeter::default();
        meter.advance(0.0, &counters(0, 0));
        meter.advance(100.0, &counters(500, 5));
        let rates = (2..40_u64).map(|step| meter.advance(step as f64 * 100.0, &counters(500, 5))).last();
        assert_eq!(rates, Some(Rates::default()));
    }

    #[test]
    fn a_reset_gives_no_negative_rate() {
        let mut meter = RateMeter::default();
        meter.advance(0.0, &counters(900, 9));
        meter.advance(200.0, &counters(0, 0));
        assert_eq!(meter.advance(1200.0, &counters(10, 1)).events, 10.0);
    }

    #[test]
    fn problems_are_counted_for_a_while_and_then_expire() {
        let mut meter = RateMeter::default();
        let mut at = |secs: f64, dropped| {
            meter.advance(secs * 1000.0, &Counters { dropped, late: 2 * dropped, ..Counters::default() }).recent
        };
        assert_eq!(at(0.0, 3), Recent::default(), "what was before is not of now");
        assert_eq!(at(1.0, 10), Recent { dropped: 7, late: 14, rejected: 0 });
        for secs in 2..9 {
            at(f64::from(secs), 10);
        }
        assert_eq!(at(9.0, 10).dropped, 7);
        for secs in 10..14 {
            at(f64::from(secs), 10);
        }
        assert_eq!(at(14.0, 10), Recent::default());
    }
}
