//! Summaries of blocks: count, time range and bounds per measure and chunk, for charts whose columns hold many rows.

use std::sync::Arc;

use super::ids::Ids;
use super::segment::Segment;
use crate::pipeline::{Id, MAX_MEASURES, Measures};

/// Rows of a chunk.
pub(super) const CHUNK_ROWS: usize = 64;

/// Series that a line keeps: those of the last query, and as many of another page's.
const MAX_SERIES: usize = 16;
/// Lines that a block's summary keeps: as many as a query can ask for.
const MAX_LINES: usize = MAX_MEASURES;

/// The code of an id that the segment does not have.
const NO_CODE: u32 = u32::MAX;

/// The smallest and the largest of some values; without values, `max` is below `min`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Bounds {
    pub(super) const NONE: Self = Self { min: f64::INFINITY, max: f64::NEG_INFINITY };

    /// Adds a value; NaN is ignored.
    #[inline]
    pub(super) fn push(&mut self, value: f64) {
        self.merge(Self { min: value, max: value });
    }

    #[inline]
    pub(super) fn merge(&mut self, other: Self) {
        // A comparison with NaN is false.
        if other.min < self.min {
            self.min = other.min;
        }
        if other.max > self.max {
            self.max = other.max;
        }
    }

    /// `[min, max]`, both NaN without values.
    pub(super) fn values(self) -> [f64; 2] {
        if self.max < self.min { [f64::NAN; 2] } else { [self.min, self.max] }
    }
}

/// Time range, count and bounds of consecutive rows. Rows without a value (NaN) are not counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Extent {
    pub(super) first_time: i64,
    pub(super) last_time: i64,
    pub(super) rows: u64,
    pub(super) bounds: Bounds,
}

impl Extent {
    pub(super) const NONE: Self = Self { first_time: i64::MAX, last_time: i64::MIN, rows: 0, bounds: Bounds::NONE };

    /// The extent of one row.
    pub(super) fn from_row(time: i64, value: f64) -> Self {
        Self { first_time: time, last_time: time, rows: 1, bounds: Bounds { min: value, max: value } }
    }

    #[inline]
    pub(super) fn merge(&mut self, other: &Self) {
        self.first_time = self.first_time.min(other.first_time);
        self.last_time = self.last_time.max(other.last_time);
        self.rows += other.rows;
        self.bounds.merge(other.bounds);
    }
}

/// The summary of a block: a line for each measure that was asked for, those of the last query first.
#[derive(Debug, Clone, Default)]
pub(super) struct Summary {
    lines: Vec<Line>,
}

/// A measure in all rows of a block and in each chunk. Rows that lack the measure are not counted.
#[derive(Debug, Clone)]
pub(super) struct Line {
    measure: Arc<str>,
    pub(super) whole: Extent,
    /// Empty where no row of the block has the measure.
    chunks: Vec<Extent>,
    /// The bounds of single ids, those of the last query first.
    series: Vec<Series>,
}

/// The bounds of the values of one id.
#[derive(Debug, Clone)]
pub(super) struct Series {
    id: Id,
    /// Its code in the segment, if ids are coded there; the code may change when the segment is read again.
    code: u32,
    pub(super) whole: Bounds,
    chunks: Vec<Bounds>,
}

impl Summary {
    /// Whether there is a line for each of these measures, and in it a series for each of these ids.
    pub(super) fn has_all(&self, measures: &Measures, ids: &[Id]) -> bool {
        measures.names().all(|measure| self.line(measure).is_some_and(|line| line.has_series(ids)))
    }

    pub(super) fn line(&self, measure: &str) -> Option<&Line> {
        self.lines.iter().find(|line| *line.measure == *measure)
    }

    /// Adds lines for these measures, with series for these ids, from the block's segment; beyond [`MAX_LINES`], the least
    /// recently added are dropped.
    pub(super) fn add(&mut self, segment: &Segment, measures: &Measures, ids: &[Id]) {
        let mut added = Vec::with_capacity(measures.count());
        for (place, measure) in measures.as_slice().iter().enumerate() {
            let values = segment.columns.get(place, measure).unwrap_or_default();
            let known = self.lines.iter().position(|line| line.measure == *measure);
            let mut line = known.map_or_else(
                || Line::new(Arc::clone(measure), &segment.times, values),
                |known| self.lines.remove(known),
            );
            if !line.has_series(ids) {
                line.add_series(&segment.ids, values, ids);
            }
            added.push(line);
        }
        added.append(&mut self.lines);
        added.truncate(MAX_LINES);
        added.shrink_to_fit();
        self.lines = added;
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of::<Self>() + self.lines.iter().map(Line::heap_bytes).sum::<usize>()
    }
}

impl Line {
    /// The line of a measure; `values` is empty where no row has it.
    fn new(measure: Arc<str>, times: &[i64], values: &[f64]) -> Self {
        let mut chunks = Vec::with_capacity(values.len().div_ceil(CHUNK_ROWS));
        for (times, values) in times.chunks(CHUNK_ROWS).zip(values.chunks(CHUNK_ROWS)) {
            let mut chunk = Extent::NONE;
            for (time, value) in times.iter().zip(values) {
                if !value.is_nan() {
                    chunk.merge(&Extent::from_row(*time, *value));
                }
            }
            chunks.push(chunk);
        }
        let mut whole = Extent::NONE;
        chunks.iter().for_each(|chunk| whole.merge(chunk));
        Self { measure, whole, chunks, series: Vec::new() }
    }

    /// The rows of a chunk.
    pub(super) fn chunk(&self, number: usize) -> Extent {
        self.chunks.get(number).copied().unwrap_or(Extent::NONE)
    }

    fn has_series(&self, ids: &[Id]) -> bool {
        ids.iter().all(|id| self.series(id).is_some())
    }

    pub(super) fn series(&self, id: &Id) -> Option<&Series> {
        self.series.iter().find(|series| series.id == *id)
    }

    /// Adds series for these ids; beyond [`MAX_SERIES`], the least recently added are dropped.
    fn add_series(&mut self, ids_of_rows: &Ids, values: &[f64], ids: &[Id]) {
        let wanted = Wanted::new(ids_of_rows, ids, None);
        let new_series = |id: &Id| Series { id: id.clone(), code: NO_CODE, whole: Bounds::NONE, chunks: Vec::new() };
        let mut added: Vec<Series> = ids.iter().map(new_series).collect();
        let mut bounds = vec![Bounds::NONE; ids.len()];
        for (chunk, values) in values.chunks(CHUNK_ROWS).enumerate() {
            bounds.fill(Bounds::NONE);
            for (place, value) in values.iter().enumerate() {
                wanted.push(chunk * CHUNK_ROWS + place, *value, &mut bounds);
            }
            for (series, bounds) in added.iter_mut().zip(&bounds) {
                series.whole.merge(*bounds);
                series.chunks.push(*bounds);
            }
        }
        if let Wanted::Codes { wanted, .. } = wanted {
            added.iter_mut().zip(wanted).for_each(|(series, code)| series.code = code);
        }
        self.series.retain(|series| !ids.contains(&series.id));
        added.append(&mut self.series);
        added.truncate(MAX_SERIES);
        added.shrink_to_fit();
        self.series = added;
    }

    fn heap_bytes(&self) -> usize {
        let series =
            self.series.iter().map(|series| size_of::<Series>() + series.chunks.capacity() * size_of::<Bounds>());
        size_of::<Self>() + self.chunks.capacity() * size_of::<Extent>() + series.sum::<usize>()
    }
}

impl Series {
    /// The bounds in a chunk.
    pub(super) fn chunk(&self, number: usize) -> Bounds {
        self.chunks.get(number).copied().unwrap_or(Bounds::NONE)
    }
}

/// Finds the rows of some ids in a segment.
pub(super) enum Wanted<'a> {
    /// The codes of the ids in the segment; [`NO_CODE`] for an id that it does not have.
    Codes { codes: &'a [u32], wanted: Vec<u32> },
    /// Ids that are not coded are compared directly.
    Ids { ids: &'a Ids, wanted: &'a [Id] },
}

impl<'a> Wanted<'a> {
    /// Finds these ids; codes known to a line of the segment's summary are not searched again, and an id without values
    /// in that line is not found.
    pub(super) fn new(ids: &'a Ids, wanted: &'a [Id], line: Option<&Line>) -> Self {
        let Ids::Coded { codes, ids } = ids else { return Self::Ids { ids, wanted } };
        let find = |id: &Id| match line.and_then(|line| line.series(id)) {
            Some(series) if series.whole == Bounds::NONE => NO_CODE,
            Some(series) if ids.get(series.code as usize) == Some(id) => series.code,
            _ => ids.iter().position(|known| known == id).map_or(NO_CODE, |code| code as u32),
        };
        Self::Codes { codes, wanted: wanted.iter().map(find).collect() }
    }

    /// Adds the value of a row to the bounds of its id, if that is one of the wanted ids.
    #[inline]
    pub(super) fn push(&self, row: usize, value: f64, bounds: &mut [Bounds]) {
        match self {
            Self::Codes { codes, wanted } => each(wanted, bounds, value, |code| *code == codes[row]),
            Self::Ids { ids: Ids::Uuids(uuids), wanted } => {
                each(wanted, bounds, value, |id| matches!(id, Id::Uuid(uuid) if *uuid == uuids[row]));
            }
            Self::Ids { ids: Ids::Open(ids), wanted } => each(wanted, bounds, value, |id| *id == ids[row]),
            Self::Ids { ids: Ids::Coded { .. }, .. } => {}
        }
    }
}

#[inline]
fn each<T>(wanted: &[T], bounds: &mut [Bounds], value: f64, is_it: impl Fn(&T) -> bool) {
    for (wanted, bounds) in wanted.iter().zip(bounds) {
        if is_it(wanted) {
            bounds.push(value);
        }
    }
}
