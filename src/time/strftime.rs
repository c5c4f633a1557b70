//! Dates and times by a strftime pattern, such as `%d.%m.%Y %H:%M:%S`.
//!
//! The directives are those of Python's `strptime`, as `pandas.to_datetime(format=…)` reads them, with two liberties:
//! fractions have up to nine digits, and a fraction behind a point may be missing with its point, as Python prints
//! times of whole seconds.

use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;

use super::cursor::Cursor;
use super::iso8601::Reading;
use super::quoted::quoted;
use super::timestamp_error::TimestampFault as Fault;

/// Maximum length of a pattern in bytes.
pub const MAX_PATTERN_BYTES: usize = 100;

/// A strftime pattern, ready to read texts by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimePattern {
    text: Arc<str>,
    steps: Arc<[Step]>,
}

/// What stands next in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Part(Part),
    /// A point or a comma and digits, or neither.
    PointAndFraction,
    /// One blank or more.
    Blanks,
    /// Blanks or none: the padding of a number.
    Padding,
    /// These bytes.
    Literal(Box<[u8]>),
}

/// What a directive reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Year,
    /// Two digits: 1969 to 2068, as POSIX has it.
    ShortYear,
    Month,
    MonthName,
    Day,
    DayOfYear,
    WeekdayName,
    Hour,
    Hour12,
    Minute,
    Second,
    Fraction,
    Meridiem,
    Offset,
    UtcName,
    EpochSecs,
}

/// The directives, by their letters.
const DIRECTIVES: [(u8, Part); 23] = [
    (b'Y', Part::Year),
    (b'y', Part::ShortYear),
    (b'm', Part::Month),
    (b'b', Part::MonthName),
    (b'B', Part::MonthName),
    (b'h', Part::MonthName),
    (b'd', Part::Day),
    (b'e', Part::Day),
    (b'j', Part::DayOfYear),
    (b'a', Part::WeekdayName),
    (b'A', Part::WeekdayName),
    (b'H', Part::Hour),
    (b'k', Part::Hour),
    (b'I', Part::Hour12),
    (b'l', Part::Hour12),
    (b'M', Part::Minute),
    (b'S', Part::Second),
    (b'f', Part::Fraction),
    (b'p', Part::Meridiem),
    (b'P', Part::Meridiem),
    (b'z', Part::Offset),
    (b'Z', Part::UtcName),
    (b's', Part::EpochSecs),
];

/// Directives that stand for several.
const SHORTHANDS: [(u8, &str); 4] = [(b'F', "%Y-%m-%d"), (b'T', "%H:%M:%S"), (b'R', "%H:%M"), (b'D', "%m/%d/%y")];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError {
    /// The pattern in quotes, cut.
    quoted: String,
    fault: PatternFault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PatternFault {
    TooLong,
    OpenDirective,
    Unknown(char),
    /// Two directives that read the same.
    Twice(Part),
    NoDay,
    NoMeridiem,
    EpochAndMore,
}

impl TimePattern {
    /// Reads a pattern: directives of strftime, blanks, each of which reads one blank or more, and text that is read as
    /// it is. A flag behind the percent sign (`%-d`) changes nothing: numbers are read with and without padding.
    ///
    /// | directive | reads |
    /// |---|---|
    /// | `%Y` `%y` | a year of four digits, of two (69 to 99 are of the 20th century) |
    /// | `%m` `%b` `%B` | a month as number, as English name, short or whole |
    /// | `%d` `%j` | the day in the month, in the year |
    /// | `%a` `%A` | an English weekday, which does not count |
    /// | `%H` `%I` `%p` | the hour of 24, of 12, `AM` or `PM` |
    /// | `%M` `%S` `%f` | minute, second, fraction of one to nine digits |
    /// | `%z` `%Z` | `Z`, `±HH:MM`, `±HHMM`, `±HH`; `UTC`, `GMT`, `Z` |
    /// | `%s` | whole seconds since the epoch |
    /// | `%F` `%T` `%R` `%D` | `%Y-%m-%d`, `%H:%M:%S`, `%H:%M`, `%m/%d/%y` |
    /// | `%%` | a percent sign |
    ///
    /// # Errors
    /// Quotes the pattern: an unknown directive, two for the same part, no day in it, `%I` without `%p`.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let fail = |fault| Err(PatternError { quoted: quoted(text), fault });
        if text.len() > MAX_PATTERN_BYTES {
            return fail(PatternFault::TooLong);
        }
        let mut steps = Vec::new();
        if let Err(fault) = compile(text, &mut steps).and_then(|()| check(&steps)) {
            return fail(fault);
        }
        Ok(Self { text: text.into(), steps: steps.into() })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether texts name their own offset, so that they are read without a zone.
    #[must_use]
    pub fn has_offset(&self) -> bool {
        let is_offset = |step: &Step| matches!(step, Step::Part(Part::Offset | Part::UtcName | Part::EpochSecs));
        self.steps.iter().any(is_offset)
    }

    /// Reads a text without blanks around it. [`Fault::Form`] means that it does not match.
    pub(super) fn read(&self, text: &[u8]) -> Result<Reading, Fault> {
        let mut cursor = Cursor(text);
        let mut parts = Parts::default();
        for step in &*self.steps {
            match step {
                Step::Part(part) => parts.read(*part, &mut cursor)?,
                Step::PointAndFraction => {
                    if cursor.accept(b".,").is_some() {
                        parts.read(Part::Fraction, &mut cursor)?;
                    }
                }
                Step::Blanks => {
                    cursor.accept(BLANKS).ok_or(Fault::Form)?;
                    while cursor.accept(BLANKS).is_some() {}
                }
                Step::Padding => while cursor.accept(BLANKS).is_some() {},
                Step::Literal(literal) => cursor.accept_text(literal).ok_or(Fault::Form)?,
            }
        }
        if cursor.peek().is_some() { Err(Fault::Form) } else { parts.reading() }
    }
}

const BLANKS: &[u8] = b" \t";

impl fmt::Display for TimePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Appends the steps of a pattern.
fn compile(text: &str, steps: &mut Vec<Step>) -> Result<(), PatternFault> {
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        rest = behind;
        match first {
            b'%' => rest = directive(behind, steps)?,
            b' ' | b'\t' => {
                if steps.last() != Some(&Step::Blanks) {
                    steps.push(Step::Blanks);
                }
            }
            _ => push_literal(steps, *first),
        }
    }
    Ok(())
}

/// Appends the steps of the directive behind a percent sign; returns what follows it.
fn directive<'a>(text: &'a [u8], steps: &mut Vec<Step>) -> Result<&'a [u8], PatternFault> {
    let flags = text.iter().take_while(|byte| matches!(byte, b'-' | b'_' | b'0' | b'#')).count();
    let (letter, rest) = text[flags..].split_first().ok_or(PatternFault::OpenDirective)?;
    if *letter == b'%' {
        push_literal(steps, b'%');
    } else if let Some((_, parts)) = SHORTHANDS.iter().find(|(name, _)| name == letter) {
        compile(parts, steps)?;
    } else if let Some((_, part)) = DIRECTIVES.iter().find(|(name, _)| name == letter) {
        push_part(steps, *part, matches!(letter, b'e' | b'k' | b'l'));
    } else {
        let unknown = String::from_utf8_lossy(&text[flags..]).chars().next().unwrap_or('%');
        return Err(PatternFault::Unknown(unknown));
    }
    Ok(rest)
}

fn push_literal(steps: &mut Vec<Step>, byte: u8) {
    if let Some(Step::Literal(literal)) = steps.last_mut() {
        *literal = [&literal[..], &[byte]].concat().into();
    } else {
        steps.push(Step::Literal([byte].into()));
    }
}

fn push_part(steps: &mut Vec<Step>, part: Part, is_padded: bool) {
    if part == Part::Fraction
        && let Some(Step::Literal(literal)) = steps.last_mut()
        && let Some((b'.' | b',', before)) = literal.split_last()
    {
        match before {
            [] => {
                steps.pop();
            }
            before => *literal = before.into(),
        }
        steps.push(Step::PointAndFraction);
        return;
    }
    if is_padded {
        steps.push(Step::Padding);
    }
    steps.push(Step::Part(part));
}

/// Whether the steps make one instant.
fn check(steps: &[Step]) -> Result<(), PatternFault> {
    let mut found: Vec<Part> = Vec::new();
    for step in steps {
        let part = match step {
            Step::Part(part) => part.meaning(),
            Step::PointAndFraction => Part::Fraction,
            Step::Blanks | Step::Padding | Step::Literal(_) => continue,
        };
        if found.contains(&part) {
            return Err(PatternFault::Twice(part));
        }
        found.push(part);
    }
    let has = |part| found.contains(&part);
    let is_hour12 = steps.contains(&Step::Part(Part::Hour12));
    let has_day = has(Part::Year) && (has(Part::DayOfYear) || has(Part::Month) && has(Part::Day));
    if has(Part::EpochSecs) {
        let is_alone = found.iter().all(|part| matches!(part, Part::EpochSecs | Part::Fraction));
        return if is_alone { Ok(()) } else { Err(PatternFault::EpochAndMore) };
    }
    if !has_day {
        return Err(PatternFault::NoDay);
    }
    if is_hour12 && !has(Part::Meridiem) { Err(PatternFault::NoMeridiem) } else { Ok(()) }
}

impl Part {
    /// The part that says the same.
    fn meaning(self) -> Self {
        match self {
            Self::ShortYear => Self::Year,
            Self::MonthName => Self::Month,
            Self::Hour12 => Self::Hour,
            Self::UtcName => Self::Offset,
            part => part,
        }
    }
}

/// What a text has said so far.
#[derive(Debug, Default)]
struct Parts {
    year: u32,
    month: u32,
    day: u32,
    day_of_year: Option<u32>,
    hour: u32,
    is_hour12: bool,
    is_afternoon: bool,
    minute: u32,
    second: u32,
    nanos: u32,
    offset_secs: Option<i32>,
    epoch_secs: Option<i64>,
    is_before_epoch: bool,
}

impl Parts {
    fn read(&mut self, part: Part, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        match part {
            Part::Year => self.year = cursor.number(4)?,
            Part::ShortYear => {
                let year = cursor.number(2)?;
                self.year = year + if year < 69 { 2000 } else { 1900 };
            }
            Part::Month => self.month = cursor.number_up_to(2)?,
            Part::MonthName => self.month = 1 + name(cursor, &MONTHS).ok_or(Fault::Form)?,
            Part::Day => self.day = cursor.number_up_to(2)?,
            Part::DayOfYear => self.day_of_year = Some(cursor.number_up_to(3)?),
            Part::WeekdayName => {
                name(cursor, &WEEKDAYS).ok_or(Fault::Form)?;
            }
            Part::Hour => self.hour = cursor.number_up_to(2)?,
            Part::Hour12 => {
                self.hour = cursor.number_up_to(2)?;
                self.is_hour12 = true;
                if !(1..=12).contains(&self.hour) {
                    return Err(Fault::NoSuchTime);
                }
            }
            Part::Minute => self.minute = cursor.number_up_to(2)?,
            Part::Second => self.second = cursor.number_up_to(2)?,
            Part::Fraction => {
                if cursor.digits() == 0 {
                    return Err(Fault::Form);
                }
                self.nanos = cursor.fraction()?;
            }
            Part::Meridiem => self.is_afternoon = meridiem(cursor).ok_or(Fault::Form)?,
            Part::Offset => self.offset_secs = Some(offset(cursor)?),
            Part::UtcName => {
                let is_utc = ["UTC", "GMT", "Z"].into_iter().any(|name| cursor.accept_word(name).is_some());
                let is_end = !cursor.peek().is_some_and(|byte| byte.is_ascii_alphabetic());
                if !(is_utc && is_end) {
                    return Err(Fault::Letters);
                }
                self.offset_secs = Some(0);
            }
            Part::EpochSecs => {
                self.is_before_epoch = cursor.accept(b"-").is_some();
                self.epoch_secs = Some(match cursor.digits() {
                    0 => return Err(Fault::Form),
                    width @ 1..=9 => i64::from(cursor.number(width)?),
                    width @ 10..=18 => {
                        let head = i64::from(cursor.number(width - 9)?);
                        head * 1_000_000_000 + i64::from(cursor.number(9)?)
                    }
                    _ => return Err(Fault::OutOfRange),
                });
            }
        }
        Ok(())
    }

    fn reading(self) -> Result<Reading, Fault> {
        if let Some(secs) = self.epoch_secs {
            let (wall_secs, nanos) = match (self.is_before_epoch, self.nanos) {
                (true, 0) => (-secs, 0),
                (true, nanos) => (-secs - 1, 1_000_000_000 - nanos),
                (false, nanos) => (secs, nanos),
            };
            return Ok(Reading { wall_secs, nanos, offset_secs: Some(0) });
        }
        let year = self.year as i32;
        let date = match self.day_of_year {
            Some(day) => NaiveDate::from_yo_opt(year, day),
            None => NaiveDate::from_ymd_opt(year, self.month, self.day),
        };
        let date = date.ok_or(Fault::NoSuchDay)?;
        let hour = match (self.is_hour12, self.is_afternoon) {
            (true, is_afternoon) => self.hour % 12 + if is_afternoon { 12 } else { 0 },
            (false, _) => self.hour,
        };
        let wall = match (hour, self.minute, self.second) {
            (24, 0, 0) if self.nanos == 0 => return Err(Fault::Hour24),
            (0..=23, 0..=59, 60) => return Err(Fault::LeapSecond),
            (hour, minute, second) => date.and_hms_opt(hour, minute, second).ok_or(Fault::NoSuchTime)?,
        };
        Ok(Reading { wall_secs: wall.and_utc().timestamp(), nanos: self.nanos, offset_secs: self.offset_secs })
    }
}

/// The place of the English name that is next, whole or by its first three letters.
fn name(cursor: &mut Cursor<'_>, names: &[&str]) -> Option<u32> {
    let letters = cursor.0.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let word = str::from_utf8(&cursor.0[..letters]).ok()?;
    let is_it = |name: &&str| {
        name.eq_ignore_ascii_case(word)
            || name[..3].eq_ignore_ascii_case(word)
            || *name == "September" && word.eq_ignore_ascii_case("Sept")
    };
    let place = names.iter().position(is_it)?;
    cursor.0 = &cursor.0[letters..];
    Some(place as u32)
}

/// Whether the afternoon is meant: `AM`, `PM`, `a.m.`, `p.m.`.
fn meridiem(cursor: &mut Cursor<'_>) -> Option<bool> {
    [("a.m.", false), ("p.m.", true), ("am", false), ("pm", true)]
        .into_iter()
        .find_map(|(word, is_afternoon)| cursor.accept_word(word).map(|()| is_afternoon))
}

/// `Z`, `±HH:MM`, `±HHMM` or `±HH`, in seconds east of UTC.
fn offset(cursor: &mut Cursor<'_>) -> Result<i32, Fault> {
    let sign = cursor.accept(b"Zz+-").ok_or(Fault::Form)?;
    if matches!(sign, b'Z' | b'z') {
        return Ok(0);
    }
    let hours = cursor.number(2).map_err(|_| Fault::OffsetForm)?;
    let has_minutes = cursor.accept(b":").is_some() || cursor.digits() > 0;
    let minutes = if has_minutes { cursor.number(2).map_err(|_| Fault::OffsetForm)? } else { 0 };
    if hours > 23 || minutes > 59 {
        return Err(Fault::OffsetRange);
    }
    let secs = (hours * 3600 + minutes * 60) as i32;
    Ok(if sign == b'-' { -secs } else { secs })
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.quoted)?;
        match self.fault {
            PatternFault::TooLong => write!(f, "is longer than the {MAX_PATTERN_BYTES} bytes that a pattern may have"),
            PatternFault::OpenDirective => f.write_str("ends in a lone percent sign; write %% for the sign itself"),
            PatternFault::Unknown(letter) => write!(
                f,
                "has the directive %{letter}, which is not read; use %Y %y %m %b %d %j %a %H %I %p %M %S %f %z %Z %s"
            ),
            PatternFault::Twice(part) => write!(f, "names {} twice; name it once", part.what()),
            PatternFault::NoDay => f.write_str("names no day; use %Y, %m and %d, as in %Y-%m-%d %H:%M:%S, or %s"),
            PatternFault::NoMeridiem => {
                f.write_str("has an hour of twelve, %I, but no %p for AM and PM; use %H or add %p")
            }
            PatternFault::EpochAndMore => {
                f.write_str("has seconds since the epoch, %s, beside a date; use one of them")
            }
        }
    }
}

impl std::error::Error for PatternError {}

impl Part {
    /// What it is called.
    fn what(self) -> &'static str {
        match self {
            Self::Year | Self::ShortYear => "the year",
            Self::Month | Self::MonthName => "the month",
            Self::Day => "the day",
            Self::DayOfYear => "the day of the year",
            Self::WeekdayName => "the weekday",
            Self::Hour | Self::Hour12 => "the hour",
            Self::Minute => "the minute",
            Self::Second => "the second",
            Self::Fraction => "the fraction",
            Self::Meridiem => "AM or PM",
            Self::Offset | Self::UtcName => "the offset",
            Self::EpochSecs => "the seconds since the epoch",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Clock, Timestamp, TimestampFormat, Zone};
    use chrono::DateTime;
    use proptest::prelude::*;

    fn read(pattern: &str, text: &str) -> Result<String, String> {
        let format = TimestampFormat::parse(pattern).unwrap_or_else(|error| panic!("{error}"));
        match format.read(text, &Clock::Utc) {
            Ok(at) => Ok(at.to_text(&Clock::Utc)),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn patterns_read_what_people_have() {
        for (pattern, text, expected) in [
            ("%d.%m.%Y %H:%M:%S", "05.06.2026 14:30:15", "2026-06-05T14:30:15Z"),
            ("%d/%m/%Y", "5/6/2026", "2026-06-05T00:00:00Z"),
            ("%m/%d/%Y %I:%M %p", "6/5/2026 2:30 PM", "2026-06-05T14:30:00Z"),
            ("%m/%d/%Y %I:%M %p", "6/5/2026 12:30 am", "2026-06-05T00:30:00Z"),
            ("%m/%d/%Y %I:%M:%S%p", "06/05/2026 12:30:01PM", "2026-06-05T12:30:01Z"),
            ("%d/%m/%y", "05/06/26", "2026-06-05T00:00:00Z"),
            ("%d/%m/%y", "05/06/69", "1969-06-05T00:00:00Z"),
            ("%d/%m/%y", "05/06/68", "2068-06-05T00:00:00Z"),
            ("%Y/%m/%d %H:%M:%S.%f", "2026/06/05 14:30:15.5", "2026-06-05T14:30:15.500000Z"),
            ("%Y/%m/%d %H:%M:%S.%f", "2026/06/05 14:30:15", "2026-06-05T14:30:15Z"),
            ("%Y/%m/%d %H:%M:%S.%f", "2026/06/05 14:30:15,123456789", "2026-06-05T14:30:15.123456789Z"),
            ("%Y%m%d%H%M%S", "20260605143015", "2026-06-05T14:30:15Z"),
            ("%Y%m%d%H%M%S%f", "20260605143015123", "2026-06-05T14:30:15.123000Z"),
            ("%d/%b/%Y:%H:%M:%S %z", "05/Jun/2026:14:30:15 +0200", "2026-06-05T12:30:15Z"),
            ("%a, %d %b %Y %H:%M:%S %Z", "Fri, 05 Jun 2026 14:30:15 GMT", "2026-06-05T14:30:15Z"),
            ("%a %b %e %H:%M:%S %Y", "Fri Jun  5 14:30:15 2026", "2026-06-05T14:30:15Z"),
            ("%B %d, %Y", "September 5, 2026", "2026-09-05T00:00:00Z"),
            ("%d-%b-%y", "05-SEPT-26", "2026-09-05T00:00:00Z"),
            ("%Y年%m月%d日", "2026年6月5日", "2026-06-05T00:00:00Z"),
            ("%Y-%jT%R", "2026-156T14:30", "2026-06-05T14:30:00Z"),
            ("%FT%T%z", "2026-06-05T14:30:15-04:30", "2026-06-05T19:00:15Z"),
            ("%F %T %Z", "2026-06-05 14:30:15 utc", "2026-06-05T14:30:15Z"),
            ("%s", "1780669815", "2026-06-05T14:30:15Z"),
            ("%s.%f", "-1.25", "1969-12-31T23:59:58.750000Z"),
            ("100%% %-d.%-m.%Y", "100% 5.6.2026", "2026-06-05T00:00:00Z"),
        ] {
            assert_eq!(read(pattern, text).as_deref(), Ok(expected), "{text} by {pattern}");
        }
    }

    #[test]
    fn a_text_that_does_not_match_names_the_pattern() {
        for (pattern, text, reason) in [
            ("%d.%m.%Y", "05/06/2026", "\"05/06/2026\" does not match the pattern \"%d.%m.%Y\""),
            ("%d.%m.%Y", "05.06.2026 14:30", "does not match"),
            ("%d.%m.%Y", "05.06.26", "does not match"),
            ("%d.%m.%Y", "", "does not match"),
            ("%d.%m.%Y", "31.02.2026", "names a day that does not exist"),
            ("%d.%m.%Y", "05.13.2026", "names a day that does not exist"),
            ("%d.%m.%Y %H:%M", "05.06.2026 24:00", "has the hour 24"),
            ("%d.%m.%Y %H:%M", "05.06.2026 25:00", "names a time of day that does not exist"),
            ("%d.%m.%Y %I:%M %p", "05.06.2026 13:00 PM", "names a time of day that does not exist"),
            ("%F %T", "2026-06-05 23:59:60", "has the second 60"),
            ("%F %T.%f", "2026-06-05 23:59:59.1234567890", "more than nine digits"),
            ("%F %T.%f", "2026-06-05 23:59:59.", "does not match"),
            ("%F %T%z", "2026-06-05 23:59:59+24:00", "offsets reach from"),
            ("%F %T %Z", "2026-06-05 23:59:59 CEST", "ends in letters that are not read"),
            ("%F %T %Z", "2026-06-05 23:59:59 UTCX", "ends in letters that are not read"),
            ("%F", "1600-06-05", "is out of range"),
            ("%s", "99999999999999999999", "is out of range"),
        ] {
            let found = read(pattern, text).unwrap_err();
            assert!(found.contains(reason), "{text} by {pattern}: {found}");
        }
    }

    #[test]
    fn a_pattern_that_makes_no_instant_is_refused_with_its_fault() {
        for (pattern, reason) in [
            ("", "names no day"),
            ("%H:%M", "names no day"),
            ("%m/%d", "names no day"),
            ("%Y-%m-%d %Y", "names the year twice"),
            ("%Y-%y-%d", "names the year twice"),
            ("%Y-%m-%b-%d", "names the month twice"),
            ("%F %T.%f%f", "names the fraction twice"),
            ("%Y-%m-%d %I:%M", "but no %p"),
            ("%s %Y", "use one of them"),
            ("%Y-%m-%d %", "lone percent sign"),
            ("%Y-%m-%d %-", "lone percent sign"),
            ("%Y-%m-%d %Q", "has the directive %Q"),
            ("%Y-%m-%d %é", "has the directive %é"),
            (&"%".repeat(101), "is longer than"),
        ] {
            let found = TimePattern::parse(pattern).unwrap_err().to_string();
            assert!(found.contains(reason), "{pattern}: {found}");
        }
    }

    #[test]
    fn naive_times_are_read_on_the_clock() {
        let format = TimestampFormat::parse("%d.%m.%Y %H:%M").unwrap();
        let clock = Clock::Local(Zone::new(7200, Vec::new()));
        let at = format.read("05.06.2026 14:30", &clock).unwrap();
        assert_eq!(at.to_text(&Clock::Utc), "2026-06-05T12:30:00Z");
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        /// What chrono writes by a pattern is read back to the same second.
        #[test]
        fn what_is_written_by_a_pattern_reads_back(
            secs in -9_223_000_000_i64..9_223_000_000,
            pattern in prop::sample::select(vec![
                "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%-d/%-m/%Y %-H:%-M:%-S",
                "%a %b %e %T %Y", "%A, %d %B %Y %H:%M:%S %z", "%Y%m%d%H%M%S", "%Y-%jT%H:%M:%S%z", "%s",
                "%e. %h %Y, %k:%M:%S", "%l:%M:%S %P, %B %d %Y", "%F %T", "%Y %m %d %R:%S",
            ])
        ) {
            let written = DateTime::from_timestamp(secs, 0).unwrap().format(pattern).to_string();
            let read = TimestampFormat::parse(pattern).unwrap().read(&written, &Clock::Utc);
            prop_assert_eq!(read, Ok(Timestamp::from_nanos(secs * 1_000_000_000)), "{}", written);
        }

        #[test]
        fn any_pattern_and_any_text_are_answered(
            pattern in "(%[-YymbBhdejaAHkIlMSfpPzZsFTRD%Q]|[ ./:,T-]|\\PC){0,12}",
            text in "([0-9]{1,4}|[ ./:,TZ+-]|Jun|Fri|PM|UTC|\\PC){0,12}"
        ) {
            if let Ok(format) = TimestampFormat::parse(&pattern) {
                let _ = format.read(&text, &Clock::Utc);
                prop_assert_eq!(TimestampFormat::parse(&format.to_string()), Ok(format));
            }
        }
    }
}
