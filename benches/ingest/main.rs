//! The way in and the way out, natively: `cargo run --release --example ingest_bench` prints what each step costs a row of
//! three measures, from text to rows in files, and the bytes a second of an answer beside `serde_json`.
//!
//! Each figure is the median of several runs, in time of the processor where Linux tells it: other programs disturb that
//! less. To compare two commits, build this on both and run the programs in turns.
//! Arguments: the number of rows (300,000 unless said; above half a million a body is too large to be posted), and `in` or
//! `out` for one half alone.

mod input;
mod way_in;
mod way_out;

use std::error::Error;
use std::time::Instant;

/// Runs of which the median counts.
const RUNS: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rows = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(300_000);
    let wants = |half: &str| !arguments.iter().any(|argument| ["in", "out"].contains(&&**argument) && argument != half);
    if wants("in") {
        way_in::print(rows)?;
    }
    if wants("out") {
        way_out::print(rows)?;
    }
    Ok(())
}

/// The median time of a run in seconds; `prepare` is not counted, nor is dropping what a run returns.
fn median_secs<I, O>(mut prepare: impl FnMut() -> I, mut run: impl FnMut(I) -> O) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let input = prepare();
            let start = Watch::start();
            let output = run(input);
            let secs = start.secs();
            drop(output);
            secs
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

/// What takes less is timed by the clock: the processor's time is told in steps of some milliseconds.
const SHORT_SECS: f64 = 0.02;

/// A stopwatch.
struct Watch {
    start: Instant,
    start_nanos: Option<f64>,
}

impl Watch {
    fn start() -> Self {
        Self { start: Instant::now(), start_nanos: processor_nanos() }
    }

    fn secs(&self) -> f64 {
        let elapsed = self.start.elapsed().as_secs_f64();
        match (self.start_nanos, processor_nanos()) {
            (Some(start), Some(end)) if elapsed >= SHORT_SECS => (end - start) / 1e9,
            _ => elapsed,
        }
    }
}

/// The time for which the processor has worked for this program, to a few milliseconds.
fn processor_nanos() -> Option<f64> {
    std::fs::read_to_string("/proc/self/schedstat").ok()?.split(' ').next()?.parse().ok()
}
