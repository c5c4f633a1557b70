//! `melted`: first all timestamps, then all values.

use std::sync::Arc;

use super::{ROWS, Selection, Step, Table};
use crate::frame::{Column, FrameError};
use crate::pipeline::melt_column;

/// The rows once for each of the two columns.
pub(crate) struct Melted {
    selection: Selection,
    /// The next row.
    at: usize,
    names: std::slice::Iter<'static, &'static str>,
    name: &'static str,
    has_begun: bool,
}

impl Melted {
    pub(crate) fn new(selection: Selection) -> Self {
        Self { selection, at: 0, names: ["value"].iter(), name: "timestamp", has_begun: false }
    }
}

impl Table for Melted {
    fn next(&mut self) -> Result<Step, FrameError> {
        if self.at == self.selection.len() && self.has_begun {
            let Some(name) = self.names.next() else { return Ok(Step::End) };
            (self.name, self.at) = (name, 0);
        }
        let rows = self.selection.step(self.at, ROWS);
        (self.at, self.has_begun) = (rows.end, true);
        let melted = melt_column(&self.selection.frame(rows)?, self.name)?;
        // Times and numbers share the column, whichever of them these rows hold.
        let other =
            if self.name == "value" { Column::Datetime([].into_iter().collect()) } else { Vec::<f64>::new().into() };
        let val = Column::Stacked(Arc::new(vec![melted.column("val")?.clone(), other]));
        Ok(Step::Rows(melted.with_column("val", val)?))
    }
}
