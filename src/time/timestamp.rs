//! Instants: nanoseconds since the Unix epoch in UTC.

use std::ops::{Add, Sub};

use super::timestamp_error::{TimestampError, TimestampFault};
use super::{Clock, Duration, epoch, iso8601};

/// An instant in UTC, in nanoseconds since 1970-01-01, from 1677-09-21 to 2262-04-11.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

const NANOS_PER_SEC: i64 = 1_000_000_000;

impl Timestamp {
    /// The earliest instant. One below it, `i64::MIN`, stands for a missing instant in frames.
    pub const MIN: Self = Self(i64::MIN + 1);
    /// The latest instant.
    pub const MAX: Self = Self(i64::MAX);

    /// The instant this many nanoseconds after the epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the epoch.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Milliseconds since the epoch, with the fraction.
    pub fn as_millis(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// The instant `duration` later, at most [`MAX`](Self::MAX).
    pub const fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_nanos()))
    }

    /// The instant `duration` earlier, at least [`MIN`](Self::MIN).
    pub fn saturating_sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(duration.as_nanos())).max(Self::MIN)
    }

    /// Reads an instant as people write it: ISO 8601, or a number since the epoch. ASCII blanks around it do not count.
    ///
    /// - *ISO 8601*, extended (`2025-06-01T21:15:07.5+02:00`) or basic (`20250601T211507Z`): a date, then optionally
    ///   `T`, `t` or one space and hours, minutes, seconds with up to nine digits of fraction after `.` or `,`, then
    ///   optionally `Z`, `±HH:MM`, `±HHMM` or `±HH`, also after one space. A date alone is its midnight. Without an
    ///   offset the text is read on `clock`; in a daylight-saving gap or overlap as
    ///   [`Zone::to_utc`](super::Zone::to_utc) says.
    /// - *A number* in decimal digits, as [`parse_number`](Self::parse_number) reads it.
    ///
    /// Digits alone that ISO 8601 reads as a date of 1677 to 2262 are that date, never a number: eight of them
    /// (`20250601`) are read as such, four or seven (a year, a year and the day in it) are refused. A fraction makes a
    /// number of them: `20250601.0`.
    ///
    /// # Errors
    /// Quotes the text and says what is wrong with it; a form of ISO 8601 that is not read is named.
    pub fn parse(text: &str, clock: &Clock) -> Result<Self, TimestampError> {
        Self::read(text.trim_ascii().as_bytes(), clock).map_err(|fault| TimestampError::new(text, fault))
    }

    /// Reads an instant from an address, where the `+` of an offset may have become a space: a text that is no instant
    /// is read again with `+` in place of its last space.
    ///
    /// # Errors
    /// As [`parse`](Self::parse) of the text as it is.
    pub fn parse_form(text: &str, clock: &Clock) -> Result<Self, TimestampError> {
        Self::parse(text, clock).or_else(|error| {
            let with_plus = text.rsplit_once(' ').map(|(time, offset)| [time, "+", offset].concat());
            with_plus.and_then(|text| Self::parse(&text, clock).ok()).ok_or(error)
        })
    }

    /// Reads a number since the epoch, such as a JSON number, digit by digit: seconds below 2e10 in size, milliseconds
    /// below 2e13, microseconds below 2e16, else nanoseconds. A fraction is kept, to the nearest nanosecond.
    ///
    /// # Errors
    /// Quotes the text: it is no number, or out of range.
    pub fn parse_number(text: &str) -> Result<Self, TimestampError> {
        epoch::read(text.trim_ascii().as_bytes()).map(Self).map_err(|fault| TimestampError::new(text, fault))
    }

    fn read(text: &[u8], clock: &Clock) -> Result<Self, TimestampFault> {
        let reading = match iso8601::read(text) {
            Ok(reading) => reading,
            Err(TimestampFault::Form) => {
                return match iso8601::explain(text) {
                    TimestampFault::Form => epoch::read(text).map(Self),
                    fault => Err(fault),
                };
            }
            Err(fault) => return Err(fault),
        };
        Self::from_reading(reading, clock)
    }

    /// Reads an instant in ISO 8601 alone.
    pub(super) fn parse_iso(text: &str, clock: &Clock) -> Result<Self, TimestampError> {
        let trimmed = text.trim_ascii().as_bytes();
        let reading = iso8601::read(trimmed).map_err(|fault| match fault {
            TimestampFault::Form => match iso8601::explain(trimmed) {
                TimestampFault::Form => TimestampFault::NotIso,
                fault => fault,
            },
            fault => fault,
        });
        let at = reading.and_then(|reading| Self::from_reading(reading, clock));
        at.map_err(|fault| TimestampError::new(text, fault))
    }

    /// The instant that a text names; without an offset, on `clock`.
    pub(super) fn from_reading(reading: iso8601::Reading, clock: &Clock) -> Result<Self, TimestampFault> {
        let utc_secs = match reading.offset_secs {
            Some(offset) => reading.wall_secs - i64::from(offset),
            None => clock.zone().to_utc(reading.wall_secs),
        };
        let nanos = i128::from(utc_secs) * i128::from(NANOS_PER_SEC) + i128::from(reading.nanos);
        i64::try_from(nanos).ok().filter(|nanos| *nanos != i64::MIN).map(Self).ok_or(TimestampFault::OutOfRange)
    }

    /// Appends the instant as `clock` prints it: no fraction when it is zero, else six digits, nine when the
    /// nanoseconds need them; `Z` at the end on the `utc` clock.
    ///
    /// [`parse`](Self::parse) on the same clock reads the text back to the same instant. For that, an instant whose wall
    /// clock reading means an earlier instant too, in the second pass of a repeated hour, has its offset at the end; in
    /// `Z` if the offset is not in whole minutes, as local mean times are.
    pub fn write_to(self, clock: &Clock, out: &mut Vec<u8>) {
        let utc_secs = self.0.div_euclid(NANOS_PER_SEC);
        let nanos = self.0.rem_euclid(NANOS_PER_SEC) as u32;
        let (offset_secs, is_repeated) = clock.zone().wall_offset_at(utc_secs);
        if is_repeated && offset_secs % 60 != 0 {
            return self.write_to(&Clock::Utc, out);
        }
        let local_secs = utc_secs + i64::from(offset_secs);
        let (days, second_of_day) = (local_secs.div_euclid(86_400), local_secs.rem_euclid(86_400) as u32);
        let (year, month, day) = civil_from_days(days);
        // Written into an array and appended at once: this runs for every row of a response.
        let mut text = *b"0000-00-00T00:00:00.000000000+00:00";
        digits(&mut text[0..4], year);
        digits(&mut text[5..7], month);
        digits(&mut text[8..10], day);
        digits(&mut text[11..13], second_of_day / 3600);
        digits(&mut text[14..16], second_of_day / 60 % 60);
        digits(&mut text[17..19], second_of_day % 60);
        let len = match nanos {
            0 => 19,
            _ if nanos.is_multiple_of(1000) => {
                digits(&mut text[20..26], nanos / 1000);
                26
            }
            _ => {
                digits(&mut text[20..29], nanos);
                29
            }
        };
        let suffix = &mut text[len..len + 6];
        let suffix_len = if clock.is_utc() {
            suffix[0] = b'Z';
            1
        } else if is_repeated {
            let minutes = offset_secs.unsigned_abs() / 60;
            suffix[0] = if offset_secs < 0 { b'-' } else { b'+' };
            suffix[3] = b':';
            digits(&mut suffix[1..3], minutes / 60);
            digits(&mut suffix[4..6], minutes % 60);
            6
        } else {
            0
        };
        out.extend_from_slice(&text[..len + suffix_len]);
    }

    /// The instant as `clock` prints it; see [`write_to`](Self::write_to).
    pub fn to_text(self, clock: &Clock) -> String {
        let mut out = Vec::with_capacity(32);
        self.write_to(clock, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        self.saturating_add(duration)
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, duration: Duration) -> Self {
        self.saturating_sub(duration)
    }
}

impl Sub for Timestamp {
    type Output = Duration;
    fn sub(self, other: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(other.0))
    }
}

/// Writes `number` into these digits, with leading zeros.
fn digits(places: &mut [u8], mut number: u32) {
    for place in places.iter_mut().rev() {
        *place = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Year, month and day of a day counted from 1970-01-01 in the proleptic Gregorian calendar.
///
/// Source: Howard Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`; chrono's own conversion
/// goes through day-of-year tables and costs several times as much. A test compares the two.
fn civil_from_days(days: i64) -> (u32, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097) as u32;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = era * 400 + i64::from(year_of_era) + i64::from(month <= 2);
    (year as u32, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Datelike};

    fn utc(text: &str) -> Result<i64, String> {
        Timestamp::parse(text, &Clock::Utc).map(Timestamp::as_nanos).map_err(|e| e.to_string())
    }

    /// 2025-06-01T12:00:00Z.
    const NOON: i64 = 1_748_779_200 * NANOS_PER_SEC;

    #[test]
    fn forms_of_time_are_read() {
        for (text, nanos) in [
            ("2025-06-01", NOON - 12 * 3600 * NANOS_PER_SEC),
            ("20250601", NOON - 12 * 3600 * NANOS_PER_SEC),
            ("2025-06-01T12", NOON),
            ("2025-06-01 12:00", NOON),
            ("2025-06-01T14:00:00+0200", NOON),
            ("2025-06-01T14:00:00+02", NOON),
            ("2025-06-01T14:00:00 +02:00", NOON),
            ("2025-06-01T12:00:00,5Z", NOON + 500_000_000),
            ("20250601T120000Z", NOON),
            ("20250601T1200", NOON),
            ("20250601T12", NOON),
            ("1748779200", NOON),
            ("1748779200000", NOON),
            ("1748779200.000000001", NOON + 1),
            (" 2025-06-01T12:00:00Z\n", NOON),
            ("20250601.0", 20_250_601 * NANOS_PER_SEC),
            ("12345678", 12_345_678 * NANOS_PER_SEC),
            ("-1", -NANOS_PER_SEC),
            ("1969-12-31T23:59:59.999999999", -1),
        ] {
            assert_eq!(utc(text), Ok(nanos), "{text}");
        }
    }

    #[test]
    fn a_json_number_is_never_a_date() {
        assert_eq!(Timestamp::parse_number("20250601"), Ok(Timestamp(20_250_601 * NANOS_PER_SEC)));
        assert_eq!(Timestamp::parse_number("1.7487792e9"), Ok(Timestamp(NOON)));
        assert!(Timestamp::parse_number("2025-06-01").is_err());
    }

    #[test]
    fn a_plus_that_became_a_space_is_read_as_a_plus() {
        let read = |text| Timestamp::parse_form(text, &Clock::Utc).map(Timestamp::as_nanos).ok();
        for text in [
            "2025-06-01T14:00:00 02:00",
            "2025-06-01T14:00:00 0200",
            "2025-06-01T14:00:00 02",
            "2025-06-01T14:00:00  02:00",
            "2025-06-01 14:00 02:00",
            "20250601T14 02",
            "1.7487792e 9",
            " 1748779200",
        ] {
            assert_eq!(read(text), Some(NOON), "{text}");
        }
        assert_eq!(read("2025-06-01 12"), Some(NOON));
        for text in ["2025 06", "2025-06 01", "1748779200 02", "2025-06-01T12:00 5", "noon 02"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn an_error_quotes_the_text_and_says_what_is_so() {
        for (text, reason) in [
            ("garbage", "is not an ISO 8601 date and time, such as 2025-06-01T21:15:07.5 or 2025-06-01"),
            ("", "is not an ISO 8601 date and time"),
            ("2025-W23-1", "is an ISO 8601 week date"),
            ("2025-06", "is an ISO 8601 month"),
            ("20251301", "names a day that does not exist"),
            ("1677-09-20", "is out of range"),
            ("2262-04-12", "is out of range"),
            ("0001-01-01", "is out of range"),
            ("19999999999", "is out of range"),
        ] {
            let message = utc(text).expect_err(text);
            assert!(message.starts_with(&format!("\"{text}\" {reason}")), "{message}");
        }
        let message = utc(&"x".repeat(100_000)).unwrap_err();
        assert!(message.chars().count() < 400, "{message}");
    }

    #[test]
    fn prints_no_fraction_six_digits_or_nine() {
        for (nanos, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (500_000_000, "1970-01-01T00:00:00.500000Z"),
            (1, "1970-01-01T00:00:00.000000001Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"),
        ] {
            assert_eq!(Timestamp(nanos).to_text(&Clock::Utc), text);
        }
    }

    #[test]
    fn the_extremes_survive_a_round_trip() {
        for nanos in [i64::MIN + 1, i64::MAX, -8_520_336_000_000_000_000, 0, 951_782_400_000_000_000] {
            assert_eq!(utc(&Timestamp(nanos).to_text(&Clock::Utc)), Ok(nanos));
        }
    }

    #[test]
    fn civil_dates_equal_chronos() {
        for days in (-107_000..107_000).step_by(13) {
            let date = DateTime::from_timestamp(days * 86_400, 0).unwrap();
            assert_eq!(civil_from_days(days), (date.year() as u32, date.month(), date.day()));
        }
    }
}
