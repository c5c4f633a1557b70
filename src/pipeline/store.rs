//! The port through which the pipeline hands on what it processed, and looks back.

use crate::frame::Frame;
use crate::time::Timestamp;

/// Keeps processed rows in order of event time.
pub trait Store {
    /// Keeps the rows of a frame with columns `timestamp`, `id` and `value`, sorted by `timestamp`. A row goes after all
    /// that have the same or an earlier instant. `moving` is the moving aggregate that the rows had on arrival.
    fn append(&mut self, rows: &Frame, moving: &[f64]);

    /// Calls `visit` with the instant and value of every kept row in the closed range, in order.
    fn look_back(&self, from: Timestamp, until: Timestamp, visit: &mut dyn FnMut(i64, f64));
}
