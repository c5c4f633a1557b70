//! `pivoted`: one row for each id, sorted by id.

use super::{READ, ROWS, Selection, Step, Table};
use crate::frame::FrameError;
use crate::frame::ops::Agg;
use crate::store::PivotById;

/// The number of ids of a round of one measure; of several measures it has fewer. Twice as many, and those of the rows
/// that are read at once, are less than a power of two: vectors that grow by doubling hold no more room than that.
const IDS: usize = if cfg!(test) { 10 } else { 120 * ROWS };

/// Pivots in rounds. Each round reads all rows in order of time, so that rows in files are read block by block, and
/// keeps those of the next ids, of [`IDS`] values at most; rows of one id are put together as they come. The ids are
/// returned in pieces. Memory holds at most twice as many ids; aggregates that need all values keep those beside them.
pub(crate) struct Pivoted {
    selection: Selection,
    /// The number of ids of a round.
    ids: usize,
    round: PivotById,
    /// The next row of the selection that the round reads.
    at: usize,
    /// The groups of the round in the order of their ids, once it has read all rows, and how many of them were returned.
    groups: Option<Vec<u32>>,
    returned: usize,
    has_begun: bool,
}

impl Pivoted {
    pub(crate) fn new(selection: Selection, aggfunc: Agg) -> Self {
        let round = PivotById::new(selection.measures(), aggfunc, selection.len());
        let ids = (IDS / selection.measures().count()).max(1);
        Self { selection, ids, round, at: 0, groups: None, returned: 0, has_begun: false }
    }

    /// Reads the next rows into the round.
    fn scan(&mut self) {
        let rows = self.selection.step(self.at, READ);
        self.at = rows.end;
        self.selection.add_to(&mut self.round, rows);
        if self.round.len() >= 2 * self.ids {
            self.round.truncate(self.ids);
        }
    }

    /// Ends the round, unless its rows have to be read again.
    fn end_round(&mut self) {
        if self.round.begins_again() {
            self.at = 0;
        } else {
            self.round.truncate(self.ids);
            (self.groups, self.returned) = (Some(self.round.groups()), 0);
        }
    }
}

impl Table for Pivoted {
    fn next(&mut self) -> Result<Step, FrameError> {
        let Some(groups) = &self.groups else {
            if self.at < self.selection.len() {
                self.scan();
            } else {
                self.end_round();
            }
            return Ok(Step::Busy);
        };
        let left = &groups[self.returned..];
        if left.is_empty() && self.has_begun {
            (self.at, self.groups) = (0, None);
            return Ok(if self.round.advance() { Step::Busy } else { Step::End });
        }
        let mut room = ROWS;
        let fits = |group: &&u32| {
            let has_room = room > 0;
            room = room.saturating_sub(self.round.kept_rows(**group));
            has_room
        };
        let count = left.iter().take_while(fits).count();
        let piece = self.round.frame(&left[..count])?;
        (self.returned, self.has_begun) = (self.returned + count, true);
        Ok(Step::Rows(piece))
    }
}
