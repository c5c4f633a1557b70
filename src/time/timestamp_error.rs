//! Why a text is not an instant.

use std::fmt;

use super::quoted::quoted;

/// A text that is not a timestamp, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimestampError {
    /// The text in quotes, cut.
    quoted: String,
    fault: TimestampFault,
    /// For a text that does not match a pattern: the pattern.
    pattern: Option<Box<str>>,
}

/// What is wrong with a text. A form of ISO 8601 that is not read is named as that form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimestampFault {
    /// Neither ISO 8601 nor a number; or it does not match the pattern.
    Form,
    /// Not ISO 8601, which alone is read.
    NotIso,
    /// Not a number, which alone is read.
    NoNumber,
    /// A month: `2025-06`.
    Reduced,
    /// `2025-W23-1`.
    WeekDate,
    /// `2025-152`.
    OrdinalDate,
    /// `+002025-06-01`.
    ExpandedYear,
    /// `2025-06-01/2025-06-02`.
    Interval,
    /// `P1D`.
    Duration,
    /// `T12:00`.
    TimeOnly,
    /// `2025-06-01Z`.
    OffsetOfDate,
    NoSuchDay,
    NoSuchTime,
    /// `24:00`.
    Hour24,
    /// `:60`.
    LeapSecond,
    /// `12:30.5`.
    FractionOfMinute,
    /// Ten digits and more after the second.
    TooFine,
    /// `+2`, `+02:00:00`.
    OffsetForm,
    /// `+24:00`.
    OffsetRange,
    /// `12:00 CEST`.
    Letters,
    OutOfRange,
}

impl TimestampError {
    pub(super) fn new(text: &str, fault: TimestampFault) -> Self {
        Self { quoted: quoted(text), fault, pattern: None }
    }

    /// Of a text that was read by a pattern.
    pub(super) fn of_pattern(text: &str, fault: TimestampFault, pattern: &str) -> Self {
        let pattern = (fault == TimestampFault::Form).then(|| pattern.into());
        Self { pattern, ..Self::new(text, fault) }
    }

    /// With this fault where the form is at fault.
    pub(super) fn or_fault(self, fault: TimestampFault) -> Self {
        if self.fault == TimestampFault::Form { Self { fault, ..self } } else { self }
    }
}

impl fmt::Display for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(pattern) = &self.pattern {
            let quoted = &self.quoted;
            return write!(
                f,
                "{quoted} does not match the pattern \"{pattern}\"; write it so, or set timestamp_format"
            );
        }
        let reason = match self.fault {
            TimestampFault::NotIso => "is not an ISO 8601 date and time, such as 2025-06-01T21:15:07.5 or 2025-06-01",
            TimestampFault::NoNumber => "is not a number since the epoch, such as 1748812507.5",
            TimestampFault::Form => {
                "is not an ISO 8601 date and time, such as 2025-06-01T21:15:07.5 or 2025-06-01, nor a number since the epoch"
            }
            TimestampFault::Reduced => "is an ISO 8601 month; write a day, such as 2025-06-01",
            TimestampFault::WeekDate => "is an ISO 8601 week date, which is not read; write year, month and day",
            TimestampFault::OrdinalDate => "is an ISO 8601 ordinal date, which is not read; write year, month and day",
            TimestampFault::ExpandedYear => "has a year with a sign, which is not read; write a year of four digits",
            TimestampFault::Interval => "is an ISO 8601 interval; write one date and time",
            TimestampFault::Duration => "is an ISO 8601 duration; write a date and time",
            TimestampFault::TimeOnly => "is a time of day; write the date before it, as in 2025-06-01T21:15:07",
            TimestampFault::OffsetOfDate => "has an offset but no time of day; write T00:00 between them for midnight",
            TimestampFault::NoSuchDay => "names a day that does not exist",
            TimestampFault::NoSuchTime => "names a time of day that does not exist",
            TimestampFault::Hour24 => "has the hour 24, which is not read; write 00:00 of the next day",
            TimestampFault::LeapSecond => {
                "has the second 60, but timestamps have no leap seconds; write second 59, or 00 of the next minute"
            }
            TimestampFault::FractionOfMinute => {
                "has a fraction of an hour or a minute, which is not read; write minutes and seconds"
            }
            TimestampFault::TooFine => "has more than nine digits after the second; timestamps are whole nanoseconds",
            TimestampFault::OffsetForm => "has an offset that is not read; write Z, +02:00, +0200 or +02",
            TimestampFault::OffsetRange => "has an offset that does not exist; offsets reach from -23:59 to +23:59",
            TimestampFault::Letters => {
                "ends in letters that are not read; write a time zone as its offset, such as +02:00"
            }
            TimestampFault::OutOfRange => "is out of range; timestamps reach from 1677-09-21 to 2262-04-11",
        };
        write!(f, "{} {reason}", self.quoted)
    }
}

impl std::error::Error for TimestampError {}
