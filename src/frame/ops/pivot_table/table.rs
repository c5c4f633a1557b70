//! A table while it is being built: rows of index keys, columns of value and column keys.

use std::borrow::Cow;

use super::aggregate::aggregate;
use super::axis::{Axis, common, dtype_of};
use super::groups::Groups;
use super::level::{Level, Numbering, number_small};
use super::source::{Source, Spec};
use crate::frame::{Column, Dtype, FrameError, Value};

/// The label of a column: which aggregate, and the codes of its column keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) spec: usize,
    pub(super) key: Vec<u32>,
}

/// Rows and columns with codes for labels.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) rows: Axis,
    pub(super) columns: Vec<(Label, Column)>,
}

impl Table {
    /// Aggregates the groups and lays them out: without column keys, or without index keys, a row for each group.
    pub(super) fn new(source: &Source<'_>, specs: &[Spec]) -> Result<Self, FrameError> {
        let mut results = Vec::with_capacity(specs.len());
        for spec in specs {
            let (name, column) = &source.values[spec.value];
            results.push(match spec.is_asked {
                true => aggregate(name, column, &source.groups, spec.agg)?,
                false => blank(source.groups.len, source.options.fill_value),
            });
        }
        let kept = kept_groups(source, &results);
        let mut table = if source.index().is_empty() || source.columns().is_empty() {
            Self::long(source, results, kept)?
        } else {
            Self::wide(source, &results, kept)?
        };
        if source.options.sort {
            let rank = |label: &Label| (&source.values[specs[label.spec].value].0, specs[label.spec].agg.name());
            table.columns.sort_by(|(a, _), (b, _)| rank(a).cmp(&rank(b)).then_with(|| a.key.cmp(&b.key)));
        }
        if let Some(fill) = source.options.fill_value {
            table.columns.iter_mut().for_each(|(_, column)| *column = filled(column, fill));
        }
        Ok(table)
    }

    fn long(source: &Source<'_>, results: Vec<Column>, kept: Option<Vec<u32>>) -> Result<Self, FrameError> {
        let groups = &source.groups;
        let codes = match &kept {
            Some(kept) => {
                groups.codes.iter().map(|codes| kept.iter().map(|group| codes[*group as usize]).collect()).collect()
            }
            None => groups.codes.clone(),
        };
        let levels = source.levels.iter().map(|level| (level.name.clone(), level.values.clone())).collect();
        let mut rows = Axis { levels, codes, len: kept.as_ref().map_or(groups.len, Vec::len) };
        let mut gather = kept;
        if !source.options.dropna && rows.levels.len() > 1 {
            let (product, places) = rows.product();
            let mut cells = vec![Column::NO_ROW; product.len];
            places.iter().enumerate().for_each(|(group, place)| cells[*place as usize] = group as u32);
            (rows, gather) = (product, Some(cells));
        }
        let columns = results.into_iter().enumerate().map(|(spec, column)| {
            let column = match &gather {
                Some(cells) => gathered(&column, cells, source.options.fill_value)?,
                None => column,
            };
            Ok((Label { spec, key: Vec::new() }, column))
        });
        Ok(Self { columns: columns.collect::<Result<_, FrameError>>()?, rows })
    }

    /// Rows of index keys, columns of column keys, and in each cell the group that has both.
    fn wide(source: &Source<'_>, results: &[Column], kept: Option<Vec<u32>>) -> Result<Self, FrameError> {
        let kept = kept.unwrap_or_else(|| (0..source.groups.len as u32).collect());
        let codes: Vec<Vec<u32>> = (source.groups.codes.iter())
            .map(|codes| kept.iter().map(|group| codes[*group as usize]).collect())
            .collect();
        let (index_codes, column_codes) = codes.split_at(source.index().len());
        let rows = Side::new(source, source.index(), index_codes, true);
        // Unsorted, pandas puts a single key in the order of its values and several in the order of their tuples.
        let columns = Side::new(source, source.columns(), column_codes, source.columns().len() == 1);
        // pandas widens every column if any combination of keys that occur is missing, not only those with a gap.
        let has_gaps = kept.len() < rows.occurring * columns.occurring;
        let fill = source.options.fill_value;

        let mut cells = vec![Column::NO_ROW; rows.axis.len * columns.axis.len];
        for ((group, row), column) in kept.iter().zip(rows.of).zip(columns.of) {
            cells[column as usize * rows.axis.len + row as usize] = *group;
        }
        let mut wide = Vec::with_capacity(results.len() * columns.axis.len);
        for (spec, result) in results.iter().enumerate() {
            let result = if has_gaps { widened(result, fill)? } else { result.clone() };
            for place in 0..columns.axis.len {
                let cells = &cells[place * rows.axis.len..(place + 1) * rows.axis.len];
                let label = Label { spec, key: columns.axis.tuple(place) };
                let occurs = cells.iter().any(|cell| *cell != Column::NO_ROW);
                let column = if occurs { gathered(&result, cells, fill)? } else { blank(rows.axis.len, fill) };
                wide.push((label, column));
            }
        }
        Ok(Self { rows: rows.axis, columns: wide })
    }

    /// Leaves out columns without any result.
    pub(super) fn drop_empty_columns(&mut self) {
        self.columns.retain(|(_, column)| (0..column.len()).any(|row| !column.is_missing(row)));
    }
}

/// The groups with any result, or `None` for all.
fn kept_groups(source: &Source<'_>, results: &[Column]) -> Option<Vec<u32>> {
    let has_result = |group: usize| results.iter().any(|column| !column.is_missing(group));
    if !source.options.dropna || results.is_empty() || (0..source.groups.len).all(has_result) {
        return None;
    }
    Some((0..source.groups.len).filter(|group| has_result(*group)).map(|group| group as u32).collect())
}

/// The labels of one side of a wide table.
struct Side {
    axis: Axis,
    /// For each group the place of its label.
    of: Vec<u32>,
    /// How many of the labels occur.
    occurring: usize,
}

impl Side {
    /// Labels in the order of their values if `sort`, else of the groups; without `dropna` every combination of keys.
    fn new(source: &Source<'_>, levels: &[Level], codes: &[Vec<u32>], sort: bool) -> Self {
        let ranked: Vec<Ranked> = levels.iter().zip(codes).map(|(level, codes)| Ranked::new(level, codes)).collect();
        let ranks: Vec<&[u32]> = ranked.iter().map(|ranked| &*ranked.ranks).collect();
        let Groups { mut of, codes, len: occurring } = Groups::new(&ranks, sort);
        let codes = codes.into_iter().zip(&ranked).map(|(ranks, ranked)| ranked.codes_of(ranks)).collect();
        let levels = levels.iter().map(|level| (level.name.clone(), level.values.clone())).collect();
        let mut axis = Axis { levels, codes, len: occurring };
        if !source.options.dropna && axis.levels.len() > 1 {
            let (product, places) = axis.product();
            of.iter_mut().for_each(|label| *label = places[*label as usize]);
            axis = product;
        }
        Self { axis, of, occurring }
    }
}

/// The codes of a level as ranks in the order in which labels are to come.
struct Ranked<'a> {
    ranks: Cow<'a, [u32]>,
    /// The code of each rank, unless they are equal.
    codes: Option<Vec<u32>>,
}

impl<'a> Ranked<'a> {
    /// Ranks are codes, unless one of the level's values does not occur: then, as in pandas (`remove_unused_levels`),
    /// values rank in the order in which they appear.
    fn new(level: &Level, codes: &'a [u32]) -> Self {
        let Numbering { codes: ranks, firsts } = number_small(codes.iter().copied().map(Some), level.values.len());
        if firsts.len() == level.values.len() {
            return Self { ranks: Cow::Borrowed(codes), codes: None };
        }
        let codes = firsts.iter().map(|first| codes[*first as usize]).collect();
        Self { ranks: Cow::Owned(ranks), codes: Some(codes) }
    }

    fn codes_of(&self, ranks: Vec<u32>) -> Vec<u32> {
        match &self.codes {
            Some(codes) => ranks.into_iter().map(|rank| codes[rank as usize]).collect(),
            None => ranks,
        }
    }
}

/// The column as it is beside gaps: integers become floats, unless the gaps are filled with an integer.
///
/// # Errors
/// [`FrameError::InvalidArgument`] when the gaps of text or instants are filled with something else, as in pandas.
fn widened(column: &Column, fill: Option<Value<'_>>) -> Result<Column, FrameError> {
    let gap = fill.unwrap_or(Value::Null);
    let dtype = dtype_of(&gap).map_or(column.dtype(), |dtype| common(column.dtype(), dtype));
    if matches!(column.dtype(), Dtype::String | Dtype::Datetime) && dtype == Dtype::Mixed {
        return Err(misfit(column));
    }
    Ok(Column::collect(dtype, column.values().chain([gap])).slice(0..column.len()))
}

/// The named rows of a column, with `fill` where there is none.
///
/// # Errors
/// [`FrameError::InvalidArgument`] when the gaps of text are filled with something else, as in pandas.
fn gathered(column: &Column, rows: &[u32], fill: Option<Value<'_>>) -> Result<Column, FrameError> {
    let Some(fill) = fill.filter(|_| rows.contains(&Column::NO_ROW)) else { return Ok(column.gather(rows)) };
    let filled = gather_or(column, rows, fill);
    if column.dtype() == Dtype::String && filled.dtype() == Dtype::Mixed { Err(misfit(column)) } else { Ok(filled) }
}

fn gather_or(column: &Column, rows: &[u32], fill: Value<'_>) -> Column {
    let cell = |row: &u32| if *row == Column::NO_ROW { fill } else { column.value(*row as usize) };
    let dtype = dtype_of(&fill).map_or(column.dtype(), |dtype| common(column.dtype(), dtype));
    Column::collect(dtype, rows.iter().map(cell))
}

fn misfit(column: &Column) -> FrameError {
    let dtype = column.dtype();
    FrameError::InvalidArgument(format!("fill_value does not fit results of type {dtype}; give one that does, or none"))
}

/// The column of a combination of keys that does not occur: it has the type of `fill`, whatever is aggregated.
fn blank(len: usize, fill: Option<Value<'_>>) -> Column {
    let fill = fill.unwrap_or(Value::Null);
    Column::collect(dtype_of(&fill).unwrap_or(Dtype::Float), std::iter::repeat_n(fill, len))
}

/// A column with `fill` in its gaps.
fn filled(column: &Column, fill: Value<'_>) -> Column {
    let rows: Vec<u32> =
        (0..column.len()).map(|row| if column.is_missing(row) { Column::NO_ROW } else { row as u32 }).collect();
    if rows.contains(&Column::NO_ROW) { gather_or(column, &rows, fill) } else { column.clone() }
}
