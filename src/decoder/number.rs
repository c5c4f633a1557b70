//! Numbers and times that Rust has no type for.

use chrono::{NaiveDate, TimeDelta};

/// Powers of ten that a double holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];
/// Whole numbers up to this one are doubles.
const MAX_EXACT: u128 = 1 << 53;

/// The double that is nearest to `unscaled` / 10^`scale`, as pandas makes it of a decimal.
pub(super) fn decimal(unscaled: i128, scale: i32) -> f64 {
    let power = usize::try_from(scale).ok().and_then(|scale| POWERS.get(scale));
    match power {
        // Of two exact numbers the quotient is rounded once.
        Some(power) if unscaled.unsigned_abs() <= MAX_EXACT => unscaled as f64 / power,
        // The text is rounded once too, and is always a number.
        _ => format!("{unscaled}e{}", -i64::from(scale)).parse().unwrap_or(f64::NAN),
    }
}

/// The whole number that bytes hold, the highest first, in two's complement; `None` where it has more than 128 bits.
pub(super) fn big_endian(bytes: &[u8]) -> Option<i128> {
    let fill = if bytes.first().is_some_and(|first| first & 0x80 != 0) { 0xff } else { 0 };
    let spare = bytes.len().saturating_sub(16);
    let (head, tail) = bytes.split_at(spare);
    let has_sign = |tail: &[u8]| tail.first().is_some_and(|first| (first ^ fill) & 0x80 == 0);
    let is_padding = head.is_empty() || head.iter().all(|byte| *byte == fill) && has_sign(tail);
    if !is_padding {
        return None;
    }
    let mut whole = [fill; 16];
    whole[16 - tail.len()..].copy_from_slice(tail);
    Some(i128::from_be_bytes(whole))
}

/// The Julian day before the first of our era.
const JULIAN_DAY_OF_OUR_ERA: i64 = 1_721_425;
const DAY_NANOS: i64 = 86_400_000_000_000;

/// A time of twelve bytes as text: nanoseconds of the day, then the day, both with the lowest byte first. It has no
/// zone. One that lies outside of the calendar is named, so that its row is refused with it.
pub(super) fn int96(words: &[u32]) -> String {
    let [low, high, day] = [0, 1, 2].map(|index| words.get(index).copied().unwrap_or_default());
    let nanos = ((u64::from(high) << 32) | u64::from(low)).cast_signed();
    let day = i64::from(day.cast_signed());
    let days = day - JULIAN_DAY_OF_OUR_ERA + nanos.div_euclid(DAY_NANOS);
    let date = i32::try_from(days).ok().and_then(NaiveDate::from_num_days_from_ce_opt);
    let time = date.and_then(|date| date.and_hms_opt(0, 0, 0));
    match time.and_then(|time| time.checked_add_signed(TimeDelta::nanoseconds(nanos.rem_euclid(DAY_NANOS)))) {
        Some(time) => format!("{time:?}"),
        None => format!("Julian day {day}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_decimal_is_the_nearest_double() {
        for (unscaled, scale, expected) in [
            (1234, 2, "12.34"),
            (-1, 1, "-0.1"),
            (0, 5, "0"),
            (15, -3, "15000"),
            (1, 30, "1e-30"),
            (i128::MAX, 0, "170141183460469231731687303715884105727"),
            (-123_456_789_012_345_678_901_234_567_890, 10, "-12345678901234567890.123456789"),
        ] {
            assert_eq!(decimal(unscaled, scale), expected.parse::<f64>().unwrap(), "{unscaled}e-{scale}");
        }
    }

    #[test]
    fn big_endian_numbers_have_a_sign() {
        for (bytes, expected) in [
            (&[][..], Some(0)),
            (&[0x7f], Some(127)),
            (&[0x80], Some(-128)),
            (&[0xff, 0x00], Some(-256)),
            (&[0x80; 16], Some(i128::from_be_bytes([0x80; 16]))),
            (&[0; 20], Some(0)),
            (&[0xff; 17], Some(-1)),
            (&[1; 17], None),
            (&[0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], None),
        ] {
            assert_eq!(big_endian(bytes), expected, "{bytes:?}");
        }
    }

    fn words(day: i32, nanos: i64) -> [u32; 3] {
        let nanos = nanos.cast_unsigned();
        [nanos as u32, (nanos >> 32) as u32, day.cast_unsigned()]
    }

    #[test]
    fn a_time_of_twelve_bytes_is_text() {
        for (day, nanos, expected) in [
            (2_440_588, 0, "1970-01-01T00:00:00"),
            (2_460_828, 76_507_123_456_789, "2025-06-01T21:15:07.123456789"),
            (2_440_588, -1, "1969-12-31T23:59:59.999999999"),
            (2_440_588, DAY_NANOS, "1970-01-02T00:00:00"),
            (i32::MAX, 0, "Julian day 2147483647"),
            (i32::MIN, 0, "Julian day -2147483648"),
        ] {
            assert_eq!(int96(&words(day, nanos)), expected);
        }
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn a_decimal_is_what_its_text_is(unscaled in any::<i64>(), scale in -5..40_i32) {
            let text = format!("{unscaled}e{}", -scale);
            prop_assert_eq!(decimal(unscaled.into(), scale), text.parse::<f64>().unwrap());
        }

        #[test]
        fn bytes_of_any_width_hold_their_number(number in any::<i128>(), shift in 0..127_u32, wider in 0..8_usize) {
            let number = number >> shift;
            let fill = if number < 0 { 0xff } else { 0 };
            let bytes = number.to_be_bytes();
            let needless = bytes.windows(2).take_while(|pair| pair[0] == fill && (pair[1] ^ fill) & 0x80 == 0).count();
            prop_assert_eq!(big_endian(&bytes[needless..]), Some(number));
            prop_assert_eq!(big_endian(&[vec![fill; wider], bytes.to_vec()].concat()), Some(number));
        }
    }
}
