//! From waiting events to the tables of a batch; the rolling state continues from batch to batch.

use super::transform::{push_id, rows_frame};
use super::{Event, RollingScope, Settings, Store, Tables, tables};
use crate::frame::ops::{Rolling, Window, sort_order};
use crate::frame::{FrameError, StringsBuilder};
use crate::time::Timestamp;

/// Turns events into tables and holds the rolling window of the stream.
#[derive(Debug)]
pub struct Processor {
    window: Window,
    scope: RollingScope,
    /// The window of the newest row, in stream scope.
    stream: Rolling,
    /// The time of the newest row; all processed rows are in the store.
    newest: Option<i64>,
}

impl Processor {
    /// A processor at the start of a stream.
    ///
    /// # Errors
    /// [`FrameError::InvalidArgument`] when the rolling verb refuses the window.
    pub fn new(settings: &Settings) -> Result<Self, FrameError> {
        let window = settings.rolling_window();
        let stream = Rolling::new(&window)?;
        Ok(Self { window, scope: settings.rolling_scope, stream, newest: None })
    }

    /// Applies changed settings; the rolling state is rebuilt from the rows in `store`.
    ///
    /// # Errors
    /// As [`new`](Self::new); on an error nothing changes.
    pub fn configure(&mut self, settings: &Settings, store: &dyn Store) -> Result<(), FrameError> {
        let window = settings.rolling_window();
        if (&window, settings.rolling_scope) == (&self.window, self.scope) {
            return Ok(());
        }
        let stream = Rolling::new(&window)?;
        *self = Self { window, scope: settings.rolling_scope, stream, newest: self.newest };
        if let Some(newest) = self.newest {
            self.stream = self.window_at(newest, &[], store)?;
        }
        Ok(())
    }

    /// Resumes behind the rows in `store`, the newest of which is at `newest`.
    ///
    /// # Errors
    /// None: the window was accepted before.
    pub fn restore(&mut self, newest: Option<Timestamp>, store: &dyn Store) -> Result<(), FrameError> {
        self.newest = newest.map(Timestamp::as_nanos);
        if let Some(newest) = self.newest {
            self.stream = self.window_at(newest, &[], store)?;
        }
        Ok(())
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
        let rolled = self.rolling(&times, &values, store)?;
        let rows = rows_frame(times, ids, values)?;
        store.append(&rows, &rolled);
        tables(rows, rolled, settings)
    }

    /// The rolling aggregate of sorted rows that are not in `store` yet.
    fn rolling(&mut self, times: &[i64], values: &[f64], store: &dyn Store) -> Result<Vec<f64>, FrameError> {
        let newest = self.newest;
        self.newest = newest.max(times.last().copied());
        if self.scope == RollingScope::Batch {
            return Ok(push_all(&mut Rolling::new(&self.window)?, times, values));
        }
        let Some(newest) = newest else {
            return Ok(push_all(&mut self.stream, times, values));
        };
        // Rows older than the stream's newest row cannot go through its state, which only moves forward: their windows
        // are computed from `store`, and the state is rebuilt if they are inside its window.
        let late_rows = times.partition_point(|time| *time < newest);
        let late: Vec<(i64, f64)> =
            times[..late_rows].iter().copied().zip(values[..late_rows].iter().copied()).collect();
        let mut rolled = Vec::with_capacity(times.len());
        for rows in late.chunk_by(|(time, _), (next, _)| next.saturating_sub(*time) <= self.window.width.as_nanos()) {
            rolled.extend(self.late_windows(rows, store)?);
        }
        if late.last().is_some_and(|(time, _)| newest.saturating_sub(*time) <= self.window.width.as_nanos()) {
            self.stream = self.window_at(newest, &late, store)?;
        }
        rolled.extend(push_all(&mut self.stream, &times[late_rows..], &values[late_rows..]));
        Ok(rolled)
    }

    /// The rolling aggregate of late rows that lie close together, over them and the rows around them in `store`.
    fn late_windows(&self, rows: &[(i64, f64)], store: &dyn Store) -> Result<Vec<f64>, FrameError> {
        let (Some((first, _)), Some((last, _))) = (rows.first(), rows.last()) else { return Ok(Vec::new()) };
        let mut rolling = Rolling::new(&self.window)?;
        let mut rolled = Vec::with_capacity(rows.len());
        self.replay(*first, *last, rows, store, |time, value, is_kept| {
            let aggregate = rolling.push(time, value);
            if !is_kept {
                rolled.push(aggregate);
            }
        });
        Ok(rolled)
    }

    /// The state of the stream when its newest row is at `newest`, built from `late` rows and the rows in `store`.
    fn window_at(&self, newest: i64, late: &[(i64, f64)], store: &dyn Store) -> Result<Rolling, FrameError> {
        let mut rolling = Rolling::new(&self.window)?;
        self.replay(newest, newest, late, store, |time, value, _| {
            rolling.push(time, value);
        });
        Ok(rolling)
    }

    /// Visits stored rows and `rows` inside the windows of rows from `first` to `last`, in order of time and arrival.
    fn replay(
        &self,
        first: i64,
        last: i64,
        rows: &[(i64, f64)],
        store: &dyn Store,
        mut visit: impl FnMut(i64, f64, bool),
    ) {
        let from = Timestamp::from_nanos(first) - self.window.width;
        let mut rows = rows.iter().skip_while(|(time, _)| *time < from.as_nanos()).peekable();
        store.look_back(from, Timestamp::from_nanos(last), &mut |time, value| {
            while let Some((late_time, late_value)) = rows.next_if(|(late_time, _)| *late_time < time) {
                visit(*late_time, *late_value, false);
            }
            visit(time, value, true);
        });
        for (time, value) in rows {
            visit(*time, *value, false);
        }
    }
}

fn push_all(rolling: &mut Rolling, times: &[i64], values: &[f64]) -> Vec<f64> {
    times.iter().zip(values).map(|(time, value)| rolling.push(*time, *value)).collect()
}

/// The rolling aggregate of sorted rows: on their own, or, in stream scope, as part of all rows in `store`.
///
/// The rows are consecutive in `store`; `skipped` rows with the first row's time precede them.
///
/// # Errors
/// [`FrameError::InvalidArgument`] when the rolling verb refuses the window.
pub fn rolling_of_range(
    settings: &Settings,
    times: &[i64],
    values: &[f64],
    skipped: usize,
    store: &dyn Store,
) -> Result<Vec<f64>, FrameError> {
    let mut rolling = Rolling::new(&settings.rolling_window())?;
    if settings.rolling_scope == RollingScope::Stream
        && let Some(first) = times.first()
    {
        let mut left = skipped;
        let instant = Timestamp::from_nanos(*first);
        store.look_back(instant - settings.window, instant, &mut |time, value| {
            if time < *first {
                rolling.push(time, value);
            } else if left > 0 {
                left -= 1;
                rolling.push(time, value);
            }
        });
    }
    Ok(push_all(&mut rolling, times, values))
}
