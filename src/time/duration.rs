//! Lengths of time as people write them: `500ms`, `5 s`, `1h30min`, `2h`, `1d`.

use std::fmt;

use super::quoted::quoted;

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

    /// Reads a length as pandas' offsets of a fixed length: numbers, each before one of `ns us ms s min h D` (or `d`),
    /// added up: `1h30min`, `2h 5s`. Spaces may stand between them all, and ASCII blanks around the whole.
    ///
    /// A number may have a leading `+`, leading zeros and a fraction (`1.5h`, `.5s`); the length is exact, in whole
    /// nanoseconds. One unit alone (`s`) is one of it. Case matters, as in pandas 3, which no longer accepts `H`.
    ///
    /// *Source*: pandas 3 `to_offset`, which `rolling` calls. Differs on purpose: `d` is read as a day; in a sum every
    /// unit has its number; a length below zero is refused, since no window, bucket or interval has one.
    ///
    /// # Errors
    /// Quotes the text and names the accepted forms, or says that the length is below zero, longer than 292 years or not
    /// in whole nanoseconds.
    pub fn parse(text: &str) -> Result<Self, DurationError> {
        let trimmed = text.trim_ascii();
        let nanos = match UNITS.iter().find(|(unit, _)| *unit == trimmed) {
            Some((_, nanos)) => Ok(*nanos),
            None => sum(trimmed),
        };
        nanos.map(Self).map_err(|fault| DurationError { quoted: quoted(text), fault })
    }
}

/// The nanoseconds of numbers with their units.
fn sum(text: &str) -> Result<i64, DurationFault> {
    if text.is_empty() {
        return Err(DurationFault::Form);
    }
    if text.contains('-') {
        let is_length = sum(&text.replace('-', "+")).is_ok();
        return Err(if is_length { DurationFault::Negative } else { DurationFault::Form });
    }
    let (mut rest, mut total) = (text, 0_i64);
    while !rest.is_empty() {
        let unsigned = rest.strip_prefix('+').unwrap_or(rest);
        let (number, tail) = split(unsigned, |byte| byte.is_ascii_digit() || byte == b'.');
        let (name, tail) = split(tail.trim_start_matches(' '), |byte| byte.is_ascii_alphabetic());
        let (_, unit_nanos) = UNITS.into_iter().find(|(unit, _)| *unit == name).ok_or(DurationFault::Form)?;
        total = total.checked_add(multiple(number, unit_nanos)?).ok_or(DurationFault::TooLong)?;
        rest = tail.trim_start_matches(' ');
    }
    Ok(total)
}

/// The bytes at the start for which `holds`, all ASCII, and the rest.
fn split(text: &str, holds: impl Fn(u8) -> bool) -> (&str, &str) {
    text.split_at(text.bytes().take_while(|byte| holds(*byte)).count())
}

/// The nanoseconds of a number, digits with an optional point, of units.
fn multiple(number: &str, unit_nanos: i64) -> Result<i64, DurationFault> {
    /// More digits after the point leave a rest of every unit.
    const MAX_PLACES: usize = 18;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
        return Err(DurationFault::Form);
    }
    let digits = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<i64>().ok() };
    let whole = digits(whole.trim_start_matches('0')).ok_or(DurationFault::TooLong)?;
    let fraction = fraction.trim_end_matches('0');
    let digits = digits(fraction).filter(|_| fraction.len() <= MAX_PLACES).ok_or(DurationFault::TooFine)?;
    let (part, scale) = (i128::from(digits) * i128::from(unit_nanos), 10_i128.pow(fraction.len() as u32));
    if part % scale != 0 {
        return Err(DurationFault::TooFine);
    }
    let nanos = i128::from(whole) * i128::from(unit_nanos) + part / scale;
    i64::try_from(nanos).map_err(|_| DurationFault::TooLong)
}

/// Writes the duration so that [`Duration::parse`] reads it back, unless it is below zero: the largest unit that divides
/// it, days as `d`.
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

/// A text that is not a duration, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DurationError {
    /// The text in quotes, cut.
    quoted: String,
    fault: DurationFault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DurationFault {
    Form,
    Negative,
    TooLong,
    TooFine,
}

impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.fault {
            DurationFault::Form => {
                "is not a duration; write a number and one of ns, us, ms, s, min, h, d, such as 500ms, 5s or 1h30min"
            }
            DurationFault::Negative => "is below zero; write a length of time without a sign",
            DurationFault::TooLong => "is longer than 292 years, the longest length of time",
            DurationFault::TooFine => "is not in whole nanoseconds; write fewer digits after the point",
        };
        write!(f, "{} {reason}", self.quoted)
    }
}

impl std::error::Error for DurationError {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nanos(text: &str) -> Result<i64, DurationFault> {
        Duration::parse(text).map(Duration::as_nanos).map_err(|error| error.fault)
    }

    #[test]
    fn reads_what_pandas_reads() {
        const SEC: i64 = 1_000_000_000;
        for (text, expected) in [
            ("5s", 5 * SEC),
            ("5 s", 5 * SEC),
            ("s", SEC),
            ("ns", 1),
            ("h", 3600 * SEC),
            ("1.5s", 1_500_000_000),
            ("0.5s", 500_000_000),
            (".5s", 500_000_000),
            ("5.s", 5 * SEC),
            ("1000ms", SEC),
            ("1min", 60 * SEC),
            ("90min", 5400 * SEC),
            ("2D", 172_800 * SEC),
            ("1d", 86_400 * SEC),
            ("0s", 0),
            ("1h30min", 5400 * SEC),
            ("2h 5s", 7205 * SEC),
            ("5s 2h", 7205 * SEC),
            ("2h30min15s", 9015 * SEC),
            ("2h 60min", 3 * 3600 * SEC),
            ("2h 20.5min", 8430 * SEC),
            ("15ms500us", 15_500_000),
            ("1s0.25ms", 1_000_250_000),
            ("2 D3 h", 51 * 3600 * SEC),
            ("  2 D 3 h  ", 51 * 3600 * SEC),
            ("   h    ", 3600 * SEC),
            ("00h 00min 01s", SEC),
            ("+1d", 86_400 * SEC),
            ("+2h30min", 9000 * SEC),
            ("1h+30min", 5400 * SEC),
            ("1.1s", 1_100_000_000),
            ("0.1h", 360 * SEC),
            ("106751d", 106_751 * 86_400 * SEC),
            ("9223372036854775807ns", i64::MAX),
        ] {
            assert_eq!(nanos(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_pandas_refuses_and_says_why() {
        for text in [
            "", " ", "5", "1H", "1N", "1 second", "1day", "1W", "2h20m", "PT5S", "5 s x", "infs", "1e3s", "us1",
            "3us1", "+d", "++1d", "1.5.0s", ".s", "100foo", "hmin", "1h min", "1h,30min", "5\ts", "\u{665}s", "5s\0",
            "-m", "5-",
        ] {
            assert_eq!(nanos(text), Err(DurationFault::Form), "{text}");
        }
        for text in ["-5s", "1h-30min", "-0s", "-5min10s"] {
            assert_eq!(nanos(text), Err(DurationFault::Negative), "{text}");
        }
        for text in ["300000d", "106751d 1d", "9223372036854775808ns", "99999999999999999999s"] {
            assert_eq!(nanos(text), Err(DurationFault::TooLong), "{text}");
        }
        for text in ["0.5ns", "1.0000000001s", "0.0001us", "0.3333333333333333333333h"] {
            assert_eq!(nanos(text), Err(DurationFault::TooFine), "{text}");
        }
        let message = Duration::parse(&"s".repeat(100_000)).unwrap_err().to_string();
        assert!(message.chars().count() < 400, "{message}");
    }

    #[test]
    fn prints_the_largest_unit_that_divides_it() {
        for text in ["500ms", "5s", "1min", "2h", "1d", "10us", "7ns", "90min", "0s"] {
            assert_eq!(Duration::parse(text).unwrap().to_string(), text);
        }
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn any_length_reads_back(nanos in 0..=i64::MAX, shift in 0_u32..63) {
            let duration = Duration::from_nanos(nanos >> shift);
            prop_assert_eq!(Duration::parse(&duration.to_string()), Ok(duration));
        }

        #[test]
        fn parts_add_up_in_any_order_and_with_any_spaces(
            (h, min, ms) in (0_i64..10_000, 0_i64..10_000, 0_i64..1_000_000), a in " {0,3}", b in " {0,3}"
        ) {
            let expected = Ok(h * 3_600_000_000_000 + min * 60_000_000_000 + ms * 1_000_000);
            prop_assert_eq!(nanos(&format!("{h}{a}h{b}{min}{b}min{a}{ms}ms")), expected);
            prop_assert_eq!(nanos(&format!("{ms}ms{b}{min}min{a}{h}{b}h")), expected);
        }
    }
}
