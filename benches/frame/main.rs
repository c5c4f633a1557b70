//! The Rust side of `make bench`: the works of `frame.mjs`, done by millrace and by plain loops, on the same input as
//! the peers.
//!
//! Natively, `frame_bench INPUT RUNS ANSWERS` prints a line of JSON for each work and writes its answer beside those of
//! the other participants. In a browser the same works are called through `load`, `run`, `answer` and `scale`.

mod input;
mod output;
mod plain;
#[cfg(target_arch = "wasm32")]
mod scale;
mod works;

use input::Input;
use output::Output;

/// The worker's, see `src/bin/worker.rs`.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Every work, by the name that all participants share.
#[cfg(not(target_arch = "wasm32"))]
const WORKS: [&str; 11] = [
    "melt_view",
    "melt_written",
    "melt_reused",
    "pivot_codes",
    "pivot_text",
    "rolling_mean",
    "rolling_std",
    "rolling_min",
    "rolling_median",
    "range_json",
    "batch_10",
];

/// Both participants that are written in Rust, ready to run.
struct Bench {
    millrace: works::Millrace,
    plain: plain::Plain,
}

impl Bench {
    fn new(input: Input) -> Self {
        Self { millrace: works::Millrace::new(&input), plain: plain::Plain::new(input) }
    }

    /// Does a work once, if this participant knows it.
    fn run(&mut self, kind: &str, work: &str) -> Option<Output> {
        match kind {
            "millrace" => self.millrace.run(work),
            "plain" => self.plain.run(work),
            _ => None,
        }
    }

    /// The milliseconds of one run. What is made is let go of outside the time, as peers with a collector do.
    fn millis(&mut self, kind: &str, work: &str, clock_millis: impl Fn() -> f64) -> Option<f64> {
        let start = clock_millis();
        let output = std::hint::black_box(self.run(kind, work)?);
        let millis = clock_millis() - start;
        Some(millis / output.repeats())
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use std::path::PathBuf;
    use std::time::Instant;

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, runs, answers, only @ ..] = &arguments[..] else {
        return Err("usage: frame_bench INPUT RUNS ANSWERS [WORK …]".into());
    };
    let (runs, answers): (usize, _) = (runs.parse()?, PathBuf::from(answers));
    let mut bench = Bench::new(Input::read(input.as_ref())?);
    std::fs::create_dir_all(&answers)?;
    let start = Instant::now();
    let clock = || start.elapsed().as_secs_f64() * 1e3;
    for work in WORKS.iter().filter(|work| only.is_empty() || only.iter().any(|name| name == *work)) {
        for kind in ["millrace", "plain"] {
            let Some(output) = bench.run(kind, work) else { continue };
            output.write(&answers.join(format!("{kind}-{work}")))?;
            let millis: Option<Vec<f64>> = (0..runs).map(|_| bench.millis(kind, work, clock)).collect();
            println!("{}", serde_json::json!({ "work": work, "kind": kind, "millis": millis }));
        }
    }
    Ok(())
}

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(target_arch = "wasm32")]
#[expect(unreachable_pub, reason = "JavaScript reaches them")]
mod browser {
    use std::cell::RefCell;

    use wasm_bindgen::prelude::*;

    use super::{Bench, Input, Output};

    thread_local! {
        static BENCH: RefCell<Option<Bench>> = const { RefCell::new(None) };
    }

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = performance)]
        fn now() -> f64;
    }

    #[wasm_bindgen]
    #[allow(clippy::too_many_arguments, reason = "one for each column of the input")]
    pub fn load(
        time: Vec<i64>,
        ids: Vec<u32>,
        variables: Vec<u32>,
        ids_text: &str,
        a: Vec<f64>,
        b: Vec<f64>,
        c: Vec<f64>,
        d: Vec<f64>,
    ) {
        let texts = ids_text.lines().map(str::to_owned).collect();
        let input = Input { time, ids, variables, texts, values: [a, b, c, d] };
        BENCH.with_borrow_mut(|bench| *bench = Some(Bench::new(input)));
    }

    /// Milliseconds of one run.
    #[wasm_bindgen]
    pub fn run(kind: &str, work: &str) -> Result<f64, JsError> {
        with_bench(kind, work, |bench| bench.millis(kind, work, now))
    }

    #[wasm_bindgen]
    pub fn answer(kind: &str, work: &str) -> Result<Vec<f64>, JsError> {
        with_bench(kind, work, |bench| bench.run(kind, work).map(Output::into_numbers))
    }

    #[wasm_bindgen]
    pub fn answer_text(kind: &str, work: &str) -> Result<String, JsError> {
        with_bench(kind, work, |bench| bench.run(kind, work).map(Output::into_text))
    }

    /// Nanoseconds a row of a work at a size.
    #[wasm_bindgen]
    pub fn scale(what: &str, n: f64) -> Result<f64, JsError> {
        super::scale::nanos_per_row(what, n as usize, now).ok_or_else(|| JsError::new(&format!("{what} is no scale")))
    }

    fn with_bench<T>(kind: &str, work: &str, run: impl FnOnce(&mut Bench) -> Option<T>) -> Result<T, JsError> {
        BENCH
            .with_borrow_mut(|bench| bench.as_mut().and_then(run))
            .ok_or_else(|| JsError::new(&format!("{kind} has no {work}, or nothing was loaded")))
    }
}
