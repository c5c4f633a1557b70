//! `pivoted`: one row for each id, sorted by id.

use smallvec::SmallVec;

use super::{READ, ROWS, Selection, Step, Table};
use crate::frame::ops::{Agg, RunningFloats, RunningTimes};
use crate::frame::{Column, Frame, FrameError, NAT, StringsBuilder};
use crate::pipeline::{Id, Values, pivot_by_id, push_id, rows_frame};

/// The number of ids of a round of one measure; of several measures it has fewer.
const IDS: usize = if cfg!(test) { 10 } else { 128 * ROWS };

/// Pivots in rounds. Each round reads all rows in order of time, so that rows in files are read block by block, and
/// keeps those of the next ids, of [`IDS`] values at most. Rows of one id are put together as they come, and the ids are
/// returned in pieces. Memory holds at most twice as many rows; aggregates that need all values keep those beside them.
pub(crate) struct Pivoted {
    selection: Selection,
    aggfunc: Agg,
    /// The number of ids of a round.
    ids: usize,
    /// Whether an instant is finer than a microsecond. One makes the whole column of times finer, as in
    /// `time_resolution`.
    is_fine: bool,
    round: Round,
    /// The next row of the selection that the round reads.
    at: usize,
    /// The next id of the round to return, once the round has read all rows.
    returned: Option<usize>,
    has_begun: bool,
}

/// The rows of some ids that follow one another.
struct Round {
    rows: Vec<Row>,
    /// Holds only ids greater than this one.
    after: Option<Id>,
    /// Holds only ids up to this one, if not all ids had room.
    until: Option<Id>,
}

/// Rows of an id.
struct Row {
    id: Id,
    part: Part,
}

enum Part {
    One(i64, Values),
    Many(Box<Group>),
}

/// Several rows, in order of time.
enum Group {
    /// What they aggregate to, for each measure.
    Running(RunningTimes, SmallVec<[RunningFloats; 1]>),
    /// All of them, for an aggregate that needs them.
    Rows(Vec<(i64, Values)>),
}

impl Group {
    fn new(aggfunc: Agg, time: i64, values: Values) -> Self {
        // As in `pivot_by_id`.
        let of_times = if aggfunc == Agg::Sum { Agg::Mean } else { aggfunc };
        let mut group = match (RunningTimes::new(of_times), RunningFloats::new(aggfunc)) {
            (Some(times), Some(floats)) => Self::Running(times, SmallVec::from_elem(floats, values.len())),
            _ => Self::Rows(Vec::new()),
        };
        group.push(time, values);
        group
    }

    fn push(&mut self, time: i64, values: Values) {
        match self {
            Self::Running(times, floats) => {
                times.push(time);
                floats.iter_mut().zip(values).for_each(|(floats, value)| floats.push(value));
            }
            Self::Rows(rows) => rows.push((time, values)),
        }
    }
}

impl Row {
    /// Adds a later row of the same id.
    fn add(&mut self, time: i64, values: Values, aggfunc: Agg) {
        match &mut self.part {
            Part::Many(group) => group.push(time, values),
            Part::One(first, first_values) => {
                let mut group = Group::new(aggfunc, *first, std::mem::take(first_values));
                group.push(time, values);
                self.part = Part::Many(Box::new(group));
            }
        }
    }

    /// The number of rows that its result is made of when it is returned.
    fn kept(&self) -> usize {
        let Part::Many(group) = &self.part else { return 1 };
        if let Group::Rows(rows) = &**group { rows.len() } else { 1 }
    }
}

impl Round {
    /// Puts the rows of each id together and sorts the ids. A stable sort merges runs that are sorted, and the rows of
    /// one id stay in order of time.
    fn compact(&mut self, aggfunc: Agg) {
        self.rows.sort_by(|one, other| one.id.cmp(&other.id));
        self.rows.dedup_by(|next, row| match &mut next.part {
            Part::One(time, values) if next.id == row.id => {
                row.add(*time, std::mem::take(values), aggfunc);
                true
            }
            _ => false,
        });
    }

    /// Drops the greatest ids, if there are more than these.
    fn trim(&mut self, ids: usize) {
        if self.rows.len() > ids {
            self.rows.truncate(ids);
            self.until = self.rows.last().map(|row| row.id.clone());
        }
    }

    /// Makes this the round after it; false when it was the last.
    fn advance(&mut self) -> bool {
        self.rows.clear();
        self.after = self.until.take();
        self.after.is_some()
    }

    fn holds(&self, id: &Id) -> bool {
        self.after.as_ref().is_none_or(|after| id > after) && self.until.as_ref().is_none_or(|until| id <= until)
    }
}

impl Pivoted {
    pub(crate) fn new(selection: Selection, aggfunc: Agg) -> Self {
        let round = Round { rows: Vec::new(), after: None, until: None };
        let ids = (IDS / selection.measures().count()).max(1);
        Self { selection, aggfunc, ids, is_fine: false, round, at: 0, returned: None, has_begun: false }
    }

    /// Reads the next rows into the round.
    fn scan(&mut self) {
        let rows = self.selection.step(self.at, READ);
        self.at = rows.end;
        // The number of rows at which those of the same id are put together.
        let room = 2 * self.ids;
        let Self { round, is_fine, .. } = self;
        if round.rows.capacity() == 0 {
            // At once: growing step by step would leave holes in a memory that never shrinks.
            round.rows.reserve_exact(self.selection.len().min(room + READ));
        }
        let known = round.rows.len();
        self.selection.visit(rows, |time, id, values| {
            *is_fine |= time != NAT && time % 1000 != 0;
            if round.holds(id) {
                round.rows.push(Row { id: id.clone(), part: Part::One(time, Values::from_slice(values)) });
            }
        });
        // Runs that are sorted in each step take a merge later, so that no step takes long.
        round.rows[known..].sort_by(|one, other| one.id.cmp(&other.id));
        if round.rows.len() >= room {
            round.compact(self.aggfunc);
            round.trim(self.ids);
        }
    }

    /// The results of the next ids of the round, as many as make a piece.
    fn next_piece(&mut self, first: usize) -> Result<Frame, FrameError> {
        let mut room = ROWS;
        let fits = |row: &&Row| {
            let has_room = room > 0;
            room = room.saturating_sub(row.kept());
            has_room
        };
        let count = self.round.rows[first..].iter().take_while(fits).count();
        self.returned = Some(first + count);
        let rows = &self.round.rows[first..first + count];
        let (aggfunc, resolution) = (self.aggfunc, if self.is_fine { 1 } else { 1000 });
        let measures = self.selection.measures();
        let (mut ids, mut times) = (StringsBuilder::default(), Vec::new());
        let mut columns: Vec<Vec<f64>> = vec![Vec::new(); measures.count()];
        let mut push = |id: &Id, time: i64, values: &mut dyn Iterator<Item = f64>| {
            push_id(&mut ids, id);
            times.push(time);
            columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
        };
        let is_running = RunningFloats::new(aggfunc).is_some();
        for Row { id, part } in rows {
            match part {
                Part::Many(group) => match &**group {
                    Group::Running(times, floats) => {
                        push(id, times.value(resolution), &mut floats.iter().map(RunningFloats::value));
                    }
                    Group::Rows(rows) => {
                        rows.iter().for_each(|(time, values)| push(id, *time, &mut values.iter().copied()));
                    }
                },
                Part::One(time, values) if !is_running => push(id, *time, &mut values.iter().copied()),
                Part::One(time, values) => {
                    if let Group::Running(times, floats) = Group::new(aggfunc, *time, values.clone()) {
                        push(id, times.value(resolution), &mut floats.iter().map(RunningFloats::value));
                    }
                }
            }
        }
        let ids = ids.finish();
        if !is_running {
            return pivot_by_id(&rows_frame(times, ids, measures, columns)?, aggfunc, resolution);
        }
        let is_count = aggfunc == Agg::Count;
        let times = if is_count { Column::Int(times.into()) } else { Column::Datetime(times.into()) };
        let mut pivoted = Frame::new(vec![("id".into(), Column::String(ids)), ("timestamp".into(), times)])?;
        for (name, values) in measures.names().zip(columns) {
            let column = match is_count {
                true => Column::Int(values.into_iter().map(|count| count as i64).collect()),
                false => Column::Float(values.into()),
            };
            pivoted = pivoted.with_column(name.to_owned(), column)?;
        }
        Ok(pivoted)
    }
}

impl Table for Pivoted {
    fn next(&mut self) -> Result<Step, FrameError> {
        let Some(first) = self.returned else {
            if self.at < self.selection.len() {
                self.scan();
            } else {
                self.round.compact(self.aggfunc);
                self.returned = Some(0);
            }
            return Ok(Step::Busy);
        };
        if first == self.round.rows.len() && self.has_begun {
            (self.at, self.returned) = (0, None);
            return Ok(if self.round.advance() { Step::Busy } else { Step::End });
        }
        self.has_begun = true;
        Ok(Step::Rows(self.next_piece(first)?))
    }
}
