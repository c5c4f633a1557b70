//! Instants: nanoseconds since the Unix epoch in UTC.

use std::fmt;
use std::ops::{Add, Sub};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::{Clock, Duration};

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

    /// The instant this many milliseconds after the epoch, as exact as an f64 holds it, to the nanosecond.
    pub fn from_millis_f64(millis: f64) -> Self {
        let whole = millis.floor();
        let nanos = ((millis - whole) * 1e6).round() as i64;
        Self((whole as i64).saturating_mul(1_000_000).saturating_add(nanos))
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

    /// Reads ISO 8601: a date, then optionally `T`, `t` or one space and hours, minutes, seconds with up to nine
    /// digits of fraction, then optionally `Z` or `±HH:MM`.
    ///
    /// Without an offset the text is read on `clock`; in a daylight-saving gap or overlap as
    /// [`Zone::to_utc`](super::Zone::to_utc) says.
    ///
    /// # Errors
    /// Quotes the text and says what is wrong with it: not of this form, no such day or time, or out of range.
    pub fn parse(text: &str, clock: &Clock) -> Result<Self, TimestampError> {
        let (naive, offset_secs) = parse_parts(text)?;
        let whole_secs = naive.and_utc().timestamp();
        let utc_secs = match offset_secs {
            Some(offset) => whole_secs - i64::from(offset),
            None => clock.zone().to_utc(whole_secs),
        };
        i64::try_from(
            i128::from(utc_secs) * i128::from(NANOS_PER_SEC) + i128::from(naive.and_utc().timestamp_subsec_nanos()),
        )
        .ok()
        .filter(|nanos| *nanos != i64::MIN)
        .map(Self)
        .ok_or_else(|| TimestampError::new(text, TimestampFault::OutOfRange))
    }

    /// Appends the instant as `clock` prints it: no fraction when it is zero, else six digits, nine when the
    /// nanoseconds need them; `Z` at the end on the `utc` clock.
    pub fn write_to(self, clock: &Clock, out: &mut Vec<u8>) {
        let utc_secs = self.0.div_euclid(NANOS_PER_SEC);
        let nanos = self.0.rem_euclid(NANOS_PER_SEC) as u32;
        let local_secs = utc_secs + i64::from(clock.zone().offset_at(utc_secs));
        let (days, second_of_day) = (local_secs.div_euclid(86_400), local_secs.rem_euclid(86_400) as u32);
        let (year, month, day) = civil_from_days(days);
        // Written into an array and appended at once: this runs for every row of a response.
        let mut text = *b"0000-00-00T00:00:00.000000000Z";
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
        text[len] = b'Z';
        out.extend_from_slice(&text[..len + usize::from(clock.is_utc())]);
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

/// The date and time that the text names, and its offset from UTC in seconds if it has one.
fn parse_parts(text: &str) -> Result<(NaiveDateTime, Option<i32>), TimestampError> {
    let form = || TimestampError::new(text, TimestampFault::Form);
    let value = || TimestampError::new(text, TimestampFault::Value);
    let mut cursor = Cursor(text.as_bytes());
    let year = cursor.number(4).ok_or_else(form)?;
    cursor.expect(b"-").ok_or_else(form)?;
    let month = cursor.number(2).ok_or_else(form)?;
    cursor.expect(b"-").ok_or_else(form)?;
    let day = cursor.number(2).ok_or_else(form)?;
    let date = NaiveDate::from_ymd_opt(year as i32, month, day).ok_or_else(value)?;
    if cursor.0.is_empty() {
        return Ok((date.and_time(NaiveTime::MIN), None));
    }
    cursor.expect(b"Tt ").ok_or_else(form)?;
    let hour = cursor.number(2).ok_or_else(form)?;
    let (mut minute, mut second, mut nanos) = (0, 0, 0);
    if cursor.expect(b":").is_some() {
        minute = cursor.number(2).ok_or_else(form)?;
        if cursor.expect(b":").is_some() {
            second = cursor.number(2).ok_or_else(form)?;
            if cursor.expect(b".").is_some() {
                nanos = cursor.fraction().ok_or_else(form)?;
            }
        }
    }
    let time = NaiveTime::from_hms_nano_opt(hour, minute, second, nanos).ok_or_else(value)?;
    let offset_secs = match cursor.expect(b"Zz+-") {
        None => None,
        Some(b'Z' | b'z') => Some(0),
        Some(sign) => {
            let hours = cursor.number(2).ok_or_else(form)?;
            cursor.expect(b":").ok_or_else(form)?;
            let minutes = cursor.number(2).ok_or_else(form)?;
            if hours > 23 || minutes > 59 {
                return Err(value());
            }
            let secs = (hours * 3600 + minutes * 60) as i32;
            Some(if sign == b'-' { -secs } else { secs })
        }
    };
    if !cursor.0.is_empty() {
        return Err(form());
    }
    Ok((date.and_time(time), offset_secs))
}

/// The unread rest of a timestamp.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    /// Exactly `width` digits.
    fn number(&mut self, width: usize) -> Option<u32> {
        let (head, tail) = self.0.split_at_checked(width)?;
        let number =
            head.iter().try_fold(0, |number, b| b.is_ascii_digit().then(|| number * 10 + u32::from(b - b'0')))?;
        self.0 = tail;
        Some(number)
    }

    /// One to nine digits after the point, in nanoseconds; none at all count as zero, as in `12:00:00.`.
    fn fraction(&mut self) -> Option<u32> {
        let width = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        let number = if width == 0 { 0 } else { self.number((width <= 9).then_some(width)?)? };
        Some(number * 10_u32.pow(9 - width as u32))
    }

    /// The next byte if it is one of these.
    fn expect(&mut self, bytes: &[u8]) -> Option<u8> {
        let (first, tail) = self.0.split_first()?;
        bytes.contains(first).then(|| {
            self.0 = tail;
            *first
        })
    }
}

/// A text that is not a timestamp, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimestampError {
    text: String,
    fault: TimestampFault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TimestampFault {
    Form,
    Value,
    OutOfRange,
}

impl TimestampError {
    fn new(text: &str, fault: TimestampFault) -> Self {
        Self { text: text.to_owned(), fault }
    }
}

impl fmt::Display for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &self.text;
        match self.fault {
            TimestampFault::Form => {
                write!(f, "\"{text}\" is not an ISO 8601 date and time, such as 2025-06-01T21:15:07.5 or 2025-06-01")
            }
            TimestampFault::Value => write!(f, "\"{text}\" names a day or time that does not exist"),
            TimestampFault::OutOfRange => {
                write!(f, "\"{text}\" is out of range; timestamps reach from 1677-09-21 to 2262-04-11")
            }
        }
    }
}

impl std::error::Error for TimestampError {}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Datelike};

    fn utc(text: &str) -> Result<i64, String> {
        Timestamp::parse(text, &Clock::Utc).map(Timestamp::as_nanos).map_err(|e| e.to_string())
    }

    #[test]
    fn reads_every_documented_form() {
        let base = 1_748_736_000 * NANOS_PER_SEC; // 2025-06-01
        let quarter_past = base + (21 * 3600 + 15 * 60 + 7) * NANOS_PER_SEC;
        for (text, nanos) in [
            ("2025-06-01", base),
            ("2025-06-01T21", base + 21 * 3600 * NANOS_PER_SEC),
            ("2025-06-01 21:15", base + (21 * 3600 + 900) * NANOS_PER_SEC),
            ("2025-06-01t21:15:07", quarter_past),
            ("2025-06-01T21:15:07.", quarter_past),
            ("2025-06-01T21:15:07.5", quarter_past + 500_000_000),
            ("2025-06-01T21:15:07.123456789", quarter_past + 123_456_789),
            ("2025-06-01T21:15:07Z", quarter_past),
            ("2025-06-01T23:15:07+02:00", quarter_past),
            ("2025-06-01T16:45:07.000-04:30", quarter_past),
            ("1969-12-31T23:59:59.999999999", -1),
        ] {
            assert_eq!(utc(text), Ok(nanos), "{text}");
        }
    }

    #[test]
    fn refuses_everything_else_and_quotes_it() {
        for text in [
            "",
            "garbage",
            "2025",
            "2025-06",
            "20250601",
            "2025-6-1",
            "2025-02-30",
            "2025-06-01T24:00",
            "2025-06-01T21:60",
            "2025-06-01T21:15:60",
            "2025-06-01T21:15:07.1234567890",
            "2025-06-01  21:15",
            "2025-06-01T21:15:07+0200",
            "2025-06-01T21:15:07+24:00",
            "2025-06-01T21:15:07 Z",
            "2025-06-01T",
            "1677-09-20",
            "2262-04-12",
            "２０２５-06-01",
        ] {
            let message = utc(text).expect_err(text);
            assert!(message.contains(&format!("\"{text}\"")), "{message}");
        }
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
