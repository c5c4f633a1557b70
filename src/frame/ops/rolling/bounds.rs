//! The rows that a window holds.

use super::Window;

/// How far a window reaches from its row, in whole nanoseconds that still belong to it. Times rise.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    back: u64,
    ahead: Ahead,
}

/// Where a window ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ahead {
    /// With its own row: of several rows of one time, each sees itself and the earlier ones.
    Row,
    /// Before the first row of its time.
    Before,
    /// This many nanoseconds after its row.
    Nanos(i64),
}

impl Reach {
    pub(super) fn new(window: &Window) -> Self {
        // The caller has checked that the width is positive.
        let width = window.width.as_nanos();
        let within = |is_closed: bool, nanos: i64| if is_closed { nanos } else { nanos - 1 };
        if !window.center {
            let ahead = if window.closed.has_right() { Ahead::Row } else { Ahead::Before };
            return Self { back: within(window.closed.has_left(), width) as u64, ahead };
        }
        // Twice the distance is compared with the width, so half a nanosecond counts.
        let half = |is_closed: bool| within(is_closed, width) / 2;
        Self { back: half(window.closed.has_left()) as u64, ahead: Ahead::Nanos(half(window.closed.has_right())) }
    }

    /// Whether windows end with their own row.
    pub(super) fn is_trailing(&self) -> bool {
        self.ahead == Ahead::Row
    }

    /// Whether a row of time `time`, not after `at`, is too old for the window of a row of time `at`.
    #[inline(always)]
    pub(super) fn is_behind(&self, time: i64, at: i64) -> bool {
        // As an unsigned number the distance never overflows.
        at.wrapping_sub(time) as u64 > self.back
    }

    /// Whether row `next` is early enough for the window of `row`; the rows before it are.
    #[inline]
    pub(super) fn has_come(&self, next: usize, row: usize, time: impl Fn(usize) -> i64) -> bool {
        match self.ahead {
            Ahead::Row => next <= row,
            Ahead::Before => next < row && time(next) != time(row),
            Ahead::Nanos(ahead) => next <= row || time(next) <= time(row).saturating_add(ahead),
        }
    }
}
