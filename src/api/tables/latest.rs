//! `latest`: the rows with the rolling aggregate of each measure.

use std::ops::Range;
use std::rc::Rc;

use super::{READ, ROWS, Selection, Step, Table};
use crate::frame::FrameError;
use crate::frame::ops::{Agg, RollingGroups, RollingOver};
use crate::pipeline::{Id, RollingBy, RollingOptions, RollingWindows, with_rolling};
use crate::store::{Along, Rows};

/// The source of the rolling aggregates of a row, one for each measure.
pub(crate) enum RollingSource {
    /// Computed already: for each measure one value for each of all rows.
    Known(Rc<Vec<Vec<f64>>>),
    /// The windows move over all rows from number `fed` on, selected or not.
    Stream {
        /// The windows so far.
        windows: WindowsOver,
        /// The next row that it reads.
        fed: usize,
    },
    /// The windows of each measure move over the selected rows only.
    Own(Vec<RollingWindows>),
}

/// Windows that move over rows which a selection holds, for each measure.
pub(crate) enum WindowsOver {
    /// One for all rows, which takes no memory for them.
    All(Vec<RollingOver<Along>>),
    /// One for each id.
    Id(Vec<RollingGroups<Id>>),
}

impl WindowsOver {
    /// Windows of so many measures that begin with row `first`.
    ///
    /// # Errors
    /// [`FrameError::InvalidArgument`] when the rolling verb refuses the window.
    pub(crate) fn new(options: &RollingOptions, measures: usize, first: usize) -> Result<Self, FrameError> {
        let (window, each) = (&options.window, 0..measures);
        Ok(match options.by {
            RollingBy::All => Self::All(each.map(|_| RollingOver::new(window, first)).collect::<Result<_, _>>()?),
            RollingBy::Id => Self::Id(each.map(|_| RollingGroups::new(window)).collect::<Result<_, _>>()?),
        })
    }

    /// Moves over the next rows, which have these numbers, and adds the aggregates at each to the column of its measure.
    pub(super) fn slide(&mut self, all: &Rows, numbers: Range<usize>, columns: &mut [Vec<f64>]) {
        match self {
            Self::All(windows) => {
                for ((measure, rolling), column) in windows.iter_mut().enumerate().zip(columns) {
                    rolling.slide(&all.along(measure), numbers.clone(), column);
                }
            }
            Self::Id(windows) => all.visit_rows(numbers, |time, id, values| {
                for ((groups, column), value) in windows.iter_mut().zip(&mut *columns).zip(values) {
                    column.push(groups.push(id.clone(), time, *value));
                }
            }),
        }
    }
}

/// The rows in order of time, with the rolling aggregate of each measure behind all measures.
pub(crate) struct Latest {
    selection: Selection,
    source: RollingSource,
    /// The aggregate, which names the columns.
    agg: Agg,
    /// The next row.
    at: usize,
    has_begun: bool,
}

impl Latest {
    pub(crate) fn new(selection: Selection, source: RollingSource, agg: Agg) -> Self {
        Self { selection, source, agg, at: 0, has_begun: false }
    }
}

impl Table for Latest {
    fn next(&mut self) -> Result<Step, FrameError> {
        let rows = self.selection.step(self.at, ROWS);
        if rows.is_empty() && self.has_begun {
            return Ok(Step::End);
        }
        let end = rows.end;
        let each = self.selection.measures().names();
        let mut aggregates: Vec<Vec<f64>> = each.map(|_| Vec::with_capacity(rows.len())).collect();
        let mut count = rows.len();
        match &mut self.source {
            RollingSource::Known(known) => {
                for (column, known) in aggregates.iter_mut().zip(known.iter()) {
                    column.extend(rows.clone().map(|row| known[self.selection.number(row)]));
                }
            }
            RollingSource::Own(windows) => {
                let rows = self.selection.read(rows.clone());
                for ((column, windows), values) in aggregates.iter_mut().zip(windows).zip(&rows.values) {
                    windows.push_all(&rows.times, values, |row| Id::from_column(&rows.ids, row), column);
                }
            }
            RollingSource::Stream { windows, fed } => {
                // Many rows may lie between two selected ones.
                let first = *fed;
                let behind = rows.clone().last().map_or(first, |row| self.selection.number(row) + 1);
                *fed = behind.min(first + READ);
                let mut slid: Vec<Vec<f64>> = aggregates.iter().map(|_| Vec::with_capacity(*fed - first)).collect();
                windows.slide(self.selection.all(), first..*fed, &mut slid);
                let passed = |row: &usize| self.selection.number(*row) < *fed;
                let places: Vec<usize> =
                    rows.clone().take_while(passed).map(|row| self.selection.number(row) - first).collect();
                count = places.len();
                for (column, slid) in aggregates.iter_mut().zip(&slid) {
                    column.extend(places.iter().map(|place| slid[*place]));
                }
            }
        }
        let rows = self.at..self.at + count;
        if rows.is_empty() && self.at < end {
            return Ok(Step::Busy);
        }
        (self.at, self.has_begun) = (rows.end, true);
        Ok(Step::Rows(with_rolling(self.selection.frame(rows)?, aggregates, self.agg)?))
    }
}
