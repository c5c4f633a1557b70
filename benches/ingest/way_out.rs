//! A range of the history as an answer, beside `serde_json` with structs.

use std::error::Error;
use std::rc::Rc;

use millrace::api::{App, Body, Part, Request};
use millrace::service::PipelineService;
use millrace::store::{Disk, MemoryStorage};
use millrace::time::Zone;
use serde::Serialize;

use crate::input::{FIRST, settings, texts};
use crate::median_secs;

/// A row as an answer has it. Its time is text already, which favours `serde_json`.
#[derive(Debug, Serialize, serde::Deserialize)]
struct Row {
    timestamp: String,
    id: String,
    temperature: f64,
    pressure: f64,
    rpm: f64,
    temperature_moving_avg: f64,
    pressure_moving_avg: f64,
    rpm_moving_avg: f64,
}

/// An answer as a whole.
#[derive(Debug, Serialize, serde::Deserialize)]
struct Latest {
    latest: Vec<Row>,
}

pub(crate) fn print(rows: usize) -> Result<(), Box<dyn Error>> {
    let show = |name: &str, bytes: usize, secs: f64| {
        let nanos = secs * 1e9 / rows as f64;
        println!("out: {name:<39} {nanos:>8.1} ns a row {:>10.1} MB a second", bytes as f64 / secs / 1e6);
    };
    let [(_, content_type, text), ..] = texts(rows);
    let disk = Disk::Files(Rc::new(MemoryStorage::default()));
    let mut app = App::new(PipelineService::open(disk, settings(1000)?, [true; 2], Zone::UTC, [0; 32], FIRST)?);
    let posted = app.handle(&Request::new("POST", "events?complete=true").with_body(content_type, text), FIRST);
    assert_eq!(posted.status, 202, "the rows are sound");
    let mut get = |format: &str| {
        let target = format!("query?start=1970-01-01&views=latest&format={format}");
        let response = app.handle(&Request::new("GET", &target), FIRST);
        let Body::Flow(mut flow) = response.body else { return Vec::new() };
        // As the worker takes it: part by part, never as a whole.
        let mut parts = Vec::new();
        loop {
            match flow.next(app.service(), FIRST) {
                Part::Bytes(part) => parts.push(part),
                Part::Wait(_) => {}
                Part::End => return parts,
            }
        }
    };
    for format in ["json", "ndjson", "csv", "arrow"] {
        let bytes = get(format).iter().map(Vec::len).sum();
        show(format, bytes, median_secs(|| (), |()| get(format)));
    }
    let latest: Latest = serde_json::from_slice(&get("json").concat())?;
    let bytes = serde_json::to_vec(&latest)?.len();
    show("serde_json of structs", bytes, median_secs(|| (), |()| serde_json::to_vec(&latest)));
    Ok(())
}
