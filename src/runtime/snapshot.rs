//! What the page draws, out of the app.

use super::address_of_settings;
use super::chart::chart;
use super::provenance::looked;
use super::rows::rows;
use crate::api::{App, cell_text};
use crate::frame::Frame;
use crate::pipeline::{Event, Settings};
use crate::protocol::{
    BatchView, Counters, EventRow, RejectedRow, RunState, Snapshot, StorageView, TableView, Tier, View,
};
use crate::store::Durability;
use crate::time::Timestamp;

/// Events that are shown of each end of the queue, at most.
const MAX_EVENTS: usize = 100;
/// Refused rows that are shown.
const REJECTED_ROWS: usize = 10;

/// Everything that this view shows, at `now`, and beside it the columns of the chart.
pub fn snapshot(
    app: &mut App,
    view: &View,
    now: Timestamp,
    processing_micros: f64,
    memory_bytes: u64,
) -> (Snapshot, Vec<f64>) {
    let (frame, columns) = chart(app, &view.chart, now);
    let rows = view.rows.as_ref().map(|view| rows(app, view, now));
    let app = &*app;
    let (engine, clock) = (app.engine(), app.clock());
    let event_row = |event: &Event| EventRow {
        timestamp: event.timestamp.to_text(clock),
        id: event.id.text().to_string(),
        value: event.value,
    };
    let queue_rows = (view.queue_rows as usize).min(MAX_EVENTS);
    let batch = engine.latest().map(|batch| {
        let frames = [&batch.tables.latest, &batch.tables.melted, &batch.tables.pivoted];
        let mut offsets = view.table_offsets.iter();
        BatchView {
            number: batch.number,
            processing_micros,
            tables: frames.map(|frame| {
                table(app, frame, offsets.next().copied().unwrap_or(0) as usize, view.table_rows as usize)
            }),
            looked: view.look.and_then(|look| looked(app, batch, look)),
        }
    });
    let rejected = engine.dead_letters().newest_first().take(REJECTED_ROWS).map(|dead_letter| RejectedRow {
        arrived: dead_letter.arrived.to_text(clock),
        source: dead_letter.source.to_string(),
        row: dead_letter.row.map(|row| row as u64),
        reason: dead_letter.reason.clone(),
        input: dead_letter.input.clone(),
    });
    let settings = engine.settings();
    let texts: Vec<_> = Settings::FIELDS.iter().map(|field| (field.name.to_owned(), field.get(settings))).collect();
    let snapshot = Snapshot {
        state: if settings.paused { RunState::Paused } else { RunState::Running },
        counters: counters(app, now),
        queue_depth: engine.queue().len() as u32,
        queue_capacity: engine.queue().capacity() as u32,
        history_rows: app.history().len() as u32,
        history_bytes: app.history().heap_bytes() as u64,
        recent_events: engine.queue().newest(queue_rows).map(event_row).collect(),
        next_events: engine.queue().waiting().take(queue_rows).map(|(_, event)| event_row(event)).collect(),
        chart: frame,
        rows,
        batch,
        address: address_of_settings(&texts),
        settings: texts,
        rejected: rejected.collect(),
        watermark: engine.watermark().map(|watermark| watermark.to_text(clock)),
        memory_bytes,
        storage: storage(app),
    };
    (snapshot, columns)
}

fn storage(app: &App) -> StorageView {
    let archive = app.archive();
    StorageView {
        tier: match archive.durability() {
            Durability::Durable => Tier::Durable,
            Durability::Off => Tier::Off,
            Durability::Memory(reason) => Tier::Memory(reason.clone()),
            Durability::Full(reason) => Tier::Full(reason.clone()),
            Durability::Refused(reason) => Tier::Refused(reason.clone()),
            Durability::TakenOver => Tier::Pending,
        },
        disk_bytes: archive.disk_bytes(),
        disk_rows: app.history().rows_on_disk() as u32,
        recovered_rows: archive.recovered_rows() as u32,
        recovery_millis: app.opening_millis(),
        notes: archive.notes().to_vec(),
    }
}

fn counters(app: &App, now: Timestamp) -> Counters {
    let counters = app.engine().counters();
    Counters {
        produced: counters.produced,
        posted: counters.posted,
        processed: counters.processed,
        rejected: app.engine().dead_letters().total(),
        late: counters.late,
        dropped: counters.dropped,
        batches: counters.batches,
        late_ticks: counters.late_ticks,
        caught_up: counters.caught_up,
        lag_nanos: app.engine().lag(now).as_nanos().unsigned_abs(),
        requests: app.requests(),
    }
}

/// The rows from `offset` on; an offset past the end shows the last page.
fn table(app: &App, frame: &Frame, offset: usize, rows: usize) -> TableView {
    let offset = if offset < frame.len() { offset } else { frame.len().saturating_sub(rows) };
    let shown = offset..(offset + rows).min(frame.len());
    TableView {
        columns: frame.columns().iter().map(|(name, _)| name.to_string()).collect(),
        total_rows: frame.len() as u32,
        offset: offset as u32,
        rows: shown
            .map(|row| frame.columns().iter().map(|(_, column)| cell_text(column, row, app.clock())).collect())
            .collect(),
    }
}
