//! The text for a column of the chart.

use super::chart_range::{Span, range_text};
use super::decimal::fixed;
use super::measures::VALUE;
use super::quantity::counted;
use super::short_instant::{date_of, short_instant};
use crate::frame::write_number;
use crate::protocol::ChartRange;
use crate::time::{Clock, Timestamp};

/// Digits of a number that is read exactly. The digits of a sum of floats end in noise.
const DIGITS: i32 = 6;

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

    /// The time of the day, to the millisecond.
    #[must_use]
    pub fn short_time_text(&self, clock: &Clock) -> String {
        short_instant(&self.time_text(clock)).to_owned()
    }

    /// The value as text: one number, or the two ends of the band; with six digits if `is_exact`, else to two decimal
    /// places, which change without moving what is beside them.
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

    /// The column in one sentence, with the name of its measure.
    #[must_use]
    pub fn sentence(&self, clock: &Clock, measure: &str, aggregate: &str) -> String {
        let (time, value, rolling) = (self.time_text(clock), self.value_text(true), self.moving_text(true));
        format!("{time}: {measure} {value} {}, moving {aggregate} {rolling}", self.rows_text()).replace(" ,", ",")
    }
}

/// The title of the chart of a measure, and how its label for screen readers begins.
#[must_use]
pub fn titles(measure: &str) -> [String; 2] {
    let name = if measure == VALUE { "Value" } else { measure };
    [format!("{name} over time"), format!("{name} and moving")]
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

/// How far the first batch is, while waiting events are drawn; no text otherwise.
#[must_use]
pub fn first_batch_text(waiting_events: u32, batch_size: u64) -> String {
    if waiting_events == 0 || batch_size == 0 {
        return String::new();
    }
    format!("{} of {batch_size} until the first batch", u64::from(waiting_events).min(batch_size))
}

/// Where a live chart has rows after its end: the time of the newest row, with its date if that is another one.
#[must_use]
pub fn newer_text(newest: i64, until: i64, clock: &Clock) -> String {
    let [newest, until] = [newest, until].map(|nanos| Timestamp::from_nanos(nanos).to_text(clock));
    let time = short_instant(&newest).get(..5).unwrap_or(&newest);
    match date_of(&newest) {
        date if date == date_of(&until) => format!("newer data at {time}"),
        date => format!("newer data at {date} {time}"),
    }
}

fn number_text(value: f64, is_exact: bool) -> String {
    if !is_exact || !value.is_finite() { fixed(value, 2) } else { write_number(significant(value)) }
}

/// The number rounded to six significant digits; the digits before its point all stay.
fn significant(value: f64) -> f64 {
    if value == 0.0 {
        return value;
    }
    let digits_before = value.abs().log10().floor() as i32 + 1;
    let places = (DIGITS - digits_before).max(0);
    // Beyond, the factor itself is not a number, and rounding moves nothing.
    if places > 300 {
        return value;
    }
    let factor = 10_f64.powi(places);
    let rounded = (value * factor).round() / factor;
    if rounded.is_finite() { rounded } else { value }
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
    fn numbers_have_at_most_six_digits() {
        let text = |value| line_text((value, value), true);
        for (value, shown) in [
            (54.107_620_000_000_004, "54.1076"),
            (0.1 + 0.2, "0.3"),
            (-0.000_123_456_789, "-0.000123457"),
            (1_234_567.891, "1234568"),
            (999_999.95, "1000000"),
            (2.0 / 3.0, "0.666667"),
            (0.0, "0"),
        ] {
            assert_eq!(text(value), shown);
        }
        assert_eq!(text(5e-324).parse::<f64>(), Ok(5e-324));
        assert_eq!(text(f64::MAX).parse::<f64>(), Ok(f64::MAX));
    }

    #[test]
    fn the_legend_has_the_time_of_the_day() {
        assert_eq!(READING.short_time_text(&Clock::Utc), "00:01:40.250");
        assert_eq!(ChartReading::default().short_time_text(&Clock::Utc), "\u{2013}");
    }

    #[test]
    fn notes_say_what_the_chart_waits_for_and_what_it_does_not_show() {
        assert_eq!(first_batch_text(3, 10), "3 of 10 until the first batch");
        assert_eq!(
            (first_batch_text(12, 10), first_batch_text(0, 10)),
            ("10 of 10 until the first batch".into(), String::new())
        );
        let (until, hour) = (1_748_818_400_000_000_000, 3_600_000_000_000);
        assert_eq!(newer_text(until + hour, until, &Clock::Utc), "newer data at 23:53");
        assert_eq!(newer_text(until + 2 * hour, until, &Clock::Utc), "newer data at 2025-06-02 00:53");
    }

    #[test]
    fn the_sentence_names_time_value_and_aggregate() {
        assert_eq!(
            READING.sentence(&Clock::Utc, "value", "mean"),
            "1970-01-01T00:01:40.250000Z: value 10 to 11.125 of 3 rows, moving mean 15.5"
        );
        let one = ChartReading { rows: 1.0, max: 10.0, rolling: f64::NAN, ..READING };
        assert_eq!(
            one.sentence(&Clock::Utc, "value", "sum"),
            "1970-01-01T00:01:40.250000Z: value 10, moving sum \u{2013}"
        );
    }

    #[test]
    fn the_title_names_the_measure() {
        assert_eq!(titles("value"), ["Value over time", "Value and moving"]);
        assert_eq!(titles("flow [m3/h]"), ["flow [m3/h] over time", "flow [m3/h] and moving"]);
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
