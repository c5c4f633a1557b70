//! The snapshot that the page draws, made from the service.

use super::chart::chart;
use super::provenance::provenance;
use super::rows::rows;
use super::{PipelineService, cell_text};
use crate::frame::Frame;
use crate::pipeline::{Event, Tables, address_of_settings};
use crate::protocol::{
    BatchView, Counters, EventRow, RejectedRow, RunState, Snapshot, StorageView, TableView, Tier, View,
};
use crate::store::Durability;
use crate::time::Timestamp;

/// The most events that are shown of each end of the queue.
const MAX_EVENTS: usize = 100;
/// The most refused rows that are shown.
const REJECTED_ROWS: usize = 10;

/// Figures of the worker that runs the service.
#[derive(Debug, Clone, Copy, Default)]
pub struct WorkerStats {
    /// Mean microseconds that a batch takes.
    pub processing_micros: f64,
    /// Bytes of memory that the wasm module holds.
    pub memory_bytes: u64,
    /// Requests answered.
    pub requests: u64,
    /// Milliseconds that opening the files took.
    pub opening_millis: f64,
}

/// The snapshot of this view at `now`, and the columns of the chart.
pub fn snapshot(
    service: &mut PipelineService,
    view: &View,
    now: Timestamp,
    stats: WorkerStats,
) -> (Snapshot, Vec<f64>) {
    let (frame, waiting, columns) = chart(service, &view.chart, now);
    let rows = view.rows.as_ref().map(|view| rows(service, view, now));
    let service = &*service;
    let (engine, clock) = (service.engine(), service.clock());
    let event_row = |event: &Event| EventRow {
        timestamp: event.timestamp.to_text(clock),
        id: event.id.text().to_string(),
        values: event.values.iter().map(|value| Some(*value).filter(|value| !value.is_nan())).collect(),
    };
    let queue_rows = (view.queue_rows as usize).min(MAX_EVENTS);
    let batch = engine.latest().and_then(|batch| {
        let Tables { latest, melted, pivoted } = batch.tables().ok()?;
        let frames = [latest, melted, pivoted];
        let mut offsets = view.table_offsets.iter();
        Some(BatchView {
            number: batch.number,
            processing_micros: stats.processing_micros,
            tables: frames.map(|frame| {
                table(service, frame, offsets.next().copied().unwrap_or(0) as usize, view.table_rows as usize)
            }),
            provenance: view.look.and_then(|look| provenance(service, batch, look)),
        })
    });
    let rejected = engine.dead_letters().newest_first().take(REJECTED_ROWS).map(|dead_letter| RejectedRow {
        arrived: dead_letter.arrived.to_text(clock),
        source: dead_letter.source.to_string(),
        row: dead_letter.row.map(|row| row as u64),
        line: dead_letter.line,
        reason: dead_letter.reason.clone(),
        input: dead_letter.input.clone(),
    });
    let settings = engine.settings();
    let texts = settings.texts();
    let snapshot = Snapshot {
        state: if settings.paused { RunState::Paused } else { RunState::Running },
        counters: counters(service, stats.requests, now),
        queue_depth: engine.queue().len() as u32,
        queue_capacity: engine.queue().capacity() as u32,
        history_rows: service.history().len() as u32,
        history_bytes: service.history().heap_bytes() as u64,
        recent_events: engine.queue().newest(queue_rows).map(event_row).collect(),
        next_events: engine.queue().waiting().take(queue_rows).map(|(_, event)| event_row(event)).collect(),
        chart: frame,
        waiting,
        rows,
        batch,
        address: address_of_settings(&texts),
        config_version: service.config_version(),
        settings: texts,
        rejected: rejected.collect(),
        watermark: engine.watermark().map(|watermark| watermark.to_text(clock)),
        memory_bytes: stats.memory_bytes,
        storage: storage(service, stats.opening_millis),
        files: service.file_views(now),
        source: service.source_view(now),
    };
    (snapshot, columns)
}

fn storage(service: &PipelineService, recovery_millis: f64) -> StorageView {
    let store = service.store();
    StorageView {
        tier: match store.durability() {
            Durability::Durable => Tier::Durable,
            Durability::Off => Tier::Off,
            Durability::Memory(reason) => Tier::Memory(reason.clone()),
            Durability::Full(reason) => Tier::Full(reason.clone()),
            Durability::Refused(reason) => Tier::Refused(reason.clone()),
            Durability::TakenOver => Tier::Pending,
        },
        disk_bytes: store.disk_bytes(),
        disk_rows: service.history().rows_on_disk() as u32,
        recovered_rows: store.recovered_rows() as u32,
        recovery_millis,
        notes: store.notes().to_vec(),
    }
}

fn counters(service: &PipelineService, requests: u64, now: Timestamp) -> Counters {
    let counters = service.engine().counters();
    Counters {
        produced: counters.produced,
        posted: counters.posted,
        processed: counters.processed,
        rejected: service.engine().dead_letters().total(),
        late: counters.late,
        dropped: counters.dropped,
        batches: counters.batches,
        late_ticks: counters.late_ticks,
        caught_up: counters.caught_up,
        lag_nanos: service.engine().lag(now).as_nanos().unsigned_abs(),
        requests,
    }
}

/// The rows from `offset` on; an offset past the end shows the last page.
fn table(service: &PipelineService, frame: &Frame, offset: usize, rows: usize) -> TableView {
    let offset = if offset < frame.len() { offset } else { frame.len().saturating_sub(rows) };
    let shown = offset..(offset + rows).min(frame.len());
    TableView {
        columns: frame.columns().iter().map(|(name, _)| name.to_string()).collect(),
        total_rows: frame.len() as u32,
        offset: offset as u32,
        rows: shown
            .map(|row| frame.columns().iter().map(|(_, column)| cell_text(column, row, service.clock())).collect())
            .collect(),
    }
}
