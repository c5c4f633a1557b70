//! The chart buffer of a snapshot, cut into its columns.

use std::sync::Arc;

use super::decimal::fixed;
use crate::protocol::CHART_COLUMNS;

/// The chart buffer of a snapshot; equal to itself only, since comparing it would cost more than drawing it.
#[derive(Debug, Clone, Default)]
pub struct ChartBuffer(Arc<Vec<f64>>);

impl ChartBuffer {
    /// A new buffer.
    #[must_use]
    pub fn new(values: Vec<f64>) -> Self {
        Self(Arc::new(values))
    }

    /// Its columns.
    #[must_use]
    pub fn columns(&self) -> ChartColumns<'_> {
        ChartColumns::split(&self.0)
    }
}

impl PartialEq for ChartBuffer {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The columns of `protocol::CHART_COLUMNS`, each as long as the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChartColumns<'a> {
    /// Seconds since the epoch.
    pub time_secs: &'a [f64],
    /// Rows in each column.
    pub rows: &'a [f64],
    /// Smallest value of each column.
    pub min: &'a [f64],
    /// Largest value of each column.
    pub max: &'a [f64],
    /// Moving aggregate of each column, NaN where it is missing.
    pub moving: &'a [f64],
}

/// The newest values of a chart, for people who do not see it and for its legend.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ChartReading {
    /// Seconds since the epoch.
    pub time_secs: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Moving aggregate, NaN where it is missing.
    pub moving: f64,
}

impl<'a> ChartColumns<'a> {
    /// Cuts the buffer; an incomplete last row of columns is left out.
    #[must_use]
    pub fn split(buffer: &'a [f64]) -> Self {
        let rows = buffer.len() / CHART_COLUMNS;
        let column = |index: usize| &buffer[index * rows..(index + 1) * rows];
        Self { time_secs: column(0), rows: column(1), min: column(2), max: column(3), moving: column(4) }
    }

    /// The values of one column of the chart.
    #[must_use]
    pub fn reading(&self, row: usize) -> Option<ChartReading> {
        Some(ChartReading {
            time_secs: *self.time_secs.get(row)?,
            min: *self.min.get(row)?,
            max: *self.max.get(row)?,
            moving: *self.moving.get(row)?,
        })
    }

    /// The newest column that holds a value.
    #[must_use]
    pub fn newest(&self) -> Option<ChartReading> {
        let row = self.max.iter().rposition(|value| value.is_finite())?;
        self.reading(row)
    }

    /// Seconds that the x axis shows: `span_secs` up to the newest column, less while there is less to show.
    #[must_use]
    pub fn time_range(&self, span_secs: u64) -> Option<(f64, f64)> {
        let mut times = self.time_secs.iter().copied().filter(|time| time.is_finite());
        let oldest = times.next()?;
        let newest = times.next_back().unwrap_or(oldest);
        let from = newest - span_secs as f64;
        Some((if oldest < newest { from.max(oldest) } else { from }, newest))
    }
}

impl ChartReading {
    /// The value as read: one number, or the two ends of the band.
    #[must_use]
    pub fn value_text(&self) -> String {
        if self.min == self.max {
            number_text(self.max)
        } else {
            format!("{} to {}", number_text(self.min), number_text(self.max))
        }
    }

    /// The moving aggregate as read.
    #[must_use]
    pub fn moving_text(&self) -> String {
        number_text(self.moving)
    }
}

/// The chart in one sentence.
#[must_use]
pub fn text_alternative(span: &str, aggregate: &str, newest: Option<ChartReading>) -> String {
    match newest {
        None => format!("Chart of value and moving {aggregate}, last {span}: no event yet."),
        Some(reading) => format!(
            "Chart of value and moving {aggregate}, last {span}: newest value {}, moving {aggregate} {}.",
            reading.value_text(),
            reading.moving_text()
        ),
    }
}

fn number_text(value: f64) -> String {
    if value.is_finite() { fixed(value, 2) } else { "\u{2013}".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{ChartColumns, text_alternative};

    const BUFFER: [f64; 10] = [100.0, 101.0, 2.0, 1.0, 10.0, 20.0, 11.0, 20.0, f64::NAN, 15.5];

    #[test]
    fn columns_lie_end_to_end() {
        let columns = ChartColumns::split(&BUFFER);
        assert_eq!(columns.time_secs, [100.0, 101.0]);
        assert_eq!(columns.min, [10.0, 20.0]);
        assert_eq!(columns.max, [11.0, 20.0]);
        assert!(columns.moving[0].is_nan() && columns.moving[1] == 15.5);
        assert_eq!(columns.time_range(60), Some((100.0, 101.0)));
        assert_eq!(
            ChartColumns::split(&[0.0, 90.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]).time_range(60),
            Some((30.0, 90.0))
        );
        assert_eq!(ChartColumns::split(&[90.0, 1.0, 1.0, 1.0, 1.0]).time_range(60), Some((30.0, 90.0)));
    }

    #[test]
    fn an_empty_buffer_has_no_reading_and_no_range() {
        let columns = ChartColumns::split(&[]);
        assert_eq!(columns.newest(), None);
        assert_eq!(columns.time_range(60), None);
    }

    #[test]
    fn the_text_alternative_names_the_newest_values() {
        let newest = ChartColumns::split(&BUFFER).newest();
        assert_eq!(
            text_alternative("1 min", "mean", newest),
            "Chart of value and moving mean, last 1 min: newest value 20.00, moving mean 15.50."
        );
        let first = ChartColumns::split(&BUFFER).reading(0).map(|reading| reading.value_text());
        assert_eq!(first.as_deref(), Some("10.00 to 11.00"));
    }
}
