//! Charts: a time range reduced to a bounded number of columns.

use std::ops::Range;
use std::rc::Rc;

use super::block::Block;
use super::history::History;
use super::segment::{SEGMENT_ROWS, Segment};
use super::summary::{Bounds, CHUNK_ROWS, Extent, Line, Series, Summary, Wanted};
use crate::pipeline::{Id, Measures};
use crate::time::Timestamp;

/// Blocks that one query reads from files to build their summaries; the others are left to the next query.
const MAX_READ: usize = 24;

/// A time range in columns of equal width, which all measures share; columns without rows are left out.
///
/// The value of each row lies between the smallest and the largest of its column.
#[derive(Debug)]
pub struct Chart {
    /// The number of rows in the range.
    pub rows: usize,
    /// The number of rows that the columns cover: summaries of blocks on disk are built over several queries.
    pub covered: usize,
    pub(super) measures: Measures,
    /// The last instant with a row, in each column.
    pub(super) columns: Vec<i64>,
    /// Each measure in each column: column by column, measures in their order.
    pub(super) lines: Vec<Extent>,
    /// The bounds of each id in each line: line by line, ids in the order of the query.
    series: Vec<Bounds>,
    ids: usize,
    /// The width of a column in nanoseconds; 0 when each row is a column of its own.
    width: i64,
    /// The last instant of the newest column.
    last_instant: i64,
}

/// The rows of a block that are in the range.
struct Part {
    block: Rc<Block>,
    rows: Range<usize>,
}

impl History {
    /// The rows of the closed range in at most `columns` columns (at least 2). Up to that many rows get a column each;
    /// with more rows, columns begin at multiples of their width, so that they stay the same while the range moves. Rows
    /// with none of these measures are left out.
    pub fn chart(&self, from: Timestamp, until: Timestamp, columns: usize, measures: &Measures, ids: &[Id]) -> Chart {
        let mut parts: Vec<Part> = Vec::new();
        let (start, end) = self.places(from, until);
        self.visit(start, end, &mut |block, rows| parts.push(Part { block: Rc::clone(block), rows }));
        let rows = parts.iter().map(|part| part.rows.len()).sum();
        let columns = columns.max(2);
        let span = until.as_nanos().wrapping_sub(from.as_nanos()) as u64;
        let width = if rows <= columns { 0 } else { (span / (columns as u64 - 1)).min(i64::MAX as u64 - 1) as i64 + 1 };
        let mut chart = Chart {
            rows,
            covered: 0,
            measures: measures.clone(),
            columns: Vec::new(),
            lines: Vec::new(),
            series: Vec::new(),
            ids: ids.len(),
            width,
            last_instant: i64::MIN,
        };
        if width == 0 {
            for part in &parts {
                chart.add_rows(&part.block.segment(), part.rows.clone(), ids, None);
            }
            chart.covered = rows;
            return chart;
        }
        let mut reads = MAX_READ;
        // Newest first: these are viewed most.
        let mut summaries: Vec<_> =
            parts.iter().rev().map(|part| part.block.summary(measures, ids, &mut reads)).collect();
        let is_close = rows <= CHUNK_ROWS.saturating_mul(columns).min(MAX_READ * SEGMENT_ROWS);
        for part in &parts {
            if let Some(summary) = summaries.pop().flatten() {
                chart.add_part(part, &summary, ids, is_close);
                chart.covered += if summary.has_all(measures, ids) { part.rows.len() } else { 0 };
            }
        }
        chart
    }
}

impl Chart {
    /// The columns one after another: time in seconds since the epoch; then for each measure: number of rows, smallest
    /// value, largest value, rolling aggregate (the argument, a list for each measure), and smallest and largest value of
    /// each id. Values are NaN where there are no rows.
    pub fn into_buffer(self, rolling: &[Vec<f64>]) -> Vec<f64> {
        let (columns, measures) = (self.columns.len(), self.measures.count());
        let mut buffer = Vec::with_capacity(columns * (1 + measures * (4 + 2 * self.ids)));
        buffer.extend(self.columns.iter().map(|last_time| Timestamp::from_nanos(*last_time).as_millis() / 1e3));
        for measure in 0..measures {
            let lines = self.lines.iter().skip(measure).step_by(measures);
            buffer.extend(lines.clone().map(|line| line.rows as f64));
            buffer.extend(lines.clone().map(|line| line.bounds.values()[0]));
            buffer.extend(lines.map(|line| line.bounds.values()[1]));
            let rolling = rolling.get(measure).map_or(&[][..], |rolling| rolling);
            buffer.extend((0..columns).map(|column| rolling.get(column).copied().unwrap_or(f64::NAN)));
            for id in measure * self.ids..(measure + 1) * self.ids {
                for end in 0..2 {
                    let series = self.series.iter().skip(id).step_by(measures * self.ids);
                    buffer.extend(series.map(|bounds| bounds.values()[end]));
                }
            }
        }
        buffer
    }

    /// Whether each row is a column of its own.
    pub(super) fn is_by_row(&self) -> bool {
        self.width == 0
    }

    /// Adds the rows of a block that are in the range. Only if `is_close`, rows are read from files for exact columns.
    fn add_part(&mut self, part: &Part, summary: &Summary, ids: &[Id], is_close: bool) {
        let Range { start, end } = part.rows;
        let measures = self.measures.clone();
        let lines: Vec<_> = measures.names().map(|measure| LineOfIds::new(summary.line(measure), ids)).collect();
        let mut piece = Piece::default();
        if part.rows.len() == part.block.len() {
            piece.fill(&lines, None);
            if self.add_all(&piece) {
                return;
            }
        }
        let mut segment = part.block.resident();
        for number in start / CHUNK_ROWS..end.div_ceil(CHUNK_ROWS) {
            let first = number * CHUNK_ROWS;
            let rows = first.max(start)..(first + CHUNK_ROWS).min(end);
            let is_whole = rows.start == first && (rows.end == first + CHUNK_ROWS || rows.end == part.block.len());
            if is_whole {
                piece.fill(&lines, Some(number));
                if self.add_all(&piece) {
                    continue;
                }
                if segment.is_none() && !is_close {
                    self.add_at_both_ends(&piece);
                    continue;
                }
            }
            let segment = segment.get_or_insert_with(|| part.block.segment());
            self.add_rows(segment, rows, ids, Some(summary));
        }
    }

    /// Adds rows one by one.
    fn add_rows(&mut self, segment: &Segment, rows: Range<usize>, ids: &[Id], summary: Option<&Summary>) {
        let measures = self.measures.clone();
        let columns = segment.columns.select(&measures);
        let line = |measure: &str| summary.and_then(|summary| summary.line(measure));
        let wanted: Vec<_> = measures.names().map(|name| Wanted::new(&segment.ids, ids, line(name))).collect();
        for row in rows {
            let value = |column: &Option<&[f64]>| column.map(|values| values[row]).filter(|value| !value.is_nan());
            if columns.iter().all(|column| value(column).is_none()) {
                continue;
            }
            let time = segment.times[row];
            self.turn_to(time);
            self.end_column_at(time);
            let (first_line, first_series) = self.newest_column();
            for (measure, column) in columns.iter().enumerate() {
                if let Some(value) = value(column) {
                    self.lines[first_line + measure].merge(&Extent::from_row(time, value));
                    let first = first_series + measure * self.ids;
                    wanted[measure].push(row, value, &mut self.series[first..first + self.ids]);
                }
            }
        }
    }

    /// Adds all rows of a piece if they are in one column; returns whether they are.
    fn add_all(&mut self, piece: &Piece) -> bool {
        let Some((first_time, last_time)) = piece.span() else { return true };
        if last_time > self.last_instant.max(self.last_instant_of(first_time)) {
            return false;
        }
        self.turn_to(first_time);
        self.merge(last_time, piece, |rows| rows);
        true
    }

    /// Adds a piece that spans several columns without reading its rows: the first and the last of these columns get its
    /// bounds and half of its rows each.
    fn add_at_both_ends(&mut self, piece: &Piece) {
        let Some((first_time, last_time)) = piece.span() else { return };
        self.turn_to(first_time);
        self.merge(first_time, piece, |rows| rows / 2);
        self.turn_to(last_time);
        self.merge(last_time, piece, |rows| rows - rows / 2);
    }

    /// Adds the bounds of a piece to the newest column, and as many of its rows as `share` says of each measure.
    fn merge(&mut self, last_time: i64, piece: &Piece, share: impl Fn(u64) -> u64) {
        self.end_column_at(last_time);
        let (first_line, first_series) = self.newest_column();
        for (line, extent) in self.lines[first_line..].iter_mut().zip(&piece.lines) {
            line.merge(&Extent { rows: share(extent.rows), ..*extent });
        }
        for (series, bounds) in self.series[first_series..].iter_mut().zip(&piece.series) {
            series.merge(*bounds);
        }
    }

    /// Where the newest column begins in `lines` and in `series`.
    fn newest_column(&self) -> (usize, usize) {
        let measures = self.measures.count();
        (self.lines.len() - measures, self.series.len() - measures * self.ids)
    }

    /// Moves the last instant with a row of the newest column to this one, if it is later.
    fn end_column_at(&mut self, time: i64) {
        if let Some(last_time) = self.columns.last_mut() {
            *last_time = time.max(*last_time);
        }
    }

    /// Begins a column if this instant is not in the newest one. Instants come in ascending order.
    fn turn_to(&mut self, time: i64) {
        if self.width > 0 && !self.columns.is_empty() && time <= self.last_instant {
            return;
        }
        self.last_instant = self.last_instant_of(time);
        self.columns.push(time);
        let measures = self.measures.count();
        self.lines.resize(self.lines.len() + measures, Extent::NONE);
        self.series.resize(self.series.len() + measures * self.ids, Bounds::NONE);
    }

    /// The last instant of the column that this instant is in.
    fn last_instant_of(&self, time: i64) -> i64 {
        if self.width == 0 {
            return time;
        }
        time.saturating_sub(time.rem_euclid(self.width)).saturating_add(self.width - 1)
    }
}

/// The line of a measure in a summary, and in it the series of the ids of a query; `None` for what the summary lacks.
struct LineOfIds<'a> {
    line: Option<&'a Line>,
    series: Vec<Option<&'a Series>>,
}

impl<'a> LineOfIds<'a> {
    fn new(line: Option<&'a Line>, ids: &[Id]) -> Self {
        Self { line, series: ids.iter().map(|id| line?.series(id)).collect() }
    }
}

/// All rows of a block or those of a chunk: each measure, and each id in it, as [`Chart`] has them in a column.
#[derive(Default)]
struct Piece {
    lines: Vec<Extent>,
    series: Vec<Bounds>,
}

impl Piece {
    /// Becomes all rows of a summary, or those of a chunk.
    fn fill(&mut self, lines: &[LineOfIds<'_>], chunk: Option<usize>) {
        self.lines.clear();
        self.series.clear();
        for LineOfIds { line, series } in lines {
            self.lines.push(line.map_or(Extent::NONE, |line| chunk.map_or(line.whole, |number| line.chunk(number))));
            self.series.extend(series.iter().map(|series| {
                series.map_or(Bounds::NONE, |series| chunk.map_or(series.whole, |number| series.chunk(number)))
            }));
        }
    }

    /// The instants of the first and the last row; `None` without rows.
    fn span(&self) -> Option<(i64, i64)> {
        let mut all = Extent::NONE;
        self.lines.iter().for_each(|line| all.merge(line));
        (all.rows > 0).then_some((all.first_time, all.last_time))
    }
}

#[cfg(test)]
#[path = "chart_tests.rs"]
mod tests;
