//! Exports of the chart: the request for its rows, and file names.

use super::chart_range::Span;
use super::history_table::ids_text;
use super::request_target::request_target;
use crate::time::{Clock, Timestamp};

/// The request for the stored rows in the visible span, not for the merged columns of the chart.
#[must_use]
pub fn rows_target(span: Span, ids: &[String]) -> String {
    let [start, end] = span.texts(&Clock::Utc);
    let parameters =
        [("start", &*start), ("end", &end), ("ids", &ids_text(ids)), ("views", "latest"), ("format", "csv")];
    request_target("query", parameters)
}

/// Pixels between two entries of the legend of a saved picture.
const LEGEND_GAP: f64 = 20.0;

/// Where entries of these widths lie: how far from the left, and in which line, so that none exceeds the room. An entry
/// that is wider than a line has one for itself.
#[must_use]
pub fn legend_places(widths: &[f64], room: f64) -> Vec<(f64, usize)> {
    let (mut left, mut line) = (0.0, 0);
    let mut place = |width: &f64| {
        if left > 0.0 && left + width > room {
            (left, line) = (0.0, line + 1);
        }
        let place = (left, line);
        left += width + LEGEND_GAP;
        place
    };
    widths.iter().map(&mut place).collect()
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
        assert!(rows_target(SPAN, &["a,b".to_owned()]).contains("&ids=%22a,b%22&"));
    }

    #[test]
    fn entries_of_a_legend_wrap() {
        assert_eq!(legend_places(&[30.0, 30.0, 30.0], 80.0), [(0.0, 0), (50.0, 0), (0.0, 1)]);
        assert_eq!(legend_places(&[200.0, 10.0], 80.0), [(0.0, 0), (0.0, 1)]);
        assert_eq!(legend_places(&[], 80.0), []);
    }

    #[test]
    fn a_file_name_has_the_start_of_the_span() {
        assert_eq!(file_name(SPAN, "csv"), "millrace-20250615T150640.csv");
    }
}
