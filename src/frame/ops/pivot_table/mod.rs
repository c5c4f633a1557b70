//! Long to wide.
//!
//! Read [`pivot_table`] first. The modules:
//!
//! - `source` checks the options and groups the rows: `level` turns each key column into codes (`numbering`), `slots`
//!   puts rows of equal codes together, `groups` puts those in order;
//! - `aggregate` reduces each group to one value;
//! - `table` lays the groups out in rows and columns (`side`, `axis`), `fill` fills the gaps;
//! - `by_text` is the common case, and `running` that of values which come one by one;
//! - `margins` adds totals; here codes become labels, and labels become names.

mod aggregate;
mod axis;
mod by_text;
mod fill;
mod groups;
mod level;
mod margins;
mod numbering;
mod options;
mod running;
mod side;
mod slots;
mod source;
mod table;

pub use aggregate::time_resolution;
pub use by_text::pivot_by_text;
pub use options::{AggFunc, PivotTable};
pub use running::{RunningFloats, RunningTimes};

use self::axis::{Axis, BLANK};
use self::fill::common;
use self::source::{Source, Spec};
use self::table::Table;
use super::Agg;
use crate::frame::{Cell, Column, Dtype, Frame, FrameError, Name, Value};
use crate::time::Clock;

/// A pivoted table with the labels of its columns kept separate.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pivoted {
    /// The row keys, outermost first; the names of the values when `index` is empty.
    pub index: Vec<(Name, Column)>,
    /// The results, each with its labels from the outermost inwards: aggregate, value, column keys.
    pub values: Vec<(Vec<Cell>, Column)>,
}

/// Groups rows by keys and aggregates each group.
///
/// *Shape*: one row for each different value of the `index` columns, which come first; then, for each of `values`, one
/// column, or one for each different value of the `columns` keys. Names of columns are their labels joined by ` | `,
/// a missing key is `<null>`. Without `index` the values are the rows, named in a first column without a name.
///
/// ```text
/// id  kind  value        id   value | hot   value | wet
/// a   hot   1            a    2             5
/// a   hot   3       ->   b    7
/// a   wet   5
/// b   hot   7
/// ```
///
/// *Order*: sorted by key, values by name; UUIDs as numbers, other text by code point.
/// *Types*: min, max, first and last keep the type; counts are integers, so are sums of integers and of truth values; a
/// sum of text is the texts end to end; all else is floats, and integers with gaps become floats. The mean of datetimes
/// is exact, cut toward zero to microseconds if all times of the column are whole microseconds, else to nanoseconds.
/// *Nulls*: left out of every aggregate; rows without a key are left out unless `dropna` is false; rows and columns
/// without any result likewise.
/// *Roles*: a column may be named in several of `index`, `columns` and `values` where pandas allows it: as pandas narrows
/// the frame to the columns that are named, a key may be named again only if that makes no fewer names than columns.
/// *Errors*: [`FrameError::ColumnNotFound`]; [`FrameError::DuplicateColumn`] for two columns of the result with one
/// name; [`FrameError::DtypeMismatch`] for arithmetic on text, and on datetimes other than mean and median;
/// [`FrameError::InvalidArgument`] for no keys, a column named too often, margins named like a key, a fill that does not
/// fit, or more cells than a tab can hold.
/// *Source*: pandas 3 `pivot_table`. Differs on purpose: medians and means of datetimes are exact, where pandas
/// computes in doubles. Labels that become one name are refused; [`pivot`] keeps them separate.
///
/// ```
/// use millrace::frame::ops::{Agg, PivotTable, pivot_table};
/// use millrace::frame::{Column, Frame};
///
/// let frame = Frame::new(vec![
///     ("id".into(), Column::String(["b", "a", "b"].into_iter().map(Some).collect())),
///     ("value".into(), vec![1.0, 2.0, 4.0].into()),
/// ])?;
/// let options = PivotTable { index: &["id"], values: Some(&["value"]), aggfunc: Agg::Sum.into(), ..PivotTable::default() };
/// let pivoted = pivot_table(&frame, &options)?;
/// assert_eq!(pivoted.column("value")?, &Column::from(vec![2.0, 5.0]));
/// # Ok::<(), millrace::frame::FrameError>(())
/// ```
pub fn pivot_table(frame: &Frame, options: &PivotTable<'_>) -> Result<Frame, FrameError> {
    let Pivoted { index, values } = pivot(frame, options)?;
    let values = values.into_iter().map(|(labels, column)| (name(&labels), column));
    Frame::new(index.into_iter().chain(values).collect())
}

/// [`pivot_table`] with the labels of its columns kept separate.
///
/// # Errors
/// Those of [`pivot_table`], except that equal names of columns are allowed.
pub fn pivot(frame: &Frame, options: &PivotTable<'_>) -> Result<Pivoted, FrameError> {
    let source = Source::new(frame, options)?;
    let mut parts = Vec::new();
    for (agg, specs) in source.tables()? {
        let mut table = Table::new(&source, &specs)?;
        if options.margins {
            table = margins::add_margins(&source, &specs, table)?;
        }
        parts.push(if options.index.is_empty() {
            transposed(&source, &specs, agg, table)
        } else {
            labelled(&source, &specs, agg, table)
        });
    }
    let (rows, values) = beside(parts);
    Ok(Pivoted { index: rows.into_columns(&options.margins_name), values })
}

/// Rows, and columns with their labels.
type Part = (Axis, Vec<(Vec<Cell>, Column)>);

/// The table with labels for the codes of its columns.
fn labelled(source: &Source<'_>, specs: &[Spec], agg: Option<Agg>, mut table: Table) -> Part {
    if source.options.dropna {
        table.drop_empty_columns();
    }
    let keys = Axis {
        levels: source.columns().iter().map(|level| (level.name.clone(), level.values.clone())).collect(),
        ..Axis::default()
    };
    let columns = table.columns.into_iter().map(|(label, column)| {
        let spec = specs[label.spec];
        let mut labels = Vec::from_iter(agg.map(|agg| text(agg.name())));
        // pandas omits the value's name where other labels distinguish the columns.
        let is_plain = source.options.plain_values && (source.is_nested() || !source.columns().is_empty());
        if !is_plain && !source.has_only_keys {
            labels.push(text(&source.values[spec.value].0));
        }
        if source.is_nested() {
            labels.push(text(spec.agg.name()));
        }
        let key = |(level, code): (usize, &u32)| match keys.levels[level].1.dtype() {
            // An empty text among instants is a missing one, as in pandas.
            Dtype::Datetime if *code == BLANK => Cell::Null,
            _ => keys.label(level, *code, &source.options.margins_name),
        };
        labels.extend(label.key.iter().enumerate().map(key));
        (labels, column)
    });
    (table.rows, columns.collect())
}

/// The table transposed: values become rows, the keys of its rows become the labels of columns.
fn transposed(source: &Source<'_>, specs: &[Spec], agg: Option<Agg>, table: Table) -> Part {
    let names = |name: &dyn Fn(&Spec) -> String| {
        let names = table.columns.iter().map(|(label, _)| name(&specs[label.spec]));
        let column = Column::String(names.map(Some).collect());
        (Name::Borrowed(""), column)
    };
    let mut levels = Vec::new();
    if !source.options.plain_values || !source.is_nested() {
        levels.push(names(&|spec| source.values[spec.value].0.to_string()));
    }
    if source.is_nested() {
        levels.push(names(&|spec| spec.agg.name().to_owned()));
    }
    let len = table.columns.len();
    let codes = levels.iter().map(|_| (0..len as u32).collect()).collect();
    let dtype = table.columns.iter().map(|(_, column)| column.dtype()).reduce(common).unwrap_or(Dtype::Float);
    let columns = (0..table.rows.len).map(|row| {
        let mut labels = Vec::from_iter(agg.map(|agg| text(agg.name())));
        labels.extend(
            (0..table.rows.levels.len()).map(|level| table.rows.cell(level, row, &source.options.margins_name)),
        );
        (labels, Column::collect(dtype, table.columns.iter().map(|(_, column)| column.value(row))))
    });
    let has_result = |column: &Column| (0..column.len()).any(|row| !column.is_missing(row));
    let columns = columns.filter(|(_, column)| !source.options.dropna || has_result(column)).collect();
    (Axis { levels, codes, len }, columns)
}

/// Tables side by side: rows of later tables that earlier ones lack come at the end.
fn beside(parts: Vec<Part>) -> Part {
    let mut parts = parts.into_iter();
    let Some((mut rows, mut columns)) = parts.next() else { return Part::default() };
    let rest: Vec<Part> = parts.collect();
    if rest.is_empty() {
        return (rows, columns);
    }
    let mut places = rows.places();
    let mut origins = vec![(columns.len(), (0..rows.len as u32).collect::<Vec<u32>>())];
    for (part_rows, part_columns) in rest {
        let mut origin = vec![Column::NO_ROW; rows.len];
        for row in 0..part_rows.len {
            let tuple = part_rows.tuple(row);
            let place = *places.entry(tuple.clone()).or_insert_with(|| {
                rows.push(&tuple);
                origin.push(Column::NO_ROW);
                rows.len as u32 - 1
            });
            origin[place as usize] = row as u32;
        }
        origins.push((part_columns.len(), origin));
        columns.extend(part_columns);
    }
    let origins = origins.into_iter().flat_map(|(count, mut origin)| {
        origin.resize(rows.len, Column::NO_ROW);
        std::iter::repeat_n(origin, count)
    });
    let columns = columns.into_iter().zip(origins).map(|((labels, column), origin)| (labels, column.gather(&origin)));
    (rows.clone(), columns.collect())
}

fn text(text: &str) -> Cell {
    Cell::Str(text.into())
}

/// Labels joined into one name.
fn name(labels: &[Cell]) -> Name {
    let mut name = String::new();
    for (place, label) in labels.iter().enumerate() {
        if place > 0 {
            name.push_str(" | ");
        }
        push_label(&mut name, label.as_value());
    }
    name.into()
}

/// Adds a label as Python prints it, which is how pandas' column labels look as text.
fn push_label(name: &mut String, label: Value<'_>) {
    match label {
        Value::Null => name.push_str("<null>"),
        Value::Datetime(at) => name.push_str(at.to_text(&Clock::Utc).trim_end_matches('Z')),
        Value::Float(number) => name.push_str(&format!("{number:?}")),
        Value::Int(number) => name.push_str(&number.to_string()),
        Value::Bool(truth) => name.push_str(if truth { "True" } else { "False" }),
        Value::Str(text) => name.push_str(&text),
    }
}

#[cfg(test)]
mod tests;
