//! A table while it is being built: rows of index keys, columns of value and column keys.

use super::aggregate::aggregate;
use super::axis::{Axis, cells};
use super::fill::{blank, filled, gathered, widened};
use super::side::Side;
use super::source::{Source, Spec};
use crate::frame::{Column, FrameError};

/// The label of a column: which aggregate, and the codes of its column keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) spec: usize,
    pub(super) key: Vec<u32>,
}

/// Rows and columns with codes as labels.
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
                false => blank(source.groups.len(), source.options.fill_value),
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
            // A value that is named twice comes as a whole each time, unless every combination of keys is shown.
            let place = |label: &Label| source.options.dropna.then_some(label.spec);
            table.columns.sort_by(|(a, _), (b, _)| {
                rank(a).cmp(&rank(b)).then_with(|| (place(a), &a.key).cmp(&(place(b), &b.key)))
            });
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
        let mut rows = Axis { levels, codes, len: kept.as_ref().map_or(groups.len(), Vec::len) };
        let mut gather = kept;
        if !source.options.dropna && rows.levels.len() > 1 {
            let (product, places) = rows.product()?;
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
        let kept = kept.unwrap_or_else(|| (0..source.groups.len() as u32).collect());
        let codes: Vec<Vec<u32>> = (source.groups.codes.iter())
            .map(|codes| kept.iter().map(|group| codes[*group as usize]).collect())
            .collect();
        let (index_codes, column_codes) = codes.split_at(source.index().len());
        let is_whole = !source.options.dropna;
        let rows = Side::new(source.index(), index_codes, true, is_whole)?;
        // Unsorted, pandas puts a single key in the order of its values and several in the order of their tuples; with
        // aggregates in the labels it unstacks key by key, which makes every combination.
        let is_single = source.columns().len() == 1;
        let columns = Side::new(source.columns(), column_codes, is_single, is_whole || source.is_nested())?;
        // pandas widens every column if any combination of keys that occur is missing, not only those with a gap.
        let has_gaps = kept.len() < rows.occurring * columns.occurring;
        let fill = source.options.fill_value;

        cells(&[results.len(), rows.axis.len, columns.axis.len])?;
        let mut groups = vec![Column::NO_ROW; rows.axis.len * columns.axis.len];
        for ((group, row), column) in kept.iter().zip(rows.of).zip(columns.of) {
            groups[column as usize * rows.axis.len + row as usize] = *group;
        }
        let mut wide = Vec::with_capacity(results.len() * columns.axis.len);
        for (spec, result) in results.iter().enumerate() {
            let result = if has_gaps { widened(result, fill)? } else { result.clone() };
            for place in 0..columns.axis.len {
                let groups = &groups[place * rows.axis.len..(place + 1) * rows.axis.len];
                let label = Label { spec, key: columns.axis.tuple(place) };
                let occurs = groups.iter().any(|group| *group != Column::NO_ROW);
                let column = if occurs { gathered(&result, groups, fill)? } else { blank(rows.axis.len, fill) };
                wide.push((label, column));
            }
        }
        Ok(Self { rows: rows.axis, columns: wide })
    }

    /// Drops columns without any result.
    pub(super) fn drop_empty_columns(&mut self) {
        self.columns.retain(|(_, column)| (0..column.len()).any(|row| !column.is_missing(row)));
    }
}

/// The groups with any result, or `None` for all.
fn kept_groups(source: &Source<'_>, results: &[Column]) -> Option<Vec<u32>> {
    let has_result = |group: usize| results.iter().any(|column| !column.is_missing(group));
    let may_be_empty = results.is_empty() || source.has_only_keys;
    if !source.options.dropna || may_be_empty || (0..source.groups.len()).all(has_result) {
        return None;
    }
    Some((0..source.groups.len()).filter(|group| has_result(*group)).map(|group| group as u32).collect())
}
