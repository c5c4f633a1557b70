//! `pivoted`: one row for each id, sorted by id.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::selection::sorted;
use super::{ROWS, Selection, Step, Table};
use crate::frame::ops::Agg;
use crate::frame::{FrameError, NAT};
use crate::pipeline::{Id, pivot_by_id, rows_frame};

/// Rows of a run, sorted at once.
const RUN: usize = 8 * ROWS;

/// Runs of rows are sorted by id, then merged: the rows of one id come together, in order of time, and are pivoted with
/// those of the ids around it. Four bytes a row are kept, and the rows of the ids at hand.
pub(crate) struct Pivoted {
    selection: Selection,
    aggfunc: Agg,
    /// To so many nanoseconds means of times are cut.
    resolution: i64,
    /// Sorted runs, each with the place of its next row.
    runs: Vec<(Vec<u32>, usize)>,
    /// The next row that goes into a run.
    at: usize,
    /// The id of the next row of each run that has one.
    heads: BinaryHeap<Reverse<(Id, usize)>>,
    has_begun: bool,
}

impl Pivoted {
    pub(crate) fn new(selection: Selection, aggfunc: Agg) -> Self {
        let (runs, heads) = (Vec::new(), BinaryHeap::new());
        Self { selection, aggfunc, resolution: 1000, runs, at: 0, heads, has_begun: false }
    }

    /// Sorts the next rows into a run.
    fn sort_run(&mut self) {
        let rows = self.at..self.selection.len().min(self.at + RUN);
        self.at = rows.end;
        let numbers: Vec<u32> = rows.map(|row| self.selection.number(row) as u32).collect();
        let ids: Vec<Id> = numbers.iter().map(|number| self.selection.all().id(*number as usize)).collect();
        let run: Vec<u32> = sorted(&ids).into_iter().map(|place| numbers[place as usize]).collect();
        if let Some(first) = run.first() {
            self.heads.push(Reverse((self.selection.all().id(*first as usize), self.runs.len())));
        }
        // One finer instant makes the whole column finer, as in `time_resolution`.
        let is_fine = |number: &u32| {
            let time = self.selection.all().time(*number as usize);
            time != NAT && time % 1000 != 0
        };
        if run.iter().any(is_fine) {
            self.resolution = 1;
        }
        self.runs.push((run, 0));
    }

    /// The rows of the next ids, as many ids as make a piece.
    fn next_ids(&mut self) -> Vec<u32> {
        let mut rows: Vec<u32> = Vec::new();
        let mut last: Option<Id> = None;
        while let Some(Reverse((id, run))) = self.heads.peek() {
            if rows.len() >= ROWS && last.as_ref() != Some(id) {
                break;
            }
            let run = *run;
            let Some(Reverse((id, _))) = self.heads.pop() else { break };
            let (numbers, next) = &mut self.runs[run];
            // The rows of an id lie together in its run.
            let all = self.selection.all();
            let start = *next;
            *next += 1;
            while let Some(number) = numbers.get(*next) {
                let next_id = all.id(*number as usize);
                if next_id != id {
                    self.heads.push(Reverse((next_id, run)));
                    break;
                }
                *next += 1;
            }
            rows.extend_from_slice(&numbers[start..*next]);
            last = Some(id);
        }
        rows
    }
}

impl Table for Pivoted {
    fn next(&mut self) -> Result<Step, FrameError> {
        if self.at < self.selection.len() {
            self.sort_run();
            return Ok(Step::Busy);
        }
        let rows = self.next_ids();
        if rows.is_empty() && self.has_begun {
            return Ok(Step::End);
        }
        self.has_begun = true;
        let rows = self.selection.all().pick(&rows);
        let frame = rows_frame(rows.times, rows.ids, rows.values)?;
        Ok(Step::Rows(pivot_by_id(&frame, self.aggfunc, self.resolution)?))
    }
}
