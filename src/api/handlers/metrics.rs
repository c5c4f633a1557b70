//! `GET /metrics`: the counters, for Prometheus.

use crate::api::encode::prometheus::{CONTENT_TYPE, Exposition};
use crate::api::{ApiError, App, Request, Response};
use crate::pipeline::Counters;
use crate::time::Timestamp;

/// A metric without labels: name, help, and where its value is read.
type Single<From> = (&'static str, &'static str, fn(&From) -> f64);

const COUNTERS: [Single<Counters>; 8] = [
    ("millrace_events_produced_total", "Events that the simulated source produced.", |all| all.produced as f64),
    ("millrace_events_posted_total", "Events accepted from requests and files.", |all| all.posted as f64),
    ("millrace_events_processed_total", "Events that left the queue in a batch.", |all| all.processed as f64),
    ("millrace_events_late_total", "Events older than the watermark, accepted or refused.", |all| all.late as f64),
    ("millrace_events_dropped_total", "Events dropped by the overflow policy.", |all| all.dropped as f64),
    ("millrace_batches_total", "Batches processed.", |all| all.batches as f64),
    ("millrace_late_ticks_total", "Ticks of the source that came late.", |all| all.late_ticks as f64),
    ("millrace_events_caught_up_total", "Events that late ticks made up for.", |all| all.caught_up as f64),
];

const GAUGES: [Single<App>; 6] = [
    ("millrace_queue_depth", "Events that wait in the queue.", |app| app.service().engine().queue().len() as f64),
    ("millrace_queue_capacity", "Events that the queue can hold.", |app| {
        app.service().engine().queue().capacity() as f64
    }),
    ("millrace_history_rows", "Rows in the history.", |app| app.service().history().len() as f64),
    ("millrace_history_bytes", "Memory that the history takes.", |app| app.service().history().heap_bytes() as f64),
    ("millrace_open_streams", "Bodies that are being read part by part.", |app| app.metrics.open_streams as f64),
    ("millrace_open_ports", "Connections of other tabs and of the service worker.", |app| {
        app.metrics.open_ports as f64
    }),
];

/// Counters restart from zero when the events are deleted, as after a restart.
pub(crate) fn get(app: &mut App, _: &Request, now: Timestamp) -> Result<Response, ApiError> {
    let mut out = Exposition::default();
    let (engine, metrics) = (app.service().engine(), &app.metrics);
    for (name, help, value) in COUNTERS {
        out.family(name, "counter", help).sample(&[], value(engine.counters()));
    }
    out.family("millrace_events_rejected_total", "counter", "Rows refused, all to the dead letters.")
        .sample(&[], engine.dead_letters().total() as f64);
    out.family("millrace_history_dropped_rows_total", "counter", "Rows that history_rows and history_age dropped.")
        .sample(&[], app.service().history().dropped() as f64);
    let requests = metrics.requests();
    if !requests.is_empty() {
        out.family("millrace_requests_total", "counter", "Requests answered, those of the page too.");
    }
    for known in requests {
        let status = known.status.to_string();
        let labels = [("path", known.path), ("method", known.method), ("status", &*status)];
        out.sample(&labels, known.count as f64);
    }
    for (name, help, value) in GAUGES {
        out.family(name, "gauge", help).sample(&[], value(app));
    }
    let watermark = engine.watermark().map(|watermark| watermark.as_millis() / 1e3);
    let single = [
        ("millrace_watermark_timestamp_seconds", "Events older than this instant are late.", watermark),
        (
            "millrace_wasm_memory_bytes",
            "Memory that the wasm module holds.",
            metrics.memory_bytes.map(|all| all as f64),
        ),
        ("millrace_uptime_seconds", "Time since the pipeline started.", Some(app.service().uptime_secs(now))),
    ];
    for (name, help, value) in single {
        if let Some(value) = value {
            out.family(name, "gauge", help).sample(&[], value);
        }
    }
    let help = "Time that a batch took: the mean of those processed together, with its share of the request if one completed it.";
    out.family("millrace_processing_duration_seconds", "histogram", help).histogram(&metrics.batch_duration);
    let help = "Time until the answer to a request could be sent, or begin to be.";
    out.family("millrace_request_duration_seconds", "histogram", help).histogram(&metrics.request_duration);
    out.family("millrace_build_info", "gauge", "Which version this is.")
        .sample(&[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    Ok(Response::new(200, CONTENT_TYPE, out.into_bytes()))
}
