//! What is read, as regular expressions for programs: the openapi document gives them to those who call the API.
//!
//! All texts that match are read. Some are read that do not match, but people hardly write them:
//! numbers with an exponent, days of the years 1677 and 2262, sums of more than nine lengths or of one beyond 31 years.
//! The syntax is common to ECMAScript, Python and Rust, and each pattern is anchored at both ends.

use super::Duration;

/// A number with so many digits at most before the point and after it.
macro_rules! number {
    ($whole:literal, $fraction:literal) => {
        concat!("(?:[0-9]{1,", $whole, "}(?:\\.[0-9]{0,", $fraction, "})?|\\.[0-9]{1,", $fraction, "})")
    };
}

/// A number from one on, with so many digits after the first one.
macro_rules! from_one {
    ($more:literal, $fraction:literal) => {
        concat!("0*[1-9][0-9]{", $more, "}(?:\\.[0-9]{0,", $fraction, "})?")
    };
}

/// A number below one, with so many zeros at most after the point and so many digits after the first other one.
macro_rules! below_one {
    ($zeros:literal, $more:literal) => {
        concat!("0*\\.[0-9]{0,", $zeros, "}[1-9][0-9]{0,", $more, "}0*")
    };
}

/// One number with its unit. Each is below 31.8 years, so that nine of them are no more than the longest length.
macro_rules! part {
    () => {
        concat!(
            "\\+?(?:[0-9]{1,18} *ns|",
            number!("15", "3"),
            " *us|",
            number!("12", "6"),
            " *ms|",
            number!("9", "9"),
            " *s|",
            number!("7", "9"),
            " *min|",
            number!("5", "9"),
            " *h|",
            number!("4", "9"),
            " *[dD])"
        )
    };
}

/// One whole number that makes a length which is longer than a part, but not too long.
macro_rules! long {
    () => {
        "[1-9](?:[0-9]{4} *[dD]|[0-9]{5} *h|[0-9]{7} *min)"
    };
}

/// Lengths in which, after parts of zero, the first part is at least the least one; by its numbers in each unit, and
/// the units of which one alone suffices.
macro_rules! lengths {
    ($units:literal, $ns:literal, [$($us:tt)+], [$($ms:tt)+], [$($s:tt)+], [$($min:tt)+], [$($h:tt)+], [$($d:tt)+]) => {
        concat!(
            "^(?:(?:\\+?(?:0+(?:\\.0*)?|\\.0+) *(?:[num]?s|min|h|[dD]) *)*\\+?(?:",
            $ns,
            " *ns|(?:",
            $($us)+,
            ") *us|(?:",
            $($ms)+,
            ") *ms|(?:",
            $($s)+,
            ") *s|(?:",
            $($min)+,
            ") *min|(?:",
            $($h)+,
            ") *h|(?:",
            $($d)+,
            ") *[dD])(?: *",
            part!(),
            "){0,8}|",
            long!(),
            "|",
            $units,
            ")$"
        )
    };
}

/// Lengths of time from zero on, as [`Duration::parse`] reads them.
pub const DURATION_PATTERN: &str =
    concat!("^(?:", part!(), "(?: *", part!(), "){0,8}|", long!(), "|[num]?s|min|h|[dD])$");

/// Lengths of time above zero, as [`Duration::parse`] reads them.
pub const POSITIVE_DURATION_PATTERN: &str = lengths!(
    "[num]?s|min|h|[dD]",
    "0*[1-9][0-9]{0,17}",
    [concat!(from_one!("0,14", "3"), "|", below_one!("2", "0"))],
    [concat!(from_one!("0,11", "6"), "|", below_one!("5", "0"))],
    [concat!(from_one!("0,8", "9"), "|", below_one!("8", "0"))],
    [concat!(from_one!("0,6", "9"), "|", below_one!("8", "0"))],
    [concat!(from_one!("0,4", "9"), "|", below_one!("8", "0"))],
    [concat!(from_one!("0,3", "9"), "|", below_one!("8", "0"))]
);

/// Lengths of time from a microsecond on.
const MICROSECOND_DURATION_PATTERN: &str = lengths!(
    "[um]?s|min|h|[dD]",
    "0*[1-9][0-9]{3,17}",
    [from_one!("0,14", "3")],
    [concat!(from_one!("0,11", "6"), "|", below_one!("2", "3"))],
    [concat!(from_one!("0,8", "9"), "|", below_one!("5", "3"))],
    [concat!(from_one!("0,6", "9"), "|", below_one!("6", "2"))],
    [concat!(from_one!("0,4", "9"), "|", below_one!("8", "0"))],
    [concat!(from_one!("0,3", "9"), "|", below_one!("8", "0"))]
);

/// Lengths of time from a millisecond on.
const MILLISECOND_DURATION_PATTERN: &str = lengths!(
    "m?s|min|h|[dD]",
    "0*[1-9][0-9]{6,17}",
    [from_one!("3,14", "3")],
    [from_one!("0,11", "6")],
    [concat!(from_one!("0,8", "9"), "|", below_one!("2", "6"))],
    [concat!(from_one!("0,6", "9"), "|", below_one!("3", "5"))],
    [concat!(from_one!("0,4", "9"), "|", below_one!("5", "3"))],
    [concat!(from_one!("0,3", "9"), "|", below_one!("6", "2"))]
);

/// The pattern of lengths of time that are at least this one, which is no longer than a millisecond. Shorter ones than a
/// part by themselves, which reach it only together, do not match.
pub const fn duration_pattern(least: Duration) -> &'static str {
    match least.as_nanos() {
        ..=0 => DURATION_PATTERN,
        1 => POSITIVE_DURATION_PATTERN,
        2..=1_000 => MICROSECOND_DURATION_PATTERN,
        _ => MILLISECOND_DURATION_PATTERN,
    }
}

/// A day of the years 1678 to 2261, with this between year, month and day.
macro_rules! day {
    ($separator:literal) => {
        concat!(
            "(?:(?:16(?:7[89]|[89][0-9])|(?:1[789]|2[01])[0-9]{2}|22(?:[0-5][0-9]|6[01]))",
            $separator,
            "(?:(?:0[1-9]|1[0-2])",
            $separator,
            "(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])",
            $separator,
            "(?:29|30)|(?:0[13578]|1[02])",
            $separator,
            "31)|(?:16(?:8[048]|9[26])|(?:1[789]|2[01])(?:0[48]|[2468][048]|[13579][26])|2000",
            "|22(?:0[48]|[24][048]|[135][26]|60))",
            $separator,
            "02",
            $separator,
            "29)"
        )
    };
}

/// Sizes of numbers from a thousand million on, in the ranges in which their unit makes an instant of them.
macro_rules! large {
    () => {
        concat!(
            "(?:[0-8][0-9]{9}|[2-9][0-9]{10}|[1-9][0-9]{11}|[1-8][0-9]{12}|[2-9][0-9]{13}|[1-9][0-9]{14}",
            "|[1-8][0-9]{15}|[2-9][0-9]{16}|[1-9][0-9]{17}|[1-8][0-9]{18})"
        )
    };
}

/// Instants as [`Timestamp::parse`](super::Timestamp::parse) reads them: ISO 8601, or a number since the epoch.
pub const TIMESTAMP_PATTERN: &str = concat!(
    "^[ \\t\\r\\n]*(?:(?:",
    day!("-"),
    "|",
    day!(""),
    ")(?:[Tt ](?:[01][0-9]|2[0-3])",
    "(?::[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{0,9})?)?|[0-5][0-9](?:[0-5][0-9](?:[.,][0-9]{0,9})?)?)?",
    "(?: ?(?:[Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?))?)?|[+-]?",
    large!(),
    "(?:[.,][0-9]{0,9})?|[+-]?[0-9]{1,9}[.,][0-9]{0,9}|[+-][0-9]{1,9}|[0-9]{1,7}|[0-9]{9}",
    // Eight digits that begin with no year.
    "|(?:(?:[03-9][0-9]|1[0-5]|2[3-9])[0-9]{2}|16(?:[0-6][0-9]|7[0-6])|22(?:6[3-9]|[7-9][0-9]))[0-9]{4})[ \\t\\r\\n]*$"
);

/// What may stand between two parts of a date.
macro_rules! between {
    () => {
        "(?:[-./ ]|, )?"
    };
}

/// Forms of times as [`TimestampFormat::parse`](super::TimestampFormat::parse) reads them: `auto`, `iso`, `epoch`, or a
/// strftime pattern of a date, a time of day and an offset in any of the usual orders. Other patterns are read too.
pub const TIMESTAMP_FORMAT_PATTERN: &str = concat!(
    "^(?:auto|iso|epoch|%s|(?:%[aA],? )?(?:%[Yy]",
    between!(),
    "%-?[mbB]",
    between!(),
    "%-?d|%-?d",
    between!(),
    "%-?[mbB]",
    between!(),
    "%[Yy]|%-?[mbB]",
    between!(),
    "%-?d",
    between!(),
    "%[Yy])(?:(?:[ T:_-]|, )?(?:%-?H:?%M(?::?%S(?:[.,]?%f)?)?|%-?I:%M(?::%S(?:[.,]%f)?)? ?%[pP])(?: ?%[zZ])?)?)$"
);

/// Names of zones as [`ZoneName::parse`](super::ZoneName::parse) reads them.
pub const ZONE_NAME_PATTERN: &str = "^[A-Za-z][A-Za-z0-9/_+-]{0,63}$";

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::time::{Clock, Timestamp, TimestampFormat, Zone, ZoneName};
    use proptest::prelude::*;
    use proptest::string::string_regex;
    use serde_json::json;

    /// Texts that match a pattern.
    fn texts(pattern: &str) -> impl Strategy<Value = String> + use<> {
        let inner = pattern.strip_prefix('^').and_then(|pattern| pattern.strip_suffix('$')).unwrap();
        string_regex(inner).unwrap()
    }

    /// Whether texts match a pattern, to those who read JSON Schema.
    fn matcher(pattern: &str) -> impl Fn(&str) -> bool + use<> {
        let validator = jsonschema::validator_for(&json!({ "pattern": pattern })).unwrap();
        move |text| validator.is_valid(&json!(text))
    }

    #[test]
    fn lengths_as_people_write_them_match() {
        let is_length = matcher(DURATION_PATTERN);
        let is_positive = matcher(POSITIVE_DURATION_PATTERN);
        for text in [
            "500ms",
            "5s",
            "5 s",
            "1min",
            "1h30min",
            "2h 5s",
            "1d",
            "36500d",
            "1.5h",
            "0.5s",
            ".5s",
            "5.s",
            "0.50s",
            "s",
            "ns",
            "D",
            "+1d",
            "00h 00min 01s",
            "2 D3 h",
            "86400s",
            "1s0.25ms",
            "525600min",
            "0.000000001s",
        ] {
            assert!(Duration::parse(text).is_ok() && is_length(text) && is_positive(text), "{text}");
        }
        for text in ["0s", "0 ms", "0.0h", "0h 0min", "+0d"] {
            assert!(Duration::parse(text).is_ok() && is_length(text) && !is_positive(text), "{text}");
        }
        for text in
            ["", "5", "-5s", "1day", "1H", "0.5ns", "hmin", "+d", "1.5.0s", ".s", "300000d", "5s\n\n", "99999d 99999d"]
        {
            assert!(Duration::parse(text).is_err() || text.ends_with('\n'), "{text}");
            assert!(!is_length(text) && !is_positive(text), "{text}");
        }
    }

    #[test]
    fn a_least_length_bounds_its_pattern() {
        let micros = matcher(duration_pattern(Duration::from_nanos(1_000)));
        let millis = matcher(duration_pattern(Duration::from_nanos(1_000_000)));
        for (text, reaches_micros, reaches_millis) in [
            ("1s", true, true),
            ("1ms", true, true),
            ("1000us", true, true),
            ("1000000ns", true, true),
            ("0.001s", true, true),
            ("0h 1min", true, true),
            ("999us", true, false),
            ("0.001ms", true, false),
            ("1000ns", true, false),
            ("us", true, false),
            ("0.5us", false, false),
            ("999ns", false, false),
            ("ns", false, false),
            ("0s", false, false),
        ] {
            assert_eq!((micros(text), millis(text)), (reaches_micros, reaches_millis), "{text}");
        }
    }

    #[test]
    fn instants_as_people_write_them_match_and_others_do_not() {
        let is_instant = matcher(TIMESTAMP_PATTERN);
        for text in [
            "2025-06-01",
            "20250601",
            "2024-02-29",
            "20000229",
            "2025-06-01T21",
            "2025-06-01 21:15",
            "2025-06-01t21:15:07,5z",
            "2025-06-01T21:15:07.123456789 +02:00",
            "20250601T120000Z",
            "20250601T1200+0200",
            "20250601 12-04",
            "1748779200",
            "1748779200000",
            "1748779200000000",
            "1748779200000000000",
            "1748779200.5",
            "-1.5",
            "0",
            "-86400",
            "12345678",
        ] {
            assert!(Timestamp::parse(text, &Clock::Utc).is_ok() && is_instant(text), "{text}");
        }
        for text in [
            "",
            "garbage",
            "2025-06",
            "2025-152",
            "2025-W23-1",
            "2025-02-29",
            "21000229",
            "2025-04-31",
            "20251301",
            "2025-06-01Z",
            "2025-06-01T24:00",
            "2025-06-01T23:59:60",
            "2025-06-01T12:0000",
            "2025-0601",
            "2025-06-01T12:30.5",
            "2025-06-01T12:00:00.1234567890",
            "2025-06-01T12:00+24:00",
            "2025-06-01T12:00+2",
            "1600-01-01",
            "2300-01-01",
            "9999999999",
            "1,748,779",
            "1e400",
        ] {
            assert!(Timestamp::parse(text, &Clock::Utc).is_err() && !is_instant(text), "{text}");
        }
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(512))]

        #[test]
        fn any_length_that_matches_is_read(
            any in texts(DURATION_PATTERN),
            positive in texts(POSITIVE_DURATION_PATTERN),
            micros in texts(MICROSECOND_DURATION_PATTERN),
            millis in texts(MILLISECOND_DURATION_PATTERN)
        ) {
            for (text, least) in [(any, 0), (positive, 1), (micros, 1_000), (millis, 1_000_000)] {
                let length = Duration::parse(&text).map(Duration::as_nanos);
                prop_assert!(length.as_ref().is_ok_and(|nanos| *nanos >= least), "{text}: {length:?}, at least {least}");
            }
        }

        #[test]
        fn any_form_and_any_zone_that_match_are_read(
            form in texts(TIMESTAMP_FORMAT_PATTERN),
            zone in texts(ZONE_NAME_PATTERN)
        ) {
            prop_assert!(TimestampFormat::parse(&form).is_ok(), "{form}");
            prop_assert!(ZoneName::parse(&zone).is_ok(), "{zone}");
        }

        #[test]
        fn any_instant_that_matches_is_read(text in texts(TIMESTAMP_PATTERN), offset in -50_000_i32..50_000) {
            for clock in [Clock::Utc, Clock::Local(Zone::new(offset, Vec::new()))] {
                let read = Timestamp::parse(&text, &clock);
                prop_assert!(read.is_ok(), "{}", read.unwrap_err());
            }
        }
    }

    #[test]
    fn forms_of_times_as_people_write_them_match() {
        let is_form = matcher(TIMESTAMP_FORMAT_PATTERN);
        for text in [
            "auto",
            "iso",
            "epoch",
            "%s",
            "%Y-%m-%d",
            "%d.%m.%Y %H:%M:%S",
            "%d/%m/%y %H:%M",
            "%m/%d/%Y %I:%M:%S %p",
            "%Y-%m-%dT%H:%M:%S.%f%z",
            "%Y%m%d%H%M%S%f",
            "%d/%b/%Y:%H:%M:%S %z",
            "%a, %d %b %Y %H:%M:%S %Z",
            "%B %d, %Y",
        ] {
            assert!(TimestampFormat::parse(text).is_ok() && is_form(text), "{text}");
        }
        for text in ["", "ISO", "%H:%M", "%m/%d", "%d.%m.%Y %I:%M", "%Q", "2026"] {
            assert!(TimestampFormat::parse(text).is_err() && !is_form(text), "{text}");
        }
    }

    #[test]
    fn any_text_that_is_printed_matches() {
        let (is_instant, is_length) = (matcher(TIMESTAMP_PATTERN), matcher(POSITIVE_DURATION_PATTERN));
        let (first, last) = (-9_214_560_000_000_000_000_i64, 9_214_646_400_000_000_000_i64); // 1678 to 2261
        for nanos in (first..last).step_by(9_876_543_210_123_457) {
            for clock in [Clock::Utc, Clock::Local(Zone::new(3600, vec![(0, 7200)]))] {
                let text = Timestamp::from_nanos(nanos).to_text(&clock);
                assert!(is_instant(&text), "{text}");
            }
            let length = Duration::from_nanos((nanos.unsigned_abs() >> 4) as i64).to_string();
            assert!(is_length(&length), "{length}");
        }
    }
}
