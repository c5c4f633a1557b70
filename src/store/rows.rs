//! A snapshot of the rows of a time range.

use std::cell::RefCell;
use std::ops;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::block::Block;
use super::columns::copy_row;
use super::ids::Ids;
use super::segment::Segment;
use crate::frame::ops::KeptRows;
use crate::frame::{Strings, StringsBuilder, Text};
use crate::pipeline::{Id, Measures, Values, push_id};

/// Rows in order of time, numbered from 0. Blocks are shared with the history; later changes to it do not change these
/// rows, so a long response can be read from them in pieces.
///
/// They are read in some measures, whichever they have: the value of a measure that a row lacks is NaN.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    measures: Measures,
    parts: Vec<Part>,
    len: usize,
    /// The part read last, and its segment: most readers go from one row to the next.
    at_hand: RefCell<Option<(usize, Arc<Segment>)>>,
    /// The list of ids that rows shared last.
    texts: RefCell<Option<Texts>>,
}

/// A list of ids that rows share, and its texts.
type Texts = (Arc<Vec<Id>>, Arc<Vec<Arc<str>>>);

/// Some rows of a block.
#[derive(Debug, Clone)]
struct Part {
    block: Rc<Block>,
    /// The number of the first of them.
    number: usize,
    /// Its index in the segment.
    first: usize,
    len: usize,
}

/// How blocks are read that are in files.
#[derive(Debug, Clone, Copy)]
pub(super) enum BlockAccess {
    /// Through the block cache: the same block may be wanted again.
    Cached,
    /// Past the block cache: a single pass over all rows evicts nothing from it.
    Passing,
}

/// Rows as columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// Nanoseconds since the epoch.
    pub times: Vec<i64>,
    /// Ids.
    pub ids: Strings,
    /// The measures of `values`.
    pub measures: Measures,
    /// A column for each measure; NaN where a row lacks it.
    pub values: Vec<Vec<f64>>,
}

/// Reads the rows of a window that moves forward: those that leave it, and those that enter it. Each of its two ends stays
/// in a block for long, so that most reads find theirs at hand.
#[derive(Debug)]
pub(crate) struct Along {
    rows: Rows,
    measure: usize,
    first: RefCell<Held>,
    last: RefCell<Held>,
}

/// A part at hand: its rows, and where they stand in the segment.
#[derive(Debug, Default)]
struct Held {
    numbers: ops::Range<usize>,
    first: usize,
    segment: Arc<Segment>,
    /// The column of the measure in the segment.
    column: Option<usize>,
}

impl KeptRows for Along {
    #[inline]
    fn time(&self, row: usize) -> i64 {
        self.read(row, |held, place| held.segment.times[place])
    }

    #[inline]
    fn value(&self, row: usize) -> f64 {
        self.read(row, |held, place| held.column.map_or(f64::NAN, |column| held.segment.columns.at(column)[place]))
    }
}

impl Along {
    #[inline]
    fn read<T>(&self, row: usize, read: impl Fn(&Held, usize) -> T) -> T {
        let last = self.last.borrow();
        if last.numbers.contains(&row) {
            return read(&last, last.first + row - last.numbers.start);
        }
        let is_new = last.numbers.end <= row;
        drop(last);
        let mut held = if is_new { self.last.borrow_mut() } else { self.first.borrow_mut() };
        if !held.numbers.contains(&row) {
            *held = self.rows.hold(row, self.measure);
        }
        read(&held, held.first + row - held.numbers.start)
    }
}

impl Rows {
    /// No rows, to be read in these measures.
    pub fn new(measures: &Measures) -> Self {
        Self { measures: measures.clone(), ..Self::default() }
    }

    /// Rows that are in no history; they are sorted by time.
    pub fn from_range(range: &Range) -> Self {
        let mut segment = Segment::open();
        let columns: Vec<_> = range.values.iter().map(|column| Some(&**column)).collect();
        let mut values = vec![f64::NAN; range.measures.count()];
        for row in 0..range.times.len() {
            copy_row(&columns, row, &mut values);
            let id = Id::from_column(&range.ids, row);
            segment.insert(range.times[row], id, range.measures.as_slice(), &values);
        }
        let mut rows = Self::new(&range.measures);
        rows.push(&Rc::new(Block::new(segment)), 0..range.times.len());
        rows
    }

    pub(super) fn push(&mut self, block: &Rc<Block>, rows: ops::Range<usize>) {
        let part = Part { block: Rc::clone(block), number: self.len, first: rows.start, len: rows.len() };
        self.len += part.len;
        self.parts.push(part);
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The measures that the rows are read in.
    pub fn measures(&self) -> &Measures {
        &self.measures
    }

    /// The same rows, read in these measures.
    pub fn in_measures(&self, measures: &Measures) -> Self {
        Self { measures: measures.clone(), ..self.clone() }
    }

    /// The time of a row, in nanoseconds since the epoch.
    pub fn time(&self, row: usize) -> i64 {
        let (segment, place) = self.place(row);
        segment.times[place]
    }

    /// The value of a row in a measure, given by its place in [`measures`](Self::measures).
    pub fn value(&self, row: usize, measure: usize) -> f64 {
        let (segment, place) = self.place(row);
        let name = self.measures.names().nth(measure);
        name.and_then(|name| segment.columns.get(measure, name)).map_or(f64::NAN, |values| values[place])
    }

    /// A reader of a measure, given by its place in [`measures`](Self::measures), along a window that moves over the rows.
    pub(crate) fn along(&self, measure: usize) -> Along {
        Along { rows: self.clone(), measure, first: RefCell::default(), last: RefCell::default() }
    }

    /// The values of a row, one a measure.
    pub fn values(&self, row: usize) -> Values {
        let (segment, place) = self.place(row);
        let columns = segment.columns.select(&self.measures);
        columns.iter().map(|column| column.map_or(f64::NAN, |values| values[place])).collect()
    }

    /// The number of the first row whose time is not `before`.
    pub fn partition_point(&self, before: impl Fn(i64) -> bool) -> usize {
        let first_time = |part: &Part| match part.first {
            0 => part.block.first_time(),
            first => part.block.segment().times[first],
        };
        let index = self.parts.partition_point(|part| before(first_time(part))).saturating_sub(1);
        self.parts.get(index).map_or(0, |part| {
            let times = &self.segment(index).times[part.first..part.first + part.len];
            part.number + times.partition_point(|time| before(*time))
        })
    }

    /// The rows with these numbers.
    pub fn read(&self, rows: ops::Range<usize>) -> Range {
        let mut times = Vec::with_capacity(rows.len());
        let mut values = self.empty_columns(rows.len());
        self.each_part(rows.clone(), |segment, places| {
            times.extend_from_slice(&segment.times[places.clone()]);
            for (values, column) in values.iter_mut().zip(segment.columns.select(&self.measures)) {
                match column {
                    Some(column) => values.extend_from_slice(&column[places.clone()]),
                    None => values.resize(values.len() + places.len(), f64::NAN),
                }
            }
        });
        Range { times, ids: self.ids(rows), measures: self.measures.clone(), values }
    }

    /// The ids of the rows with these numbers.
    fn ids(&self, rows: ops::Range<usize>) -> Strings {
        // Rows of one list have its codes already.
        let mut coded: Option<(Arc<Vec<Id>>, Vec<u32>)> = None;
        let mut are_coded = true;
        self.each_part(rows.clone(), |segment, places| match &segment.ids {
            Ids::Coded { codes, ids } if are_coded => {
                let (list, all) = coded.get_or_insert_with(|| (Arc::clone(ids), Vec::with_capacity(rows.len())));
                are_coded = Arc::ptr_eq(list, ids);
                all.extend_from_slice(&codes[places]);
            }
            _ => are_coded = false,
        });
        match coded {
            Some((list, codes)) if are_coded && list.len() <= 4 * rows.len() => {
                Strings::Dictionary { codes: codes.into(), categories: self.texts(list) }
            }
            _ => {
                let mut ids = StringsBuilder::default();
                self.each_part(rows, |segment, places| segment.push_ids(places, &mut ids));
                ids.finish()
            }
        }
    }

    /// The texts of a list of ids.
    fn texts(&self, list: Arc<Vec<Id>>) -> Arc<Vec<Arc<str>>> {
        let mut known = self.texts.borrow_mut();
        match &*known {
            Some((of, texts)) if Arc::ptr_eq(of, &list) => Arc::clone(texts),
            _ => {
                let text = |id: &Id| match id {
                    Id::Text(text) => Arc::clone(text),
                    Id::Uuid(uuid) => Arc::from(&*Text::from(*uuid)),
                };
                let texts = Arc::new(list.iter().map(text).collect());
                *known = Some((list, Arc::clone(&texts)));
                texts
            }
        }
    }

    /// The rows with these numbers, in this order.
    pub fn pick(&self, rows: &[u32]) -> Range {
        let mut times = Vec::with_capacity(rows.len());
        let mut columns = self.empty_columns(rows.len());
        let mut ids = StringsBuilder::default();
        self.visit_picked(rows, |time, id, values| {
            times.push(time);
            columns.iter_mut().zip(values).for_each(|(column, value)| column.push(*value));
            push_id(&mut ids, id);
        });
        Range { times, ids: ids.finish(), measures: self.measures.clone(), values: columns }
    }

    /// Calls `visit` with the time of each of these rows and its value in a measure, given by its place in
    /// [`measures`](Self::measures).
    pub fn visit(&self, rows: ops::Range<usize>, measure: usize, mut visit: impl FnMut(i64, f64)) {
        let Some(name) = self.measures.names().nth(measure) else { return };
        self.each_part(rows, |segment, places| {
            let values = segment.columns.get(measure, name);
            for place in places {
                visit(segment.times[place], values.map_or(f64::NAN, |values| values[place]));
            }
        });
    }

    /// Calls `visit` with the time, the id and the values of each of these rows, one a measure.
    pub fn visit_rows(&self, rows: ops::Range<usize>, mut visit: impl FnMut(i64, &Id, &[f64])) {
        let mut values = vec![f64::NAN; self.measures.count()];
        self.each_part(rows, |segment, places| {
            let columns = segment.columns.select(&self.measures);
            for place in places {
                copy_row(&columns, place, &mut values);
                visit(segment.times[place], &segment.ids.borrow(place), &values);
            }
        });
    }

    /// Calls `visit` with the time, the id and the values of the rows with these numbers, in this order.
    pub fn visit_picked(&self, rows: &[u32], mut visit: impl FnMut(i64, &Id, &[f64])) {
        let mut values = vec![f64::NAN; self.measures.count()];
        for row in rows {
            let (segment, place) = self.place(*row as usize);
            for (at, (value, name)) in values.iter_mut().zip(self.measures.names()).enumerate() {
                *value = segment.columns.get(at, name).map_or(f64::NAN, |column| column[place]);
            }
            visit(segment.times[place], &segment.ids.borrow(place), &values);
        }
    }

    fn empty_columns(&self, rows: usize) -> Vec<Vec<f64>> {
        self.measures.names().map(|_| Vec::with_capacity(rows)).collect()
    }

    /// Calls `visit` with the id of each of these rows, in order, until it returns false.
    pub fn visit_ids(&self, rows: ops::Range<usize>, mut visit: impl FnMut(&Id) -> bool) {
        let mut goes_on = true;
        self.each_part(rows, |segment, mut places| {
            goes_on = goes_on && places.all(|place| visit(&segment.ids.borrow(place)));
        });
    }

    /// The id of a row.
    pub fn id(&self, row: usize) -> Id {
        let (segment, place) = self.place(row);
        segment.ids.get(place)
    }

    /// The numbers of the rows from number `first` on that have one of these ids.
    pub fn with_ids(&self, first: usize, wanted: &FxHashSet<Id>) -> Vec<u32> {
        let (mut found, mut next) = (Vec::new(), first);
        while next < self.len {
            next = self.find_ids(next, wanted, &mut found);
        }
        found
    }

    /// Adds the numbers of the rows that have one of these ids, from number `first` to the end of its block; returns the
    /// number of the first row of the next block.
    pub fn find_ids(&self, first: usize, wanted: &FxHashSet<Id>, found: &mut Vec<u32>) -> usize {
        let index = self.parts.partition_point(|part| part.number + part.len <= first);
        let Some(part) = self.parts.get(index) else { return self.len };
        let segment = part.block.passing();
        let is_wanted: Vec<bool> = match &segment.ids {
            Ids::Coded { ids, .. } => ids.iter().map(|id| wanted.contains(id)).collect(),
            _ => Vec::new(),
        };
        for place in part.first + first.saturating_sub(part.number)..part.first + part.len {
            let is_wanted = match &segment.ids {
                Ids::Coded { codes, .. } => is_wanted[codes[place] as usize],
                Ids::Uuids(uuids) => wanted.contains(&Id::Uuid(uuids[place])),
                Ids::Open(ids) => wanted.contains(&ids[place]),
            };
            if is_wanted {
                found.push((part.number + place - part.first) as u32);
            }
        }
        part.number + part.len
    }

    /// The number of the first row from which at most `reads` blocks have to be read from files.
    pub(super) fn readable_from(&self, mut reads: usize) -> usize {
        for part in self.parts.iter().rev().filter(|part| part.block.resident().is_none()) {
            match reads.checked_sub(1) {
                Some(left) => reads = left,
                None => return part.number + part.len,
            }
        }
        0
    }

    /// The number of the first row from which all rows are in memory.
    pub fn in_memory_from(&self) -> usize {
        self.readable_from(0)
    }

    /// Whether a block in memory has mostly distinct UUIDs as ids.
    pub(super) fn has_unique_uuids(&self) -> bool {
        let mut resident = self.parts.iter().filter_map(|part| part.block.resident());
        resident.any(|segment| matches!(segment.ids, Ids::Uuids(_)))
    }

    fn place(&self, row: usize) -> (Arc<Segment>, usize) {
        let index = self.parts.partition_point(|part| part.number <= row) - 1;
        let part = &self.parts[index];
        (self.segment(index), part.first + row - part.number)
    }

    /// The part of a row, at hand to read a measure.
    fn hold(&self, row: usize, measure: usize) -> Held {
        let index = self.parts.partition_point(|part| part.number <= row) - 1;
        let part = &self.parts[index];
        let segment = self.segment(index);
        let column = self.measures.names().nth(measure).and_then(|name| segment.columns.place(measure, name));
        Held { numbers: part.number..part.number + part.len, first: part.first, segment, column }
    }

    /// The rows of a part's block.
    fn segment(&self, index: usize) -> Arc<Segment> {
        let mut at_hand = self.at_hand.borrow_mut();
        match &*at_hand {
            Some((known, segment)) if *known == index => Arc::clone(segment),
            _ => {
                let segment = self.parts[index].block.segment();
                *at_hand = Some((index, Arc::clone(&segment)));
                segment
            }
        }
    }

    /// Calls `visit` with the segment of each part and the indices there of the rows with these numbers, which are ascending.
    pub(super) fn each_picked_part(
        &self,
        numbers: &[u32],
        access: BlockAccess,
        visit: &mut dyn FnMut(&Segment, &[usize]),
    ) {
        let mut left = numbers;
        let mut places: Vec<usize> = Vec::new();
        while let Some(first) = left.first() {
            let index = self.parts.partition_point(|part| part.number + part.len <= *first as usize);
            let Some(part) = self.parts.get(index) else { return };
            let (of_part, others) = left.split_at(left.partition_point(|row| (*row as usize) < part.number + part.len));
            left = others;
            places.clear();
            places.extend(of_part.iter().map(|row| *row as usize - part.number + part.first));
            let segment = match access {
                BlockAccess::Cached => self.segment(index),
                BlockAccess::Passing => part.block.passing(),
            };
            visit(&segment, &places);
        }
    }

    /// Calls `visit` with the segment of each part and the indices there of the rows with these numbers.
    pub(super) fn each_part(&self, rows: ops::Range<usize>, mut visit: impl FnMut(&Segment, ops::Range<usize>)) {
        let first = self.parts.partition_point(|part| part.number + part.len <= rows.start);
        for (index, part) in self.parts.iter().enumerate().skip(first) {
            let start = rows.start.max(part.number);
            let end = rows.end.min(part.number + part.len);
            if start >= end {
                return;
            }
            let place = |row: usize| row - part.number + part.first;
            visit(&self.segment(index), place(start)..place(end));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::store::History;
    use crate::time::Timestamp;

    /// Time, number of the id, which kind of id and which measures it has, a value.
    type Row = (i64, u8, u8, u8, f64);

    fn row() -> impl Strategy<Value = Row> {
        (0i64..60, 0u8..12, 0u8..3, 0u8..4, -50.0..50.0)
    }

    fn id(number: u8, is_uuid: bool) -> Id {
        if is_uuid { Id::Uuid(Uuid::from_u128(number.into())) } else { Id::Text(format!("s{number}").into()) }
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(1000))]

        /// Blocks that are sealed, trimmed and open, ids of each kind, and measures in another order or absent.
        #[test]
        fn reads_equal_a_list_of_rows(
            rows in prop::collection::vec(row(), 1..90),
            block_rows in 1usize..20,
            capacity in prop_oneof![Just(1000usize), 3usize..60],
            kinds in 0u8..3,
            (first, count, width) in (0usize..90, 0usize..90, 1usize..40),
            (one, other) in (0i64..60, 0i64..60),
        ) {
            let measures = |names| Measures::parse(names).unwrap();
            let (both, swapped, single) = (measures("a,b"), measures("b,a"), measures("a"));
            let mut history = History::new(capacity);
            history.set_block_rows(block_rows);
            let mut naive: Vec<(i64, Id, [f64; 2])> = Vec::new();
            for (time, number, kind, form, value) in rows {
                let id = id(number, kinds == 0 || (kinds == 2 && kind == 0));
                let at = Timestamp::from_nanos(time);
                let values = match form {
                    0 => [value, f64::NAN],
                    1 => [value, -0.0],
                    2 => [f64::NAN, value],
                    _ => [value, value + 1.0],
                };
                match form {
                    0 => history.insert(at, id.clone(), &single, &values[..1]),
                    3 => history.insert(at, id.clone(), &swapped, &[values[1], values[0]]),
                    _ => history.insert(at, id.clone(), &both, &values),
                }
                naive.push((time, id, values));
                naive.sort_by_key(|row| row.0);
                naive.drain(..naive.len().saturating_sub(capacity));
            }
            let (from, until) = (one.min(other), one.max(other));
            naive.retain(|row| (from..=until).contains(&row.0));
            let kept = history.rows(Timestamp::from_nanos(from), Timestamp::from_nanos(until), &both);
            prop_assert_eq!(kept.len(), naive.len());
            let (first, end) = (first.min(naive.len()), (first + count).min(naive.len()));
            for rows in [first..end, 0..naive.len(), first..naive.len(), 0..end] {
                let read = kept.read(rows.clone());
                prop_assert_eq!(read.ids.len(), rows.len());
                for (at, (time, id, values)) in naive[rows].iter().enumerate() {
                    prop_assert_eq!(read.times[at], *time);
                    prop_assert_eq!(&Id::from_column(&read.ids, at), id);
                    for (column, value) in read.values.iter().zip(values) {
                        prop_assert_eq!(column[at].to_bits(), value.to_bits());
                    }
                }
            }
            // Two ends of a window, of which one lags behind.
            for measure in 0..2 {
                let along = kept.along(measure);
                for row in (first..naive.len()).flat_map(|row| [row, row.saturating_sub(width)]) {
                    prop_assert_eq!(along.time(row), naive[row].0);
                    prop_assert_eq!(along.value(row).to_bits(), naive[row].2[measure].to_bits());
                }
            }
        }
    }
}
