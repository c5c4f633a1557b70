//! Lengths of time as people write them: `500ms`, `5s`, `1min`, `2h`, `1d`.

use std::fmt;

/// A length of time in whole nanoseconds; may be zero or negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration(i64);

/// The units that [`Duration::parse`] accepts, largest first, with their nanoseconds.
const UNITS: [(&str, i64); 8] = [
    ("D", 86_400_000_000_000),
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("min", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

impl Duration {
    /// A duration of this many nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// A duration of this many whole seconds; saturates at about 292 years.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000_000))
    }

    /// Its length in nanoseconds.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Its length in milliseconds, with the fraction.
    pub fn as_millis(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// Reads a pandas offset of a fixed length: an optional number, then `ns us ms s min h D` (or `d`).
    ///
    /// The number may have a sign and a fraction (`1.5s`); without one it is 1. Case matters, as in pandas 3, which no
    /// longer accepts `H`. Differs on purpose: `d` is read as a day.
    ///
    /// # Errors
    /// Quotes the text and names the accepted forms; also for a length of more than 292 years.
    pub fn parse(text: &str) -> Result<Self, DurationError> {
        let error = || DurationError(text.to_owned());
        let trimmed = text.trim();
        let split = trimmed.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(error)?;
        let (number, unit) = trimmed.split_at_checked(split).ok_or_else(error)?;
        let (_, unit_nanos) = UNITS.into_iter().find(|(name, _)| *name == unit).ok_or_else(error)?;
        if number.is_empty() {
            return Ok(Self(unit_nanos));
        }
        if !number.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+')) {
            return Err(error());
        }
        if let Ok(whole) = number.parse::<i64>() {
            return whole.checked_mul(unit_nanos).map(Self).ok_or_else(error);
        }
        let nanos = number.parse::<f64>().map_err(|_| error())? * unit_nanos as f64;
        if nanos.abs() >= i64::MAX as f64 {
            return Err(error());
        }
        Ok(Self(nanos.round() as i64))
    }
}

/// Writes the duration so that [`Duration::parse`] reads it back: the largest unit that divides it, days as `d`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        for (unit, nanos) in UNITS.into_iter().skip(1) {
            if self.0 % nanos == 0 {
                return write!(f, "{}{unit}", self.0 / nanos);
            }
        }
        Ok(())
    }
}

/// The text that is not a duration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DurationError(String);

impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\"{}\" is not a duration; write a number and one of ns, us, ms, s, min, h, d, such as 500ms, 5s or 1min",
            self.0
        )
    }
}

impl std::error::Error for DurationError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_pandas_reads() {
        for (text, nanos) in [
            ("5s", 5_000_000_000),
            ("s", 1_000_000_000),
            ("1.5s", 1_500_000_000),
            ("1000ms", 1_000_000_000),
            ("1min", 60_000_000_000),
            ("90min", 5_400_000_000_000),
            ("2D", 172_800_000_000_000),
            ("1d", 86_400_000_000_000),
            ("1ns", 1),
            ("-5s", -5_000_000_000),
            ("0s", 0),
        ] {
            assert_eq!(Duration::parse(text), Ok(Duration(nanos)), "{text}");
        }
    }

    #[test]
    fn refuses_what_pandas_refuses() {
        for text in ["", "5", "1H", "1N", "1 second", "1day", "PT5S", "5 s x", "infs", "300000d", "1e3s"] {
            assert!(Duration::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn prints_the_largest_unit_that_divides_it() {
        for text in ["500ms", "5s", "1min", "2h", "1d", "10us", "7ns", "90min", "0s"] {
            assert_eq!(Duration::parse(text).unwrap().to_string(), text);
        }
    }
}
