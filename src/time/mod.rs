//! Floor 0: instants, lengths of time and time zones, as plain numbers.
//!
//! Read [`Timestamp`] first. Nothing here reads the current time: callers pass the clock in.
//! `iso8601` and `epoch` read the two kinds of text that an instant has, `strftime` texts by a pattern, and
//! [`TimestampFormat`] chooses among them; `patterns` describes to programs what is read.

mod bucket;
mod cursor;
mod duration;
mod epoch;
mod gmt_offset;
mod iso8601;
mod patterns;
mod quoted;
mod strftime;
mod timestamp;
mod timestamp_error;
mod timestamp_format;
mod zone;
mod zone_name;
mod zone_probe;

pub use bucket::bucket_start;
pub use duration::{Duration, DurationError};
pub use gmt_offset::gmt_offset;
pub use patterns::{
    DURATION_PATTERN, POSITIVE_DURATION_PATTERN, TIMESTAMP_FORMAT_PATTERN, TIMESTAMP_PATTERN, ZONE_NAME_PATTERN,
    duration_pattern,
};
pub use strftime::{MAX_PATTERN_BYTES, PatternError, TimePattern};
pub use timestamp::Timestamp;
pub use timestamp_error::TimestampError;
pub use timestamp_format::TimestampFormat;
pub use zone::{Clock, Zone};
pub use zone_name::{ZoneName, ZoneNameError};
