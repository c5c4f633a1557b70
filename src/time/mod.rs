//! Floor 0: instants, lengths of time and time zones, as plain numbers.
//!
//! Read [`Timestamp`] first. Nothing here reads the current time: callers pass the clock in.

mod bucket;
mod duration;
mod timestamp;
mod zone;

pub use bucket::bucket_start;
pub use duration::{Duration, DurationError};
pub use timestamp::{Timestamp, TimestampError};
pub use zone::{Clock, Zone};
