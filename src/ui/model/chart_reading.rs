//! The text for a column of the chart.

use super::chart_range::{Span, range_text};
use super::decimal::fixed;
use super::quantity::counted;
use crate::frame::write_number;
use crate::protocol::ChartRange;
use crate::time::{Clock, Timestamp};

/// The values of one column of the chart, or of several merged.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ChartReading {
    /// Seconds since the epoch; of merged columns, the first.
    pub time_secs: f64,
    /// Number of rows.
    pub rows: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Rolling aggregate, NaN where it is missing; of merged columns, the newest.
    pub rolling: f64,
}

impl ChartReading {
    /// Merges the next column.
    pub fn take_in(&mut self, next: &Self) {
        self.rows += next.rows;
        self.min = self.min.min(next.min);
        self.max = self.max.max(next.max);
        if next.rolling.is_finite() {
            self.rolling = next.rolling;
        }
    }

    /// The instant, to the microsecond, which is the resolution of its seconds.
    #[must_use]
    pub fn time_text(&self, clock: &Clock) -> String {
        if self.rows == 0.0 {
            return "\u{2013}".to_owned();
        }
        Timestamp::from_nanos((self.time_secs * 1e6).round() as i64 * 1000).to_text(clock)
    }

    /// The value as text: one number, or the two ends of the band; with all digits if `is_exact`.
    #[must_use]
    pub fn value_text(&self, is_exact: bool) -> String {
        let least = number_text(self.min, is_exact);
        if self.rows == 0.0 {
            "\u{2013}".to_owned()
        } else if self.min < self.max {
            format!("{least} to {}", number_text(self.max, is_exact))
        } else {
            least
        }
    }

    /// The number of rows, when there is more than one.
    #[must_use]
    pub fn rows_text(&self) -> String {
        if self.rows > 1.0 { format!("of {}", counted(self.rows as u64, "row")) } else { String::new() }
    }

    /// The rolling aggregate as text.
    #[must_use]
    pub fn moving_text(&self, is_exact: bool) -> String {
        if self.rows == 0.0 { "\u{2013}".to_owned() } else { number_text(self.rolling, is_exact) }
    }

    /// The column in one sentence.
    #[must_use]
    pub fn sentence(&self, clock: &Clock, aggregate: &str) -> String {
        let (time, value, rolling) = (self.time_text(clock), self.value_text(true), self.moving_text(true));
        format!("{time}: value {value} {}, moving {aggregate} {rolling}", self.rows_text()).replace(" ,", ",")
    }
}

/// The two ends of a line as text, or its one value.
#[must_use]
pub fn line_text((min, max): (f64, f64), is_exact: bool) -> String {
    ChartReading { rows: 1.0, min, max, ..ChartReading::default() }.value_text(is_exact)
}

/// Why the chart is empty; no text before the storage is known.
#[must_use]
pub fn empty_text(range: ChartRange, stored_rows: u64, clock: &Clock) -> String {
    match range {
        _ if stored_rows == 0 => {
            "The first batch is drawn here: its values as a band, their moving aggregate as a line.".to_owned()
        }
        ChartRange::Fixed { from, until } => {
            let [from, until] = Span { from, until }.texts(clock);
            format!("No rows between {from} and {until}.")
        }
        ChartRange::Live { .. } => format!("No rows in the {}.", range_text(range, clock)),
        // The rows exist, and the worker is still searching for them.
        ChartRange::All => String::new(),
    }
}

fn number_text(value: f64, is_exact: bool) -> String {
    if !is_exact || !value.is_finite() { fixed(value, 2) } else { write_number(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READING: ChartReading = ChartReading { time_secs: 100.25, rows: 3.0, min: 10.0, max: 11.125, rolling: 15.5 };

    #[test]
    fn one_row_reads_as_a_number_and_several_as_a_band() {
        let one = ChartReading { rows: 1.0, max: 10.0, ..READING };
        assert_eq!((one.value_text(true), one.rows_text()), ("10".into(), String::new()));
        assert_eq!((READING.value_text(true), READING.rows_text()), ("10 to 11.125".into(), "of 3 rows".into()));
        assert_eq!(READING.value_text(false), "10.00 to 11.13");
    }

    #[test]
    fn the_sentence_names_time_value_and_aggregate() {
        assert_eq!(
            READING.sentence(&Clock::Utc, "mean"),
            "1970-01-01T00:01:40.250000Z: value 10 to 11.125 of 3 rows, moving mean 15.5"
        );
        let one = ChartReading { rows: 1.0, max: 10.0, rolling: f64::NAN, ..READING };
        assert_eq!(one.sentence(&Clock::Utc, "sum"), "1970-01-01T00:01:40.250000Z: value 10, moving sum \u{2013}");
    }

    #[test]
    fn an_empty_chart_has_a_reason() {
        let fixed = ChartRange::Fixed { from: 0, until: 1_000_000_000 };
        assert!(empty_text(fixed, 0, &Clock::Utc).starts_with("The first batch is drawn here"));
        assert_eq!(empty_text(fixed, 7, &Clock::Utc), "No rows between 1970-01-01T00:00:00Z and 1970-01-01T00:00:01Z.");
        let live = ChartRange::Live { span_nanos: 60_000_000_000 };
        assert_eq!(empty_text(live, 7, &Clock::Utc), "No rows in the last 1 min.");
    }

    #[test]
    fn missing_values_read_as_a_dash() {
        let nothing = ChartReading::default();
        assert_eq!((nothing.time_text(&Clock::Utc), nothing.value_text(false)), ("\u{2013}".into(), "\u{2013}".into()));
        assert_eq!(line_text((f64::NAN, f64::NAN), true), "\u{2013}");
    }
}
