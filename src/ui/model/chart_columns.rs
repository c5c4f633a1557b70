//! The chart buffer of a snapshot, split into its columns.

use std::sync::Arc;

use super::chart_lines::{Line, lines_of};
use super::chart_range::{SPANS, Span};
use super::chart_reading::ChartReading;
use super::measures::scales;
use crate::protocol::{CHART_COLUMNS, ChartFrame, ChartPoint, ChartRange};

/// With fewer columns than this, single-value columns are drawn as points, and lines of ids are dashed. In a denser
/// line dashes are not visible, and drawing half a million of them takes a second.
const SPARSE_COLUMNS: usize = 100;

/// The chart buffer of a snapshot.
#[derive(Debug, Clone, Default)]
pub struct ChartBuffer {
    values: Arc<Vec<f64>>,
    frame: ChartFrame,
    lines: Arc<Vec<Line>>,
    /// The scale of each line: that of the chart's own measure is 0.
    scales: Arc<Vec<usize>>,
    /// The chart's own measure; empty where the settings name it.
    measure: Arc<str>,
    waiting: Arc<Vec<ChartPoint>>,
}

impl ChartBuffer {
    /// From a snapshot's buffer, the time that it spans, and the measures and ids that have columns of their own.
    #[must_use]
    pub fn new(values: Vec<f64>, frame: ChartFrame, measures: &[String], ids: &[String]) -> Self {
        let of_measures = scales(measures).into_iter().skip(1);
        Self {
            values: Arc::new(with_lines(values, measures.len().max(1), ids.len())),
            frame,
            lines: Arc::new(lines_of(ids, measures)),
            scales: Arc::new(ids.iter().map(|_| 0).chain(of_measures).collect()),
            measure: measures.first().map(String::as_str).unwrap_or_default().into(),
            waiting: Arc::default(),
        }
    }

    /// With events that wait for their batch, in order of time.
    #[must_use]
    pub fn with_waiting(self, waiting: Vec<ChartPoint>) -> Self {
        Self { waiting: Arc::new(waiting), ..self }
    }

    /// Its columns.
    #[must_use]
    pub fn columns(&self) -> ChartColumns<'_> {
        ChartColumns::split(&self.values, self.lines.len())
    }

    /// All columns, concatenated.
    #[must_use]
    pub fn values(&self) -> Arc<Vec<f64>> {
        Arc::clone(&self.values)
    }

    /// The time that it spans, and its rows.
    #[must_use]
    pub fn frame(&self) -> ChartFrame {
        self.frame
    }

    /// The lines, in the order of their columns.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The scale of each line: 0 is that of the chart's own measure.
    #[must_use]
    pub fn scales(&self) -> &[usize] {
        &self.scales
    }

    /// The chart's own measure; empty where it is the first of the settings.
    #[must_use]
    pub fn measure(&self) -> &str {
        &self.measure
    }

    /// The events that wait for their batch, in order of time.
    #[must_use]
    pub fn waiting(&self) -> &[ChartPoint] {
        &self.waiting
    }

    /// Where the line of the waiting events begins: at the newest column, if it is one value that is not later.
    #[must_use]
    pub fn waiting_start(&self) -> Option<ChartPoint> {
        let columns = self.columns();
        let newest = columns.reading(columns.newest()?)?;
        let is_before = newest.min == newest.max && newest.time_secs <= self.waiting.first()?.time_secs;
        is_before.then_some(ChartPoint { time_secs: newest.time_secs, value: newest.max })
    }

    /// Whether anything is drawn.
    #[must_use]
    pub fn is_drawn(&self) -> bool {
        !self.waiting.is_empty() || self.columns().newest().is_some()
    }

    /// Minimum and maximum on each scale of all that is drawn between two times in seconds; the maximum is below the
    /// minimum when nothing is. The first scale is that of the chart's own measure.
    #[must_use]
    pub fn value_ranges(&self, (from, until): (f64, f64)) -> Vec<(f64, f64)> {
        let columns = self.columns();
        let count = self.scales.iter().max().map_or(1, |last| last + 1);
        let mut ranges = vec![(f64::INFINITY, f64::NEG_INFINITY); count];
        ranges[0] = columns.value_range((from, until));
        let is_visible = |point: &&ChartPoint| (from..=until).contains(&point.time_secs);
        for point in self.waiting.iter().filter(is_visible) {
            ranges[0] = widened(ranges[0], point.value, point.value);
        }
        // The lines of ids lie within the band.
        let of_measures = self.lines.iter().zip(&*self.scales).enumerate();
        for (place, (_, scale)) in of_measures.filter(|(_, (line, _))| matches!(line, Line::Measure(_))) {
            let Some((min, max)) = columns.line(place) else { continue };
            for ((time, min), max) in columns.time_secs.iter().zip(min).zip(max) {
                if *time >= from && *time <= until {
                    ranges[*scale] = widened(ranges[*scale], *min, *max);
                }
            }
        }
        ranges
    }

    /// The span that the chart shows for a range. A fixed range is shown at once; the span of another is in the
    /// snapshot's frame or, without one, in the data.
    #[must_use]
    pub fn span(&self, range: ChartRange) -> Option<Span> {
        if let ChartRange::Fixed { from, until } = range {
            return Some(Span { from, until });
        }
        if self.frame.from < self.frame.until {
            return Some(Span { from: self.frame.from, until: self.frame.until });
        }
        let (oldest, newest) = self.columns().ends()?;
        let (oldest, until) = ((oldest * 1e9) as i64, (newest * 1e9) as i64);
        let from = match range {
            ChartRange::Live { span_nanos } => until.saturating_sub(span_nanos),
            _ => until.saturating_sub(SPANS[0].0),
        };
        Some(Span { from: if oldest < until { from.max(oldest) } else { from }, until })
    }
}

/// Whether both are drawn alike: NaN equals NaN.
impl PartialEq for ChartBuffer {
    fn eq(&self, other: &Self) -> bool {
        let mut pairs = self.values.iter().zip(&*other.values);
        self.values.len() == other.values.len()
            && self.lines == other.lines
            && self.measure == other.measure
            && self.waiting == other.waiting
            && pairs.all(|(value, other)| value.to_bits() == other.to_bits())
    }
}

/// The range with these values; missing ones, which are NaN, change nothing.
fn widened((least, most): (f64, f64), min: f64, max: f64) -> (f64, f64) {
    (least.min(min), most.max(max))
}

/// The columns of a buffer as they are drawn: those of the first measure with its ids as they are, then smallest and
/// largest value of each further measure. The others of those are not drawn.
fn with_lines(values: Vec<f64>, measures: usize, ids: usize) -> Vec<f64> {
    if measures == 1 {
        return values;
    }
    // After the times, each measure has rows, minimum, maximum, aggregate, and two columns for each id.
    let block = CHART_COLUMNS - 1 + 2 * ids;
    let len = values.len() / (1 + measures * block);
    let columns = |from: usize, count: usize| values.get(from * len..(from + count) * len).unwrap_or_default();
    let mut drawn = columns(0, 1 + block).to_vec();
    for measure in 1..measures {
        drawn.extend(columns(1 + measure * block + 1, 2));
    }
    drawn
}

/// The columns of `protocol::CHART_COLUMNS` of one measure, each as long as the others.
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
    /// Rolling aggregate of each column, NaN where it is missing.
    pub rolling: &'a [f64],
    /// Smallest and largest value for one line after the other.
    lines: &'a [f64],
    line_count: usize,
}

impl<'a> ChartColumns<'a> {
    /// Splits a buffer with columns for `line_count` lines; an incomplete last row is left out.
    #[must_use]
    pub fn split(buffer: &'a [f64], line_count: usize) -> Self {
        let rows = buffer.len() / (CHART_COLUMNS + 2 * line_count);
        let column = |index: usize| &buffer[index * rows..(index + 1) * rows];
        Self {
            time_secs: column(0),
            rows: column(1),
            min: column(2),
            max: column(3),
            rolling: column(4),
            lines: &buffer[CHART_COLUMNS * rows..(CHART_COLUMNS + 2 * line_count) * rows],
            line_count,
        }
    }

    /// Minimum and maximum columns of the line at this index; NaN where a column has no row of it.
    #[must_use]
    pub fn line(&self, line: usize) -> Option<(&'a [f64], &'a [f64])> {
        let rows = self.time_secs.len();
        let ends = |place: usize| self.lines.get(place * rows..(place + 1) * rows);
        if line < self.line_count { ends(2 * line).zip(ends(2 * line + 1)) } else { None }
    }

    /// Minimum and maximum of a line in its newest column up to this one.
    #[must_use]
    pub fn line_at(&self, line: usize, column: usize) -> Option<(f64, f64)> {
        let (min, max) = self.line(line)?;
        let newest = min.get(..=column)?.iter().rposition(|value| value.is_finite())?;
        Some((min[newest], *max.get(newest)?))
    }

    /// The values at one column of the chart.
    #[must_use]
    pub fn reading(&self, row: usize) -> Option<ChartReading> {
        Some(ChartReading {
            time_secs: *self.time_secs.get(row)?,
            rows: *self.rows.get(row)?,
            min: *self.min.get(row)?,
            max: *self.max.get(row)?,
            rolling: *self.rolling.get(row)?,
        })
    }

    /// The newest column with a value.
    #[must_use]
    pub fn newest(&self) -> Option<usize> {
        self.max.iter().rposition(|value| value.is_finite())
    }

    /// Times of the first and last column, in seconds.
    #[must_use]
    pub fn ends(&self) -> Option<(f64, f64)> {
        Some((*self.time_secs.first()?, *self.time_secs.last()?))
    }

    /// Minimum and maximum of all that is drawn between two times in seconds; the maximum is below the minimum when
    /// nothing is.
    #[must_use]
    pub fn value_range(&self, (from, until): (f64, f64)) -> (f64, f64) {
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for (row, time) in self.time_secs.iter().enumerate() {
            if *time >= from && *time <= until {
                // Comparisons with NaN are false, so that missing values are skipped.
                least = least.min(self.min[row]).min(self.rolling[row]);
                most = most.max(self.max[row]).max(self.rolling[row]);
            }
        }
        (least, most)
    }

    /// Bit masks of the lines that are drawn with points, and of those that are sparse enough for dashes: bit 0 is all
    /// rows, bit `n + 1` is the line at index `n`.
    #[must_use]
    pub fn sparse(&self) -> (u32, u32) {
        let is_single = self.rows.iter().all(|rows| *rows <= 1.0);
        let mut points = u32::from(is_single && is_few(self.min) && are_single(self.min, self.max));
        let mut dashes = 0;
        for (line, (min, max)) in (0..self.line_count).filter_map(|line| self.line(line)).enumerate() {
            let bit = u32::from(is_few(min)) << (line + 1);
            dashes |= bit;
            points |= if are_single(min, max) { bit } else { 0 };
        }
        (points, dashes)
    }

    /// The columns merged into at most `most` rows of a table; each row keeps the minimum and maximum of its columns.
    #[must_use]
    pub fn table(&self, most: usize) -> Vec<ChartReading> {
        let len = self.time_secs.len();
        let size = len.div_ceil(most.max(1)).max(1);
        let mut rows: Vec<ChartReading> = Vec::with_capacity(most.min(len));
        for row in 0..len {
            let Some(next) = self.reading(row) else { break };
            match rows.last_mut().filter(|_| !row.is_multiple_of(size)) {
                Some(last) => last.take_in(&next),
                None => rows.push(next),
            }
        }
        rows
    }
}

fn is_few(values: &[f64]) -> bool {
    values.iter().filter(|value| value.is_finite()).count() < SPARSE_COLUMNS
}

fn are_single(min: &[f64], max: &[f64]) -> bool {
    min.iter().zip(max).all(|(least, most)| least.is_nan() || least == most)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUFFER: [f64; 10] = [100.0, 101.0, 2.0, 1.0, 10.0, 20.0, 11.0, 20.0, f64::NAN, 15.5];

    #[test]
    fn columns_are_concatenated() {
        let columns = ChartColumns::split(&BUFFER, 0);
        assert_eq!(columns.time_secs, [100.0, 101.0]);
        assert_eq!(columns.min, [10.0, 20.0]);
        assert_eq!(columns.max, [11.0, 20.0]);
        assert!(columns.rolling[0].is_nan() && columns.rolling[1] == 15.5);
        assert_eq!((columns.ends(), columns.newest()), (Some((100.0, 101.0)), Some(1)));
        assert_eq!(columns.line(0), None);
    }

    #[test]
    fn each_id_has_two_columns_after_those_of_all_rows() {
        let mut buffer = BUFFER.to_vec();
        buffer.extend([10.0, f64::NAN, 10.5, f64::NAN, 11.0, 20.0, 11.0, 20.0]);
        let columns = ChartColumns::split(&buffer, 2);
        let (min, max) = columns.line(0).unwrap();
        assert!(min[0] == 10.0 && min[1].is_nan() && max[0] == 10.5);
        assert_eq!(columns.line(1), Some((&[11.0, 20.0][..], &[11.0, 20.0][..])));
        assert_eq!(columns.line(2), None);
        assert_eq!((columns.line_at(0, 1), columns.line_at(1, 1)), (Some((10.0, 10.5)), Some((20.0, 20.0))));
        assert_eq!((columns.line_at(0, 2), columns.line_at(7, 0)), (None, None), "there is no such column or id");
        assert_eq!(columns.sparse(), (0b100, 0b110), "only the second id has one value in each column");
    }

    #[test]
    fn an_empty_buffer_has_no_reading_and_no_range() {
        let columns = ChartColumns::split(&[], 3);
        assert_eq!((columns.newest(), columns.ends()), (None, None));
        assert_eq!(columns.table(50), []);
        let (least, most) = columns.value_range((0.0, 1e9));
        assert!(least > most);
    }

    #[test]
    fn the_value_range_covers_only_the_visible_part() {
        let columns = ChartColumns::split(&BUFFER, 0);
        assert_eq!(columns.value_range((0.0, 200.0)), (10.0, 20.0));
        assert_eq!(columns.value_range((100.5, 200.0)), (15.5, 20.0), "the moving aggregate is drawn too");
    }

    #[test]
    fn waiting_events_continue_the_newest_value() {
        let point = |time_secs, value| ChartPoint { time_secs, value };
        let buffer = |waiting| ChartBuffer::new(BUFFER.to_vec(), ChartFrame::default(), &[], &[]).with_waiting(waiting);
        let later = buffer(vec![point(102.0, 30.0), point(103.0, 5.0)]);
        assert_eq!(later.waiting_start(), Some(point(101.0, 20.0)));
        assert_eq!(later.value_ranges((100.0, 102.5)), [(10.0, 30.0)], "only what is visible");
        assert_eq!(later.value_ranges((100.0, 103.0)), [(5.0, 30.0)]);
        assert_eq!(buffer(vec![point(100.5, 30.0)]).waiting_start(), None, "an event between the columns");
        assert_eq!(buffer(Vec::new()).waiting_start(), None);
        let first = ChartBuffer::default().with_waiting(vec![point(1.0, 2.0)]);
        assert!(first.waiting_start().is_none() && first.is_drawn() && !ChartBuffer::default().is_drawn());
        assert!(first != ChartBuffer::default(), "an arrival is drawn");
        assert_eq!(first.value_ranges((0.0, 9.0)), [(2.0, 2.0)]);
    }

    #[test]
    fn other_measures_are_lines_on_scales_of_their_units() {
        let names = ["in (bar)", "flow", "out (bar)"].map(str::to_owned);
        let columns = |from: f64| (0..6).map(move |column| from + f64::from(column));
        // Times, then for each measure rows, minimum, maximum, aggregate, and minimum and maximum of the id.
        let values = [100.0].into_iter().chain(columns(10.0)).chain(columns(20.0)).chain(columns(30.0)).collect();
        let buffer = ChartBuffer::new(values, ChartFrame::default(), &names, &["a".to_owned()]);
        let [id, flow, out] = [Line::Id("a".into()), Line::Measure("flow".into()), Line::Measure("out (bar)".into())];
        assert_eq!((buffer.lines(), buffer.scales()), (&[id, flow, out][..], &[0, 1, 0][..]));
        let drawn = buffer.columns();
        let reading = drawn.reading(0).unwrap();
        assert_eq!((reading.rows, reading.min, reading.max, reading.rolling), (10.0, 11.0, 12.0, 13.0));
        let ends = [0, 1, 2].map(|line| drawn.line_at(line, 0).unwrap());
        assert_eq!(ends, [(14.0, 15.0), (21.0, 22.0), (31.0, 32.0)]);
        assert_eq!(buffer.value_ranges((0.0, 200.0)), [(11.0, 32.0), (21.0, 22.0)]);
        assert_eq!(buffer.measure(), "in (bar)");
        assert_eq!(ChartBuffer::new(Vec::new(), ChartFrame::default(), &names, &[]).columns().newest(), None);
    }

    #[test]
    fn many_columns_are_drawn_without_points() {
        let column = |len: usize| -> Vec<f64> { (0..5 * len).map(|_| 1.0).collect() };
        assert_eq!(ChartColumns::split(&column(99), 0).sparse().0, 1);
        assert_eq!(ChartColumns::split(&column(100), 0).sparse().0, 0);
        assert_eq!(ChartColumns::split(&BUFFER, 0).sparse().0, 0, "a column of two rows is no point");
    }

    #[test]
    fn a_table_merges_columns_and_keeps_the_extremes() {
        let times = (0..120).map(f64::from);
        let values = (0..120).map(|row| if row == 77 { 1000.0 } else { f64::from(row) });
        let buffer: Vec<f64> =
            times.clone().chain(times.clone().map(|_| 2.0)).chain(values.clone()).chain(values).chain(times).collect();
        let rows = ChartColumns::split(&buffer, 0).table(50);
        assert_eq!(rows.len(), 40);
        assert_eq!(
            (rows[0].time_secs, rows[0].rows, rows[0].min, rows[0].max, rows[0].rolling),
            (0.0, 6.0, 0.0, 2.0, 2.0)
        );
        assert!(rows.iter().any(|row| row.max == 1000.0));
    }
}
