//! The three tables of a response, for a batch and for a query alike.

use super::{Id, Settings};
use crate::frame::ops::{Agg, Melt, melt, pivot_by_text, time_resolution};
use crate::frame::{Column, Frame, FrameError, Name, Strings, StringsBuilder};

/// `latest`, `melted` and `pivoted` of some rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tables {
    /// `timestamp`, `id`, `value` and the rolling aggregate, one row each.
    pub latest: Frame,
    /// `id`, `variable`, `val`: first all timestamps, then all values.
    pub melted: Frame,
    /// `id`, `timestamp`, `value`: one row for each id, sorted by it.
    pub pivoted: Frame,
}

/// The column name of the rolling aggregate: `moving_avg` for the mean, as in the original.
pub fn rolling_name(agg: Agg) -> Name {
    match agg {
        Agg::Mean => Name::Borrowed("moving_avg"),
        agg => Name::Owned(format!("moving_{}", agg.name())),
    }
}

/// A frame with columns `timestamp`, `id` and `value`.
///
/// # Errors
/// [`FrameError::LengthMismatch`] when they differ in length.
pub fn rows_frame(times: Vec<i64>, ids: Strings, values: Vec<f64>) -> Result<Frame, FrameError> {
    Frame::new(vec![
        ("timestamp".into(), Column::Datetime(times.into())),
        ("id".into(), Column::String(ids)),
        ("value".into(), Column::Float(values.into())),
    ])
}

/// Adds an id to a column of ids.
pub(crate) fn push_id(ids: &mut StringsBuilder, id: &Id) {
    match id {
        Id::Uuid(uuid) => ids.push_uuid(*uuid),
        Id::Text(text) => ids.push(text),
    }
}

/// Transforms rows (`timestamp`, `id`, `value`, sorted by time) and their rolling aggregate into the three tables.
///
/// # Errors
/// None for rows of that form.
pub fn tables(rows: Frame, rolling: Vec<f64>, settings: &Settings) -> Result<Tables, FrameError> {
    let latest = rows.with_column(rolling_name(settings.agg), Column::Float(rolling.into()))?;
    transform(latest, settings.aggfunc)
}

/// [`tables`] of rows that already have their rolling aggregate.
pub(super) fn transform(latest: Frame, aggfunc: Agg) -> Result<Tables, FrameError> {
    let options = Melt {
        id_vars: &["id"],
        value_vars: Some(&["timestamp", "value"]),
        value_name: "val".into(),
        ..Melt::default()
    };
    let melted = melt(&latest, &options)?;
    let pivoted = pivot_by_id(&latest, aggfunc, time_resolution(rows_times(&latest)))?;
    Ok(Tables { latest, melted, pivoted })
}

/// One of the two parts of `melted` for some of the rows: all timestamps or all values.
///
/// # Errors
/// None for rows of the form of [`rows_frame`].
pub fn melt_column(rows: &Frame, name: &str) -> Result<Frame, FrameError> {
    let options = Melt { id_vars: &["id"], value_vars: Some(&[name]), value_name: "val".into(), ..Melt::default() };
    melt(rows, &options)
}

/// pandas `pivot_table(index="id", values=["timestamp", "value"], aggfunc=…)`; means of instants are cut to
/// `resolution` nanoseconds.
///
/// Instants have no sum or deviation (pandas refuses the sum), so for these aggregates `timestamp` stays the mean.
///
/// # Errors
/// None for rows of the form of [`rows_frame`].
pub fn pivot_by_id(rows: &Frame, aggfunc: Agg, resolution: i64) -> Result<Frame, FrameError> {
    let pivot = |values: &[&'static str], agg| pivot_by_text(rows, "id", values, agg, resolution);
    match aggfunc {
        Agg::Sum | Agg::Std | Agg::Var => {
            let spread = pivot(&["value"], aggfunc)?;
            pivot(&["timestamp"], Agg::Mean)?.with_column("value", spread.column("value")?.clone())
        }
        _ => pivot(&["timestamp", "value"], aggfunc),
    }
}

fn rows_times(rows: &Frame) -> &[i64] {
    rows.column("timestamp").ok().and_then(Column::as_datetime).map_or(&[], |times| times)
}
