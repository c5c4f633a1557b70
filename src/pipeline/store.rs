//! The port through which the pipeline hands on what it processed, and looks back.

use super::{Batch, Event, Settings};
use crate::frame::Frame;
use crate::time::Timestamp;

/// Keeps processed rows in order of event time, and hears of all that happens in between: whoever writes that down can
/// make an engine that [goes on](super::Engine::restore) from there.
pub trait Store {
    /// Keeps the rows of a frame with columns `timestamp`, `id` and `value`, sorted by `timestamp`. A row goes after all
    /// that have the same or an earlier instant. `rolling` is the rolling aggregate that the rows had on arrival.
    fn append(&mut self, rows: &Frame, rolling: &[f64]);

    /// Calls `visit` with the instant and value of every kept row in the closed range, in order.
    fn look_back(&self, from: Timestamp, until: Timestamp, visit: &mut dyn FnMut(i64, f64));

    /// An event that arrived at `now` entered the queue.
    fn queued(&mut self, _event: &Event, _now: Timestamp) {}

    /// The event that waited longest was dropped for a newer one.
    fn dropped_oldest(&mut self) {}

    /// The events that waited longest, one for each row of the batch, were processed under these settings.
    fn processed(&mut self, _batch: &Batch, _settings: &Settings) {}
}
