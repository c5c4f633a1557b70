//! The rows of the history in a snapshot.

use super::PipelineService;
use super::chart::id_of;
use crate::protocol::{KeptRow, RowsSlice, RowsSort, RowsView};
use crate::store::{RowQuery, SortBy};
use crate::time::Timestamp;

/// The most rows that a snapshot holds, to be shown or copied.
const MAX_ROWS: usize = 1_000;

/// The rows that this view asks for; an offset past the end shows the last page.
pub(super) fn rows(service: &mut PipelineService, view: &RowsView, now: Timestamp) -> RowsSlice {
    let measures = service.engine().settings().measures.clone();
    let wanted = RowQuery {
        from: view.from.map_or(Timestamp::MIN, Timestamp::from_nanos),
        until: view.until.map_or(Timestamp::MAX, Timestamp::from_nanos),
        ids: view.ids.iter().map(id_of).collect(),
        by: match view.sort {
            RowsSort::Time => SortBy::Time,
            RowsSort::Id => SortBy::Id,
            RowsSort::Value(measure) => SortBy::Value(measure as usize),
        },
        measures,
    };
    let (sorted, newer) = service.sorted(&wanted, view.as_of, now);
    let total = sorted.len();
    let (offset, rows) = (view.offset as usize, (view.rows as usize).min(MAX_ROWS));
    let offset = if offset < total { offset } else { total.saturating_sub(rows) };
    let numbers = sorted.page(offset..offset + rows, view.is_descending);
    let rolling = sorted.rolling(&numbers, service.engine().settings());
    let kept = numbers.iter().enumerate().map(|(place, number)| KeptRow {
        timestamp: Timestamp::from_nanos(sorted.rows().time(*number)).to_text(service.clock()),
        id: sorted.rows().id(*number).text().to_string(),
        values: shown(sorted.rows().values(*number)),
        rolling: shown(rolling.iter().map(|column| column[place])),
    });
    RowsSlice {
        total: total as u32,
        newer: u32::try_from(newer).unwrap_or(u32::MAX),
        offset: offset as u32,
        measures: wanted.measures.names().map(str::to_owned).collect(),
        rows: kept.collect(),
    }
}

/// Numbers as a snapshot has them: without NaN.
pub(super) fn shown(values: impl IntoIterator<Item = f64>) -> Vec<Option<f64>> {
    values.into_iter().map(|value| Some(value).filter(|value| !value.is_nan())).collect()
}
