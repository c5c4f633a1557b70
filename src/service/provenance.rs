//! The rows that a cell of the newest batch is computed from.

use super::rows::shown;
use super::{PipelineService, match_batch};
use crate::frame::{Column, Frame, Strings};
use crate::pipeline::{Batch, Id, Measures, RollingBy, RollingScope, measures_of};
use crate::protocol::{CellRef, KeptRow, MAX_PROVENANCE_ROWS, Provenance, UNKNOWN_ROWS};
use crate::time::{Duration, Timestamp};

/// Rows from before the batch that are shown.
const MAX_BEFORE: usize = 20;
/// Rows of a window that are searched for those of an id, with every snapshot.
const MAX_SEARCHED: usize = 1_000_000;

/// The rows behind a row of `latest` (its window, under the settings in force), of `melted` or of `pivoted`; `None`
/// where there is no such row.
pub(super) fn provenance(service: &PipelineService, batch: &Batch, look: CellRef) -> Option<Provenance> {
    let tables = batch.tables().ok()?;
    let (row, rows) = (look.row as usize, tables.latest.len());
    let found = match look.table {
        0 if row < rows => window(service, &Latest::from_frame(&tables.latest, service)?, row),
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
    measures: Measures,
    /// A column for each measure.
    values: Vec<&'a [f64]>,
}

impl<'a> Latest<'a> {
    fn from_frame(latest: &'a Frame, service: &PipelineService) -> Option<Self> {
        let times = latest.column("timestamp").ok().and_then(Column::as_datetime)?;
        let in_force = &service.engine().settings().measures;
        let measures = match measures_of(latest).eq(in_force.names()) {
            true => in_force.clone(),
            // The settings have changed since.
            false => Measures::new(measures_of(latest)).ok()?,
        };
        let column = |name| latest.column(name).ok().and_then(Column::as_float).map(|values| &**values);
        let values = measures_of(latest).map(column).collect::<Option<_>>()?;
        Some(Self { times, ids: ids(latest)?, measures, values })
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
    // Under `rolling_by=id` the window is that of the row's id.
    let id = (settings.rolling_by == RollingBy::Id).then(|| Id::from_column(latest.ids, row));
    let text = latest.ids.get(row);
    let shares_window = |other: &usize| id.is_none() || latest.ids.get(*other) == text;
    let mut provenance = from_rows((start..end).filter(shares_window));
    provenance.from = from.to_text(service.clock());
    if settings.rolling_scope == RollingScope::Stream {
        let own: Vec<usize> = (start..behind).filter(shares_window).collect();
        let (others, before) = before(service, latest, &own, (first, last), id);
        provenance.total = provenance.total.saturating_add(others);
        provenance.before = before;
    }
    provenance
}

/// The number of rows of the history in a range, all or those of an id, without those of the batch, which are `own` in
/// `latest`; and the newest of these rows, oldest first. The number is [`UNKNOWN_ROWS`] when not all are searched for
/// the id.
fn before(
    service: &PipelineService,
    latest: &Latest<'_>,
    own: &[usize],
    (first, last): (Timestamp, Timestamp),
    id: Option<Id>,
) -> (u64, Vec<KeptRow>) {
    let rows = service.history().rows(first, last, &latest.measures);
    let searched_from = rows.len().saturating_sub(MAX_SEARCHED).max(rows.in_memory_from());
    let of_id = id.map(|id| rows.with_ids(searched_from, &[id].into_iter().collect()));
    let number = |place: usize| of_id.as_ref().map_or(place, |numbers| numbers[place] as usize);
    let count = of_id.as_ref().map_or(rows.len(), Vec::len);
    let is_same = |place: usize, own_place: usize| {
        let (row, own) = (number(place), own[own_place]);
        let mut values = latest.values.iter().map(|column| column[own]).zip(rows.values(row));
        latest.times[own] == rows.time(row)
            && values.all(|(one, other)| one.to_bits() == other.to_bits() || one.is_nan() && other.is_nan())
            && Id::from_column(latest.ids, own) == rows.id(row)
    };
    let others = match_batch(count, 0..own.len(), is_same).filter(|(_, own)| own.is_none());
    let kept_row = |(place, _)| KeptRow {
        timestamp: Timestamp::from_nanos(rows.time(number(place))).to_text(service.clock()),
        id: rows.id(number(place)).text().to_string(),
        values: shown(rows.values(number(place))),
        rolling: vec![None; latest.measures.count()],
    };
    let mut found: Vec<KeptRow> = others.take(MAX_BEFORE).map(kept_row).collect();
    found.reverse();
    let is_whole = of_id.is_none() || searched_from == 0;
    (if is_whole { count.saturating_sub(own.len()) as u64 } else { UNKNOWN_ROWS }, found)
}
