//! Floor 2: processed rows, kept in order of event time and found by it.
//!
//! Read [`History`] first. Rows stand in [`Segment`]s whose time ranges follow one another: look-up is a binary search
//! over segments and then within one; retention drops rows from the front; a row that comes out of order is put into the
//! segment where it belongs.

mod dictionary;
mod ids;
mod memory;
mod rows;
mod segment;
mod trend;

pub use memory::History;
pub use rows::{Range, Rows};
pub use segment::{SEGMENT_ROWS, Segment};
pub use trend::Trend;
