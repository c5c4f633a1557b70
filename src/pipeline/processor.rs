//! From waiting events to the tables of a batch; the rolling state continues from batch to batch.

use std::ops::Range;

use super::transform::{push_id, rows_frame};
use super::{Event, Id, RollingOptions, RollingScope, RollingWindows, Settings, Store, Tables, tables};
use crate::frame::ops::sort_order;
use crate::frame::{FrameError, Strings, StringsBuilder};
use crate::time::Timestamp;

/// Turns events into tables and holds the rolling windows of the stream.
#[derive(Debug)]
pub struct Processor {
    options: RollingOptions,
    /// The windows at the newest row, in stream scope.
    stream: RollingWindows,
    /// Whether these have still to be built from the rows in the store. The next batch does it, so that settings which
    /// change many times before it cost no more than one change.
    is_stale: bool,
    /// The time of the newest row; all processed rows are in the store.
    newest: Option<i64>,
}

/// Rows in order of time, as columns.
struct Columns<'a> {
    times: &'a [i64],
    ids: &'a Strings,
    values: &'a [f64],
}

impl Columns<'_> {
    fn id(&self, row: usize) -> Id {
        Id::from_column(self.ids, row)
    }

    fn push_all(&self, rows: Range<usize>, windows: &mut RollingWindows) -> Vec<f64> {
        rows.map(|row| windows.push(self.times[row], self.values[row], || self.id(row))).collect()
    }
}

impl Processor {
    /// A processor at the start of a stream.
    ///
    /// # Errors
    /// [`FrameError::InvalidArgument`] when the rolling verb refuses the window.
    pub fn new(settings: &Settings) -> Result<Self, FrameError> {
        let options = settings.rolling_options();
        let stream = RollingWindows::new(&options)?;
        Ok(Self { options, stream, is_stale: false, newest: None })
    }

    /// Applies changed settings; the next batch rebuilds the rolling state from the rows in the store.
    ///
    /// # Errors
    /// As [`new`](Self::new); on an error nothing changes.
    pub fn configure(&mut self, settings: &Settings) -> Result<(), FrameError> {
        if settings.rolling_options() != self.options {
            *self = Self { newest: self.newest, is_stale: self.newest.is_some(), ..Self::new(settings)? };
        }
        Ok(())
    }

    /// Resumes behind the rows in `store`, the newest of which is at `newest`.
    ///
    /// # Errors
    /// None: the window was accepted before.
    pub fn restore(&mut self, newest: Option<Timestamp>, store: &dyn Store) -> Result<(), FrameError> {
        self.newest = newest.map(Timestamp::as_nanos);
        self.rebuild(store)
    }

    /// Sorts the events by time (equal times stay in order of arrival), computes the rolling aggregate and the tables,
    /// and appends the rows to `store`.
    ///
    /// # Errors
    /// None for events as the queue holds them.
    pub fn process<'a>(
        &mut self,
        events: impl ExactSizeIterator<Item = &'a Event>,
        settings: &Settings,
        store: &mut dyn Store,
    ) -> Result<Tables, FrameError> {
        let mut times = Vec::with_capacity(events.len());
        let mut values = Vec::with_capacity(events.len());
        let mut ids = StringsBuilder::default();
        for event in events {
            times.push(event.timestamp.as_nanos());
            values.push(event.value);
            push_id(&mut ids, &event.id);
        }
        let mut ids = ids.finish();
        if let Some(order) = sort_order(&times) {
            times = order.iter().map(|row| times[*row as usize]).collect();
            values = order.iter().map(|row| values[*row as usize]).collect();
            ids = ids.take(&order);
        }
        let rolled = self.rolling(&Columns { times: &times, ids: &ids, values: &values }, store)?;
        let rows = rows_frame(times, ids, values)?;
        store.append(&rows, &rolled);
        tables(rows, rolled, settings)
    }

    /// The rolling aggregate of sorted rows that are not in `store` yet.
    fn rolling(&mut self, rows: &Columns<'_>, store: &dyn Store) -> Result<Vec<f64>, FrameError> {
        let (times, newest, width) = (rows.times, self.newest, self.options.window.width.as_nanos());
        self.newest = newest.max(times.last().copied());
        if self.options.scope == RollingScope::Batch {
            return Ok(rows.push_all(0..times.len(), &mut RollingWindows::new(&self.options)?));
        }
        let Some(newest) = newest else {
            return Ok(rows.push_all(0..times.len(), &mut self.stream));
        };
        // Rows older than the stream's newest row cannot go through its state, which only moves forward: their windows
        // are computed from `store`, and the state is rebuilt if they are inside its window.
        let late_rows = times.partition_point(|time| *time < newest);
        let late = &times[..late_rows];
        let mut rolled = Vec::with_capacity(times.len());
        for close in late.chunk_by(|time, next| next.saturating_sub(*time) <= width) {
            rolled.extend(self.late_windows(rows, rolled.len()..rolled.len() + close.len(), store)?);
        }
        let has_late_rows = late.last().is_some_and(|time| newest.saturating_sub(*time) <= width);
        if std::mem::take(&mut self.is_stale) || has_late_rows {
            self.stream = self.windows_at(newest, rows, 0..late_rows, store)?;
        }
        rolled.extend(rows.push_all(late_rows..times.len(), &mut self.stream));
        Ok(rolled)
    }

    /// The rolling aggregate of late rows that lie close together, over them and the rows around them in `store`.
    fn late_windows(&self, rows: &Columns<'_>, late: Range<usize>, store: &dyn Store) -> Result<Vec<f64>, FrameError> {
        let Some(last) = late.end.checked_sub(1) else { return Ok(Vec::new()) };
        let mut windows = RollingWindows::new(&self.options)?;
        let mut rolled = Vec::with_capacity(late.len());
        self.replay(rows.times[late.start], rows.times[last], rows, late, store, |time, value, id, is_kept| {
            let aggregate = windows.push(time, value, id);
            if !is_kept {
                rolled.push(aggregate);
            }
        });
        Ok(rolled)
    }

    /// The state of the stream at its newest row, built from the rows in `store`.
    fn rebuild(&mut self, store: &dyn Store) -> Result<(), FrameError> {
        if let Some(newest) = self.newest {
            let none = Columns { times: &[], ids: &StringsBuilder::default().finish(), values: &[] };
            self.stream = self.windows_at(newest, &none, 0..0, store)?;
        }
        Ok(())
    }

    /// The state of the stream when its newest row is at `newest`, built from `late` rows and the rows in `store`.
    fn windows_at(
        &self,
        newest: i64,
        rows: &Columns<'_>,
        late: Range<usize>,
        store: &dyn Store,
    ) -> Result<RollingWindows, FrameError> {
        let mut windows = RollingWindows::new(&self.options)?;
        self.replay(newest, newest, rows, late, store, |time, value, id, _| {
            windows.push(time, value, id);
        });
        Ok(windows)
    }

    /// Visits stored rows and `late` rows inside the windows of rows from `first` to `last`, in order of time and
    /// arrival.
    fn replay(
        &self,
        first: i64,
        last: i64,
        rows: &Columns<'_>,
        late: Range<usize>,
        store: &dyn Store,
        mut visit: impl FnMut(i64, f64, &dyn Fn() -> Id, bool),
    ) {
        let from = Timestamp::from_nanos(first) - self.options.window.width;
        let mut late = late.skip_while(|row| rows.times[*row] < from.as_nanos()).peekable();
        store.look_back(from, Timestamp::from_nanos(last), &mut |time, id, value| {
            while let Some(row) = late.next_if(|row| rows.times[*row] < time) {
                visit(rows.times[row], rows.values[row], &|| rows.id(row), false);
            }
            visit(time, value, &|| id.clone(), true);
        });
        for row in late {
            visit(rows.times[row], rows.values[row], &|| rows.id(row), false);
        }
    }
}
