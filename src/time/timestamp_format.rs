//! How the text of an instant is written: as [`Timestamp::parse`] reads it, or by a pattern.

use std::fmt;

use super::timestamp_error::{TimestampError, TimestampFault};
use super::{Clock, PatternError, TimePattern, Timestamp};

/// The form of the times in a text: setting `timestamp_format`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TimestampFormat {
    /// `auto`: ISO 8601, or a number since the epoch, as [`Timestamp::parse`] reads them.
    #[default]
    Auto,
    /// `iso`: ISO 8601 alone.
    Iso,
    /// `epoch`: a number since the epoch alone, as [`Timestamp::parse_number`] reads it; eight digits are no date.
    Epoch,
    /// A strftime pattern.
    Pattern(TimePattern),
}

impl TimestampFormat {
    /// Reads `auto`, `iso`, `epoch` or a pattern, which holds a percent sign.
    ///
    /// # Errors
    /// As [`TimePattern::parse`].
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        match text {
            "auto" => Ok(Self::Auto),
            "iso" => Ok(Self::Iso),
            "epoch" => Ok(Self::Epoch),
            pattern => TimePattern::parse(pattern).map(Self::Pattern),
        }
    }

    /// Reads an instant; ASCII blanks around it do not count. A text without an offset is read on `clock`.
    ///
    /// # Errors
    /// Quotes the text and says what is wrong with it; a text that does not match a pattern names the pattern.
    pub fn read(&self, text: &str, clock: &Clock) -> Result<Timestamp, TimestampError> {
        match self {
            Self::Auto => Timestamp::parse(text, clock),
            Self::Iso => Timestamp::parse_iso(text, clock),
            Self::Epoch => Timestamp::parse_number(text).map_err(|error| error.or_fault(TimestampFault::NoNumber)),
            Self::Pattern(pattern) => {
                let reading = pattern.read(text.trim_ascii().as_bytes());
                let at = reading.and_then(|reading| Timestamp::from_reading(reading, clock));
                at.map_err(|fault| TimestampError::of_pattern(text, fault, pattern.text()))
            }
        }
    }

    /// Reads an instant from a number of a format that has numbers, such as JSON: by `auto` and `epoch` digits are
    /// never a date.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_number(&self, number: &str, clock: &Clock) -> Result<Timestamp, TimestampError> {
        match self {
            Self::Auto | Self::Epoch => Timestamp::parse_number(number),
            Self::Iso | Self::Pattern(_) => self.read(number, clock),
        }
    }
}

impl fmt::Display for TimestampFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Iso => f.write_str("iso"),
            Self::Epoch => f.write_str("epoch"),
            Self::Pattern(pattern) => f.write_str(pattern.text()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_reads_its_own_texts_alone() {
        let nanos = |format: &str, text: &str| {
            let at = TimestampFormat::parse(format).unwrap().read(text, &Clock::Utc);
            at.map(Timestamp::as_nanos).map_err(|error| error.to_string())
        };
        let day = 1_780_617_600_000_000_000; // 2026-06-05
        assert_eq!(nanos("auto", " 2026-06-05 "), Ok(day));
        assert_eq!(nanos("auto", "1780617600"), Ok(day));
        assert_eq!(nanos("iso", "20260605"), Ok(day));
        assert_eq!(nanos("epoch", "1780617600000"), Ok(day));
        assert_eq!(nanos("epoch", "20260605"), Ok(20_260_605_000_000_000));
        assert!(nanos("iso", "1780617600").unwrap_err().contains("is not an ISO 8601 date and time"));
        assert!(nanos("iso", "2026-W23").unwrap_err().contains("week date"));
        assert!(nanos("epoch", "2026-06-05").unwrap_err().contains("is not a number since the epoch"));
        assert!(nanos("epoch", "1e400").unwrap_err().contains("out of range"));
    }
}
