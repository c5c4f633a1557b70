//! What a cell of the newest batch is made of.

use super::PipelineService;
use crate::frame::{Column, Frame, Strings};
use crate::pipeline::{Batch, Id, RollingScope};
use crate::protocol::{CellRef, KeptRow, MAX_LOOKED, Provenance};
use crate::time::{Duration, Timestamp};

/// Rows from before the batch that are shown.
const MAX_BEFORE: usize = 20;

/// The rows behind a row of `latest` (its window, under the settings in force), of `melted` or of `pivoted`; `None` where
/// there is no such row.
pub(super) fn looked(service: &PipelineService, batch: &Batch, look: CellRef) -> Option<Provenance> {
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

/// So many rows of the batch, of which the last are named.
fn from_rows(rows: impl Iterator<Item = usize>) -> Provenance {
    let mut rows: Vec<u32> = rows.map(|row| row as u32).collect();
    let total = rows.len();
    rows.drain(..total.saturating_sub(MAX_LOOKED));
    Provenance { rows, total: total as u64, ..Provenance::default() }
}

/// The window of a row.
fn window(service: &PipelineService, latest: &Latest<'_>, row: usize) -> Provenance {
    let settings = service.engine().settings();
    let (closed, nanosecond) = (settings.closed, Duration::from_nanos(1));
    let at = Timestamp::from_nanos(latest.times[row]);
    let from = at - settings.window;
    let first = if closed.has_left() { from } else { from + nanosecond };
    // Closed on the right, a window ends with its row; else before the first row of its time.
    let sees_itself = closed.has_right();
    let last = if sees_itself { at } else { at - nanosecond };
    let place = |instant: Timestamp, is_behind: bool| {
        latest.times.partition_point(|time| *time < instant.as_nanos() || is_behind && *time == instant.as_nanos())
    };
    let (start, behind) = (place(first, false), place(last, true));
    let end = if sees_itself { row + 1 } else { behind };
    let mut looked = from_rows(start..end);
    looked.from = from.to_text(service.clock());
    if settings.rolling_scope == RollingScope::Stream {
        let all = service.history().count(first, last);
        looked.total += all.saturating_sub(behind.saturating_sub(start)) as u64;
        looked.before = before(service, latest, start..behind.max(start), (first, last));
    }
    looked
}

/// The newest rows of the history in a range but those of the batch, which are `own` there; oldest first.
fn before(
    service: &PipelineService,
    latest: &Latest<'_>,
    own: std::ops::Range<usize>,
    (first, last): (Timestamp, Timestamp),
) -> Vec<KeptRow> {
    let rows = service.history().rows(first, last);
    let mut found = Vec::new();
    let mut next = own.end;
    for row in (0..rows.len()).rev() {
        // Rows of one instant stand in order of arrival and the batch came last, so both are gone through backwards.
        let (time, value) = (rows.time(row), rows.value(row));
        if let Some(place) = next.checked_sub(1).filter(|place| *place >= own.start)
            && (latest.times[place], latest.values[place].to_bits()) == (time, value.to_bits())
            && Id::from_column(latest.ids, place) == rows.id(row)
        {
            next = place;
            continue;
        }
        let timestamp = Timestamp::from_nanos(time).to_text(service.clock());
        found.push(KeptRow { timestamp, id: rows.id(row).text().to_string(), value, rolling: None });
        if found.len() == MAX_BEFORE {
            break;
        }
    }
    found.reverse();
    found
}
