//! Long to wide.

mod options;

pub use options::{AggFunc, PivotTable};

use crate::frame::{Cell, Column, Frame, FrameError, Name};

/// A pivoted table before its column labels are made into names.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pivoted {
    /// The row keys, outermost first; a single column without a name when `index` is empty.
    pub index: Vec<(Name, Column)>,
    /// The results, each with its labels from the outermost inwards: aggregate, value column, column keys.
    pub values: Vec<(Vec<Cell>, Column)>,
}

/// Groups rows by keys and aggregates each group.
pub fn pivot_table(frame: &Frame, options: &PivotTable<'_>) -> Result<Frame, FrameError> {
    let pivoted = pivot(frame, options)?;
    let values = pivoted.values.into_iter().map(|(labels, column)| (name(&labels), column));
    Frame::new(pivoted.index.into_iter().chain(values).collect())
}

/// [`pivot_table`] with the labels of its columns kept apart.
pub fn pivot(_frame: &Frame, _options: &PivotTable<'_>) -> Result<Pivoted, FrameError> {
    Ok(Pivoted::default())
}

fn name(labels: &[Cell]) -> Name {
    labels.iter().map(|label| format!("{label:?}")).collect::<Vec<_>>().join(" | ").into()
}
