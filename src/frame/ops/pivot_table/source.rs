//! The input of a pivot: checked options, keys as codes, rows as groups.

use super::groups::Groups;
use super::level::{Key, Level};
use super::numbering::NONE;
use super::slots::Slots;
use super::{AggFunc, PivotTable};
use crate::frame::ops::Agg;
use crate::frame::{Column, Frame, FrameError, Name};

/// One aggregate of one value column: a column of the result, or one for each column key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spec {
    /// The position of the value column.
    pub(super) value: usize,
    /// The aggregate.
    pub(super) agg: Agg,
    /// Whether the options name it; if not, its column is blank.
    pub(super) is_asked: bool,
}

/// A table of the result: the aggregate that names it among several, and its columns.
pub(super) type Piece = (Option<Agg>, Vec<Spec>);

/// A frame split into keys and values.
pub(super) struct Source<'a> {
    pub(super) options: &'a PivotTable<'a>,
    /// The keys, those of the rows before those of the columns.
    pub(super) levels: Vec<Level>,
    /// Value columns, none of them a view.
    pub(super) values: Vec<(Name, Column)>,
    /// Rows by all keys.
    pub(super) groups: Groups,
}

impl<'a> Source<'a> {
    pub(super) fn new(frame: &Frame, options: &'a PivotTable<'a>) -> Result<Self, FrameError> {
        let keys: Vec<&str> = options.index.iter().chain(options.columns).copied().collect();
        let value_names: Vec<&str> = match options.values {
            Some(names) => names.to_vec(),
            None => frame.columns().iter().map(|(name, _)| &**name).filter(|name| !keys.contains(name)).collect(),
        };
        check(&keys, &value_names, options)?;
        let key = |name: &&str| Key::new(name, frame.column(name)?);
        let keys = keys.iter().map(key).collect::<Result<Vec<_>, _>>()?;
        let value = |name: &&str| Ok((Name::from((*name).to_owned()), frame.column(name)?.materialize()));
        let values = value_names.iter().map(value).collect::<Result<Vec<_>, FrameError>>()?;
        let codes: Vec<(&[u32], usize)> = keys.iter().map(|key| (&*key.codes, key.count())).collect();
        let slots = Slots::new(frame.len(), &codes);
        let level = |(place, key)| Level::new(key, place, &slots, !options.dropna, options.sort);
        let levels: Vec<Level> = keys.into_iter().enumerate().map(level).collect();
        let groups = Groups::new(slots, &levels.iter().collect::<Vec<_>>(), options.sort);
        Ok(Self { options, groups, levels, values })
    }

    /// The keys of the rows.
    pub(super) fn index(&self) -> &[Level] {
        &self.levels[..self.options.index.len()]
    }

    /// The keys of the columns.
    pub(super) fn columns(&self) -> &[Level] {
        &self.levels[self.options.index.len()..]
    }

    /// Whether columns name their aggregate below their value (pandas: a dict of lists).
    pub(super) fn is_nested(&self) -> bool {
        matches!(self.options.aggfunc, AggFunc::SeveralByColumn(_))
    }

    /// The tables of the result, one beside the other; those of a list are named by their aggregate.
    pub(super) fn tables(&self) -> Result<Vec<Piece>, FrameError> {
        let all = |agg| (0..self.values.len()).map(|value| Spec { value, agg, is_asked: true }).collect();
        Ok(match self.options.aggfunc {
            AggFunc::One(agg) => vec![(None, all(agg))],
            AggFunc::Several(aggs) => aggs.iter().map(|agg| (Some(*agg), all(*agg))).collect(),
            AggFunc::ByColumn(pairs) => {
                let spec = |(name, agg): &(&str, Agg)| Ok(Spec { value: self.place(name)?, agg: *agg, is_asked: true });
                vec![(None, pairs.iter().map(spec).collect::<Result<_, FrameError>>()?)]
            }
            AggFunc::SeveralByColumn(lists) => {
                let mut everything = Vec::new();
                for agg in lists.iter().flat_map(|(_, aggs)| *aggs) {
                    if !everything.contains(agg) {
                        everything.push(*agg);
                    }
                }
                let mut specs = Vec::new();
                for (name, aggs) in lists {
                    let value = self.place(name)?;
                    // Without dropna every combination is shown, as it is for keys.
                    let shown = if self.options.dropna { aggs } else { &*everything };
                    specs.extend(shown.iter().map(|agg| Spec { value, agg: *agg, is_asked: aggs.contains(agg) }));
                }
                vec![(None, specs)]
            }
        })
    }

    fn place(&self, name: &str) -> Result<usize, FrameError> {
        self.values.iter().position(|(value, _)| value == name).ok_or_else(|| FrameError::ColumnNotFound {
            name: name.to_owned(),
            columns: self.values.iter().map(|(name, _)| name.to_string()).collect(),
        })
    }

    /// Rows by some of the keys, for the margins: with `dropna` only rows in which nothing is missing.
    pub(super) fn groups_by(&self, levels: &[Level]) -> Groups {
        let rows = self.groups.of.len();
        let is_complete = |row: usize| {
            !self.options.dropna
                || self.levels.iter().all(|level| level.rank(row) != NONE)
                    && self.values.iter().all(|(_, column)| !column.is_missing(row))
        };
        // One more level, with a single value that incomplete rows lack; without keys it makes one group of all rows.
        let complete = Level {
            name: Name::Borrowed(""),
            values: Column::Int(vec![0].into()),
            codes: (0..rows).map(|row| u32::from(!is_complete(row))).collect(),
            ranks: vec![0, NONE],
        };
        let levels: Vec<&Level> = levels.iter().chain([&complete]).collect();
        let codes: Vec<(&[u32], usize)> = levels.iter().map(|level| (&*level.codes, level.ranks.len() - 1)).collect();
        let mut groups = Groups::new(Slots::new(rows, &codes), &levels, true);
        groups.codes.pop();
        groups
    }
}

/// Refuses names of columns that cannot be keys or values.
fn check(keys: &[&str], values: &[&str], options: &PivotTable<'_>) -> Result<(), FrameError> {
    let refuse = |sentence: &str| Err(FrameError::InvalidArgument(sentence.to_owned()));
    if keys.is_empty() {
        return refuse("a pivot needs keys; name a column in index or columns");
    }
    let names: Vec<&&str> = keys.iter().chain(values).collect();
    if let Some(name) = names.iter().enumerate().find(|(place, name)| names[..*place].contains(name)) {
        return Err(FrameError::DuplicateColumn { name: (**name.1).to_owned() });
    }
    if options.plain_values && values.len() != 1 {
        return refuse("plain_values needs exactly one value column");
    }
    if options.margins && matches!(options.aggfunc, AggFunc::SeveralByColumn(_)) {
        return refuse("margins take no lists of aggregates by column; ask for one aggregate of each column");
    }
    Ok(())
}
