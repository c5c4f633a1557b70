//! What a batch costs, measured where it runs.

use std::hint::black_box;

use crate::api::{App, Request};
use crate::frame::FrameError;
use crate::pipeline::{Input, Settings};
use crate::time::{Duration, Timestamp, Zone};

/// The mean cost of a batch of ten in microseconds over so many batches: from ten simulated events in the queue to the
/// encoded `/latest`; `clock_millis` reads a clock.
///
/// # Errors
/// None: the default settings are valid.
pub fn bench_batch(batches: u32, clock_millis: impl Fn() -> f64) -> Result<f64, FrameError> {
    let settings = Settings { seed: Some(1), ..Settings::default() };
    let ten_intervals = Duration::from_nanos(settings.interval.as_nanos() * 10);
    let mut now = Timestamp::from_nanos(1_748_812_500_123_456_000);
    let mut app = App::new(settings, Zone::UTC, [0; 32], now)?;
    let latest = Request::new("GET", "latest");
    let start = clock_millis();
    for _ in 0..batches {
        now = now + ten_intervals;
        app.step(Input::Tick, now)?;
        black_box(app.handle(&latest, now));
    }
    Ok((clock_millis() - start) * 1e3 / f64::from(batches.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn every_round_processes_one_batch() {
        let start = Instant::now();
        let micros = bench_batch(2000, || start.elapsed().as_secs_f64() * 1e3).unwrap();
        println!("native, unoptimised tests: {micros:.1} microseconds a batch of 10");
        assert!(micros > 0.0);
    }
}
