//! Exports of the chart: the request for its rows, and file names.

use super::chart_range::Span;
use super::request_target::request_target;
use crate::time::{Clock, Timestamp};

/// The request for the stored rows in the visible span, not for the merged columns of the chart.
#[must_use]
pub fn rows_target(span: Span, ids: &[String]) -> String {
    let [start, end] = span.texts(&Clock::Utc);
    let parameters =
        [("start", &*start), ("end", &end), ("ids", &ids.join(",")), ("views", "latest"), ("format", "csv")];
    request_target("query", parameters)
}

/// A file name with the start of the span: `millrace-20250615T150640.csv`.
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
    fn the_request_has_the_visible_span_to_the_nanosecond() {
        assert_eq!(
            rows_target(SPAN, &[]),
            "query?start=2025-06-15T15:06:40.500000Z&end=2025-06-15T15:07:40Z&views=latest&format=csv"
        );
        let ids = ["a b".to_owned(), "c".to_owned()];
        assert!(rows_target(SPAN, &ids).contains("&ids=a+b,c&"));
    }

    #[test]
    fn a_file_name_has_the_start_of_the_span() {
        assert_eq!(file_name(SPAN, "csv"), "millrace-20250615T150640.csv");
    }
}
