//! `pivoted`: one row for each id, sorted by id.

use super::{READ, ROWS, Selection, Step, Table};
use crate::frame::ops::{Agg, RunningFloats, RunningTimes};
use crate::frame::{Column, Frame, FrameError, NAT, StringsBuilder};
use crate::pipeline::{Id, pivot_by_id, push_id, rows_frame};

/// The number of ids of a round.
const IDS: usize = if cfg!(test) { 10 } else { 128 * ROWS };
/// The number of rows at which those of the same id are put together.
const ROOM: usize = 2 * IDS;
/// The same while there are few ids.
const FEW: usize = ROOM / 8;

/// Pivots in rounds. Each round reads all rows in order of time, so that rows in files are read block by block, and
/// keeps those of the next ids, up to [`IDS`] of them. Rows of one id are put together as they come, and the ids are
/// returned in pieces. Memory holds at most [`ROOM`] rows, and [`FEW`] where few ids recur; aggregates that need all
/// values keep those beside them.
pub(crate) struct Pivoted {
    selection: Selection,
    aggfunc: Agg,
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
    /// The number of rows at which those of the same id are put together: [`FEW`] or [`ROOM`].
    room: usize,
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
    One(i64, f64),
    Many(Box<Group>),
}

/// Several rows, in order of time.
enum Group {
    /// What they aggregate to.
    Running(RunningTimes, RunningFloats),
    /// All of them, for an aggregate that needs them.
    Rows(Vec<i64>, Vec<f64>),
}

impl Group {
    fn new(aggfunc: Agg, (time, value): (i64, f64)) -> Self {
        // As in `pivot_by_id`.
        let of_times = if aggfunc == Agg::Sum { Agg::Mean } else { aggfunc };
        let mut group = match (RunningTimes::new(of_times), RunningFloats::new(aggfunc)) {
            (Some(times), Some(values)) => Self::Running(times, values),
            _ => Self::Rows(Vec::new(), Vec::new()),
        };
        group.push(time, value);
        group
    }

    fn push(&mut self, time: i64, value: f64) {
        match self {
            Self::Running(times, values) => {
                times.push(time);
                values.push(value);
            }
            Self::Rows(times, values) => {
                times.push(time);
                values.push(value);
            }
        }
    }
}

impl Row {
    /// Adds a later row of the same id.
    fn add(&mut self, time: i64, value: f64, aggfunc: Agg) {
        match &mut self.part {
            Part::Many(group) => group.push(time, value),
            Part::One(first, first_value) => {
                let mut group = Group::new(aggfunc, (*first, *first_value));
                group.push(time, value);
                self.part = Part::Many(Box::new(group));
            }
        }
    }

    /// The number of values that its result is made of when it is returned.
    fn kept(&self) -> usize {
        let Part::Many(group) = &self.part else { return 1 };
        if let Group::Rows(times, _) = &**group { times.len() } else { 1 }
    }
}

impl Round {
    /// Puts the rows of each id together and sorts the ids. A stable sort merges runs that are sorted, and the rows of
    /// one id stay in order of time.
    fn compact(&mut self, aggfunc: Agg) {
        self.rows.sort_by(|one, other| one.id.cmp(&other.id));
        self.rows.dedup_by(|next, row| match next.part {
            Part::One(time, value) if next.id == row.id => {
                row.add(time, value, aggfunc);
                true
            }
            _ => false,
        });
    }

    /// Drops the greatest ids, if there are too many.
    fn trim(&mut self) {
        if self.rows.len() > IDS {
            self.rows.truncate(IDS);
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
        let round = Round { rows: Vec::new(), room: FEW, after: None, until: None };
        Self { selection, aggfunc, is_fine: false, round, at: 0, returned: None, has_begun: false }
    }

    /// Reads the next rows into the round.
    fn scan(&mut self) {
        let rows = self.selection.step(self.at, READ);
        self.at = rows.end;
        let Self { round, is_fine, .. } = self;
        if round.rows.capacity() == 0 {
            // At once: growing step by step would leave holes in a memory that never shrinks.
            round.rows.reserve_exact(self.selection.len().min(FEW + READ));
        }
        let known = round.rows.len();
        self.selection.visit(rows, |time, id, value| {
            *is_fine |= time != NAT && time % 1000 != 0;
            if round.holds(id) {
                round.rows.push(Row { id: id.clone(), part: Part::One(time, value) });
            }
        });
        // Runs that are sorted in each step take a merge later, so that no step takes long.
        round.rows[known..].sort_by(|one, other| one.id.cmp(&other.id));
        if round.rows.len() >= round.room {
            round.compact(self.aggfunc);
            round.trim();
            if round.rows.len() > FEW / 2 && round.room == FEW {
                round.room = ROOM;
                round.rows.reserve_exact(self.selection.len().min(ROOM + READ) - round.rows.len());
            }
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
        let (mut ids, mut times, mut values) = (StringsBuilder::default(), Vec::new(), Vec::new());
        let mut push = |id: &Id, time: i64, value: f64| {
            push_id(&mut ids, id);
            times.push(time);
            values.push(value);
        };
        let is_running = RunningFloats::new(aggfunc).is_some();
        for Row { id, part } in rows {
            match part {
                Part::Many(group) => match &**group {
                    Group::Running(times, values) => push(id, times.value(resolution), values.value()),
                    Group::Rows(times, values) => {
                        times.iter().zip(values).for_each(|(time, value)| push(id, *time, *value));
                    }
                },
                Part::One(time, value) if !is_running => push(id, *time, *value),
                Part::One(time, value) => {
                    if let Group::Running(times, values) = Group::new(aggfunc, (*time, *value)) {
                        push(id, times.value(resolution), values.value());
                    }
                }
            }
        }
        let ids = ids.finish();
        if !is_running {
            return pivot_by_id(&rows_frame(times, ids, values)?, aggfunc, resolution);
        }
        let (times, values) = match aggfunc {
            Agg::Count => {
                (Column::Int(times.into()), Column::Int(values.into_iter().map(|count| count as i64).collect()))
            }
            _ => (Column::Datetime(times.into()), Column::Float(values.into())),
        };
        Frame::new(vec![("id".into(), Column::String(ids)), ("timestamp".into(), times), ("value".into(), values)])
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
