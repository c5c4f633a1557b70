//! `melted`: first all timestamps, then all values, measure by measure.

use std::sync::Arc;

use super::{ROWS, Selection, Step, Table};
use crate::frame::{Column, FrameError};
use crate::pipeline::{Measures, melt_column};

/// The rows once for the timestamp and once for each measure.
pub(crate) struct Melted {
    selection: Selection,
    /// The next row.
    at: usize,
    block: Block,
    has_begun: bool,
}

/// One of the columns that are laid end to end.
enum Block {
    Timestamp,
    /// The values of a measure, with the rows read in that one alone.
    Measure(usize, Selection),
}

impl Melted {
    pub(crate) fn new(selection: Selection) -> Self {
        Self { selection, at: 0, block: Block::Timestamp, has_begun: false }
    }

    /// The block after the present one.
    fn next_block(&self) -> Result<Option<Block>, FrameError> {
        let place = if let Block::Measure(place, _) = self.block { place + 1 } else { 0 };
        let Some(name) = self.selection.measures().names().nth(place) else { return Ok(None) };
        let only = Measures::new([name]).map_err(FrameError::InvalidArgument)?;
        Ok(Some(Block::Measure(place, self.selection.in_measures(&only))))
    }
}

impl Table for Melted {
    fn next(&mut self) -> Result<Step, FrameError> {
        if self.at == self.selection.len() && self.has_begun {
            let Some(block) = self.next_block()? else { return Ok(Step::End) };
            (self.block, self.at) = (block, 0);
        }
        let rows = self.selection.step(self.at, ROWS);
        (self.at, self.has_begun) = (rows.end, true);
        // Times and numbers share the column, whichever of them these rows hold.
        let (melted, other): (_, Column) = match &self.block {
            Block::Timestamp => (melt_column(&self.selection.frame(rows)?, "timestamp")?, Vec::<f64>::new().into()),
            Block::Measure(_, selection) => {
                let melted = melt_column(&selection.frame(rows)?, selection.measures().first())?;
                (melted, Column::Datetime([].into_iter().collect()))
            }
        };
        let val = Column::Stacked(Arc::new(vec![melted.column("val")?.clone(), other]));
        Ok(Step::Rows(melted.with_column("val", val)?))
    }
}
