//! The three tables of an answer, for a batch and for a query alike.

use super::{Id, Settings};
use crate::frame::ops::{Agg, Melt, melt, pivot_by_text};
use crate::frame::{Column, Frame, FrameError, Name, Strings, StringsBuilder};

/// `latest`, `melted` and `pivoted` of some rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tables {
    /// `timestamp`, `id`, `value` and the moving aggregate, one row each.
    pub latest: Frame,
    /// `id`, `variable`, `val`: first all timestamps, then all values.
    pub melted: Frame,
    /// `id`, `timestamp`, `value`: one row for each id, sorted by it.
    pub pivoted: Frame,
}

/// The name of the moving aggregate's column: `moving_avg` for the mean, as the original has it.
pub fn moving_name(agg: Agg) -> Name {
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

/// Transforms rows (`timestamp`, `id`, `value`, sorted by time) and their moving aggregate into the three tables.
///
/// # Errors
/// None for rows of that form.
pub fn tables(rows: Frame, moving: Vec<f64>, settings: &Settings) -> Result<Tables, FrameError> {
    let melted = melt(
        &rows,
        &Melt {
            id_vars: &["id"],
            value_vars: Some(&["timestamp", "value"]),
            value_name: "val".into(),
            ..Melt::default()
        },
    )?;
    let pivoted = pivot_by_id(&rows, settings.aggfunc)?;
    let latest = rows.with_column(moving_name(settings.agg), Column::Float(moving.into()))?;
    Ok(Tables { latest, melted, pivoted })
}

/// pandas `pivot_table(index="id", values=["timestamp", "value"], aggfunc=…)`.
///
/// Instants can be neither summed nor spread (pandas refuses the sum), so there `timestamp` stays the mean.
fn pivot_by_id(rows: &Frame, aggfunc: Agg) -> Result<Frame, FrameError> {
    match aggfunc {
        Agg::Sum | Agg::Std | Agg::Var => {
            let spread = pivot_by_text(rows, "id", &["value"], aggfunc)?;
            pivot_by_text(rows, "id", &["timestamp"], Agg::Mean)?.with_column("value", spread.column("value")?.clone())
        }
        _ => pivot_by_text(rows, "id", &["timestamp", "value"], aggfunc),
    }
}
