//! Texts of the inspector of a stage.

use super::explanation::short_number;
use super::quantity::{counted, grouped, micros_text};
use super::storage_text::percent_text;
use super::table_slice::TableSlice;
use crate::protocol::{BatchView, Counters, EventRow, TableView};

/// Instant, id and value of an event.
#[must_use]
pub fn event_text(event: Option<&EventRow>) -> String {
    event.map_or_else(
        || "none waits".to_owned(),
        |event| {
            let values: Vec<String> = event.values.iter().map(|value| value_text(*value)).collect();
            format!("{} from {} at {}", values.join(", "), event.id, event.timestamp.replace('T', " "))
        },
    )
}

/// How far the source is behind its schedule, and how many events it caught up.
#[must_use]
pub fn schedule_text(counters: &Counters) -> String {
    let lag = match counters.lag_nanos / 1_000_000 {
        0 => "on schedule".to_owned(),
        _ => format!("{} behind", micros_text(counters.lag_nanos as f64 / 1000.0)),
    };
    match counters.late_ticks {
        0 => lag,
        ticks => {
            format!("{lag}; {} made up for {}", counted(ticks, "late tick"), counted(counters.caught_up, "event"))
        }
    }
}

/// How full the queue is.
#[must_use]
pub fn fill_text(depth: u64, capacity: u64) -> String {
    let share = depth as f64 / capacity.max(1) as f64;
    format!("{} of {}, {}", grouped(depth), grouped(capacity), percent_text(share))
}

/// What happens when the queue is full.
#[must_use]
pub fn overflow_text(overflow: &str) -> String {
    match overflow {
        "reject" => "reject: posted events get 503, the source waits",
        "drop_oldest" => "drop_oldest: the oldest goes, and is counted",
        "drop_newest" => "drop_newest: the new one goes, and is counted",
        _ => "block: the source waits, nothing is lost",
    }
    .to_owned()
}

/// What completes the batch that is being collected; an empty `batch_wait` is no limit.
#[must_use]
pub fn completion_text(depth: u64, batch_size: u64, batch_wait: &str) -> String {
    match (batch_size.saturating_sub(depth), batch_wait) {
        (0, _) => "it is full, and next to be processed".to_owned(),
        (missing, "") => format!("{} more", counted(missing, "event")),
        (missing, wait) => format!("{} more, or {wait} after its first event", counted(missing, "event")),
    }
}

/// The newest batch.
#[must_use]
pub fn last_batch_text(batch: Option<&BatchView>) -> String {
    batch.map_or_else(
        || "none yet".to_owned(),
        |batch| {
            let rows = counted(u64::from(batch.tables[0].total_rows), "row");
            format!("number {}, {rows}, transformed in {}", grouped(batch.number), micros_text(batch.processing_micros))
        },
    )
}

/// The instant of the newest row, where the page has it.
#[must_use]
pub fn newest_row_text(batch: Option<&BatchView>) -> String {
    let Some(batch) = batch else { return "none yet".to_owned() };
    let latest = &batch.tables[0];
    let is_shown = latest.offset + latest.rows.len() as u32 == latest.total_rows;
    match latest.rows.last().and_then(|row| row.first()?.as_deref()) {
        Some(instant) if is_shown => instant.replace('T', " "),
        _ => "on another page of the newest batch".to_owned(),
    }
}

/// How long rows are kept: at most `limit` of them, none older than `age` unless it is empty.
#[must_use]
pub fn retention_text(rows: u64, limit: u64, age: &str, is_kept: bool) -> String {
    let place = if is_kept { "they outlive the tab" } else { "they go with the tab" };
    let newest = match age {
        "" => format!("the newest {}", counted(limit, "row")),
        age => format!("the newest {}, none more than {age} older than the newest event", counted(limit, "row")),
    };
    match limit.saturating_sub(rows) {
        0 => format!("{newest}; each new row takes the place of the oldest; {place}"),
        room => format!("{newest}; room for {} more; {place}", grouped(room)),
    }
}

/// A value as cells show it; a dash where it is missing.
fn value_text(value: Option<f64>) -> String {
    value.map_or_else(|| "\u{2013}".to_owned(), short_number)
}

/// Some events as a table, with a column for each measure.
#[must_use]
pub fn event_table<'a>(measures: Vec<String>, events: impl Iterator<Item = &'a EventRow>) -> TableSlice {
    let row = |event: &EventRow| {
        let values = event.values.iter().map(|value| Some(value_text(*value)));
        [event.timestamp.clone(), event.id.clone()].map(Some).into_iter().chain(values).collect()
    };
    let rows: Vec<_> = events.map(row).collect();
    let columns = ["timestamp", "id"].map(str::to_owned).into_iter().chain(measures).collect();
    TableSlice::new(TableView { columns, total_rows: rows.len() as u32, offset: 0, rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_reports_its_backlog() {
        let mut counters = Counters::default();
        assert_eq!(schedule_text(&counters), "on schedule");
        (counters.lag_nanos, counters.late_ticks, counters.caught_up) = (1_500_000_000, 1, 40);
        assert_eq!(schedule_text(&counters), "1.5 s behind; 1 late tick made up for 40 events");
    }

    #[test]
    fn a_batch_reports_what_completes_it() {
        assert_eq!(completion_text(3, 10, ""), "7 events more");
        assert_eq!(completion_text(9, 10, "5s"), "1 event more, or 5s after its first event");
        assert_eq!(completion_text(25, 10, ""), "it is full, and next to be processed");
    }

    #[test]
    fn the_history_reports_its_retention() {
        assert_eq!(
            retention_text(10, 1000, "", false),
            "the newest 1\u{202f}000 rows; room for 990 more; they go with the tab"
        );
        assert!(retention_text(1000, 1000, "", true).contains("takes the place of the oldest"));
        assert_eq!(
            retention_text(10, 1000, "7d", true),
            "the newest 1\u{202f}000 rows, none more than 7d older than the newest event; room for 990 more; they outlive the tab"
        );
    }

    #[test]
    fn events_are_rows() {
        let (timestamp, id) = ("2025-06-01T21:15:07".into(), "pump-1".into());
        let event = EventRow { timestamp, id, values: vec![Some(12.5), None] };
        let measures = ["flow", "level"].map(str::to_owned).to_vec();
        let table = event_table(measures, [&event, &event].into_iter());
        assert_eq!((table.visible_rows(), table.cell(1, 2), table.cell(1, 3)), (2, "12.5", "\u{2013}"));
        assert_eq!(table.columns()[2..], ["flow", "level"]);
        assert_eq!(event_text(Some(&event)), "12.5, \u{2013} from pump-1 at 2025-06-01 21:15:07");
    }

    #[test]
    fn the_newest_row_is_known_while_its_page_is_shown() {
        let table = |offset| TableView {
            columns: vec!["timestamp".into()],
            total_rows: 21,
            offset,
            rows: vec![vec![Some("2025-06-01T21:15:07".into())]],
        };
        let batch = |offset| BatchView {
            number: 1,
            processing_micros: 0.0,
            tables: [(); 3].map(|()| table(offset)),
            provenance: None,
        };
        assert_eq!(newest_row_text(None), "none yet");
        assert_eq!(newest_row_text(Some(&batch(0))), "on another page of the newest batch");
        assert_eq!(newest_row_text(Some(&batch(20))), "2025-06-01 21:15:07");
    }

    #[test]
    fn the_queue_reports_its_fill() {
        assert_eq!(fill_text(86, 100), "86 of 100, 86 %");
        assert!(overflow_text("drop_oldest").starts_with("drop_oldest"));
    }
}
