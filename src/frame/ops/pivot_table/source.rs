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
    /// Value columns, none of them a view; one may occur several times, and may be a key as well.
    pub(super) values: Vec<(Name, Column)>,
    /// Whether every column is a key: then the one value column is all gaps, and has no name in the result.
    pub(super) has_only_keys: bool,
    /// The columns in which margins allow no gap, if `dropna`.
    complete: Vec<Column>,
    /// Rows by all keys.
    pub(super) groups: Groups,
}

impl<'a> Source<'a> {
    pub(super) fn new(frame: &Frame, options: &'a PivotTable<'a>) -> Result<Self, FrameError> {
        let keys: Vec<&str> = options.index.iter().chain(options.columns).copied().collect();
        let is_narrowed = is_narrowed(frame, &keys, options);
        let value_names = match options.values {
            Some(names) if is_narrowed => repeated(names),
            Some(names) => names.to_vec(),
            None => left_over(frame, &keys, options)?,
        };
        check(&keys, &value_names, is_narrowed, options)?;
        let key = |name: &&str| Key::new(name, frame.column(name)?);
        let keys_named = keys;
        let keys = keys_named.iter().map(key).collect::<Result<Vec<_>, _>>()?;
        let value = |name: &&str| Ok((Name::from((*name).to_owned()), frame.column(name)?.materialize()));
        let mut values = value_names.iter().map(value).collect::<Result<Vec<_>, FrameError>>()?;
        let has_only_keys = options.values.is_none() && values.is_empty() && !options.index.is_empty();
        let has_only_keys = has_only_keys && !options.columns.is_empty();
        if has_only_keys {
            values.push((Name::Borrowed(""), vec![f64::NAN; frame.len()].into()));
        }
        let codes: Vec<(&[u32], usize)> = keys.iter().map(|key| (&*key.codes, key.count())).collect();
        let slots = Slots::new(frame.len(), &codes);
        let level = |(place, key)| Level::new(key, place, &slots, !options.dropna, options.sort);
        let levels: Vec<Level> = keys.into_iter().enumerate().map(level).collect();
        let groups = Groups::new(slots, &levels.iter().collect::<Vec<_>>(), options.sort);
        let is_named = |name: &str| keys_named.contains(&name) || value_names.contains(&name);
        let complete = frame.columns().iter().filter(|(name, _)| !is_narrowed || is_named(name));
        let complete = complete.map(|(_, column)| column.clone()).collect();
        Ok(Self { options, groups, levels, values, has_only_keys, complete })
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
                    && self.complete.iter().all(|column| !column.is_missing(row))
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

/// Whether the frame has more columns than are named, repetitions counted. Such a frame pandas narrows to the columns
/// named, so that one that is named twice is there twice, which a key must not be; any other frame it takes as it is.
fn is_narrowed(frame: &Frame, keys: &[&str], options: &PivotTable<'_>) -> bool {
    options.values.is_some_and(|values| keys.len() + values.len() < frame.columns().len())
}

/// The values taken of a frame in which each is there as often as it is named: each time, all of its columns.
fn repeated<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let count = |name: &str| names.iter().filter(|other| **other == name).count();
    names.iter().flat_map(|name| std::iter::repeat_n(*name, count(name))).collect()
}

/// The columns that are no keys, and the keys that are to be aggregated as well.
fn left_over<'a>(frame: &'a Frame, keys: &[&str], options: &PivotTable<'a>) -> Result<Vec<&'a str>, FrameError> {
    let mut names: Vec<&str> =
        frame.columns().iter().map(|(name, _)| &**name).filter(|name| !keys.contains(name)).collect();
    let asked: Vec<&str> = match options.aggfunc {
        AggFunc::ByColumn(pairs) => pairs.iter().map(|(name, _)| *name).collect(),
        AggFunc::SeveralByColumn(lists) => lists.iter().map(|(name, _)| *name).collect(),
        AggFunc::One(_) | AggFunc::Several(_) => Vec::new(),
    };
    for name in asked.into_iter().filter(|name| keys.contains(name)) {
        if options.margins {
            return Err(FrameError::InvalidArgument(format!(
                "\"{name}\" is a key and has no margin; leave out margins, or copy the column under another name"
            )));
        }
        names.push(name);
    }
    Ok(names)
}

/// Refuses names of columns that cannot be keys or values, as pandas does.
fn check(keys: &[&str], values: &[&str], is_narrowed: bool, options: &PivotTable<'_>) -> Result<(), FrameError> {
    let refuse = |sentence: String| Err(FrameError::InvalidArgument(sentence));
    if keys.is_empty() {
        return refuse("a pivot needs keys; name a column in index or columns".to_owned());
    }
    let rest = |roles: &[&str]| format!("{}; copy the column under another name", roles.concat());
    let has_values = options.values.is_some();
    if let Some(key) = keys.iter().find(|key| is_narrowed && is_twice(key, keys.iter().chain(values))) {
        return refuse(rest(&["\"", key, "\" is a key and is named twice"]));
    }
    let is_in = |key: &&&str, names: &[&str]| names.contains(*key);
    if let Some(key) = options.columns.iter().find(|key| is_twice(key, options.columns))
        && (options.margins || !options.index.is_empty() && !options.index.contains(key))
    {
        return refuse(rest(&["\"", key, "\" is named twice in columns"]));
    }
    if options.margins {
        if let Some(key) = options.index.iter().find(|key| is_twice(key, options.index)) {
            return refuse(rest(&["margins take no key twice, as \"", key, "\" is"]));
        }
        let grouped = if options.index.is_empty() { &options.columns[..1] } else { keys };
        let is_value = |key: &&&str| has_values && !options.columns.is_empty() && is_in(key, values);
        if let Some(key) = grouped.iter().find(is_value) {
            return refuse(rest(&["margins take no key as a value, as \"", key, "\" is"]));
        }
        if let Some(value) = values.iter().find(|value| is_twice(value, values)) {
            return refuse(rest(&["margins take no value twice, as \"", value, "\" is"]));
        }
    }
    if options.plain_values && values.len() != 1 {
        return refuse("plain_values needs exactly one value column".to_owned());
    }
    if options.margins && matches!(options.aggfunc, AggFunc::SeveralByColumn(_)) {
        return refuse(
            "margins take no lists of aggregates by column; ask for one aggregate of each column".to_owned(),
        );
    }
    Ok(())
}

fn is_twice<'a>(name: &str, names: impl IntoIterator<Item = &'a &'a str>) -> bool {
    names.into_iter().filter(|other| **other == name).count() > 1
}
