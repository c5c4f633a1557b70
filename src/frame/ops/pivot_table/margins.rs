//! Margins: the last row and the last columns, which aggregate over all others.

use rustc_hash::FxHashMap;

use super::aggregate::aggregate;
use super::axis::{Axis, BLANK, MARGIN};
use super::fill::{common, with_cell};
use super::level::Level;
use super::source::{Source, Spec};
use super::table::{Label, Table};
use crate::frame::ops::sort::sort_rows;
use crate::frame::{Cell, Column, Dtype, FrameError, Value};

/// Aggregates of some of the keys.
struct Totals {
    places: FxHashMap<Vec<u32>, u32>,
    results: Vec<Column>,
}

impl Totals {
    fn new(source: &Source<'_>, specs: &[Spec], levels: &[Level]) -> Result<Self, FrameError> {
        let mut groups = source.groups_by(levels);
        if levels.is_empty() {
            // All rows are one group, even where there are none.
            groups.order = vec![0];
        }
        let result = |spec: &Spec| {
            let (name, column) = &source.values[spec.value];
            aggregate(name, column, &groups, spec.agg)
        };
        let results = specs.iter().map(result).collect::<Result<_, _>>()?;
        let places = (0..groups.len()).map(|group| (groups.tuple(group), group as u32)).collect();
        Ok(Self { places, results })
    }

    fn place(&self, tuple: &[u32]) -> u32 {
        self.places.get(tuple).copied().unwrap_or(Column::NO_ROW)
    }

    /// Whether these are the totals of the columns of a table, in their order, before a margin.
    fn are_of(&self, table: &Table) -> bool {
        let is_at = |(place, (label, _)): (usize, &(Label, Column))| {
            label.key.first() == Some(&MARGIN) || self.place(&label.key) == place as u32
        };
        table.columns.len() == self.places.len() + 1 && table.columns.iter().enumerate().all(is_at)
    }

    fn value(&self, spec: usize, tuple: &[u32]) -> Option<Value<'_>> {
        Some(self.results[spec].value(*self.places.get(tuple)? as usize))
    }
}

/// Adds the margins to a table.
///
/// *Source*: pandas `_add_margins`. With `dropna`, margins are aggregated over the rows in which no key and no value is
/// missing. Without index keys there is no total of all rows; each first column key has its own instead.
///
/// # Errors
/// [`FrameError::InvalidArgument`] when a key equals the name of the margins, and for results of several types below inner
/// column keys that are instants.
pub(super) fn add_margins(source: &Source<'_>, specs: &[Spec], table: Table) -> Result<Table, FrameError> {
    refuse_name(source, &table)?;
    if source.index().is_empty() {
        return add_column_totals(source, specs, table);
    }
    let mut table = table;
    if !source.columns().is_empty() {
        if table.columns.is_empty() {
            return Ok(table);
        }
        add_row_totals(source, specs, &mut table)?;
    }
    let by_column = Totals::new(source, specs, source.columns())?;
    let all = Totals::new(source, specs, &[])?;
    refuse_mixed_instants(source, &table)?;
    let is_aligned = specs.len() == 1 && by_column.are_of(&table);
    for (Label { spec, key }, column) in &mut table.columns {
        let total = match key.first() {
            _ if is_lost(source, key, is_aligned) => source.options.fill_value,
            None | Some(&MARGIN) => all.value(*spec, &[]),
            Some(_) => by_column.value(*spec, key).or(source.options.fill_value),
        };
        *column = with_cell(column, total.unwrap_or(Value::Null));
    }
    table.rows.push(&margin(source.index().len()));
    Ok(table)
}

/// The column keys below the first whose values are instants.
fn inner_instants<'a>(source: &'a Source<'_>) -> impl Iterator<Item = (usize, &'a Level)> {
    source.columns().iter().enumerate().skip(1).filter(|(_, level)| level.values.dtype() == Dtype::Datetime)
}

/// Whether pandas does not find the total of a column: the empty label below that of the margins is a missing one among
/// instants, and a missing one is found only where the totals have the labels of the columns in the same order.
fn is_lost(source: &Source<'_>, key: &[u32], is_aligned: bool) -> bool {
    let is_missing = |values: &Column, code: u32| code == BLANK || values.is_missing(code as usize);
    inner_instants(source).any(|(place, Level { values, .. })| {
        let has_gap = (0..values.len()).any(|code| values.is_missing(code));
        is_missing(values, key[place]) && (has_gap || !is_aligned)
    })
}

/// Refuses, as pandas does, results of several types below column keys of which an inner one is of instants.
fn refuse_mixed_instants(source: &Source<'_>, table: &Table) -> Result<(), FrameError> {
    let mut dtypes = table.columns.iter().map(|(_, column)| column.dtype());
    let first = dtypes.next();
    match inner_instants(source).next() {
        Some((_, level)) if dtypes.any(|dtype| Some(dtype) != first) => Err(FrameError::InvalidArgument(format!(
            "margins below the instants of \"{}\" need results of one type; name it first in columns, or one value",
            level.name
        ))),
        _ => Ok(()),
    }
}

/// A margin's label: its name, and nothing below.
fn margin(levels: usize) -> Vec<u32> {
    let mut label = vec![BLANK; levels];
    label[0] = MARGIN;
    label
}

/// For each value a column that aggregates over all column keys.
fn add_row_totals(source: &Source<'_>, specs: &[Spec], table: &mut Table) -> Result<(), FrameError> {
    let by_row = Totals::new(source, specs, source.index())?;
    let places: Vec<u32> = (0..table.rows.len).map(|row| by_row.place(&table.rows.tuple(row))).collect();
    // As pandas does, values come in the order of their names here even when nothing else is sorted.
    let mut order: Vec<usize> = (0..specs.len()).collect();
    order.sort_by_key(|spec| &source.values[specs[*spec].value].0);
    if table.columns.iter().map(|(_, column)| column.dtype()).reduce(common) == Some(Dtype::Float) {
        // pandas transposes the table here, which turns integers beside floats into floats.
        table.columns.iter_mut().for_each(|(_, column)| *column = Column::collect(Dtype::Float, column.values()));
    }
    let mut columns = Vec::with_capacity(table.columns.len() + specs.len());
    for spec in order {
        columns.extend(table.columns.extract_if(.., |(label, _)| label.spec == spec));
        let label = Label { spec, key: margin(source.columns().len()) };
        columns.push((label, by_row.results[spec].gather(&places)));
    }
    table.columns = columns;
    Ok(())
}

/// Without index keys rows are column keys: after those of each first key comes a row that aggregates over them.
fn add_column_totals(source: &Source<'_>, specs: &[Spec], table: Table) -> Result<Table, FrameError> {
    let by_first = Totals::new(source, specs, &source.columns()[..1])?;
    let firsts = &table.rows.codes[0];
    let mut keys: Vec<u32> = firsts.clone();
    let values = &source.columns()[0].values;
    keys.retain(|key| !values.is_missing(*key as usize));
    sort_rows(values, &mut keys);
    keys.dedup();
    if keys.is_empty() {
        return Ok(table);
    }

    let mut rows = Axis { codes: vec![Vec::new(); table.rows.levels.len()], len: 0, levels: table.rows.levels.clone() };
    // The origin of each row: a row of the table, or after those a total.
    let mut origins = Vec::new();
    for key in keys {
        for row in (0..table.rows.len).filter(|row| firsts[*row] == key) {
            rows.push(&table.rows.tuple(row));
            origins.push(row as u32);
        }
        let Some(total) = by_first.places.get(&vec![key]) else {
            return Err(FrameError::InvalidArgument("a column key has no complete row to make a margin of".to_owned()));
        };
        let mut label = margin(source.columns().len());
        if label.len() > 1 {
            label[..2].copy_from_slice(&[key, MARGIN]);
        }
        rows.push(&label);
        origins.push(table.rows.len as u32 + total);
    }
    let columns = table.columns.into_iter().map(|(label, column)| {
        let totals = &by_first.results[label.spec];
        let both = Column::collect(common(column.dtype(), totals.dtype()), column.values().chain(totals.values()));
        (label, both.take(&origins))
    });
    Ok(Table { columns: columns.collect(), rows })
}

fn refuse_name(source: &Source<'_>, table: &Table) -> Result<(), FrameError> {
    let name = &source.options.margins_name;
    let taken = |cell: Cell| cell == Cell::Str(name.as_ref().into());
    let in_rows = (0..table.rows.levels.len())
        .any(|level| (0..table.rows.len).any(|row| taken(table.rows.cell(level, row, name))));
    let in_columns = table.columns.iter().any(|(label, _)| {
        label.key.iter().zip(source.columns()).any(|(code, level)| taken(level.values.value(*code as usize).into()))
    });
    if in_rows || in_columns {
        return Err(FrameError::InvalidArgument(format!(
            "a key is called \"{name}\" like the margins; choose another margins_name"
        )));
    }
    Ok(())
}
