//! How the times of a column are written: the forms that read the most of them.
//!
//! ISO 8601 comes first, then numbers since the epoch under a name of times, then the dates and times that people
//! write, with any of five marks between day, month and year. DuckDB's sniffer tries such a list too, but takes the
//! first that fits; here all that fit are kept, and more than one is a question.

use std::sync::OnceLock;

use super::preview::TimeGuess;
use crate::time::{Clock, Timestamp, TimestampFormat, Zone};

/// Days, as patterns: year, month and day in their usual orders, the more usual ones first. `-` stands for each of the
/// marks between them.
const DAYS: [&str; 6] = ["%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d"];
/// Marks between the parts of a day; a part may also stand behind a point and a blank.
const MARKS: [&str; 5] = ["-", "/", ".", " ", ". "];
/// Days with the name of the month.
const NAMED_DAYS: [&str; 14] = [
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%d %b %y",
    "%d/%b/%Y",
    "%d. %b %Y",
    "%b %d, %Y",
    "%b %d %Y",
    "%Y-%b-%d",
    "%Y %b %d",
    "%a, %d %b %Y",
    "%a %d %b %Y",
    "%a, %b %d, %Y",
    "%Y年%m月%d日",
];
/// Times of day, behind a day and what stands between the two.
const TIMES: [&str; 11] = [
    "%H:%M",
    "%H:%M:%S",
    "%H:%M:%S.%f",
    "%H:%M:%S:%f",
    "%I:%M %p",
    "%I:%M%p",
    "%I:%M:%S %p",
    "%I:%M:%S%p",
    "%I:%M:%S.%f %p",
    "%H.%M",
    "%H.%M.%S",
];
/// Offsets behind a time of day.
const OFFSETS: [&str; 5] = ["", "%z", " %z", " %Z", "%Z"];
/// Forms in which a time of day stands within the day.
const WHOLE: [&str; 2] = ["%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S %Z %Y"];
/// Digits alone, which would be numbers since the epoch of another century.
const COMPACT: [&str; 4] = ["%Y%m%d%H%M", "%Y%m%d%H%M%S", "%Y%m%d%H%M%S%f", "%Y%m%d%H%M%S.%f"];

/// Values from which patterns are derived: the first ones may be faulty.
const DERIVED_FROM: usize = 8;

/// How texts are written, of which at least nine in ten must be times; `None`: they are no times. Numbers are times
/// where `is_named` says that the column is one of times by its name.
pub(super) fn guess(texts: &[&str], is_named: bool) -> Option<TimeGuess> {
    let needed = texts.len() - texts.len() / 10;
    let has_numbers = texts.iter().filter(|text| is_number(text)).count() >= needed;
    if texts.is_empty() || has_numbers && !is_named {
        return None;
    }
    if has_numbers && texts.iter().filter(|text| is_compact(text)).count() >= needed {
        let compact = best(COMPACT.map(str::to_owned).into(), texts, needed);
        if !compact.is_empty() {
            return Some(of_patterns(compact));
        }
    }
    let count = |format: &TimestampFormat| texts.iter().filter(|text| reads(format, text)).count();
    if count(&TimestampFormat::Iso) >= needed {
        return Some(one("iso", has_offsets(texts)));
    }
    if is_named && count(&TimestampFormat::Epoch) >= needed {
        return Some(one("epoch", true));
    }
    if is_named && count(&TimestampFormat::Auto) >= needed {
        return Some(one("auto", has_offsets(texts)));
    }
    let patterns = candidates(texts);
    let patterns = best(patterns, texts, needed);
    (!patterns.is_empty()).then(|| of_patterns(patterns))
}

/// Whether a text is a number without a sign.
fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && text.parse::<f64>().is_ok()
}

/// Whether the digits of a text begin with a year and are as many as a day and a time of day have; thirteen are
/// milliseconds since the epoch.
fn is_compact(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (digits == 12 || (14..=23).contains(&digits)) && (text.starts_with("19") || text.starts_with("20"))
}

/// Whether a format reads a text.
pub(super) fn reads(format: &TimestampFormat, text: &str) -> bool {
    format.read(text, &Clock::Utc).is_ok()
}

/// What a text means by a pattern, as a day.
pub(super) fn meaning(pattern: &str, text: &str) -> Option<String> {
    let at = TimestampFormat::parse(pattern).ok()?.read(text, &Clock::Utc).ok()?;
    let text = at.to_text(&Clock::Utc);
    Some(text.get(..10).unwrap_or(&text).to_owned())
}

fn one(format: &str, has_offset: bool) -> TimeGuess {
    TimeGuess { format: format.to_owned(), possible_formats: vec![format.to_owned()], has_offset }
}

/// Of patterns that fit equally well, of which there is at least one.
fn of_patterns(mut patterns: Vec<String>) -> TimeGuess {
    // Who writes AM and PM mostly writes the month first.
    patterns.sort_by_key(|pattern| pattern.starts_with("%d") && pattern.contains("%p"));
    let format = patterns.first().cloned().unwrap_or_default();
    let has_offset = format.contains("%z") || format.contains("%Z");
    TimeGuess { format, possible_formats: patterns, has_offset }
}

/// Whether all of the texts in ISO 8601 name their offsets: then a clock changes none of them.
fn has_offsets(texts: &[&str]) -> bool {
    let far = Clock::Local(Zone::new(5 * 3600, Vec::new()));
    let read = |text: &str, clock: &Clock| Timestamp::parse(text, clock).ok();
    texts.iter().all(|text| read(text, &Clock::Utc) == read(text, &far))
}

/// The patterns that read the most of the texts, if those are enough; of one order of day, month and year only the
/// shortest.
fn best(patterns: Vec<String>, texts: &[&str], needed: usize) -> Vec<String> {
    let count = |pattern: &String| {
        let format = TimestampFormat::parse(pattern).unwrap_or_default();
        texts.iter().filter(|text| reads(&format, text)).count()
    };
    let counts: Vec<usize> = patterns.iter().map(count).collect();
    let most = counts.iter().copied().max().unwrap_or(0);
    if most == 0 || most < needed {
        return Vec::new();
    }
    let mut best: Vec<String> = Vec::new();
    for (pattern, _) in patterns.into_iter().zip(counts).filter(|(_, count)| *count == most) {
        match best.iter().position(|other| order(other) == order(&pattern)) {
            Some(at) if pattern.len() < best[at].len() => best[at] = pattern,
            Some(_) => {}
            None => best.push(pattern),
        }
    }
    best
}

/// The order of day, month and year in a pattern.
fn order(pattern: &str) -> Vec<char> {
    let parts = pattern.split('%').filter_map(|part| part.chars().next());
    parts.filter(|&letter| "dmbYy".contains(letter)).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Patterns that read at least one of the first texts, each once.
fn candidates(texts: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for text in texts.iter().take(DERIVED_FROM) {
        for pattern in candidates_of(text) {
            if !found.contains(&pattern) {
                found.push(pattern);
            }
        }
    }
    found
}

/// Patterns that read a text.
fn candidates_of(text: &str) -> Vec<String> {
    let reads_it = |pattern: &String| TimestampFormat::parse(pattern).is_ok_and(|format| reads(&format, text));
    if !(6..=60).contains(&text.len()) {
        return Vec::new();
    }
    let whole = WHOLE.iter().map(|pattern| (*pattern).to_owned());
    let mut found: Vec<String> = whole.filter(reads_it).collect();
    let (day_text, between) = split(text);
    for (day, _) in all_days().iter().filter(|(_, format)| reads(format, day_text)) {
        let Some(between) = between else {
            found.push(day.clone());
            continue;
        };
        let times = TIMES.iter().flat_map(|time| OFFSETS.map(|offset| [day.as_str(), between, *time, offset].concat()));
        found.extend(times.filter(reads_it));
    }
    found
}

/// The patterns of days, with each of the marks. They are made once, since a file may have thousands of columns.
fn all_days() -> &'static [(String, TimestampFormat)] {
    static ALL: OnceLock<Vec<(String, TimestampFormat)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let marked = DAYS.iter().flat_map(|pattern| MARKS.map(|mark| pattern.replace('-', mark)));
        let named = NAMED_DAYS.iter().map(|pattern| (*pattern).to_owned());
        let with_format = |pattern: String| TimestampFormat::parse(&pattern).ok().map(|format| (pattern, format));
        marked.chain(named).filter_map(with_format).collect()
    })
}

/// The day that a text begins with, and what stands between it and the time of day, if one follows: blanks count as
/// one.
fn split(text: &str) -> (&str, Option<&str>) {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    // A time of day begins with one or two digits, then a colon or a point, then two digits; a day does not, unless it
    // is the whole text.
    let begins_time = |at: &usize| {
        let width = if is_digit(at + 1) { 2 } else { 1 };
        is_digit(*at)
            && (*at > 0 && !is_digit(at - 1))
            && bytes.get(at + width) == Some(&b':')
            && is_digit(at + width + 1)
            && is_digit(at + width + 2)
    };
    // With points only behind a blank: 05.06.2026 14.30.
    let begins_time_with_points = |at: &usize| {
        is_digit(*at)
            && *at > 0
            && bytes[at - 1] == b' '
            && is_digit(at + 1)
            && bytes.get(at + 2) == Some(&b'.')
            && is_digit(at + 3)
            && is_digit(at + 4)
            && !matches!(bytes.get(at + 5), Some(b' '))
            && text[..*at].bytes().filter(u8::is_ascii_digit).count() >= 6
    };
    let time = (0..bytes.len()).find(begins_time).or_else(|| (0..bytes.len()).find(begins_time_with_points));
    // The places of digits are those of characters.
    let Some((head, _)) = time.and_then(|at| text.split_at_checked(at)) else { return (text, None) };
    let day = head.trim_end_matches([' ', '\t', 'T', ',', ':', '-', '_']);
    let between = &head[day.len()..];
    (day, Some(if between.trim_ascii().is_empty() { " " } else { between }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn formats(texts: &[&str]) -> Vec<String> {
        guess(texts, true).map(|guess| guess.possible_formats).unwrap_or_default()
    }

    #[test]
    fn times_as_people_write_them_have_one_form() {
        for (texts, expected) in [
            (&["2026-06-05T14:30:15Z", "2026-06-05"][..], "iso"),
            (&["20260605T143015", "20260606T143015"], "iso"),
            (&["1780669815", "1780669816.5"], "epoch"),
            (&["1780669815", "2026-06-05"], "auto"),
            (&["20260605143015"], "%Y%m%d%H%M%S"),
            (&["202606051430"], "%Y%m%d%H%M"),
            (&["20260605143015123"], "%Y%m%d%H%M%S%f"),
            (&["13.06.2026 14:30:15", "01.06.2026 00:00:00"], "%d.%m.%Y %H:%M:%S"),
            (&["13.06.2026 14:30:15", "13.06.2026 14:30:15.5"], "%d.%m.%Y %H:%M:%S.%f"),
            (&["13.06.2026 14:30:15,25"], "%d.%m.%Y %H:%M:%S.%f"),
            (&["13.06.2026, 14:30"], "%d.%m.%Y, %H:%M"),
            (&["13.06.2026 14.30"], "%d.%m.%Y %H.%M"),
            (&["13. 6. 2026"], "%d. %m. %Y"),
            (&["6/13/2026 2:30 PM"], "%m/%d/%Y %I:%M %p"),
            (&["6/13/2026 2:30:15 PM"], "%m/%d/%Y %I:%M:%S %p"),
            (&["13/06/99"], "%d/%m/%y"),
            (&["2026/06/05 14:30:15"], "%Y/%m/%d %H:%M:%S"),
            (&["2026-6-5 9:05"], "%Y-%m-%d %H:%M"),
            (&["2026-06-05 14:30:15 UTC"], "%Y-%m-%d %H:%M:%S %Z"),
            (&["13-Jun-2026 14:30"], "%d-%b-%Y %H:%M"),
            (&["13/Jun/2026:14:30:15 +0200"], "%d/%b/%Y:%H:%M:%S %z"),
            (&["Fri, 05 Jun 2026 14:30:15 GMT"], "%a, %d %b %Y %H:%M:%S %Z"),
            (&["Fri Jun  5 14:30:15 2026"], "%a %b %d %H:%M:%S %Y"),
            (&["June 5, 2026"], "%b %d, %Y"),
            (&["2026年6月5日 14:30"], "%Y年%m月%d日 %H:%M"),
        ] {
            assert_eq!(formats(texts), [expected], "{texts:?}");
        }
    }

    #[test]
    fn a_day_that_may_be_a_month_has_more_than_one_form() {
        for (texts, expected) in [
            (&["05/06/2026"][..], &["%d/%m/%Y", "%m/%d/%Y"][..]),
            (&["05/06/2026", "12/12/2026 "], &["%d/%m/%Y", "%m/%d/%Y"]),
            (&["05-06-2026 14:30"], &["%d-%m-%Y %H:%M", "%m-%d-%Y %H:%M"]),
            (&["05.06.2026"], &["%d.%m.%Y", "%m.%d.%Y"]),
            (&["05/06/07"], &["%d/%m/%y", "%m/%d/%y", "%y/%m/%d"]),
            (&["13/06/26"], &["%d/%m/%y", "%y/%m/%d"]),
            (&["05/06/2026 2:30 PM"], &["%m/%d/%Y %I:%M %p", "%d/%m/%Y %I:%M %p"]),
        ] {
            assert_eq!(formats(texts), expected, "{texts:?}");
        }
        assert_eq!(formats(&["05/06/2026", "05/06/2026", "13/06/2026"]), ["%d/%m/%Y"], "one day tells");
        assert_eq!(meaning("%d/%m/%Y", "05/06/2026").as_deref(), Some("2026-06-05"));
    }

    #[test]
    fn other_texts_are_no_times() {
        for texts in
            [&["pump-1"][..], &["1.5"], &["14:30"], &["June"], &["192.168.1.1"], &["1.2.3"], &["2026-06"], &[""]]
        {
            assert_eq!(guess(texts, false), None, "{texts:?}");
        }
        assert_eq!(guess(&["1780669815"], false), None, "a number is a time by its column's name alone");
    }

    #[test]
    fn a_few_faulty_texts_change_nothing() {
        let mut texts = vec!["13.06.2026"; 19];
        texts.insert(0, "n/a");
        assert_eq!(formats(&texts), ["%d.%m.%Y"]);
        texts[1..5].fill("?");
        assert!(formats(&texts).is_empty());
    }

    #[test]
    fn offsets_make_a_zone_needless() {
        let has_offset = |texts: &[&str]| guess(texts, true).unwrap().has_offset;
        assert!(has_offset(&["2026-06-05T14:30:15Z", "2026-06-05T14:30:15+02:00"]));
        assert!(has_offset(&["1780669815"]));
        assert!(has_offset(&["13/Jun/2026:14:30:15 +0200"]));
        assert!(!has_offset(&["2026-06-05T14:30:15Z", "2026-06-05T14:30:15"]));
        assert!(!has_offset(&["13.06.2026"]));
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(64))]

        /// Any instant, written by any pattern of the lists, is read by one of the forms that are guessed.
        #[test]
        fn what_is_written_is_among_the_guesses(
            secs in 0_i64..4_000_000_000,
            day in prop::sample::select(DAYS.to_vec()),
            mark in prop::sample::select(MARKS.to_vec()),
            time in prop::sample::select(vec!["", " %H:%M:%S", " %I:%M:%S %p", ", %H:%M"])
        ) {
            let pattern = [&*day.replace('-', mark), time].concat();
            let at = chrono::DateTime::from_timestamp(secs, 0).unwrap();
            let text = at.format(&pattern).to_string();
            let expected = TimestampFormat::parse(&pattern).unwrap().read(&text, &Clock::Utc).unwrap();
            let formats = formats(&[&text]);
            let is_read = |format: &String| {
                TimestampFormat::parse(format).unwrap().read(&text, &Clock::Utc) == Ok(expected)
            };
            prop_assert!(formats.iter().any(is_read), "{}: {:?}", text, formats);
        }

        #[test]
        fn any_texts_are_answered(texts in prop::collection::vec("([0-9]{1,4}|[ ./:,T-]|\\PC){0,8}", 0..6)) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let _ = guess(&texts, true);
        }
    }
}
