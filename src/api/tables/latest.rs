//! `latest`: the rows with their rolling aggregate.

use std::ops::Range;
use std::rc::Rc;

use super::{READ, ROWS, Selection, Step, Table};
use crate::frame::ops::{RollingGroups, RollingOver};
use crate::frame::{Column, FrameError, Name};
use crate::pipeline::{Id, RollingBy, RollingOptions, RollingWindows};
use crate::store::Rows;

/// The source of the rolling aggregate of a row.
pub(crate) enum RollingSource {
    /// Computed already: one value for each of all rows.
    Known(Rc<Vec<f64>>),
    /// The windows move over all rows from number `fed` on, selected or not.
    Stream {
        /// The windows so far.
        windows: WindowsOver,
        /// The next row that it reads.
        fed: usize,
    },
    /// The windows move over the selected rows only.
    Own(RollingWindows),
}

/// Windows that move over rows which a selection holds.
pub(crate) enum WindowsOver {
    /// One for all rows, which takes no memory for them.
    All(RollingOver),
    /// One for each id.
    Id(RollingGroups<Id>),
}

impl WindowsOver {
    /// Windows that begin with row `first`.
    ///
    /// # Errors
    /// [`FrameError::InvalidArgument`] when the rolling verb refuses the window.
    pub(crate) fn new(options: &RollingOptions, first: usize) -> Result<Self, FrameError> {
        Ok(match options.by {
            RollingBy::All => Self::All(RollingOver::new(&options.window, first)?),
            RollingBy::Id => Self::Id(RollingGroups::new(&options.window)?),
        })
    }

    /// Moves over the next rows, which have these numbers; returns the aggregate at the last one.
    pub(super) fn slide(&mut self, all: &Rows, numbers: Range<usize>) -> f64 {
        let mut aggregate = f64::NAN;
        match self {
            Self::All(rolling) => {
                for number in numbers {
                    aggregate = rolling.slide(number, |row| all.time(row), |row| all.value(row));
                }
            }
            Self::Id(groups) => {
                all.visit_rows(numbers, |time, id, value| aggregate = groups.push(id.clone(), time, value));
            }
        }
        aggregate
    }
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
        let rows = self.selection.step(self.at, ROWS);
        if rows.is_empty() && self.has_begun {
            return Ok(Step::End);
        }
        let end = rows.end;
        let mut aggregates = Vec::with_capacity(rows.len());
        match &mut self.source {
            RollingSource::Known(known) => aggregates.extend(rows.clone().map(|row| known[self.selection.number(row)])),
            RollingSource::Own(windows) => {
                let rows = self.selection.read(rows.clone());
                let pairs = rows.times.iter().zip(&rows.values).enumerate();
                let push = |(row, (time, value)): (usize, (&i64, &f64))| {
                    windows.push(*time, *value, || Id::from_column(&rows.ids, row))
                };
                aggregates.extend(pairs.map(push));
            }
            RollingSource::Stream { windows, fed } => {
                // Many rows may lie between two selected ones.
                let most = *fed + READ;
                let all = self.selection.all();
                for row in rows.clone() {
                    let number = self.selection.number(row);
                    let until = (number + 1).min(most);
                    let aggregate = windows.slide(all, *fed..until);
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
