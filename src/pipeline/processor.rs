//! From waiting events to the rows of a batch; the rolling state continues from batch to batch.

use std::ops::Range;

use super::transform::{push_id, rows_frame};
use super::{Event, Id, Measures, RollingOptions, RollingScope, RollingWindows, Settings, Store, Values, with_rolling};
use crate::frame::ops::sort_order;
use crate::frame::{Frame, FrameError, Strings, StringsBuilder};
use crate::time::Timestamp;

/// Turns events into rows with their rolling aggregates and holds the rolling windows of the stream.
#[derive(Debug)]
pub struct Processor {
    options: RollingOptions,
    measures: Measures,
    /// The windows of each measure at the newest row, in stream scope.
    stream: Vec<RollingWindows>,
    /// Whether these have still to be built from the rows in the store. The next batch does it, so that settings which
    /// change many times before it cost no more than one change.
    is_stale: bool,
    /// The time of the newest row; all processed rows are in the store.
    newest: Option<i64>,
    late: Option<LateRun>,
}

/// The windows at the last late row. Rows that come late mostly follow each other, as those of an older file do: then each
/// moves these windows on, and the store is read for the rows in between alone.
#[derive(Debug)]
struct LateRun {
    /// The windows of each measure, over all rows up to `last`.
    windows: Vec<RollingWindows>,
    last: i64,
    /// [`Store::dropped_rows`] then: rows that were dropped since are still in the windows, and in no others.
    dropped_rows: u64,
}

/// Rows in order of time, as columns.
struct Columns<'a> {
    times: &'a [i64],
    ids: &'a Strings,
    /// A column for each measure.
    values: &'a [Vec<f64>],
}

impl Columns<'_> {
    fn id(&self, row: usize) -> Id {
        Id::from_column(self.ids, row)
    }

    fn values(&self, row: usize) -> Values {
        self.values.iter().map(|column| column[row]).collect()
    }

    /// Pushes rows into the windows of each measure, and adds the aggregates to its column of `rolled`.
    fn push_all(&self, rows: Range<usize>, windows: &mut [RollingWindows], rolled: &mut [Vec<f64>]) {
        for ((values, windows), rolled) in self.values.iter().zip(windows).zip(rolled) {
            let id = |row| self.id(rows.start + row);
            windows.push_all(&self.times[rows.clone()], &values[rows.clone()], id, rolled);
        }
    }
}

/// So many columns with room for these rows.
fn columns(count: usize, rows: usize) -> Vec<Vec<f64>> {
    (0..count).map(|_| Vec::with_capacity(rows)).collect()
}

impl Processor {
    /// A processor at the start of a stream.
    ///
    /// # Errors
    /// [`FrameError::InvalidArgument`] when the rolling verb refuses the window.
    pub fn new(settings: &Settings) -> Result<Self, FrameError> {
        let (options, measures) = (settings.rolling_options(), settings.measures.clone());
        let stream = RollingWindows::of_measures(&options, measures.count())?;
        Ok(Self { options, measures, stream, is_stale: false, newest: None, late: None })
    }

    /// Applies changed settings; the next batch rebuilds the rolling state from the rows in the store.
    ///
    /// # Errors
    /// As [`new`](Self::new); on an error nothing changes.
    pub fn configure(&mut self, settings: &Settings) -> Result<(), FrameError> {
        if settings.rolling_options() != self.options || settings.measures != self.measures {
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

    /// Sorts the events by time (equal times stay in order of arrival), computes the rolling aggregates, appends the rows to
    /// `store` and returns the table `latest`, of which [`Tables`](super::Tables) are made. The values of the events are of
    /// the settings' measures; where these are other ones than before, the rolling state is rebuilt as in
    /// [`configure`](Self::configure).
    ///
    /// # Errors
    /// None for events as the queue holds them.
    pub fn process<'a>(
        &mut self,
        events: impl ExactSizeIterator<Item = &'a Event>,
        settings: &Settings,
        store: &mut dyn Store,
    ) -> Result<Frame, FrameError> {
        self.configure(settings)?;
        let mut times = Vec::with_capacity(events.len());
        let mut values = columns(self.measures.count(), events.len());
        let mut ids = StringsBuilder::with_capacity(events.len());
        for event in events {
            times.push(event.timestamp.as_nanos());
            values.iter_mut().zip(&event.values).for_each(|(column, value)| column.push(*value));
            push_id(&mut ids, &event.id);
        }
        let mut ids = ids.finish();
        if let Some(order) = sort_order(&times) {
            times = order.iter().map(|row| times[*row as usize]).collect();
            for column in &mut values {
                *column = order.iter().map(|row| column[*row as usize]).collect();
            }
            ids = ids.take(&order);
        }
        let rolled = self.rolling(&Columns { times: &times, ids: &ids, values: &values }, store)?;
        let rows = rows_frame(times, ids, &self.measures, values)?;
        store.append(&rows, &rolled);
        with_rolling(rows, rolled, settings.agg)
    }

    /// Windows of each measure that hold no rows yet.
    fn windows(&self) -> Result<Vec<RollingWindows>, FrameError> {
        RollingWindows::of_measures(&self.options, self.measures.count())
    }

    /// The rolling aggregate of sorted rows that are not in `store` yet: a column for each measure.
    fn rolling(&mut self, rows: &Columns<'_>, store: &dyn Store) -> Result<Vec<Vec<f64>>, FrameError> {
        let (times, newest, width) = (rows.times, self.newest, self.options.window.width.as_nanos());
        self.newest = newest.max(times.last().copied());
        let mut rolled = columns(rows.values.len(), times.len());
        if self.options.scope == RollingScope::Batch {
            rows.push_all(0..times.len(), &mut self.windows()?, &mut rolled);
            return Ok(rolled);
        }
        let Some(newest) = newest else {
            rows.push_all(0..times.len(), &mut self.stream, &mut rolled);
            return Ok(rolled);
        };
        // Rows older than the stream's newest row cannot go through its state, which only moves forward: their windows
        // are computed from `store`, and the state is rebuilt if they are inside its window.
        let late_rows = times.partition_point(|time| *time < newest);
        let late = &times[..late_rows];
        let mut first = 0;
        for close in late.chunk_by(|time, next| next.saturating_sub(*time) <= width) {
            let chunk = first..first + close.len();
            first = chunk.end;
            self.late_windows(rows, chunk, store, &mut rolled)?;
        }
        let has_late_rows = late.last().is_some_and(|time| newest.saturating_sub(*time) <= width);
        if std::mem::take(&mut self.is_stale) || has_late_rows {
            self.stream = self.windows_at(newest, rows, 0..late_rows, store)?;
        }
        rows.push_all(late_rows..times.len(), &mut self.stream, &mut rolled);
        Ok(rolled)
    }

    /// Adds the rolling aggregates of late rows that lie close together, over them and the rows around them in `store`, to
    /// the columns of `rolled`.
    fn late_windows(
        &mut self,
        rows: &Columns<'_>,
        late: Range<usize>,
        store: &dyn Store,
        rolled: &mut [Vec<f64>],
    ) -> Result<(), FrameError> {
        let (Some(first), Some(last)) = (rows.times[late.clone()].first(), rows.times[late.clone()].last()) else {
            return Ok(());
        };
        let width = self.options.window.width;
        let dropped_rows = store.dropped_rows();
        let is_next = |run: &LateRun| {
            let is_near = run.last <= *first && first.saturating_sub(run.last) <= width.as_nanos();
            is_near && run.dropped_rows == dropped_rows
        };
        let (mut windows, from) = match self.late.take().filter(is_next) {
            Some(run) => (run.windows, Timestamp::from_nanos(run.last.saturating_add(1))),
            None => (self.windows()?, Timestamp::from_nanos(*first) - width),
        };
        self.replay(from, *last, rows, late, store, |time, values, id, is_kept| {
            for ((windows, value), rolled) in windows.iter_mut().zip(values).zip(&mut *rolled) {
                let aggregate = windows.push(time, *value, id);
                if !is_kept {
                    rolled.push(aggregate);
                }
            }
        });
        self.late = Some(LateRun { windows, last: *last, dropped_rows });
        Ok(())
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
    ) -> Result<Vec<RollingWindows>, FrameError> {
        let mut windows = self.windows()?;
        let from = Timestamp::from_nanos(newest) - self.options.window.width;
        let seen = rows.times[late.clone()].partition_point(|time| *time < from.as_nanos());
        let late = late.start + seen..late.end;
        self.replay(from, newest, rows, late, store, |time, values, id, _| {
            for (windows, value) in windows.iter_mut().zip(values) {
                windows.push(time, *value, id);
            }
        });
        Ok(windows)
    }

    /// Visits the stored rows from `from` to `last` and all `late` rows, in order of time and arrival.
    fn replay(
        &self,
        from: Timestamp,
        last: i64,
        rows: &Columns<'_>,
        late: Range<usize>,
        store: &dyn Store,
        mut visit: impl FnMut(i64, &[f64], &dyn Fn() -> Id, bool),
    ) {
        let mut late = late.peekable();
        store.look_back(from, Timestamp::from_nanos(last), &self.measures, &mut |time, id, values| {
            while let Some(row) = late.next_if(|row| rows.times[*row] < time) {
                visit(rows.times[row], &rows.values(row), &|| rows.id(row), false);
            }
            visit(time, values, &|| id.clone(), true);
        });
        for row in late {
            visit(rows.times[row], &rows.values(row), &|| rows.id(row), false);
        }
    }
}
