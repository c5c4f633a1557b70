//! Query parameters, with all bad ones reported at once.

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
                let given = InvalidInput::Text(text.to_owned());
                self.problems.push(Problem::value("query", name, error.to_string(), given));
                None
            }
        }
    }

    /// An instant on this clock. A bare `+` of an offset arrives as a space and is read as `+` if the text then parses.
    pub(crate) fn instant(&mut self, name: &str, clock: &Clock) -> Option<Timestamp> {
        self.read(name, |text| {
            Timestamp::parse(text, clock).or_else(|error| match text.rsplit_once(' ') {
                Some((time, offset)) => Timestamp::parse(&format!("{time}+{offset}"), clock).map_err(|_| error),
                None => Err(error),
            })
        })
    }

    /// A whole number from zero. Numbers beyond `usize` (32 bits in wasm32), larger than any count of rows here, become
    /// the largest one.
    pub(crate) fn count(&mut self, name: &str) -> Option<usize> {
        let number =
            self.read(name, |text| text.parse::<u64>().map_err(|_| format!("\"{text}\" is not a whole number from 0")));
        number.map(|number| usize::try_from(number).unwrap_or(usize::MAX))
    }

    /// The comma-separated parts of a parameter.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<String>> {
        Some(self.text(name)?.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect())
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
        let read = |text| Query::parse(text).instant("start", &clock).map(|instant| instant.to_text(&clock));
        assert_eq!(read("start=2025-06-01T21:15:07+02:00"), read("start=2025-06-01T21:15:07%2B02:00"));
        assert_eq!(read("start=2025-06-01+21:15").as_deref(), Some("2025-06-01T21:15:00Z"));
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
