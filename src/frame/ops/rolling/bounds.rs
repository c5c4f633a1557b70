//! Which rows a window holds, found by two pointers that only move forward.

use super::Window;

/// How far a window reaches from its row, in whole nanoseconds that still belong to it.
///
/// Distances are unsigned, so the same rule serves rising times and falling ones, which pandas mirrors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    back: u64,
    ahead: Ahead,
}

/// Where a window ends.
#[derive(Debug, Clone, Copy)]
enum Ahead {
    /// With its own row: of several rows of one time, each sees itself and the earlier ones.
    Row,
    /// Before the first row of its time.
    Before,
    /// So far after its row.
    Nanos(u64),
}

impl Reach {
    pub(super) fn new(window: &Window) -> Self {
        // Whoever asks has checked that the width is positive.
        let width = window.width.as_nanos().unsigned_abs();
        let within = |is_closed: bool, nanos: u64| if is_closed { nanos } else { nanos - 1 };
        if !window.center {
            let ahead = if window.closed.has_right() { Ahead::Row } else { Ahead::Before };
            return Self { back: within(window.closed.has_left(), width), ahead };
        }
        // Twice the distance is compared with the width, so half a nanosecond counts.
        let half = |is_closed: bool| within(is_closed, width) / 2;
        Self { back: half(window.closed.has_left()), ahead: Ahead::Nanos(half(window.closed.has_right())) }
    }

    /// Moves the window on to `row`: `start` and `end` are those of the row before and become those of this one.
    pub(super) fn slide(
        &self,
        row: usize,
        len: usize,
        start: &mut usize,
        end: &mut usize,
        time: impl Fn(usize) -> i64,
    ) {
        let at = time(row);
        while *start < row && time(*start).abs_diff(at) > self.back {
            *start += 1;
        }
        match self.ahead {
            Ahead::Row => *end = row + 1,
            Ahead::Before => {
                while *end < row && time(*end) != at {
                    *end += 1;
                }
            }
            Ahead::Nanos(ahead) => {
                while *end < len && (*end <= row || time(*end).abs_diff(at) <= ahead) {
                    *end += 1;
                }
            }
        }
    }
}
