//! What is exported of the chart: its rows, and names of files.

use super::chart_range::Span;
use super::request_target::request_target;
use crate::time::{Clock, Timestamp};

/// The request for the rows behind what is visible, not for its pixels.
#[must_use]
pub fn rows_target(span: Span, ids: &[String]) -> String {
    let [start, end] = span.texts(&Clock::Utc);
    let parameters =
        [("start", &*start), ("end", &end), ("ids", &ids.join(",")), ("views", "latest"), ("format", "csv")];
    request_target("query", parameters)
}

/// A name that says from when it is: `millrace-20250615T150640.csv`.
#[must_use]
pub fn file_name(span: Span, extension: &str) -> String {
    let from = Timestamp::from_nanos(span.from).to_text(&Clock::Utc);
    let seconds: String = from.chars().take(19).filter(|letter| letter.is_ascii_alphanumeric()).collect();
    format!("millrace-{seconds}.{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Span = Span { from: 1_750_000_000_500_000_000, until: 1_750_000_060_000_000_000 };

    #[test]
    fn what_is_visible_is_asked_for_to_the_nanosecond() {
        assert_eq!(
            rows_target(SPAN, &[]),
            "query?start=2025-06-15T15:06:40.500000Z&end=2025-06-15T15:07:40Z&views=latest&format=csv"
        );
        let ids = ["a b".to_owned(), "c".to_owned()];
        assert!(rows_target(SPAN, &ids).contains("&ids=a+b,c&"));
    }

    #[test]
    fn a_name_says_from_when_a_file_is() {
        assert_eq!(file_name(SPAN, "csv"), "millrace-20250615T150640.csv");
    }
}
