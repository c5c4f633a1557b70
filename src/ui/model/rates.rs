//! How fast things flow at the moment, from counters seen at different times.

use std::collections::VecDeque;

/// Counters at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Sample {
    at_millis: f64,
    events: u64,
    batches: u64,
    requests: u64,
}

/// Flow a second.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rates {
    /// Events that came in.
    pub events: f64,
    /// Batches processed.
    pub batches: f64,
    /// Requests answered.
    pub requests: f64,
}

/// Measures [`Rates`] over the last [`RateMeter::SPAN_MILLIS`].
#[derive(Debug, Clone, Default)]
pub struct RateMeter {
    samples: VecDeque<Sample>,
}

impl RateMeter {
    /// Time over which the flow is averaged.
    pub const SPAN_MILLIS: f64 = 2_000.0;
    const STEP_MILLIS: f64 = 100.0;

    /// Takes counters in and answers the flow; counters that fall (a reset) start the measure anew.
    pub fn advance(&mut self, at_millis: f64, events: u64, batches: u64, requests: u64) -> Rates {
        let now = Sample { at_millis, events, batches, requests };
        if self.samples.back().is_some_and(|last| events < last.events || batches < last.batches) {
            self.samples.clear();
        }
        if self.samples.back().is_none_or(|last| at_millis - last.at_millis >= Self::STEP_MILLIS) {
            self.samples.push_back(now);
        }
        while self.samples.len() > 2 && at_millis - self.samples[1].at_millis >= Self::SPAN_MILLIS {
            self.samples.pop_front();
        }
        self.samples.front().map_or_else(Rates::default, |first| Self::between(first, &now))
    }

    fn between(first: &Sample, now: &Sample) -> Rates {
        let secs = (now.at_millis - first.at_millis) / 1000.0;
        if secs <= 0.0 {
            return Rates::default();
        }
        let flow = |from: u64, to: u64| to.saturating_sub(from) as f64 / secs;
        Rates {
            events: flow(first.events, now.events),
            batches: flow(first.batches, now.batches),
            requests: flow(first.requests, now.requests),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{RateMeter, Rates};

    #[test]
    fn a_steady_flow_is_measured() {
        let mut meter = RateMeter::default();
        let rates = (0..=50_u64).map(|step| meter.advance(step as f64 * 100.0, step * 1000, step, 0)).last();
        let rates = rates.unwrap_or_default();
        assert!((rates.events - 10_000.0).abs() < 1.0 && (rates.batches - 10.0).abs() < 0.1, "{rates:?}");
    }

    #[test]
    fn the_flow_ends_when_counters_stand_still() {
        let mut meter = RateMeter::default();
        meter.advance(0.0, 0, 0, 0);
        meter.advance(100.0, 500, 5, 1);
        let rates = (2..40_u64).map(|step| meter.advance(step as f64 * 100.0, 500, 5, 1)).last();
        assert_eq!(rates, Some(Rates::default()));
    }

    #[test]
    fn a_reset_is_no_negative_flow() {
        let mut meter = RateMeter::default();
        meter.advance(0.0, 900, 9, 0);
        meter.advance(200.0, 0, 0, 0);
        assert_eq!(meter.advance(1200.0, 10, 1, 0).events, 10.0);
    }
}
