//! The port through which the pipeline stores processed rows and reads earlier ones.

use super::{Batch, Event, Id, Settings};
use crate::frame::Frame;
use crate::time::Timestamp;

/// Keeps processed rows in order of event time, and receives all events and batches in between: an implementation that
/// records these can [restore](super::Engine::restore) an engine.
pub trait Store {
    /// Inserts the rows of a frame with columns `timestamp`, `id` and `value`, sorted by `timestamp`. A row goes after
    /// all rows of the same or an earlier instant. `rolling` is the rolling aggregate of the rows on arrival.
    fn append(&mut self, rows: &Frame, rolling: &[f64]);

    /// Calls `visit` with the instant, id and value of every kept row in the closed range, in order.
    fn look_back(&self, from: Timestamp, until: Timestamp, visit: &mut dyn FnMut(i64, &Id, f64));

    /// Drops rows from before this instant, now and as they are appended, until another instant is given.
    fn retain_from(&mut self, _oldest: Timestamp) {}

    /// Records that an event that arrived at `now` entered the queue.
    fn queued(&mut self, _event: &Event, _now: Timestamp) {}

    /// Records that the oldest waiting event was dropped for a newer one.
    fn dropped_oldest(&mut self) {}

    /// Records that the oldest waiting events, one for each row of the batch, were processed under these settings.
    fn processed(&mut self, _batch: &Batch, _settings: &Settings) {}
}
