//! Benchmarks of a batch, run where the pipeline runs.

use std::hint::black_box;
use std::rc::Rc;

use crate::api::{App, Request};
use crate::frame::FrameError;
use crate::pipeline::{Input, Settings};
use crate::service::PipelineService;
use crate::store::{Disk, Durability, Storage};
use crate::time::{Duration, Timestamp, Zone};

/// The mean time of a batch of ten events over `batches` batches, in microseconds: from ten simulated events in the
/// queue to the encoded `/latest`. `clock_millis` reads a clock.
///
/// # Errors
/// None: the default settings are valid.
pub fn bench_batch(batches: u32, clock_millis: impl Fn() -> f64) -> Result<f64, FrameError> {
    let settings = Settings { seed: Some(1), ..Settings::default() };
    let ten_intervals = Duration::from_nanos(settings.interval.as_nanos() * 10);
    let mut now = Timestamp::from_nanos(1_748_812_500_123_456_000);
    let mut app = App::in_memory(settings, Zone::UTC, [0; 32], now)?;
    let latest = Request::new("GET", "latest");
    let start = clock_millis();
    for _ in 0..batches {
        now = now + ten_intervals;
        app.service_mut().step(Input::Tick, now)?;
        black_box(app.handle(&latest, now).into_bytes(app.service(), now));
    }
    Ok((clock_millis() - start) * 1e3 / f64::from(batches.max(1)))
}

/// The number of simulated events a second that go through the pipeline into the files of `storage`, over `batches`
/// batches of `batch_size` events; each batch is flushed before the next one. Without `persist` nothing is written: the
/// difference is the cost of the journal. 0 when a write fails.
///
/// # Errors
/// None: the settings are valid.
pub fn bench_journal(
    storage: Rc<dyn Storage>,
    batches: u32,
    batch_size: usize,
    persist: bool,
    clock_millis: impl Fn() -> f64,
) -> Result<f64, FrameError> {
    let interval = Duration::from_nanos(1_000);
    let settings =
        Settings { seed: Some(1), interval, batch_size, persist, history_rows: 50_000_000, ..Settings::default() };
    let a_batch = Duration::from_nanos(interval.as_nanos() * batch_size as i64);
    let mut now = Timestamp::from_nanos(1_748_812_500_123_456_000);
    let disk = Disk::Files(storage);
    let mut service = PipelineService::open(disk, settings, [true; 2], Zone::UTC, [0; 32], now)?;
    let start = clock_millis();
    for _ in 0..batches {
        now = now + a_batch;
        service.step(Input::Tick, now)?;
        // The durability, read below, reports a failure.
        let _ = service.commit(true, now);
        service.maintain(now);
    }
    let seconds = (clock_millis() - start) / 1e3;
    let is_kept = (*service.store().durability() == Durability::Durable) == persist;
    Ok(if is_kept { service.engine().counters().processed as f64 / seconds } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn flushed_batches_are_in_the_files() {
        let (start, storage) = (Instant::now(), Rc::new(crate::store::MemoryStorage::default()));
        let rows = bench_journal(Rc::clone(&storage) as Rc<dyn Storage>, 200, 10, true, || {
            start.elapsed().as_secs_f64() * 1e3
        });
        println!("native, unoptimised tests: {:.0} events a second into a journal in memory", rows.unwrap());
        assert!(storage.flushes() >= 200 && storage.total_bytes() > 2000 * 40);
    }

    #[test]
    fn every_round_processes_one_batch() {
        let start = Instant::now();
        let micros = bench_batch(2000, || start.elapsed().as_secs_f64() * 1e3).unwrap();
        println!("native, unoptimised tests: {micros:.1} microseconds a batch of 10");
        assert!(micros > 0.0);
    }
}
