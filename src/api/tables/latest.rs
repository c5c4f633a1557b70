//! `latest`: the rows with their rolling aggregate.

use std::rc::Rc;

use super::{ROWS, Selection, Step, Table};
use crate::frame::ops::{Rolling, RollingOver};
use crate::frame::{Column, FrameError, Name};

/// Maximum number of rows that the window reads in one step: many may lie between two selected rows.
const FED: usize = 32 * ROWS;

/// The source of the rolling aggregate of a row.
pub(crate) enum RollingSource {
    /// Computed already: one value for each of all rows.
    Known(Rc<Vec<f64>>),
    /// The window moves over all rows from number `fed` on, selected or not.
    Stream {
        /// The window so far.
        rolling: RollingOver,
        /// The next row that it reads.
        fed: usize,
    },
    /// The window moves over the selected rows only.
    Own(Rolling),
}

/// The rows in order of time, with their rolling aggregate in a column `name`.
pub(crate) struct Latest {
    selection: Selection,
    source: RollingSource,
    name: Name,
    /// The next row.
    at: usize,
    has_begun: bool,
}

impl Latest {
    pub(crate) fn new(selection: Selection, source: RollingSource, name: Name) -> Self {
        Self { selection, source, name, at: 0, has_begun: false }
    }
}

impl Table for Latest {
    fn next(&mut self) -> Result<Step, FrameError> {
        let end = self.selection.len().min(self.at + ROWS);
        if self.at == end && self.has_begun {
            return Ok(Step::End);
        }
        let rows = self.at..end;
        let mut aggregates = Vec::with_capacity(rows.len());
        match &mut self.source {
            RollingSource::Known(known) => aggregates.extend(rows.clone().map(|row| known[self.selection.number(row)])),
            RollingSource::Own(rolling) => {
                let rows = self.selection.read(rows.clone());
                let pairs = rows.times.iter().zip(&rows.values);
                aggregates.extend(pairs.map(|(time, value)| rolling.push(*time, *value)));
            }
            RollingSource::Stream { rolling, fed } => {
                let most = *fed + FED;
                let all = self.selection.all();
                for row in rows.clone() {
                    let number = self.selection.number(row);
                    let until = (number + 1).min(most);
                    let mut aggregate = f64::NAN;
                    for next in *fed..until {
                        aggregate = rolling.slide(next, |row| all.time(row), |row| all.value(row));
                    }
                    *fed = until;
                    if until <= number {
                        break;
                    }
                    aggregates.push(aggregate);
                }
            }
        }
        let rows = self.at..self.at + aggregates.len();
        if rows.is_empty() && self.at < end {
            return Ok(Step::Busy);
        }
        (self.at, self.has_begun) = (rows.end, true);
        let frame = self.selection.frame(rows)?;
        Ok(Step::Rows(frame.with_column(self.name.clone(), Column::Float(aggregates.into()))?))
    }
}
