//! Rows put together by id as they come: the state of a pivot.

use super::id_numbers::IdNumbers;
use super::rows::{BlockAccess, Rows};
use super::segment::Segment;
use crate::frame::ops::{Agg, RunningFloats, RunningTimes};
use crate::frame::{Column, Frame, FrameError, NAT, StringsBuilder};
use crate::pipeline::{Measures, pivot_by_id, push_id, rows_frame};

/// The rows of each id, in the order in which they are added: what they aggregate to, or all of them where an aggregate
/// needs them. Ids may be more than memory has room for: then the smallest are kept, and another pass over the rows has
/// the next ones.
#[derive(Debug, Clone)]
pub struct PivotById {
    measures: Measures,
    aggfunc: Agg,
    ids: IdNumbers,
    groups: Groups,
    /// Whether sums are kept that cannot overflow.
    is_scaled: bool,
    /// Whether an instant is finer than a microsecond. One makes the whole column of times finer, as in
    /// `time_resolution`.
    is_fine: bool,
    /// The groups of the rows that are being added.
    of_rows: Vec<u32>,
}

/// What is kept of the rows with each number of [`IdNumbers`].
#[derive(Debug, Clone)]
enum Groups {
    /// What they aggregate to, for each measure.
    Running(RunningTimes, Vec<RunningFloats>),
    /// All of them. Those of ids outside the interval are left out.
    Rows(Vec<KeptRows>),
}

/// The times of some rows, and their values: row by row, one a measure.
#[derive(Debug, Clone, Default)]
struct KeptRows {
    times: Vec<i64>,
    values: Vec<f64>,
}

impl Groups {
    fn new(aggfunc: Agg, measures: usize, are_scaled: bool) -> Self {
        // As in `pivot_by_id`.
        let of_times = if aggfunc == Agg::Sum { Agg::Mean } else { aggfunc };
        match (RunningTimes::new(of_times), RunningFloats::new(aggfunc)) {
            (Some(times), Some(floats)) => {
                Self::Running(times, vec![if are_scaled { floats.scaled() } else { floats }; measures])
            }
            _ => Self::Rows(Vec::new()),
        }
    }

    fn resize(&mut self, groups: usize) {
        match self {
            Self::Running(times, floats) => {
                times.resize(groups);
                floats.iter_mut().for_each(|floats| floats.resize(groups));
            }
            Self::Rows(rows) => rows.resize(groups, KeptRows::default()),
        }
    }

    /// Keeps these groups alone, behind that of others, which is not read.
    fn keep(&mut self, groups: &[u32]) {
        let all: Vec<u32> = [IdNumbers::OTHERS].iter().chain(groups).copied().collect();
        match self {
            Self::Running(times, floats) => {
                times.select(&all);
                floats.iter_mut().for_each(|floats| floats.select(&all));
            }
            Self::Rows(rows) => *rows = all.iter().map(|group| std::mem::take(&mut rows[*group as usize])).collect(),
        }
    }

    fn push(&mut self, groups: &[u32], times: &[i64], columns: &[Option<&[f64]>]) {
        match self {
            Self::Running(of_times, floats) => {
                of_times.push(groups, times);
                for (floats, values) in floats.iter_mut().zip(columns) {
                    if let Some(values) = values {
                        floats.push(groups, values);
                    }
                }
            }
            Self::Rows(rows) => {
                for (row, group) in groups.iter().enumerate().filter(|(_, group)| **group != IdNumbers::OTHERS) {
                    let value = |column: &Option<&[f64]>| column.map_or(f64::NAN, |values| values[row]);
                    let kept = &mut rows[*group as usize];
                    kept.times.push(times[row]);
                    kept.values.extend(columns.iter().map(value));
                }
            }
        }
    }
}

impl PivotById {
    /// The pivot of no rows yet, of about so many to come. As in [`pivot_by_id`], a sum of times is their mean.
    pub fn new(measures: &Measures, aggfunc: Agg, rows: usize) -> Self {
        Self {
            groups: Groups::new(aggfunc, measures.count(), false),
            measures: measures.clone(),
            aggfunc,
            ids: IdNumbers::of_rows(rows),
            is_scaled: false,
            is_fine: false,
            of_rows: Vec::new(),
        }
    }

    /// The number of ids.
    pub fn len(&self) -> usize {
        self.ids.end() - 1
    }

    /// Whether there are no ids.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds the rows with these numbers.
    pub fn add(&mut self, rows: &Rows, numbers: std::ops::Range<usize>) {
        let measures = self.measures.clone();
        rows.each_part(numbers, |segment, places| {
            let columns = segment.columns.select(&measures);
            let columns: Vec<_> = columns.iter().map(|column| Some(&column.as_ref()?[places.clone()])).collect();
            self.add_rows(segment, places.clone(), &segment.times[places], &columns);
        });
        self.ids.end_run();
    }

    /// Adds the rows with these numbers, which are ascending.
    pub fn add_picked(&mut self, rows: &Rows, numbers: &[u32]) {
        let measures = self.measures.clone();
        rows.each_picked_part(numbers, BlockAccess::Cached, &mut |segment, places| {
            let times: Vec<i64> = places.iter().map(|place| segment.times[*place]).collect();
            let pick = |column: &[f64]| places.iter().map(|place| column[*place]).collect::<Vec<f64>>();
            let columns: Vec<_> =
                segment.columns.select(&measures).into_iter().map(|column| column.map(pick)).collect();
            let columns: Vec<_> = columns.iter().map(Option::as_deref).collect();
            self.add_rows(segment, places.iter().copied(), &times, &columns);
        });
        self.ids.end_run();
    }

    fn add_rows(
        &mut self,
        segment: &Segment,
        places: impl Iterator<Item = usize>,
        times: &[i64],
        columns: &[Option<&[f64]>],
    ) {
        self.of_rows.clear();
        self.ids.add(&segment.ids, places, &mut self.of_rows);
        self.groups.resize(self.ids.end());
        self.groups.push(&self.of_rows, times, columns);
        self.is_fine = self.is_fine || times.iter().any(|time| *time != NAT && time % 1000 != 0);
    }

    /// Keeps at most so many ids, the smallest, and with them no rows of greater ones, now and as they are added.
    pub fn truncate(&mut self, ids: usize) {
        if self.len() > ids {
            let order = self.ids.in_order();
            self.ids.keep(&order[..ids]);
            self.groups.keep(&order[..ids]);
        }
    }

    /// Drops all rows and goes on to the ids behind those that were kept; false when there are none.
    pub fn advance(&mut self) -> bool {
        self.groups.resize(0);
        self.ids.advance()
    }

    /// Whether sums overflowed. Then it has no rows any more: all of them have to be added again, after which they have not.
    pub fn begins_again(&mut self) -> bool {
        let order: Vec<u32> = (1..self.ids.end() as u32).collect();
        let Groups::Running(_, floats) = &self.groups else { return false };
        let has_overflowed = floats.iter().any(|floats| floats.has_overflowed(&order));
        if has_overflowed {
            self.is_scaled = true;
            self.ids.clear();
            self.groups = Groups::new(self.aggfunc, self.measures.count(), true);
        }
        has_overflowed
    }

    /// The groups, in the order of their ids.
    pub fn groups(&self) -> Vec<u32> {
        self.ids.in_order()
    }

    /// The number of rows that the result of a group is made of.
    pub fn kept_rows(&self, group: u32) -> usize {
        if let Groups::Rows(rows) = &self.groups { rows[group as usize].times.len() } else { 1 }
    }

    /// The results of some groups, as [`pivot_by_id`] has them.
    ///
    /// # Errors
    /// None.
    pub fn frame(&self, groups: &[u32]) -> Result<Frame, FrameError> {
        let resolution = if self.is_fine { 1 } else { 1000 };
        let mut ids = StringsBuilder::default();
        let (of_times, floats) = match &self.groups {
            Groups::Running(times, floats) => (times, floats),
            Groups::Rows(rows) => {
                let mut times = Vec::new();
                let mut columns = vec![Vec::new(); self.measures.count()];
                for group in groups {
                    let kept = &rows[*group as usize];
                    kept.times.iter().for_each(|_| push_id(&mut ids, self.ids.id(*group)));
                    times.extend_from_slice(&kept.times);
                    for (measure, column) in columns.iter_mut().enumerate() {
                        column.extend(kept.values.iter().skip(measure).step_by(self.measures.count()));
                    }
                }
                let rows = rows_frame(times, ids.finish(), &self.measures, columns)?;
                return pivot_by_id(&rows, self.aggfunc, resolution);
            }
        };
        groups.iter().for_each(|group| push_id(&mut ids, self.ids.id(*group)));
        let times = groups.iter().map(|group| of_times.value(*group, resolution));
        let is_count = self.aggfunc == Agg::Count;
        let times = if is_count { Column::Int(times.collect()) } else { Column::Datetime(times.collect()) };
        let mut columns = vec![("id".into(), Column::String(ids.finish())), ("timestamp".into(), times)];
        for (name, floats) in self.measures.names().zip(floats) {
            let values = groups.iter().map(|group| floats.value(*group));
            let column = match is_count {
                true => Column::Int(values.map(|count| count as i64).collect()),
                false => Column::Float(values.collect()),
            };
            columns.push((name.to_owned().into(), column));
        }
        Frame::new(columns)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::frame::Cell;
    use crate::frame::ops::time_resolution;
    use crate::pipeline::Id;
    use crate::store::History;
    use crate::time::Timestamp;

    /// A row: time, id and two values.
    type Row = (i64, Id, [f64; 2]);

    fn value() -> impl Strategy<Value = f64> {
        let odd = vec![f64::NAN, -0.0, 0.0, 1e16, 1.0, -1e16, f64::MAX, f64::MIN, 5e-324];
        prop_oneof![3 => -50.0..50.0, 1 => prop::sample::select(odd)]
    }

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let id = (0u128..9, any::<bool>()).prop_map(|(number, is_uuid)| match is_uuid {
            true => Id::Uuid(Uuid::from_u128(number)),
            false => Id::Text(format!("s{number}").into()),
        });
        let unique = any::<u128>().prop_map(|number| Id::Uuid(Uuid::from_u128(number)));
        let rows = |id: BoxedStrategy<Id>| prop::collection::vec((0i64..90, id, [value(), value()]), 0..80);
        prop_oneof![rows(id.boxed()), rows(unique.boxed())]
    }

    fn cells(frame: &Frame) -> String {
        let columns = frame.columns().iter();
        // Zeros have a sign, which an aggregate keeps; what is missing has none.
        columns
            .map(|(name, column)| format!("{name}: {:?}\n", column.values().map(Cell::from).collect::<Vec<_>>()))
            .collect()
    }

    /// All rounds of a pivot of at most so many ids each, with `add` as one pass over the rows.
    fn in_rounds(mut pivot: PivotById, ids: usize, mut add: impl FnMut(&mut PivotById)) -> Vec<String> {
        let mut answers = Vec::new();
        loop {
            add(&mut pivot);
            while pivot.begins_again() {
                add(&mut pivot);
            }
            pivot.truncate(ids);
            answers.extend(pivot.groups().iter().map(|group| cells(&pivot.frame(&[*group]).unwrap())));
            if !pivot.advance() {
                return answers;
            }
        }
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(1000))]

        #[test]
        fn rows_of_blocks_aggregate_to_what_the_verb_says(
            rows in rows(),
            block_rows in 1usize..20,
            capacity in prop_oneof![Just(1000), 1usize..60],
            aggfunc in prop::sample::select(Agg::PIVOT),
            (unit, first, every) in (prop::sample::select(&[1_i64, 1000][..]), 0usize..20, 1usize..4),
            (step, ids) in (1usize..30, 1usize..20),
        ) {
            let measures = Measures::parse("a,b").unwrap();
            let mut history = History::new(capacity);
            history.set_block_rows(block_rows);
            let mut naive: Vec<Row> = Vec::new();
            for (time, id, values) in rows {
                let time = time * unit;
                history.insert(Timestamp::from_nanos(time), id.clone(), &measures, &values);
                naive.push((time, id, values));
                naive.sort_by_key(|row| row.0);
                naive.drain(..naive.len().saturating_sub(capacity));
            }
            let kept = history.rows(Timestamp::MIN, Timestamp::MAX, &measures);
            prop_assert_eq!(kept.len(), naive.len());
            let picked: Vec<u32> = (first.min(naive.len()) as u32..naive.len() as u32).step_by(every).collect();
            let naive: Vec<Row> = picked.iter().map(|row| naive[*row as usize].clone()).collect();
            let new = || PivotById::new(&measures, aggfunc, naive.len());
            let add_picked = |pivot: &mut PivotById| {
                for numbers in picked.chunks(step) {
                    pivot.add_picked(&kept, numbers);
                    if pivot.len() >= 2 * ids {
                        pivot.truncate(ids);
                    }
                }
            };
            let found = in_rounds(new(), ids, add_picked);

            let column = |measure: usize| naive.iter().map(|row| row.2[measure]).collect::<Vec<_>>();
            let texts = naive.iter().map(|row| Some(row.1.text().to_string())).collect();
            let times: Vec<i64> = naive.iter().map(|row| row.0).collect();
            let resolution = time_resolution(&times);
            let frame = rows_frame(times, texts, &measures, vec![column(0), column(1)]).unwrap();
            let pivoted = pivot_by_id(&frame, aggfunc, resolution).unwrap();
            let expected: Vec<String> =
                (0..pivoted.len()).map(|row| cells(&pivoted.slice(row..row + 1))).collect();
            prop_assert_eq!(&found, &expected);

            if every == 1 {
                let all = first.min(kept.len())..kept.len();
                let whole = in_rounds(new(), usize::MAX, |pivot| pivot.add(&kept, all.clone()));
                prop_assert_eq!(whole, expected);
            }
        }
    }
}
