//! The rows that are kept, in memory.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::dictionary::Dictionary;
use super::rows::{Range, Rows};
use super::segment::{SEGMENT_ROWS, Segment};
use crate::frame::Frame;
use crate::pipeline::{Id, Store};
use crate::time::Timestamp;

/// Rows in order of event time, equal times in order of arrival, at most `capacity_rows`: the oldest go first.
#[derive(Debug)]
pub struct History {
    /// Segments in order of time; the last is open, the others are compact. Whoever reads holds them too: a segment that
    /// changes meanwhile becomes another one.
    segments: VecDeque<Arc<Segment>>,
    /// Rows at the front of the first segment that retention has let go of.
    gone_rows: usize,
    rows: usize,
    capacity_rows: usize,
    /// Rows of a full segment.
    segment_rows: usize,
    dictionary: Dictionary,
}

/// Where a row stands: its segment and its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    segment: usize,
    row: usize,
}

impl History {
    /// An empty history for at most `capacity_rows` rows.
    pub fn new(capacity_rows: usize) -> Self {
        Self {
            segments: VecDeque::new(),
            gone_rows: 0,
            rows: 0,
            capacity_rows: capacity_rows.max(1),
            segment_rows: SEGMENT_ROWS,
            dictionary: Dictionary::default(),
        }
    }

    /// Changes how many rows are kept, and lets go of those beyond.
    pub fn set_capacity(&mut self, capacity_rows: usize) {
        self.capacity_rows = capacity_rows.max(1);
        self.retain();
    }

    /// Forgets all rows.
    pub fn clear(&mut self) {
        *self = Self { segment_rows: self.segment_rows, ..Self::new(self.capacity_rows) };
    }

    /// Rows kept.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The first and the last instant.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let first = self.segments.front()?.times.get(self.gone_rows)?;
        let last = self.segments.back()?.times.last()?;
        Some((Timestamp::from_nanos(*first), Timestamp::from_nanos(*last)))
    }

    /// How many rows lie in the closed range; none when it is reversed.
    pub fn count(&self, from: Timestamp, until: Timestamp) -> usize {
        let (start, end) = self.places(from, until);
        if start >= end {
            return 0;
        }
        let between: usize = (start.segment..end.segment).map(|segment| self.segments[segment].len()).sum();
        between + end.row - start.row
    }

    /// The rows of the closed range as they are now.
    pub fn rows(&self, from: Timestamp, until: Timestamp) -> Rows {
        let mut rows = Rows::default();
        let (start, end) = self.places(from, until);
        self.visit(start, end, &mut |segment, range| rows.push(segment, range));
        rows
    }

    /// The rows of the closed range, after skipping `offset` of them, at most `limit`.
    pub fn range(&self, from: Timestamp, until: Timestamp, offset: usize, limit: usize) -> Range {
        let rows = self.rows(from, until);
        let start = offset.min(rows.len());
        rows.read(start..start + limit.min(rows.len() - start))
    }

    /// Puts one row in its place.
    pub fn insert(&mut self, time: Timestamp, id: Id, value: f64) {
        let time = time.as_nanos();
        let index = self.segment_for(time);
        if index == 0 && self.gone_rows > 0 && self.segments[0].times[self.gone_rows] > time {
            if self.rows >= self.capacity_rows {
                // Older than all that is kept, and there is no room: it would be the first to go.
                return;
            }
            self.drop_gone_rows();
        }
        Arc::make_mut(&mut self.segments[index]).insert(time, id, value);
        self.rows += 1;
        if index == 0 && self.segments[0].len() >= 2 * self.segment_rows {
            // Cut in the middle, it might end before the first row that is kept.
            self.drop_gone_rows();
        }
        if self.segments[index].len() >= 2 * self.segment_rows {
            let middle = self.segments[index].len() / 2;
            let first = Arc::make_mut(&mut self.segments[index]);
            let mut second = first.split_off(middle);
            first.seal(&mut self.dictionary);
            if index + 1 < self.segments.len() {
                second.seal(&mut self.dictionary);
            }
            self.segments.insert(index + 1, Arc::new(second));
        }
        self.retain();
    }

    /// Bytes taken, about 5% close: rows, shared ids (text counted with its allocation) and the look-up of ids.
    pub fn heap_bytes(&self) -> usize {
        // Where lists and texts lie, so that what is shared counts once.
        let mut seen: FxHashSet<*const u8> = FxHashSet::default();
        let mut bytes = self.dictionary.index_bytes();
        for segment in &self.segments {
            bytes += segment.row_bytes();
            if let Some(list) = segment.ids.shared().filter(|list| seen.insert(Arc::as_ptr(list).cast())) {
                bytes += list.capacity() * size_of::<Id>();
                for id in list.iter() {
                    if let Id::Text(text) = id
                        && seen.insert(text.as_ptr())
                    {
                        bytes += text.len() + 2 * size_of::<usize>();
                    }
                }
            }
        }
        bytes
    }

    /// The segment that a row of this time goes into: the last one that starts no later. A row that comes in order finds
    /// a new segment when the last is full, which is sealed then.
    fn segment_for(&mut self, time: i64) -> usize {
        let comes_last = self.segments.back().is_none_or(|last| last.last_time() <= time);
        if !comes_last {
            return self.segments.partition_point(|segment| segment.first_time() <= time).saturating_sub(1);
        }
        if self.segments.back().is_none_or(|last| last.len() >= self.segment_rows) {
            if let Some(full) = self.segments.back_mut() {
                Arc::make_mut(full).seal(&mut self.dictionary);
            }
            self.segments.push_back(Arc::new(Segment::open()));
        }
        self.segments.len() - 1
    }

    /// Takes the rows that retention has let go of out of the first segment.
    fn drop_gone_rows(&mut self) {
        let kept = Arc::make_mut(&mut self.segments[0]).split_off(self.gone_rows);
        self.segments[0] = Arc::new(kept);
        self.gone_rows = 0;
    }

    /// Lets go of the oldest rows beyond the capacity, and of segments whose rows are all gone.
    fn retain(&mut self) {
        while self.rows > self.capacity_rows {
            let Some(first) = self.segments.front() else { return };
            let left = first.len() - self.gone_rows;
            let surplus = self.rows - self.capacity_rows;
            if surplus < left {
                self.gone_rows += surplus;
                self.rows -= surplus;
            } else {
                self.rows -= left;
                self.gone_rows = 0;
                self.segments.pop_front();
            }
        }
    }

    /// The places of the first row of the closed range and of the first row behind it.
    fn places(&self, from: Timestamp, until: Timestamp) -> (Place, Place) {
        let start = self.place(|time| time < from.as_nanos());
        let end = self.place(|time| time <= until.as_nanos());
        (start.max(Place { segment: 0, row: self.gone_rows }), end)
    }

    /// The first place whose time is not `before`.
    fn place(&self, before: impl Fn(i64) -> bool) -> Place {
        let segment = self.segments.partition_point(|segment| before(segment.first_time())).saturating_sub(1);
        let row = self.segments.get(segment).map_or(0, |segment| segment.times.partition_point(|time| before(*time)));
        Place { segment, row }
    }

    /// Calls `visit` with each segment and its rows from `start` to before `end`.
    fn visit(&self, start: Place, end: Place, visit: &mut dyn FnMut(&Arc<Segment>, std::ops::Range<usize>)) {
        for index in start.segment..=end.segment {
            let Some(segment) = self.segments.get(index) else { return };
            let first = if index == start.segment { start.row } else { 0 };
            let last = if index == end.segment { end.row } else { segment.len() };
            if first < last {
                visit(segment, first..last);
            }
        }
    }
}

impl Store for History {
    fn append(&mut self, rows: &Frame, _moving: &[f64]) {
        let columns = (rows.column("timestamp"), rows.column("id"), rows.column("value"));
        let (Ok(times), Ok(ids), Ok(values)) = columns else { return };
        let (Some(times), Some(ids), Some(values)) = (times.as_datetime(), ids.as_strings(), values.as_float()) else {
            return;
        };
        for row in 0..times.len() {
            self.insert(Timestamp::from_nanos(times[row]), Id::of(ids, row), values[row]);
        }
    }

    fn look_back(&self, from: Timestamp, until: Timestamp, visit: &mut dyn FnMut(i64, f64)) {
        let (start, end) = self.places(from, until);
        self.visit(start, end, &mut |segment, rows| {
            for row in rows {
                visit(segment.times[row], segment.values[row]);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    /// The plainest history there can be.
    #[derive(Default)]
    struct Naive(Vec<(i64, String, f64)>);

    impl Naive {
        fn insert(&mut self, row: (i64, String, f64), capacity: usize) {
            self.0.push(row);
            self.0.sort_by_key(|row| row.0);
            let surplus = self.0.len().saturating_sub(capacity);
            self.0.drain(..surplus);
        }
    }

    fn rows(range: &Range) -> Vec<(i64, String, f64)> {
        (0..range.times.len())
            .map(|row| (range.times[row], range.ids.get(row).unwrap().to_string(), range.values[row]))
            .collect()
    }

    fn all(history: &History) -> Vec<(i64, String, f64)> {
        rows(&history.range(Timestamp::MIN, Timestamp::MAX, 0, usize::MAX))
    }

    fn at(nanos: i64) -> Timestamp {
        Timestamp::from_nanos(nanos)
    }

    #[test]
    fn equal_times_stay_in_order_of_arrival_across_segments() {
        let mut history = History::new(100_000);
        for row in 0..30_000 {
            history.insert(at(row / 20_000), Id::Uuid(Uuid::from_u128(row as u128)), row as f64);
        }
        history.insert(at(0), Id::Text("late".into()), -1.0);
        let values: Vec<f64> = all(&history).into_iter().map(|row| row.2).collect();
        let mut expected: Vec<f64> = (0..20_000).map(f64::from).collect();
        expected.push(-1.0);
        expected.extend((20_000..30_000).map(f64::from));
        assert_eq!(values, expected);
    }

    #[test]
    fn reversed_and_empty_ranges_hold_nothing() {
        let mut history = History::new(10);
        assert_eq!(history.count(Timestamp::MIN, Timestamp::MAX), 0);
        history.insert(at(5), Id::Text("a".into()), 1.0);
        assert_eq!((history.count(at(6), at(4)), history.count(at(5), at(5)), history.count(at(6), at(9))), (0, 1, 0));
        assert!(history.range(at(6), at(4), 0, 9).times.is_empty());
    }

    #[test]
    fn memory_per_row_stays_within_the_promise() {
        let measure = |name: &str, id: &dyn Fn(i64) -> Id, promised: f64| {
            let mut history = History::new(1_000_000);
            for row in 0..1_200_000 {
                history.insert(at(row), id(row), row as f64);
            }
            let bytes = history.heap_bytes() as f64 / history.len() as f64;
            println!("{name}: {bytes:.2} bytes a row (at most {promised})");
            assert!(bytes <= promised, "{name}: {bytes}");
        };
        let unique = |row| Id::Uuid(Uuid::from_u128(0x4000_8000_0000_0000_0000 + row as u128));
        measure("unique UUIDs", &unique, 40.0);
        measure("1,000 recurring UUIDs", &|row| unique(row * 7919 % 1000), 24.0);
        measure("1,000 recurring texts", &|row| Id::Text(format!("sensor-{:04}", row * 7919 % 1000).into()), 24.0);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn equals_a_sorted_list(
            steps in prop::collection::vec((0i64..400, 0u8..40, any::<bool>()), 1..300),
            capacity in 1usize..3000,
            segment_rows in 1usize..60,
            bounds in (-5i64..405, -5i64..405),
            page in (0usize..50, 0usize..50),
        ) {
            let mut history = History { segment_rows, ..History::new(capacity) };
            let mut naive = Naive::default();
            let mut value = 0.0;
            for _ in 0..3 {
                for (time, id, is_text) in &steps {
                    let id = if *is_text { Id::Text(format!("s{id}").into()) } else { Id::Uuid(Uuid::from_u128(u128::from(*id))) };
                    naive.insert((*time, id.text().to_string(), value), capacity);
                    history.insert(at(*time), id, value);
                    value += 1.0;
                }
            }
            prop_assert_eq!(history.len(), naive.0.len());
            prop_assert_eq!(all(&history), naive.0.clone());
            let (from, until) = bounds;
            let expected: Vec<_> = naive.0.iter().filter(|row| row.0 >= from && row.0 <= until).cloned().collect();
            prop_assert_eq!(history.count(at(from), at(until)), expected.len());
            let paged: Vec<_> = expected.iter().skip(page.0).take(page.1).cloned().collect();
            prop_assert_eq!(rows(&history.range(at(from), at(until), page.0, page.1)), paged);
        }
    }
}
