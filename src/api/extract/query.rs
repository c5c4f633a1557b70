//! Query parameters, with all bad ones reported at once.

use std::num::IntErrorKind;

use crate::api::{ApiError, InvalidInput, Problem};
use crate::time::{Clock, Timestamp};

/// The parameters of a request: percent-encoding and `+` as in forms; of a repeated name the last counts; an empty
/// value counts as absent.
#[derive(Debug, Default)]
pub(crate) struct Query {
    values: Vec<(String, String)>,
    problems: Vec<Problem>,
}

impl Query {
    /// Reads what follows `?`.
    pub(crate) fn parse(text: &str) -> Self {
        let pairs = form_urlencoded::parse(text.as_bytes());
        let values = pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        Self { values, problems: Vec::new() }
    }

    /// The text of a parameter.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let (_, value) = self.values.iter().rfind(|(other, _)| other == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// A parameter read by `read`, whose error says what is wrong; `None` when absent or unreadable.
    pub(crate) fn read<T, E: ToString>(&mut self, name: &str, read: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        let text = self.text(name)?;
        match read(text) {
            Ok(value) => Some(value),
            Err(error) => {
                let problem = problem(name, &error.to_string(), text);
                self.problems.push(problem);
                None
            }
        }
    }

    /// An instant on this clock. A bare `+` of an offset arrives as a space and is read as `+` if the text then parses.
    pub(crate) fn instant(&mut self, name: &str, clock: &Clock) -> Option<Timestamp> {
        self.read(name, |text| Timestamp::parse_form(text, clock))
    }

    /// A whole number from zero. Numbers beyond `usize` (32 bits in wasm32), larger than any count of rows here, become
    /// the largest one.
    pub(crate) fn count(&mut self, name: &str) -> Option<usize> {
        let number = self.read(name, |text| {
            text.parse::<u64>().map_err(|error| match error.kind() {
                IntErrorKind::PosOverflow => format!("\"{text}\" does not fit into 64 bits"),
                _ => format!("\"{text}\" is not a whole number from 0"),
            })
        });
        number.map(|number| usize::try_from(number).unwrap_or(usize::MAX))
    }

    /// `true` or `false`.
    pub(crate) fn truth(&mut self, name: &str) -> Option<bool> {
        self.read(name, |text| text.parse::<bool>().map_err(|_| format!("\"{text}\" is neither true nor false")))
    }

    /// Refuses a value with a sentence about it; a long value is cut, in the sentence too.
    pub(crate) fn refuse_value(&mut self, name: &str, sentence: &str, value: &str) {
        self.problems.push(problem(name, sentence, value));
    }

    /// Reports another problem.
    pub(crate) fn refuse(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Refuses the request if there were problems.
    pub(crate) fn finish(&mut self) -> Result<(), ApiError> {
        if self.problems.is_empty() { Ok(()) } else { Err(ApiError::Unprocessable(std::mem::take(&mut self.problems))) }
    }
}

/// Characters of a value that an answer shows.
const SHOWN_CHARS: usize = 200;

/// The start of a value.
pub(crate) fn cut(text: &str) -> &str {
    text.char_indices().nth(SHOWN_CHARS).map_or(text, |(end, _)| &text[..end])
}

fn problem(name: &str, sentence: &str, value: &str) -> Problem {
    let shown = cut(value);
    let msg = match shown.len() == value.len() {
        true => sentence.to_owned(),
        false => sentence.replace(value, &format!("{shown}\u{2026}")),
    };
    Problem::value("query", name, msg, InvalidInput::Text(shown.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_repeated_name_counts_and_empty_is_absent() {
        let query = Query::parse("&&start=a&start=b%20c+d&end=&Start=x&limit");
        assert_eq!((query.text("start"), query.text("end"), query.text("limit")), (Some("b c d"), None, None));
    }

    #[test]
    fn a_bare_plus_of_an_offset_is_accepted() {
        let clock = Clock::Utc;
        let read = |text: &str| Query::parse(text).instant("start", &clock).map(|instant| instant.to_text(&clock));
        for offset in ["+02:00", "+0200", "+02", "%2B02:00", "%2B02", "+%2B02:00", "++02:00"] {
            let text = ["start=2025-06-01T21:15:07", offset].concat();
            assert_eq!(read(&text).as_deref(), Some("2025-06-01T19:15:07Z"), "{text}");
        }
        assert_eq!(read("start=2025-06-01+21:15").as_deref(), Some("2025-06-01T21:15:00Z"));
    }

    #[test]
    fn a_value_that_is_named_is_cut() {
        let mut query = Query::parse(&format!("limit={}&spreadsheet={}", "9".repeat(1 << 16), "\u{e9}".repeat(201)));
        assert_eq!((query.count("limit"), query.truth("spreadsheet")), (None, None));
        let Err(ApiError::Unprocessable(problems)) = query.finish() else { panic!("not refused") };
        for problem in problems {
            let InvalidInput::Text(input) = &problem.input else { panic!("no text") };
            assert!(input.chars().count() == 200 && problem.msg.chars().count() < 260, "{problem:?}");
        }
    }

    #[test]
    fn all_problems_are_reported_at_once() {
        let mut query = Query::parse("start=garbage&limit=-1&offset=2");
        query.instant("start", &Clock::Utc);
        query.count("limit");
        assert_eq!(query.count("offset"), Some(2));
        assert!(matches!(query.finish(), Err(ApiError::Unprocessable(problems)) if problems.len() == 2));
    }
}
