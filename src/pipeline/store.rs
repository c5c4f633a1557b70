//! The port through which the pipeline stores processed rows and reads earlier ones.

use super::{Batch, Event, Id, Measures, Settings};
use crate::frame::Frame;
use crate::time::Timestamp;

/// Keeps processed rows in order of event time, and receives all events and batches in between: an implementation that
/// records these can [restore](super::Engine::restore) an engine.
pub trait Store {
    /// Inserts the rows of a frame with columns `timestamp`, `id` and one for each measure, sorted by `timestamp`. A row goes
    /// after all rows of the same or an earlier instant, and keeps its measures by name. `rolling` is the rolling aggregate
    /// of the rows on arrival: a column for each measure, in their order.
    fn append(&mut self, rows: &Frame, rolling: &[Vec<f64>]);

    /// Calls `visit` with the instant, id and values of every kept row in the closed range, in order: a value for each of
    /// `measures`, NaN where the row has none.
    fn look_back(
        &self,
        from: Timestamp,
        until: Timestamp,
        measures: &Measures,
        visit: &mut dyn FnMut(i64, &Id, &[f64]),
    );

    /// The number of rows that were dropped so far: none of those that are kept can be dropped without it rising.
    fn dropped_rows(&self) -> u64 {
        0
    }

    /// Drops rows from before this instant, now and as they are appended, until another instant is given.
    fn retain_from(&mut self, _oldest: Timestamp) {}

    /// Records that an event that arrived at `now` entered the queue, with values of these measures. All events that wait
    /// have the same ones.
    fn queued(&mut self, _event: &Event, _measures: &Measures, _now: Timestamp) {}

    /// Records that the oldest waiting event was dropped for a newer one.
    fn dropped_oldest(&mut self) {}

    /// Records that the oldest waiting events, one for each row of the batch, were processed under these settings, whose
    /// measures are those of the events. Of the batch's tables only `latest` is made yet.
    fn processed(&mut self, _batch: &Batch, _settings: &Settings) {}
}
