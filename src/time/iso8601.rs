//! Dates and times of ISO 8601, extended (`2025-06-01T21:15:07`) and basic (`20250601T211507`).
//!
//! Read [`read`] first; [`explain`] names the forms of the standard that are not read.

use chrono::NaiveDate;

use super::cursor::Cursor;
use super::timestamp_error::TimestampFault as Fault;

/// The years of which all or some days are instants. Digits alone that begin with one are a date, not a number.
const YEARS: std::ops::RangeInclusive<u32> = 1677..=2262;

/// What a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    /// The date and time in seconds since the epoch, as if they were UTC.
    pub(super) wall_secs: i64,
    /// The fraction of the second.
    pub(super) nanos: u32,
    /// The offset, if the text has one, in seconds east of UTC.
    pub(super) offset_secs: Option<i32>,
}

/// Reads a date, then optionally `T`, `t` or one space and hours, minutes and seconds with up to nine digits of
/// fraction, then optionally `Z` or an offset, also after one space. Date and time are extended or basic, each by itself.
///
/// [`Fault::Form`] means that it is none of these; [`explain`] may know more.
pub(super) fn read(text: &[u8]) -> Result<Reading, Fault> {
    let mut cursor = Cursor(text);
    let year = cursor.number(4)?;
    let is_extended = cursor.accept(b"-").is_some();
    let month = cursor.number(2)?;
    if is_extended {
        cursor.accept(b"-").ok_or(Fault::Form)?;
    }
    let day = cursor.number(2)?;
    let time = match cursor.peek() {
        // Eight digits in which no year of ours stands are a number.
        None if !is_extended && !YEARS.contains(&year) => return Err(Fault::Form),
        None => Time::default(),
        Some(b'T' | b't' | b' ') => {
            cursor.skip();
            if matches!(cursor.peek(), Some(b'Z' | b'z' | b'+' | b'-')) {
                return Err(Fault::OffsetOfDate);
            }
            Time::read(&mut cursor)?
        }
        Some(b'Z' | b'z' | b'+' | b'-') => return Err(Fault::OffsetOfDate),
        Some(_) => return Err(Fault::Form),
    };
    let offset_secs = read_offset(&mut cursor)?;
    let date = NaiveDate::from_ymd_opt(year as i32, month, day).ok_or(Fault::NoSuchDay)?;
    time.check()?;
    let wall = date.and_hms_opt(time.hour, time.minute, time.second).ok_or(Fault::NoSuchTime)?;
    Ok(Reading { wall_secs: wall.and_utc().timestamp(), nanos: time.nanos, offset_secs })
}

/// A time of day; midnight by default.
#[derive(Default)]
struct Time {
    hour: u32,
    minute: u32,
    second: u32,
    nanos: u32,
}

impl Time {
    /// Hours, then minutes, then seconds with a fraction: all with colons between them or all without.
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Fault> {
        let mut time = Self { hour: cursor.number(2)?, ..Self::default() };
        let is_extended = cursor.peek() == Some(b':');
        let goes_on = |cursor: &mut Cursor<'_>| {
            if is_extended { cursor.accept(b":").is_some() } else { cursor.peek().is_some_and(|b| b.is_ascii_digit()) }
        };
        let has_second = if goes_on(cursor) {
            time.minute = cursor.number(2)?;
            goes_on(cursor)
        } else {
            false
        };
        if has_second {
            time.second = cursor.number(2)?;
        }
        if cursor.accept(b".,").is_some() {
            if !has_second {
                return Err(Fault::FractionOfMinute);
            }
            time.nanos = cursor.fraction()?;
        }
        Ok(time)
    }

    fn check(&self) -> Result<(), Fault> {
        match self {
            Self { hour: 24, minute: 0, second: 0, nanos: 0 } => Err(Fault::Hour24),
            Self { hour: 0..=23, minute: 0..=59, second: 60, .. } => Err(Fault::LeapSecond),
            _ => Ok(()),
        }
    }
}

/// The rest of a text: nothing, `Z`, `±HH:MM`, `±HHMM` or `±HH`, also after one space.
fn read_offset(cursor: &mut Cursor<'_>) -> Result<Option<i32>, Fault> {
    if cursor.0.is_empty() {
        return Ok(None);
    }
    let has_blank = cursor.accept(b" ").is_some();
    let Some(sign) = cursor.accept(b"Zz+-") else {
        return Err(match cursor.0 {
            rest if rest.eq_ignore_ascii_case(b"am") || rest.eq_ignore_ascii_case(b"pm") => Fault::Form,
            [b'[' | b'a'..=b'z' | b'A'..=b'Z', ..] => Fault::Letters,
            [b'0'..=b'9', ..] if has_blank => Fault::OffsetForm,
            // A typographer's minus sign.
            [0xe2, 0x88, 0x92, ..] => Fault::OffsetForm,
            _ => Fault::Form,
        });
    };
    if matches!(sign, b'Z' | b'z') {
        return match cursor.peek() {
            None => Ok(Some(0)),
            Some(b'[') => Err(Fault::Letters),
            Some(_) => Err(Fault::Form),
        };
    }
    let hours = cursor.number(2).map_err(|_| Fault::OffsetForm)?;
    let has_minutes = cursor.accept(b":").is_some() || cursor.peek().is_some_and(|byte| byte.is_ascii_digit());
    let minutes = if has_minutes { cursor.number(2).map_err(|_| Fault::OffsetForm)? } else { 0 };
    match cursor.peek() {
        None if hours > 23 || minutes > 59 => Err(Fault::OffsetRange),
        None => {
            let secs = (hours * 3600 + minutes * 60) as i32;
            Ok(Some(if sign == b'-' { -secs } else { secs }))
        }
        // The second instant of an interval stands after a slash.
        Some(b'/') => Err(Fault::Form),
        Some(b'[') => Err(Fault::Letters),
        Some(_) => Err(Fault::OffsetForm),
    }
}

/// The form of ISO 8601 that a text has which [`read`] does not read; [`Fault::Form`] when it has none.
/// Digits alone are a number of seconds, unless they are the eight of a day: a table of elapsed seconds has all numbers.
pub(super) fn explain(text: &[u8]) -> Fault {
    let first_digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = &text[first_digits..];
    if let Some(slash) = text.iter().position(|byte| *byte == b'/')
        && (read(&text[..slash]).is_ok() || text[0] == b'P')
    {
        return Fault::Interval;
    }
    match (first_digits, rest) {
        (4, [b'-', month @ ..]) if is_number(month, 2) => Fault::Reduced,
        (7, [b'T' | b't' | b' ', b'0'..=b'9', ..]) => Fault::OrdinalDate,
        (4, [b'-', day @ ..])
            if is_number(&day[..day.len().min(3)], 3) && !matches!(day.get(3), Some(b'0'..=b'9' | b'-')) =>
        {
            Fault::OrdinalDate
        }
        (4, [b'-', b'W' | b'w', b'0'..=b'9', ..] | [b'W' | b'w', b'0'..=b'9', ..]) => Fault::WeekDate,
        (2, [b':', b'0'..=b'9', ..]) | (0, [b'T' | b't', b'0'..=b'9', b'0'..=b'9', ..]) => Fault::TimeOnly,
        (0, [b'P', b'T' | b'0'..=b'9', ..]) => Fault::Duration,
        (0, [b'+' | b'-', year @ ..]) => {
            let digits = year.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits >= 4 && year.get(digits) == Some(&b'-') { Fault::ExpandedYear } else { Fault::Form }
        }
        _ => Fault::Form,
    }
}

/// Whether a text is this many digits and no more.
fn is_number(text: &[u8], width: usize) -> bool {
    text.len() == width && text.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2025-06-01.
    const DAY: i64 = 1_748_736_000;

    fn secs(text: &str) -> (i64, Option<i32>) {
        let reading = read(text.as_bytes()).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
        (reading.wall_secs - DAY, reading.offset_secs)
    }

    #[test]
    fn dates_and_times_are_extended_or_basic() {
        let quarter_past = 21 * 3600 + 15 * 60;
        for date in ["2025-06-01", "20250601"] {
            assert_eq!(secs(date), (0, None));
            for separator in ["T", "t", " "] {
                for (time, expected) in [
                    ("21", 21 * 3600),
                    ("21:15", quarter_past),
                    ("2115", quarter_past),
                    ("21:15:07", quarter_past + 7),
                    ("211507", quarter_past + 7),
                ] {
                    for (offset, offset_secs) in [
                        ("", None),
                        ("Z", Some(0)),
                        ("z", Some(0)),
                        (" Z", Some(0)),
                        ("+02:00", Some(7200)),
                        ("+0200", Some(7200)),
                        ("+02", Some(7200)),
                        (" +02:00", Some(7200)),
                        (" -0430", Some(-16_200)),
                        (" -04", Some(-14_400)),
                        ("-00:00", Some(0)),
                        ("+23:59", Some(86_340)),
                    ] {
                        let text = [date, separator, time, offset].concat();
                        assert_eq!(secs(&text), (expected, offset_secs), "{text}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_second_has_up_to_nine_digits_of_fraction() {
        for (fraction, nanos) in
            [("", 0), (".", 0), (",", 0), (".5", 500_000_000), (",25", 250_000_000), (".123456789", 123_456_789)]
        {
            for time in ["2025-06-01T21:15:07", "20250601T211507"] {
                for offset in ["", "Z", " +02"] {
                    let text = [time, fraction, offset].concat();
                    assert_eq!(read(text.as_bytes()).map(|reading| reading.nanos), Ok(nanos), "{text}");
                }
            }
        }
    }

    #[test]
    fn what_is_refused_is_named_as_what_it_is() {
        for (text, fault) in [
            ("", Fault::Form),
            ("garbage", Fault::Form),
            ("2025-6-1", Fault::Form),
            ("2025-0601", Fault::Form),
            ("01.06.2025", Fault::Form),
            ("06/01/2025", Fault::Form),
            ("2025/06/01", Fault::Form),
            ("2025-06-01T", Fault::Form),
            ("2025-06-01T1", Fault::Form),
            ("2025-06-01T12:0", Fault::Form),
            ("2025-06-01T12:0000", Fault::Form),
            ("2025-06-01T1200:00", Fault::Form),
            ("2025-06-01  21:15", Fault::Form),
            ("2025-06-01T09:00 PM", Fault::Form),
            ("２０２５-06-01", Fault::Form),
            ("2025-06", Fault::Reduced),
            ("2025-W23", Fault::WeekDate),
            ("2025-W23-1", Fault::WeekDate),
            ("2025W231", Fault::WeekDate),
            ("2025-W23-1T12:00:00Z", Fault::WeekDate),
            ("2025-152", Fault::OrdinalDate),
            ("2025-152T12:00", Fault::OrdinalDate),
            ("2025152T1200", Fault::OrdinalDate),
            ("+002025-06-01", Fault::ExpandedYear),
            ("-0044-03-15", Fault::ExpandedYear),
            ("2025-06-01/2025-06-02", Fault::Interval),
            ("2025-06-01T12:00Z/P1D", Fault::Interval),
            ("P1D", Fault::Duration),
            ("PT5S", Fault::Duration),
            ("12:00", Fault::TimeOnly),
            ("T12:00:00", Fault::TimeOnly),
            ("2025-06-01Z", Fault::OffsetOfDate),
            ("2025-06-01+02:00", Fault::OffsetOfDate),
            ("20250601-1030", Fault::OffsetOfDate),
            ("2025-06-01 Z", Fault::OffsetOfDate),
            ("2025-02-29", Fault::NoSuchDay),
            ("20250230", Fault::NoSuchDay),
            ("2025-13-01", Fault::NoSuchDay),
            ("2025-00-10T12:00", Fault::NoSuchDay),
            ("2025-06-01T25:00", Fault::NoSuchTime),
            ("2025-06-01T24:01", Fault::NoSuchTime),
            ("2025-06-01T21:60", Fault::NoSuchTime),
            ("2025-06-01T21:15:61", Fault::NoSuchTime),
            ("2025-06-01T24:00", Fault::Hour24),
            ("20250601T240000Z", Fault::Hour24),
            ("2016-12-31T23:59:60Z", Fault::LeapSecond),
            ("2025-06-01T12:30.5", Fault::FractionOfMinute),
            ("20250601T12,5", Fault::FractionOfMinute),
            ("2025-06-01T21:15:07.1234567890", Fault::TooFine),
            ("2025-06-01T21:15:07+2", Fault::OffsetForm),
            ("2025-06-01T21:15:07+2:00", Fault::OffsetForm),
            ("2025-06-01T21:15:07+02:00:00", Fault::OffsetForm),
            ("2025-06-01T21:15:07+02:", Fault::OffsetForm),
            ("2025-06-01T21:15:07 02:00", Fault::OffsetForm),
            ("2025-06-01T21:15:07\u{2212}02:00", Fault::OffsetForm),
            ("2025-06-01T21:15:07+24:00", Fault::OffsetRange),
            ("2025-06-01T21:15:07-02:60", Fault::OffsetRange),
            ("2025-06-01T21:15:07 CEST", Fault::Letters),
            ("2025-06-01T21:15:07Z[Europe/Berlin]", Fault::Letters),
            ("2025-06-01T21:15:07 Europe/Berlin", Fault::Letters),
        ] {
            let found = match read(text.as_bytes()) {
                Err(Fault::Form) => explain(text.as_bytes()),
                Err(fault) => fault,
                Ok(reading) => panic!("{text} is read as {reading:?}"),
            };
            assert_eq!(found, fault, "{text}");
        }
    }

    #[test]
    fn numbers_are_left_to_their_reader() {
        for text in [
            "1748779200",
            "1748779200000",
            "12345678",
            "20250601.5",
            "20250601e3",
            "1000",
            "2025",
            "2025152",
            "-2025",
            "12345.5",
        ] {
            assert_eq!(read(text.as_bytes()), Err(Fault::Form), "{text}");
            assert_eq!(explain(text.as_bytes()), Fault::Form, "{text}");
        }
    }
}
