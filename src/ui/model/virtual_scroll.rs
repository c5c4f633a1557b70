//! The positions of the rows of a long table in a scroller that is shorter than all rows.
//!
//! Browsers lay out boxes of some ten million pixels; 50 million rows are 140 times that. Up to `MAX_PIXELS` each row
//! has its natural position. Beyond, the content is shifted up relative to the scroller: small steps scroll pixel by
//! pixel, and the shift changes once in a few thousand rows; a leap, such as dragging the bar, goes to that share of
//! the table.

/// Height of a row; `style/components/virtual-table.css` has the same value.
pub const ROW_PIXELS: f64 = 28.0;
/// Maximum number of drawn rows: those in view, some around them, and a margin for rounding.
pub const DRAWN_ROWS: u32 = 36;
/// Number of requested rows: more than are drawn, so that they are loaded before they are drawn.
pub const ASKED_ROWS: u32 = 120;

/// Maximum height of a scroller's content; browsers begin to err at twice that.
const MAX_PIXELS: f64 = 8_000_000.0;
/// Pixels of content between two shifts.
const PAGE_PIXELS: f64 = MAX_PIXELS / 100.0;
/// A larger move is a leap: more than a wheel or a finger moves between two frames, less than dragging the bar by one
/// pixel.
const LEAP_PIXELS: f64 = 8_000.0;
/// Height of the rows in view.
const VIEW_PIXELS: f64 = 16.0 * ROW_PIXELS;
/// Rows in view, including one that is partly visible.
const VIEW_ROWS: u32 = 17;
/// The first drawn row is a multiple of this, so that most wheel steps need no update.
const DRAWN_STEP: u32 = 4;
/// The first requested row is a multiple of this.
const ASKED_STEP: u32 = 20;

/// The position of a scroller, and of the content in it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct VirtualScroll {
    total_rows: u32,
    /// The scroller's own position.
    top: f64,
    /// Pixels by which the content is shifted up.
    shift: f64,
}

impl VirtualScroll {
    /// Rows of the whole table.
    #[must_use]
    pub fn total_rows(self) -> u32 {
        self.total_rows
    }

    /// The scroll position to set.
    #[must_use]
    pub fn top(self) -> f64 {
        self.top
    }

    /// The height of the scrolled content.
    #[must_use]
    pub fn spacer_pixels(self) -> f64 {
        self.content_pixels().min(MAX_PIXELS)
    }

    /// The position of the first drawn row in the scrolled content.
    #[must_use]
    pub fn drawn_pixels(self) -> f64 {
        f64::from(self.drawn_row()) * ROW_PIXELS - self.shift
    }

    /// The first row in view.
    #[must_use]
    pub fn first_row(self) -> u32 {
        (self.position() / ROW_PIXELS) as u32
    }

    /// The last row in view, fully or partly; 0 without rows.
    #[must_use]
    pub fn last_row(self) -> u32 {
        let last = ((self.position() + VIEW_PIXELS) / ROW_PIXELS).ceil() as u32;
        last.min(self.total_rows).saturating_sub(1)
    }

    /// The first row that is drawn.
    #[must_use]
    pub fn drawn_row(self) -> u32 {
        before(self.first_row(), (DRAWN_ROWS - VIEW_ROWS - DRAWN_STEP) / 2, DRAWN_STEP)
    }

    /// The row that a line shows, `None` past the end of the table. Row `n` is always on line `n % DRAWN_ROWS`: it keeps
    /// its line as long as it is drawn.
    #[must_use]
    pub fn row_of_line(self, line: u32) -> Option<u32> {
        let first = self.drawn_row();
        let row = first + (line + DRAWN_ROWS - first % DRAWN_ROWS) % DRAWN_ROWS;
        (row < self.total_rows).then_some(row)
    }

    /// The first row that is requested.
    #[must_use]
    pub fn asked_row(self) -> u32 {
        before(self.first_row(), (ASKED_ROWS - VIEW_ROWS - ASKED_STEP) / 2, ASKED_STEP)
    }

    /// Sets the number of rows and keeps the position, or moves to the end.
    pub fn set_total(&mut self, rows: u32) {
        let position = self.position();
        self.total_rows = rows;
        self.go_to(position);
    }

    /// Records that the scroller was moved to `top` by a wheel, a finger or its bar.
    pub fn scrolled(&mut self, top: f64) {
        let (step, position) = (top - self.top, self.position());
        if step.abs() <= LEAP_PIXELS {
            self.go_to(position + step);
            return;
        }
        let (from, to) = (self.spacer_pixels() - VIEW_PIXELS, self.most_position());
        self.top = top;
        self.shift = self.shift_of((top * to / from.max(1.0) / PAGE_PIXELS) as u32);
    }

    /// Moves a row to the top of the view.
    pub fn go_to_row(&mut self, row: u32) {
        self.go_to(f64::from(row) * ROW_PIXELS);
    }

    /// Scrolls as little as possible to have a row fully in view.
    pub fn reveal(&mut self, row: u32) {
        let (start, position) = (f64::from(row) * ROW_PIXELS, self.position());
        if start < position {
            self.go_to(start);
        } else if start + ROW_PIXELS > position + VIEW_PIXELS {
            self.go_to(start + ROW_PIXELS - VIEW_PIXELS);
        }
    }

    fn go_to(&mut self, position: f64) {
        let position = position.clamp(0.0, self.most_position());
        let page = (position / PAGE_PIXELS) as u32;
        self.shift = self.shift_of(page);
        // At the end of a page the scroller may be at its own end.
        if position - self.shift > self.spacer_pixels() - VIEW_PIXELS {
            self.shift = self.shift_of(page + 1);
        }
        self.top = position - self.shift;
    }

    /// The shift of a page: none on the first one, and on the last one that which aligns the end of the content with
    /// the end of the scroller.
    fn shift_of(self, page: u32) -> f64 {
        let hidden = self.content_pixels() - self.spacer_pixels();
        let last = (self.content_pixels() / PAGE_PIXELS) as u32;
        let last = last.saturating_sub(1).max(1);
        (hidden * f64::from(page.min(last)) / f64::from(last)).round()
    }

    fn content_pixels(self) -> f64 {
        f64::from(self.total_rows) * ROW_PIXELS
    }

    fn most_position(self) -> f64 {
        (self.content_pixels() - VIEW_PIXELS).max(0.0)
    }

    fn position(self) -> f64 {
        (self.top + self.shift).clamp(0.0, self.most_position())
    }
}

/// The number of lines that move from the start to the end, so that they are in the order of their rows again when the
/// first drawn row changes from `from` to `to`; negative for moves from the end to the start, if those are fewer.
#[must_use]
pub fn turned_lines(from: u32, to: u32) -> i32 {
    let (from, to) = ((from % DRAWN_ROWS) as i32, (to % DRAWN_ROWS) as i32);
    let lines = (to - from).rem_euclid(DRAWN_ROWS as i32);
    if lines > DRAWN_ROWS as i32 / 2 { lines - DRAWN_ROWS as i32 } else { lines }
}

/// A multiple of `step`, at least `rows` before `row` where that many exist.
fn before(row: u32, rows: u32, step: u32) -> u32 {
    row.saturating_sub(rows) / step * step
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MANY: u32 = 50_000_000;

    fn scroll(rows: u32) -> VirtualScroll {
        let mut scroll = VirtualScroll::default();
        scroll.set_total(rows);
        scroll
    }

    /// The maximum scroll position of the browser.
    fn bottom(scroll: VirtualScroll) -> f64 {
        (scroll.spacer_pixels() - VIEW_PIXELS).max(0.0)
    }

    #[test]
    fn a_short_table_scrolls_without_a_shift() {
        let mut table = scroll(1000);
        assert_eq!(table.spacer_pixels(), 28_000.0);
        table.scrolled(2800.0);
        assert_eq!((table.first_row(), table.last_row(), table.top()), (100, 115, 2800.0));
        table.scrolled(14_000.0);
        assert_eq!((table.first_row(), table.top()), (500, 14_000.0));
    }

    #[test]
    fn the_first_and_the_last_row_are_reached_by_dragging_the_bar() {
        for rows in [5, 1000, 285_000, 286_000, 300_000, 1_000_000, MANY] {
            let mut table = scroll(rows);
            table.scrolled(bottom(table));
            assert_eq!(table.last_row(), rows - 1, "{rows} rows");
            table.scrolled(0.0);
            assert_eq!(table.first_row(), 0, "{rows} rows");
        }
    }

    #[test]
    fn dragging_the_bar_halfway_shows_the_middle_row() {
        let mut table = scroll(MANY);
        table.scrolled(bottom(table) / 2.0);
        assert!(table.first_row().abs_diff(MANY / 2) < MANY / 1000, "{}", table.first_row());
    }

    #[test]
    fn small_steps_move_by_rows_at_any_position_of_the_bar() {
        let mut table = scroll(MANY);
        table.scrolled(bottom(table) / 3.0);
        let mut expected = f64::from(table.first_row()) * ROW_PIXELS;
        table.go_to_row(table.first_row());
        for _ in 0..10_000 {
            expected += 100.0;
            table.scrolled(table.top() + 100.0);
            assert_eq!(table.first_row(), (expected / ROW_PIXELS) as u32);
            assert!((0.0..=bottom(table)).contains(&table.top()));
        }
    }

    #[test]
    fn steps_from_the_end_lead_back_to_it_and_from_the_start_too() {
        let mut table = scroll(1_000_000);
        table.go_to_row(u32::MAX);
        assert_eq!((table.last_row(), table.top()), (999_999, bottom(table)));
        for step in [-100.0, 60.0, 60.0] {
            table.scrolled((table.top() + step).min(bottom(table)));
        }
        assert_eq!(table.last_row(), 999_999);
        table.go_to_row(3000);
        while table.top() > 0.0 {
            table.scrolled((table.top() - 700.0).max(0.0));
        }
        assert_eq!(table.first_row(), 0);
    }

    #[test]
    fn a_row_is_revealed_by_the_smallest_move() {
        let mut table = scroll(1000);
        table.reveal(10);
        assert_eq!(table.first_row(), 0);
        table.reveal(16);
        assert_eq!(table.first_row(), 1);
        table.reveal(0);
        assert_eq!(table.first_row(), 0);
    }

    #[test]
    fn a_table_that_became_shorter_shows_its_end() {
        let mut table = scroll(1000);
        table.go_to_row(900);
        table.set_total(20);
        assert_eq!((table.first_row(), table.last_row()), (4, 19));
        table.set_total(0);
        assert_eq!((table.first_row(), table.last_row(), table.top()), (0, 0, 0.0));
    }

    #[test]
    fn rows_that_stay_drawn_keep_their_lines() {
        let mut table = scroll(1000);
        table.go_to_row(100);
        let before: Vec<_> = (0..DRAWN_ROWS).map(|line| table.row_of_line(line)).collect();
        table.go_to_row(104);
        let stayed = (0..DRAWN_ROWS).filter(|line| table.row_of_line(*line) == before[*line as usize]).count();
        assert_eq!(stayed, DRAWN_ROWS as usize - 4);
        assert_eq!((scroll(3).row_of_line(2), scroll(3).row_of_line(3)), (Some(2), None));
    }

    #[test]
    fn lines_move_the_shorter_way() {
        assert_eq!((turned_lines(8, 12), turned_lines(12, 8), turned_lines(8, 8)), (4, -4, 0));
        assert_eq!((turned_lines(0, DRAWN_ROWS), turned_lines(0, DRAWN_ROWS - 1), turned_lines(0, 20)), (0, -1, -16));
        assert_eq!((turned_lines(0, u32::MAX), turned_lines(u32::MAX, 0)), (3, -3));
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn rows_in_view_are_drawn_and_drawn_rows_are_requested(rows in 0..MANY, row in 0..MANY) {
            let mut table = scroll(rows);
            table.go_to_row(row);
            prop_assert!((0.0..=bottom(table)).contains(&table.top()), "{}", table.top());
            prop_assert!(table.drawn_row() <= table.first_row());
            prop_assert!(table.drawn_row() + DRAWN_ROWS > table.last_row());
            prop_assert!(table.asked_row() <= table.drawn_row());
            let drawn_end = (table.drawn_row() + DRAWN_ROWS).min(rows);
            prop_assert!(table.asked_row() + ASKED_ROWS >= drawn_end);
            prop_assert!(table.last_row() >= row.min(rows.saturating_sub(1)));
            prop_assert!(table.first_row() <= row);
            // The order of the lines after those moves from row 0.
            let first_line = turned_lines(0, table.drawn_row()).rem_euclid(DRAWN_ROWS as i32) as u32;
            for place in 0..DRAWN_ROWS {
                let shown = table.row_of_line((first_line + place) % DRAWN_ROWS);
                prop_assert_eq!(shown, Some(table.drawn_row() + place).filter(|row| *row < rows));
            }
        }
    }
}
