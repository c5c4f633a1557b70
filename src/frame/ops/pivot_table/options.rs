//! The options of a pivot.

use crate::frame::ops::Agg;
use crate::frame::{Name, Value};

/// Which aggregates a pivot computes, and how its columns are named.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AggFunc<'a> {
    /// One aggregate of every value column.
    One(Agg),
    /// Several of every value column, each named in the columns (pandas: a list).
    Several(&'a [Agg]),
    /// One aggregate for each value column named; others are left out (pandas: a dict).
    ByColumn(&'a [(&'a str, Agg)]),
    /// Several for each value column named, each named in the columns (pandas: a dict of lists).
    SeveralByColumn(&'a [(&'a str, &'a [Agg])]),
}

impl From<Agg> for AggFunc<'_> {
    fn from(agg: Agg) -> Self {
        Self::One(agg)
    }
}

impl<'a> From<&'a [Agg]> for AggFunc<'a> {
    fn from(aggs: &'a [Agg]) -> Self {
        Self::Several(aggs)
    }
}

/// The options of [`pivot_table`](super::pivot_table); the defaults are those of pandas.
#[derive(Debug, Clone)]
pub struct PivotTable<'a> {
    /// Columns whose different values become rows.
    pub index: &'a [&'a str],
    /// Columns whose different values become columns.
    pub columns: &'a [&'a str],
    /// Columns that are aggregated; `None` means all that are not keys.
    pub values: Option<&'a [&'a str]>,
    /// Omits the value's name from the columns' names where keys name them, as pandas does when `values` is a text and
    /// not a list: `a` instead of `value | a`. Needs exactly one of `values`.
    pub plain_values: bool,
    /// The aggregates.
    pub aggfunc: AggFunc<'a>,
    /// The value of cells without a result; `None` leaves a gap.
    pub fill_value: Option<Value<'a>>,
    /// Whether a last row and last columns aggregate over all others.
    pub margins: bool,
    /// The label of the margins.
    pub margins_name: Name,
    /// Omits missing keys, and rows and columns without any result. When false, every combination of keys is shown,
    /// whether it occurs or not.
    pub dropna: bool,
    /// Whether rows and columns are sorted; when false they come in the order in which they first occur.
    pub sort: bool,
}

impl Default for PivotTable<'_> {
    fn default() -> Self {
        Self {
            index: &[],
            columns: &[],
            values: None,
            plain_values: false,
            aggfunc: AggFunc::One(Agg::Mean),
            fill_value: None,
            margins: false,
            margins_name: Name::Borrowed("All"),
            dropna: true,
            sort: true,
        }
    }
}
