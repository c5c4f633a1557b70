//! `pivoted`: one row for each id, sorted by id.

use super::{ROWS, Selection, Step, Table};
use crate::frame::ops::Agg;
use crate::frame::{FrameError, NAT, StringsBuilder};
use crate::pipeline::{Id, pivot_by_id, push_id, rows_frame};

/// Maximum number of rows read in one step: those of a block.
const SCANNED: usize = 8 * ROWS;
/// The number of rows sorted together.
const SORTED: usize = if cfg!(test) { 10 } else { 128 * ROWS };

/// Pivots in rounds. Each round reads all rows in order of time, so that rows in files are read block by block, and
/// keeps the rows of the next ids, as many ids as have about [`SORTED`] rows. These are sorted by id and pivoted piece
/// by piece. Memory holds at most twice [`SORTED`] rows, or the rows of a single id where that is more.
pub(crate) struct Pivoted {
    selection: Selection,
    aggfunc: Agg,
    /// Whether an instant is finer than a microsecond. One makes the whole column of times finer, as in
    /// `time_resolution`.
    is_fine: bool,
    round: Round,
    /// The next row of the selection that the round reads.
    at: usize,
    /// The next row of the round to pivot, once the round has read all rows.
    pivoted: Option<usize>,
    has_begun: bool,
}

/// The rows of some ids that follow one another.
struct Round {
    rows: Vec<Row>,
    /// The number of rows at which the round is trimmed.
    room: usize,
    /// Holds only ids greater than this one.
    after: Option<Id>,
    /// Holds only ids up to this one, if not all rows had room.
    until: Option<Id>,
}

struct Row {
    id: Id,
    /// Its number in the round.
    number: u32,
    time: i64,
    value: f64,
}

impl Round {
    fn new() -> Self {
        Self { rows: Vec::new(), room: 2 * SORTED, after: None, until: None }
    }

    /// Makes this the round after it; false when it was the last.
    fn advance(&mut self) -> bool {
        self.rows.clear();
        self.room = 2 * SORTED;
        self.after = self.until.take();
        self.after.is_some()
    }

    fn holds(&self, id: &Id) -> bool {
        self.after.as_ref().is_none_or(|after| id > after) && self.until.as_ref().is_none_or(|until| id <= until)
    }

    /// Drops the rows of the greatest ids, if enough rows remain.
    fn trim(&mut self) {
        let mut ids: Vec<&Id> = self.rows.iter().map(|row| &row.id).collect();
        let (_, until, _) = ids.select_nth_unstable(SORTED - 1);
        let until = until.clone();
        self.rows.retain(|row| row.id <= until);
        self.until = Some(until);
        // An id with many rows must not have them trimmed again at each step.
        self.room = 2 * SORTED.max(self.rows.len());
    }
}

impl Pivoted {
    pub(crate) fn new(selection: Selection, aggfunc: Agg) -> Self {
        Self { selection, aggfunc, is_fine: false, round: Round::new(), at: 0, pivoted: None, has_begun: false }
    }

    /// Reads the next rows into the round.
    fn scan(&mut self) {
        let rows = self.at..self.selection.len().min(self.at + SCANNED);
        self.at = rows.end;
        let Self { round, is_fine, .. } = self;
        if round.rows.capacity() == 0 {
            // At once: growing step by step would leave holes in a memory that never shrinks.
            round.rows.reserve_exact(self.selection.len().min(2 * SORTED + SCANNED));
        }
        self.selection.visit(rows, |time, id, value| {
            *is_fine |= time != NAT && time % 1000 != 0;
            if round.holds(id) {
                let number = round.rows.last().map_or(0, |last| last.number + 1);
                round.rows.push(Row { id: id.clone(), number, time, value });
            }
        });
        if round.rows.len() >= round.room {
            round.trim();
        }
    }

    /// The rows of the next ids of the round, as many ids as make a piece.
    fn next_piece(&mut self, first: usize) -> &[Row] {
        let rows = &self.round.rows[first..];
        let mut end = rows.len().min(ROWS);
        while end > 0 && end < rows.len() && rows[end].id == rows[end - 1].id {
            end += 1;
        }
        self.pivoted = Some(first + end);
        &rows[..end]
    }
}

impl Table for Pivoted {
    fn next(&mut self) -> Result<Step, FrameError> {
        let Some(first) = self.pivoted else {
            if self.at < self.selection.len() {
                self.scan();
            } else {
                // In place; the rows of one id stay in order of time.
                self.round.rows.sort_unstable_by(|one, other| (&one.id, one.number).cmp(&(&other.id, other.number)));
                self.pivoted = Some(0);
            }
            return Ok(Step::Busy);
        };
        if first == self.round.rows.len() && self.has_begun {
            (self.at, self.pivoted) = (0, None);
            return Ok(if self.round.advance() { Step::Busy } else { Step::End });
        }
        self.has_begun = true;
        let (aggfunc, resolution) = (self.aggfunc, if self.is_fine { 1 } else { 1000 });
        let rows = self.next_piece(first);
        let mut ids = StringsBuilder::default();
        rows.iter().for_each(|row| push_id(&mut ids, &row.id));
        let (times, values) = rows.iter().map(|row| (row.time, row.value)).unzip();
        Ok(Step::Rows(pivot_by_id(&rows_frame(times, ids.finish(), values)?, aggfunc, resolution)?))
    }
}
