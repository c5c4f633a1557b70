//! Floor 0: instants, lengths of time and time zones, as plain numbers.
//!
//! Read [`Timestamp`] first. Nothing here reads the current time: callers pass the clock in.
//! `iso8601` and `epoch` read the two kinds of text that an instant has; `patterns` describes to programs what is read.

mod bucket;
mod duration;
mod epoch;
mod iso8601;
mod patterns;
mod quoted;
mod timestamp;
mod timestamp_error;
mod zone;
mod zone_probe;

pub use bucket::bucket_start;
pub use duration::{Duration, DurationError};
pub use patterns::{DURATION_PATTERN, POSITIVE_DURATION_PATTERN, TIMESTAMP_PATTERN, duration_pattern};
pub use timestamp::Timestamp;
pub use timestamp_error::TimestampError;
pub use zone::{Clock, Zone};
