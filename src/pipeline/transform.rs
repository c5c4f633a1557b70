//! The three tables of a response, for a batch and for a query alike.

use super::{DEFAULT_MEASURE, Id, Measures, Settings, rolling_name};
use crate::frame::ops::{Agg, Melt, melt, pivot_by_text, time_resolution};
use crate::frame::{Column, Frame, FrameError, Name, Strings, StringsBuilder};

/// `latest`, `melted` and `pivoted` of some rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tables {
    /// `timestamp`, `id`, the measures, and the rolling aggregate of each measure in the same order; one row each.
    pub latest: Frame,
    /// `id`, `variable`, `val`: first all timestamps, then all values of the first measure, and so on.
    pub melted: Frame,
    /// `id`, `timestamp` and the measures: one row for each id, sorted by it.
    pub pivoted: Frame,
}

/// A frame with columns `timestamp`, `id` and one for each measure.
///
/// # Errors
/// [`FrameError::LengthMismatch`] when they differ in length.
pub fn rows_frame(
    times: Vec<i64>,
    ids: Strings,
    measures: &Measures,
    values: Vec<Vec<f64>>,
) -> Result<Frame, FrameError> {
    let mut columns = Vec::with_capacity(2 + values.len());
    columns.push((Name::Borrowed("timestamp"), Column::Datetime(times.into())));
    columns.push((Name::Borrowed("id"), Column::String(ids)));
    let names = measures.names().map(|name| match name {
        DEFAULT_MEASURE => Name::Borrowed(DEFAULT_MEASURE),
        name => Name::Owned(name.to_owned()),
    });
    columns.extend(names.zip(values).map(|(name, values)| (name, Column::Float(values.into()))));
    Frame::new(columns)
}

/// These rows, a frame as [`rows_frame`] makes it, with the rolling aggregate of each measure behind all measures.
///
/// # Errors
/// [`FrameError::LengthMismatch`] when a column of `rolling` has another length than the rows.
pub fn with_rolling(rows: Frame, rolling: Vec<Vec<f64>>, agg: Agg) -> Result<Frame, FrameError> {
    let names: Vec<Name> = names_behind_id(&rows).map(|measure| rolling_name(measure, agg)).collect();
    let mut columns = names.into_iter().zip(rolling);
    columns.try_fold(rows, |rows, (name, rolling)| rows.with_column(name, Column::Float(rolling.into())))
}

/// The measures of a table `latest`: as many columns behind them are their rolling aggregates.
pub fn measures_of(latest: &Frame) -> impl ExactSizeIterator<Item = &str> + Clone {
    names_behind_id(latest).take(latest.columns().len().saturating_sub(2) / 2)
}

/// The names of the columns behind `timestamp` and `id`.
fn names_behind_id(frame: &Frame) -> impl ExactSizeIterator<Item = &str> + Clone {
    frame.columns().iter().skip(2).map(|(name, _)| &**name)
}

/// Adds an id to a column of ids.
pub(crate) fn push_id(ids: &mut StringsBuilder, id: &Id) {
    match id {
        Id::Uuid(uuid) => ids.push_uuid(*uuid),
        Id::Text(text) => ids.push_shared(text),
    }
}

/// Transforms rows, a frame as [`rows_frame`] makes it, sorted by time, and the rolling aggregate of each measure into the
/// three tables.
///
/// # Errors
/// None for rows of that form.
pub fn tables(rows: Frame, rolling: Vec<Vec<f64>>, settings: &Settings) -> Result<Tables, FrameError> {
    transform(with_rolling(rows, rolling, settings.agg)?, settings.aggfunc)
}

/// [`tables`] of rows that already have their rolling aggregates.
pub(super) fn transform(latest: Frame, aggfunc: Agg) -> Result<Tables, FrameError> {
    let measures: Vec<&str> = measures_of(&latest).collect();
    let value_vars: Vec<&str> = ["timestamp"].into_iter().chain(measures.iter().copied()).collect();
    let melted = melt_columns(&latest, &value_vars)?;
    let pivoted = pivot_columns(&latest, &measures, aggfunc, time_resolution(rows_times(&latest)))?;
    Ok(Tables { latest, melted, pivoted })
}

/// One of the parts of `melted` for some of the rows: all timestamps, or all values of a measure.
///
/// # Errors
/// None for rows of the form of [`rows_frame`] and one of their columns.
pub fn melt_column(rows: &Frame, name: &str) -> Result<Frame, FrameError> {
    melt_columns(rows, &[name])
}

/// pandas `melt(id_vars=["id"], value_vars=…, value_name="val")`. pandas refuses a column `val` beside it, which a measure
/// may well be called; here it is melted like others.
fn melt_columns(rows: &Frame, value_vars: &[&str]) -> Result<Frame, FrameError> {
    const VALUES: &str = "val";
    let mut value_name = VALUES.to_owned();
    while rows.column(&value_name).is_ok() {
        value_name.push('_');
    }
    let options =
        Melt { id_vars: &["id"], value_vars: Some(value_vars), value_name: value_name.into(), ..Melt::default() };
    let melted = melt(rows, &options)?;
    let mut columns = melted.columns().to_vec();
    if let Some((name, _)) = columns.last_mut() {
        *name = Name::Borrowed(VALUES);
    }
    Frame::new(columns)
}

/// pandas `pivot_table(index="id", values=["timestamp", …], aggfunc=…)` of rows, a frame as [`rows_frame`] makes it; the
/// measures stay in their order, and one without any value stays too. Means of instants are cut to `resolution`
/// nanoseconds.
///
/// Instants have no sum or deviation (pandas refuses the sum), so for these aggregates `timestamp` stays the mean.
///
/// # Errors
/// None for rows of that form.
pub fn pivot_by_id(rows: &Frame, aggfunc: Agg, resolution: i64) -> Result<Frame, FrameError> {
    pivot_columns(rows, &names_behind_id(rows).collect::<Vec<_>>(), aggfunc, resolution)
}

fn pivot_columns(rows: &Frame, measures: &[&str], aggfunc: Agg, resolution: i64) -> Result<Frame, FrameError> {
    let pivot = |values: &[&str], agg| pivot_by_text(rows, "id", values, agg, resolution);
    match aggfunc {
        Agg::Sum | Agg::Std | Agg::Var => {
            let spread = pivot(measures, aggfunc)?;
            let columns = spread.columns().iter().skip(1).cloned();
            columns.fold(pivot(&["timestamp"], Agg::Mean), |table, (name, column)| table?.with_column(name, column))
        }
        _ => {
            let values: Vec<&str> = ["timestamp"].into_iter().chain(measures.iter().copied()).collect();
            pivot(&values, aggfunc)
        }
    }
}

fn rows_times(rows: &Frame) -> &[i64] {
    rows.column("timestamp").ok().and_then(Column::as_datetime).map_or(&[], |times| times)
}
