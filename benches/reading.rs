//! How fast `POST /events` reads CSV and NDJSON: `cargo run --release --example reading_bench` prints rows a second of
//! each, the fastest of several runs. The rows stay in the queue, so nothing is processed.
//!
//! The file uses nothing that is newer than the router, so that it also measures older commits.

use std::error::Error;
use std::time::Instant;

use millrace::api::{App, Request};
use millrace::pipeline::Settings;
use millrace::time::{Timestamp, Zone};

const ROWS: usize = 200_000;
const RUNS: usize = 15;

fn main() -> Result<(), Box<dyn Error>> {
    let row = |row: usize| (row / 3600 % 24, row / 60 % 60, row % 60, row % 50, (row % 9973) as f64 / 100.0);
    let csv = (0..ROWS).map(row).map(|(hour, minute, second, id, value)| {
        format!("2025-06-01T{hour:02}:{minute:02}:{second:02}.125,sensor-{id},{value}\n")
    });
    let quoted = (0..ROWS).map(row).map(|(hour, minute, second, id, value)| {
        format!("\"2025-06-01T{hour:02}:{minute:02}:{second:02}.125\",\"sensor-{id}\",\"{value}\"\n")
    });
    let ndjson = (0..ROWS).map(row).map(|(hour, minute, second, id, value)| {
        format!(
            "{{\"timestamp\":\"2025-06-01T{hour:02}:{minute:02}:{second:02}.125\",\"id\":\"sensor-{id}\",\"value\":{value}}}\n"
        )
    });
    let header = "timestamp,id,value\n";
    for (name, content_type, text) in [
        ("csv", "text/csv", header.to_owned() + &csv.collect::<String>()),
        ("csv, quoted", "text/csv", header.to_owned() + &quoted.collect::<String>()),
        ("ndjson", "application/x-ndjson", ndjson.collect::<String>()),
    ] {
        let request = Request::new("POST", "events").with_body(content_type, text);
        let mut fastest = f64::INFINITY;
        for _ in 0..RUNS {
            let mut app = waiting_app()?;
            let start = Instant::now();
            let response = app.handle(&request, Timestamp::from_nanos(0));
            fastest = fastest.min(start.elapsed().as_secs_f64());
            assert_eq!(response.status, 202, "the rows are sound");
        }
        println!("{name}: {:.0} rows a second", ROWS as f64 / fastest);
    }
    Ok(())
}

/// An app that collects a batch larger than the body.
fn waiting_app() -> Result<App, Box<dyn Error>> {
    let changes = [("source", "none"), ("clock", "utc"), ("batch_size", "1000000"), ("queue_capacity", "1000000")];
    let settings = Settings::default()
        .merged(changes.map(|(name, text)| (name, Some(text))))
        .map_err(|errors| errors.into_iter().map(|error| error.message).collect::<String>())?;
    Ok(App::in_memory(settings, Zone::UTC, [0; 32], Timestamp::from_nanos(0))?)
}
