//! Instants as numbers since the Unix epoch, read digit by digit: an f64 would lose the nanoseconds.

use super::timestamp_error::TimestampFault;

/// Below these sizes a number counts seconds, milliseconds or microseconds, with so many decimal places to the
/// nanosecond; from the last one on, nanoseconds.
const UNITS: [(u128, i64); 3] = [(20_000_000_000, 9), (20_000_000_000_000, 6), (20_000_000_000_000_000, 3)];

/// Far more nanoseconds than any instant has.
const TOO_LARGE: u128 = 100_000_000_000_000_000_000;

/// The nanoseconds since the epoch that a decimal number means: its size says whether it counts seconds, milliseconds,
/// microseconds or nanoseconds. Parts of a nanosecond are rounded, halves away from zero.
pub(super) fn read(text: &[u8]) -> Result<i64, TimestampFault> {
    let number = Decimal::parse(text).ok_or(TimestampFault::Form)?;
    let nanos = number.as_nanos().ok_or(TimestampFault::OutOfRange)?;
    let nanos = if number.is_negative { -nanos } else { nanos };
    i64::try_from(nanos).ok().filter(|nanos| *nanos != i64::MIN).ok_or(TimestampFault::OutOfRange)
}

/// A number as its digits.
struct Decimal<'a> {
    is_negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    /// The power of ten that the digits are multiplied by.
    exponent: i64,
}

impl<'a> Decimal<'a> {
    /// Digits with an optional sign, an optional fraction after `.` or `,` and an optional exponent.
    fn parse(text: &'a [u8]) -> Option<Self> {
        let (is_negative, unsigned) = signed(text);
        let (whole, rest) = digits(unsigned);
        let (fraction, rest) = match rest {
            [b'.' | b',', rest @ ..] => digits(rest),
            _ => (&rest[..0], rest),
        };
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', rest @ ..] => {
                let (is_negative, unsigned) = signed(rest);
                let (digits, []) = digits(unsigned) else { return None };
                // An exponent of more digits than an i64 has is as good as any that is too large.
                let size = str::from_utf8(digits).ok().filter(|text| !text.is_empty())?.parse().unwrap_or(i64::MAX / 4);
                if is_negative { -size } else { size }
            }
            _ => return None,
        };
        (!whole.is_empty() || !fraction.is_empty()).then_some(Self { is_negative, whole, fraction, exponent })
    }

    /// Its size in nanoseconds; `None` when that is far beyond any instant.
    fn as_nanos(&self) -> Option<i128> {
        let (size, _) = self.scaled(0)?;
        let places = UNITS.into_iter().find(|(limit, _)| size < *limit).map_or(0, |(_, places)| places);
        let (nanos, next_digit) = self.scaled(places)?;
        i128::try_from(nanos + u128::from(next_digit >= 5)).ok()
    }

    /// Its size times ten to the power of `places`: the whole part, and the digit after it. `None` from 1e20 on.
    fn scaled(&self, places: i64) -> Option<(u128, u8)> {
        let mut digits = self.whole.iter().chain(self.fraction).map(|digit| digit - b'0');
        let point = (self.whole.len() as i64).saturating_add(self.exponent).saturating_add(places);
        if point < 0 {
            return Some((0, 0));
        }
        let mut size = 0;
        for _ in 0..point {
            let digit = digits.next();
            if digit.is_none() && size == 0 {
                break;
            }
            size = size * 10 + u128::from(digit.unwrap_or(0));
            if size >= TOO_LARGE {
                return None;
            }
        }
        Some((size, digits.next().unwrap_or(0)))
    }
}

/// Whether a number is negative, and what follows its sign.
fn signed(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

/// The digits at the start, and the rest.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nanos(text: &str) -> Result<i64, TimestampFault> {
        read(text.as_bytes())
    }

    #[test]
    fn the_size_says_the_unit() {
        for (text, expected) in [
            ("1748779200", 1_748_779_200_000_000_000),
            ("1748779200000", 1_748_779_200_000_000_000),
            ("1748779200000000", 1_748_779_200_000_000_000),
            ("1748779200000000001", 1_748_779_200_000_000_001),
            ("0", 0),
            ("-0", 0),
            ("-1", -1_000_000_000),
            ("+1", 1_000_000_000),
            ("9223372036", 9_223_372_036_000_000_000),
            ("20000000000", 20_000_000_000_000_000),
            ("-20000000000", -20_000_000_000_000_000),
            ("20000000000000", 20_000_000_000_000_000),
            ("20000000000000000", 20_000_000_000_000_000),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775807", i64::MIN + 1),
        ] {
            assert_eq!(nanos(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_fraction_is_kept_to_the_nanosecond() {
        for (text, expected) in [
            ("1748779200.123456789", 1_748_779_200_123_456_789),
            ("1748779200,5", 1_748_779_200_500_000_000),
            ("1748779200000.123456", 1_748_779_200_000_123_456),
            ("1748779200000000.001", 1_748_779_200_000_000_001),
            ("1748779200000000000.5", 1_748_779_200_000_000_001),
            ("0.0000000014", 1),
            ("-.5", -500_000_000),
            ("5.", 5_000_000_000),
            ("1.7487792e9", 1_748_779_200_000_000_000),
            ("1.748779200000000001E+18", 1_748_779_200_000_000_001),
            ("17487792000e-1", 1_748_779_200_000_000_000),
            ("1e-400", 0),
            ("0e99999999999999999999", 0),
        ] {
            assert_eq!(nanos(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_no_instant_has_is_out_of_range_and_what_is_no_number_is_not_read() {
        for text in
            ["9223372037", "19999999999", "9223372036854.776", "9223372036854775808", "-9223372036854775808", "1e400"]
        {
            assert_eq!(nanos(text), Err(TimestampFault::OutOfRange), "{text}");
        }
        for text in ["", "-", ".", "e5", "5e", "5e+", "1,748,779", "1_000", "0x10", "inf", "nan", "--5", "5 ", "٣"] {
            assert_eq!(nanos(text), Err(TimestampFault::Form), "{text}");
        }
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn any_digits_at_all_are_answered(text in "[+-]?[0-9]{0,40}[.,]?[0-9]{0,40}([eE][+-]?[0-9]{1,25})?") {
            let _ = nanos(&text);
        }

        #[test]
        fn an_exponent_moves_the_point(whole in 0_i64..9_000_000_000, nanos_part in 0_i64..1_000_000_000) {
            let expected = Ok(whole * 1_000_000_000 + nanos_part);
            prop_assert_eq!(nanos(&format!("{whole}.{nanos_part:09}")), expected);
            prop_assert_eq!(nanos(&format!("{whole}{nanos_part:09}e-9")), expected);
            prop_assert_eq!(nanos(&format!("0.{whole:010}{nanos_part:09}e10")), expected);
        }
    }
}
