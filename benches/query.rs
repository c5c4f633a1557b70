//! How fast `GET /query` answers over a million rows of history: `cargo run --release --example query_bench` prints the
//! fastest of several runs of each query beside the verb that does the same work over one frame.
//!
//! The file uses nothing that is newer than the router, so that it also measures older commits.

use std::error::Error;
use std::fmt::Write;
use std::hint::black_box;
use std::time::Instant;

use millrace::api::{App, Body, Part, Request, Response};
use millrace::frame::ops::{Agg, Window, rolling};
use millrace::frame::{Frame, FrameError};
use millrace::pipeline::{Measures, Settings, pivot_by_id, rows_frame};
use millrace::service::PipelineService;
use millrace::time::{Duration, Timestamp, Zone};

const ROWS: usize = 1_000_000;
/// Rows of a request that fills the history.
const POSTED: usize = 50_000;
const RUNS: usize = 7;
const NOW: Timestamp = Timestamp::from_nanos(1_748_779_200_000_000_000);

fn main() -> Result<(), Box<dyn Error>> {
    println!("{:>7} {:>8}  {:<44} {:>9} {:>9} {:>6}", "ids", "measures", "query", "kernel ms", "query ms", "times");
    for (ids, measures) in [(10, "value"), (1000, "value"), (10, "a,b,c"), (1000, "a,b,c"), (100_000, "value")] {
        let mut app = filled_app(ids, measures)?;
        let frame = whole_history(&app)?;
        let names = Measures::parse(measures)?;
        let count = names.count();
        let pivot = |agg| fastest(|| pivot_by_id(&frame, agg, 1000));
        let roll = |agg| {
            let window = Window::new(Duration::from_secs(5), agg);
            fastest(|| rolling(&frame, "timestamp", &names.names().collect::<Vec<_>>(), &window))
        };
        let (mean, median) = (pivot(Agg::Mean)?, pivot(Agg::Median)?);
        let of_mean = roll(Agg::Mean)?;
        for (target, kernel) in [
            ("query?start=2025&views=pivoted", mean),
            ("query?start=2025-06-01T00:00:01&views=pivoted", mean),
            ("query?start=2025&views=pivoted&aggfunc=median", median),
            ("query?start=2025&views=latest&format=arrow", of_mean),
            ("query?start=2025&views=latest&format=arrow&agg=min", roll(Agg::Min)?),
            ("query?start=2025&views=latest&format=csv", of_mean),
        ] {
            let request = Request::new("GET", &target.replace("2025&", "2025-06-01&"));
            let mut millis = f64::INFINITY;
            for _ in 0..RUNS {
                let start = Instant::now();
                let response = app.handle(&request, NOW);
                assert_eq!(response.status, 200, "{target}");
                read(response, app.service());
                millis = millis.min(start.elapsed().as_secs_f64() * 1e3);
            }
            println!("{ids:>7} {count:>8}  {target:<44} {kernel:>9.2} {millis:>9.2} {:>6.1}", millis / kernel);
        }
    }
    Ok(())
}

/// Takes the body part by part, as the worker does, which keeps none of them.
fn read(response: Response, service: &PipelineService) {
    if let Body::Flow(mut flow) = response.body {
        while let part @ (Part::Bytes(_) | Part::Wait(_)) = flow.next(service, NOW) {
            black_box(part);
        }
    }
}

/// The milliseconds of the fastest run.
fn fastest(work: impl Fn() -> Result<Frame, FrameError>) -> Result<f64, FrameError> {
    let mut millis = f64::INFINITY;
    for _ in 0..RUNS {
        let start = Instant::now();
        black_box(work()?);
        millis = millis.min(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(millis)
}

/// An app with a history of a row each 100 milliseconds, of ids in an order that looks random.
fn filled_app(ids: usize, measures: &'static str) -> Result<App, Box<dyn Error>> {
    let changes = [
        ("source", "none"),
        ("clock", "utc"),
        ("batch_size", "1000"),
        ("queue_capacity", "1000000"),
        ("history_rows", "2000000"),
        ("measures", measures),
    ];
    let settings = Settings::default()
        .merged(changes.map(|(name, text)| (name, Some(text))))
        .map_err(|errors| errors.into_iter().map(|error| error.message).collect::<String>())?;
    let mut app = App::in_memory(settings, Zone::UTC, [0; 32], NOW)?;
    let mixed = |row: usize| (row as u32).wrapping_mul(2_654_435_769) ^ (row as u32 >> 7).wrapping_mul(2_246_822_519);
    for first in (0..ROWS).step_by(POSTED) {
        let mut text = format!("timestamp,id,{measures}\n");
        for row in first..first + POSTED {
            let id = (u64::from(mixed(row)) * ids as u64) >> 32;
            write!(text, "{},sensor-{id}", 1_748_736_000_000 + row as u64 * 100)?;
            for measure in 0..measures.split(',').count() {
                write!(text, ",{}", f64::from(mixed(row + 17 * measure + 1) % 9000) / 100.0 + 10.0)?;
            }
            text.push('\n');
        }
        let response = app.handle(&Request::new("POST", "events").with_body("text/csv", text), NOW);
        assert_eq!(response.status, 202, "the rows are sound");
    }
    Ok(app)
}

fn whole_history(app: &App) -> Result<Frame, FrameError> {
    let settings = app.service().engine().settings();
    let rows = app.service().history().range(Timestamp::MIN, Timestamp::MAX, &settings.measures, 0, usize::MAX);
    rows_frame(rows.times, rows.ids, &rows.measures, rows.values)
}
