//! The rows that a cell of the newest batch is computed from.

use super::{PipelineService, match_batch};
use crate::frame::{Column, Frame, Strings};
use crate::pipeline::{Batch, Id, RollingScope};
use crate::protocol::{CellRef, KeptRow, MAX_PROVENANCE_ROWS, Provenance};
use crate::time::{Duration, Timestamp};

/// Rows from before the batch that are shown.
const MAX_BEFORE: usize = 20;

/// The rows behind a row of `latest` (its window, under the settings in force), of `melted` or of `pivoted`; `None`
/// where there is no such row.
pub(super) fn provenance(service: &PipelineService, batch: &Batch, look: CellRef) -> Option<Provenance> {
    let tables = &batch.tables;
    let (row, rows) = (look.row as usize, tables.latest.len());
    let found = match look.table {
        0 if row < rows => window(service, &Latest::from_frame(&tables.latest)?, row),
        1 if row < tables.melted.len() => from_rows([row.checked_rem(rows)?].into_iter()),
        2 if row < tables.pivoted.len() => {
            let (ids, pivoted) = (ids(&tables.latest)?, ids(&tables.pivoted)?);
            let id = Id::from_column(pivoted, row);
            from_rows((0..rows).filter(|row| Id::from_column(ids, *row) == id))
        }
        _ => return None,
    };
    Some(Provenance { look: Some(look), ..found })
}

/// The columns of `latest`.
struct Latest<'a> {
    times: &'a [i64],
    ids: &'a Strings,
    values: &'a [f64],
}

impl<'a> Latest<'a> {
    fn from_frame(latest: &'a Frame) -> Option<Self> {
        let times = latest.column("timestamp").ok().and_then(Column::as_datetime)?;
        let values = latest.column("value").ok().and_then(Column::as_float)?;
        Some(Self { times, ids: ids(latest)?, values })
    }
}

fn ids(table: &Frame) -> Option<&Strings> {
    table.column("id").ok().and_then(Column::as_strings)
}

/// The provenance of a cell that is computed from these rows of the batch; it names the last of them.
fn from_rows(rows: impl Iterator<Item = usize>) -> Provenance {
    let mut rows: Vec<u32> = rows.map(|row| row as u32).collect();
    let total = rows.len();
    rows.drain(..total.saturating_sub(MAX_PROVENANCE_ROWS));
    Provenance { rows, total: total as u64, ..Provenance::default() }
}

/// The window of a row.
fn window(service: &PipelineService, latest: &Latest<'_>, row: usize) -> Provenance {
    let settings = service.engine().settings();
    let (closed, nanosecond) = (settings.closed, Duration::from_nanos(1));
    let at = Timestamp::from_nanos(latest.times[row]);
    let from = at - settings.window;
    let first = if closed.has_left() { from } else { from + nanosecond };
    // A window closed on the right ends with its row, any other before the first row of the same instant.
    let sees_itself = closed.has_right();
    let last = if sees_itself { at } else { at - nanosecond };
    let place = |instant: Timestamp, is_behind: bool| {
        latest.times.partition_point(|time| *time < instant.as_nanos() || is_behind && *time == instant.as_nanos())
    };
    let (start, behind) = (place(first, false), place(last, true));
    let end = if sees_itself { row + 1 } else { behind };
    let mut provenance = from_rows(start..end);
    provenance.from = from.to_text(service.clock());
    if settings.rolling_scope == RollingScope::Stream {
        let all = service.history().count(first, last);
        provenance.total += all.saturating_sub(behind.saturating_sub(start)) as u64;
        provenance.before = before(service, latest, start..behind.max(start), (first, last));
    }
    provenance
}

/// The newest rows of the history in a range, oldest first, without those of the batch, which are `own` in `latest`.
fn before(
    service: &PipelineService,
    latest: &Latest<'_>,
    own: std::ops::Range<usize>,
    (first, last): (Timestamp, Timestamp),
) -> Vec<KeptRow> {
    let rows = service.history().rows(first, last);
    let is_same = |row: usize, own: usize| {
        (latest.times[own], latest.values[own].to_bits()) == (rows.time(row), rows.value(row).to_bits())
            && Id::from_column(latest.ids, own) == rows.id(row)
    };
    let others = match_batch(rows.len(), own, is_same).filter(|(_, own)| own.is_none());
    let kept_row = |(row, _)| KeptRow {
        timestamp: Timestamp::from_nanos(rows.time(row)).to_text(service.clock()),
        id: rows.id(row).text().to_string(),
        value: rows.value(row),
        rolling: None,
    };
    let mut found: Vec<KeptRow> = others.take(MAX_BEFORE).map(kept_row).collect();
    found.reverse();
    found
}
