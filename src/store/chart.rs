//! Charts: a time range reduced to a bounded number of columns.

use std::ops::Range;
use std::rc::Rc;

use super::block::Block;
use super::history::History;
use super::segment::{SEGMENT_ROWS, Segment};
use super::summary::{Bounds, CHUNK_ROWS, Extent, Summary, Wanted};
use crate::pipeline::Id;
use crate::time::Timestamp;

/// Blocks that one query reads from files to build their summaries; the others are left to the next query.
const MAX_READ: usize = 24;

/// A time range in columns of equal width; columns without rows are left out.
///
/// Each row's value lies between the smallest and the largest of its column.
#[derive(Debug)]
pub struct Chart {
    /// The number of rows in the range.
    pub rows: usize,
    /// The number of rows that the columns cover: summaries of blocks on disk are built over several queries.
    pub covered: usize,
    pub(super) columns: Vec<Extent>,
    /// The bounds of each id in each column: column by column, ids in the order of the query.
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
    /// with more rows, columns begin at multiples of their width, so that they stay the same while the range moves.
    pub fn chart(&self, from: Timestamp, until: Timestamp, columns: usize, ids: &[Id]) -> Chart {
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
            columns: Vec::new(),
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
        let mut summaries: Vec<_> = parts.iter().rev().map(|part| part.block.summary(ids, &mut reads)).collect();
        let is_close = rows <= CHUNK_ROWS.saturating_mul(columns).min(MAX_READ * SEGMENT_ROWS);
        for part in &parts {
            if let Some(summary) = summaries.pop().flatten() {
                chart.add_part(part, &summary, ids, is_close);
                chart.covered += if summary.has_series(ids) { part.rows.len() } else { 0 };
            }
        }
        chart
    }
}

impl Chart {
    /// The columns one after another: time in seconds since the epoch, number of rows, smallest value, largest value,
    /// rolling aggregate (the argument); then smallest and largest value of each id, NaN where it has no rows.
    pub fn into_buffer(self, rolling: &[f64]) -> Vec<f64> {
        let mut buffer = Vec::with_capacity(self.columns.len() * (5 + 2 * self.ids));
        let columns = &self.columns;
        buffer.extend(columns.iter().map(|column| Timestamp::from_nanos(column.last_time).as_millis() / 1e3));
        buffer.extend(columns.iter().map(|column| column.rows as f64));
        buffer.extend(columns.iter().map(|column| column.bounds.min));
        buffer.extend(columns.iter().map(|column| column.bounds.max));
        buffer.extend((0..columns.len()).map(|column| rolling.get(column).copied().unwrap_or(f64::NAN)));
        for id in 0..self.ids {
            for end in 0..2 {
                buffer.extend(self.series.iter().skip(id).step_by(self.ids).map(|bounds| bounds.values()[end]));
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
        let series: Vec<_> = ids.iter().map(|id| summary.series(id)).collect();
        let of_whole = |id: usize| series[id].map_or(Bounds::NONE, |series| series.whole);
        if part.rows.len() == part.block.len() && self.add_all(&summary.whole, &of_whole) {
            return;
        }
        let mut segment = part.block.resident();
        for number in start / CHUNK_ROWS..end.div_ceil(CHUNK_ROWS) {
            let first = number * CHUNK_ROWS;
            let rows = first.max(start)..(first + CHUNK_ROWS).min(end);
            let is_whole = rows.start == first && (rows.end == first + CHUNK_ROWS || rows.end == part.block.len());
            if let Some(chunk) = summary.chunks.get(number).filter(|_| is_whole) {
                let of_chunk = |id: usize| series[id].map_or(Bounds::NONE, |series: &_| series.chunks[number]);
                if self.add_all(chunk, &of_chunk) {
                    continue;
                }
                if segment.is_none() && !is_close {
                    self.add_at_both_ends(chunk, &of_chunk);
                    continue;
                }
            }
            let segment = segment.get_or_insert_with(|| part.block.segment());
            self.add_rows(segment, rows, ids, Some(summary));
        }
    }

    /// Adds rows one by one.
    fn add_rows(&mut self, segment: &Segment, rows: Range<usize>, ids: &[Id], summary: Option<&Summary>) {
        let wanted = Wanted::new(&segment.ids, ids, summary);
        for row in rows {
            let (time, value) = (segment.times[row], segment.values[row]);
            if value.is_nan() {
                continue;
            }
            self.turn_to(time);
            let first = self.series.len() - self.ids;
            wanted.push(row, value, &mut self.series[first..]);
            if let Some(column) = self.columns.last_mut() {
                column.merge(&Extent::from_row(time, value));
            }
        }
    }

    /// Adds all rows of an extent if they are in one column; returns whether they are.
    fn add_all(&mut self, extent: &Extent, bounds: &dyn Fn(usize) -> Bounds) -> bool {
        if extent.rows == 0 {
            return true;
        }
        if extent.last_time > self.last_instant.max(self.last_instant_of(extent.first_time)) {
            return false;
        }
        self.turn_to(extent.first_time);
        self.merge(extent, bounds);
        true
    }

    /// Adds an extent that spans several columns without reading its rows: the first and the last of these columns get
    /// its bounds and half of its rows each.
    fn add_at_both_ends(&mut self, extent: &Extent, bounds: &dyn Fn(usize) -> Bounds) {
        let (first_time, last_time) = (extent.first_time, extent.last_time);
        self.turn_to(first_time);
        self.merge(&Extent { last_time: first_time, rows: extent.rows / 2, ..*extent }, bounds);
        self.turn_to(last_time);
        self.merge(&Extent { first_time: last_time, rows: extent.rows - extent.rows / 2, ..*extent }, bounds);
    }

    fn merge(&mut self, extent: &Extent, bounds: &dyn Fn(usize) -> Bounds) {
        if let Some(column) = self.columns.last_mut() {
            column.merge(extent);
        }
        let first = self.series.len() - self.ids;
        for (id, series) in self.series[first..].iter_mut().enumerate() {
            series.merge(bounds(id));
        }
    }

    /// Begins a column if this instant is not in the newest one. Instants come in ascending order.
    fn turn_to(&mut self, time: i64) {
        if self.width > 0 && !self.columns.is_empty() && time <= self.last_instant {
            return;
        }
        self.last_instant = self.last_instant_of(time);
        self.columns.push(Extent::NONE);
        self.series.resize(self.series.len() + self.ids, Bounds::NONE);
    }

    /// The last instant of the column that this instant is in.
    fn last_instant_of(&self, time: i64) -> i64 {
        if self.width == 0 {
            return time;
        }
        time.saturating_sub(time.rem_euclid(self.width)).saturating_add(self.width - 1)
    }
}

#[cfg(test)]
#[path = "chart_tests.rs"]
mod tests;
