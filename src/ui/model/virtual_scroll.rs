//! The positions of the rows of a long table in a scroller that is shorter than all rows.
//!
//! Browsers lay out boxes of some ten million pixels; 50 million rows are 120 times that. Up to `MAX_PIXELS` each row
//! has its natural position. Beyond, the content is shifted up relative to the scroller: small steps scroll pixel by
//! pixel, and the shift changes once in a few thousand rows; a leap, such as dragging the bar, goes to that share of
//! the table.

/// Height of a row; `style/components/virtual-table.css` has the same value.
pub const ROW_PIXELS: f64 = 24.0;
/// Height of the headings, which stay above the rows; the style sheet has the same value.
pub const HEAD_PIXELS: f64 = 28.0;

/// Height of the rows in view before it is measured.
const DEFAULT_VIEW_PIXELS: f64 = 16.0 * ROW_PIXELS;
/// Maximum height of the rows in view: beyond, the number of lines and of requested rows would have no limit.
const MAX_VIEW_PIXELS: f64 = 6_000.0;
/// Lines besides those in view: rows around the view, and a margin for rounding.
const SPARE_LINES: u32 = 19;
/// Rows requested besides those that are drawn, so that they are loaded before they are drawn.
const SPARE_ROWS: u32 = 84;

/// Maximum height of a scroller's content; browsers begin to err at twice that.
const MAX_PIXELS: f64 = 8_000_000.0;
/// Pixels of content between two shifts.
const PAGE_PIXELS: f64 = MAX_PIXELS / 100.0;
/// A larger move is a leap: more than a wheel or a finger moves between two frames, less than dragging the bar by one
/// pixel.
const LEAP_PIXELS: f64 = 8_000.0;
/// The first drawn row is a multiple of this, so that most wheel steps need no update.
const DRAWN_STEP: u32 = 4;
/// The number of lines is a multiple of this.
const LINES_STEP: u32 = 12;
/// The first requested row is a multiple of this.
const ASKED_STEP: u32 = 20;

/// The position of a scroller, and of the content in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VirtualScroll {
    total_rows: u32,
    /// Height of the rows in view.
    view_pixels: f64,
    /// Number of lines, each of which shows one row. It only grows: no line is created twice.
    lines: u32,
    /// The scroller's own position.
    top: f64,
    /// Pixels by which the content is shifted up.
    shift: f64,
}

impl Default for VirtualScroll {
    fn default() -> Self {
        let view_pixels = DEFAULT_VIEW_PIXELS;
        Self { total_rows: 0, view_pixels, lines: lines_for(view_pixels), top: 0.0, shift: 0.0 }
    }
}

impl VirtualScroll {
    /// Rows of the whole table.
    #[must_use]
    pub fn total_rows(self) -> u32 {
        self.total_rows
    }

    /// Number of lines to create: enough for the greatest height so far.
    #[must_use]
    pub fn lines(self) -> u32 {
        self.lines
    }

    /// Rows that a page key moves by: those fully in view less one.
    #[must_use]
    pub fn page_rows(self) -> u32 {
        ((self.view_pixels / ROW_PIXELS) as u32).saturating_sub(1).max(1)
    }

    /// Number of rows to request.
    #[must_use]
    pub fn asked_rows(self) -> u32 {
        self.lines + SPARE_ROWS
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
        let last = ((self.position() + self.view_pixels) / ROW_PIXELS).ceil() as u32;
        last.min(self.total_rows).saturating_sub(1)
    }

    /// The first row that is drawn.
    #[must_use]
    pub fn drawn_row(self) -> u32 {
        before(self.first_row(), (self.lines - view_rows(self.view_pixels) - DRAWN_STEP) / 2, DRAWN_STEP)
    }

    /// The row that a line shows, `None` past the end of the table. Row `n` is always on line `n % lines`: it keeps its
    /// line as long as it is drawn.
    #[must_use]
    pub fn row_of_line(self, line: u32) -> Option<u32> {
        let first = self.drawn_row();
        let row = first + (line + self.lines - first % self.lines) % self.lines;
        (row < self.total_rows).then_some(row)
    }

    /// The first row that is requested.
    #[must_use]
    pub fn asked_row(self) -> u32 {
        before(self.first_row(), (self.asked_rows() - view_rows(self.view_pixels) - ASKED_STEP) / 2, ASKED_STEP)
    }

    /// Sets the number of rows and keeps the position, or moves to the end.
    pub fn set_total(&mut self, rows: u32) {
        let position = self.position();
        self.total_rows = rows;
        self.go_to(position);
    }

    /// Sets the height of the scroller, without its borders and bars, and keeps the first row in view where it can. A
    /// hidden scroller has no height: nothing changes.
    pub fn set_height(&mut self, pixels: f64) {
        let view_pixels = (pixels - HEAD_PIXELS).floor();
        if view_pixels < 1.0 {
            return;
        }
        let position = self.position();
        self.view_pixels = view_pixels.min(MAX_VIEW_PIXELS);
        self.lines = self.lines.max(lines_for(self.view_pixels));
        self.go_to(position);
    }

    /// Records that the scroller was moved to `top` by a wheel, a finger or its bar.
    pub fn scrolled(&mut self, top: f64) {
        let (step, position) = (top - self.top, self.position());
        if step.abs() <= LEAP_PIXELS {
            self.go_to(position + step);
            return;
        }
        let (from, to) = (self.spacer_pixels() - self.view_pixels, self.most_position());
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
        } else if start + ROW_PIXELS > position + self.view_pixels {
            self.go_to(start + ROW_PIXELS - self.view_pixels);
        }
    }

    fn go_to(&mut self, position: f64) {
        let position = position.clamp(0.0, self.most_position());
        let page = (position / PAGE_PIXELS) as u32;
        self.shift = self.shift_of(page);
        // At the end of a page the scroller may be at its own end.
        if position - self.shift > self.spacer_pixels() - self.view_pixels {
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
        (self.content_pixels() - self.view_pixels).max(0.0)
    }

    fn position(self) -> f64 {
        (self.top + self.shift).clamp(0.0, self.most_position())
    }
}

/// The number of lines that move from the start to the end, so that all `lines` are in the order of their rows when the
/// first drawn row is `drawn_row` and `first_line` is the first of them; negative for moves from the end to the start,
/// if those are fewer.
#[must_use]
pub fn turned_lines(first_line: u32, drawn_row: u32, lines: u32) -> i32 {
    let (from, to, lines) = (first_line as i32, (drawn_row % lines) as i32, lines as i32);
    let turned = (to - from).rem_euclid(lines);
    if turned > lines / 2 { turned - lines } else { turned }
}

/// Rows in a view of this height, including one that is partly visible.
fn view_rows(view_pixels: f64) -> u32 {
    (view_pixels / ROW_PIXELS).ceil() as u32 + 1
}

/// Lines for a view of this height. The steps keep a slow change of the height from creating lines each time.
fn lines_for(view_pixels: f64) -> u32 {
    (view_rows(view_pixels) + SPARE_LINES).next_multiple_of(LINES_STEP)
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
    /// Heights of scrollers: of a small window, before any is measured, of a tall window, and of an endless one.
    const HEIGHTS: [f64; 4] = [192.0, DEFAULT_VIEW_PIXELS + HEAD_PIXELS, 1_600.0, 1e9];

    fn scroll(rows: u32) -> VirtualScroll {
        let mut scroll = VirtualScroll::default();
        scroll.set_total(rows);
        scroll
    }

    fn scroll_of_height(rows: u32, pixels: f64) -> VirtualScroll {
        let mut scroll = scroll(rows);
        scroll.set_height(pixels);
        scroll
    }

    /// The maximum scroll position of the browser.
    fn bottom(scroll: VirtualScroll) -> f64 {
        (scroll.spacer_pixels() - scroll.view_pixels).max(0.0)
    }

    #[test]
    fn a_short_table_scrolls_without_a_shift() {
        let mut table = scroll(1000);
        assert_eq!(table.spacer_pixels(), 24_000.0);
        table.scrolled(2400.0);
        assert_eq!((table.first_row(), table.last_row(), table.top()), (100, 115, 2400.0));
        table.scrolled(12_000.0);
        assert_eq!((table.first_row(), table.top()), (500, 12_000.0));
    }

    #[test]
    fn the_first_and_the_last_row_are_reached_by_dragging_the_bar() {
        for rows in [5, 1000, 333_000, 334_000, 350_000, 1_000_000, MANY] {
            for height in HEIGHTS {
                let mut table = scroll_of_height(rows, height);
                table.scrolled(bottom(table));
                assert_eq!(table.last_row(), rows - 1, "{rows} rows in {height} pixels");
                table.scrolled(0.0);
                assert_eq!(table.first_row(), 0, "{rows} rows in {height} pixels");
            }
        }
    }

    #[test]
    fn a_higher_view_shows_more_rows_from_the_same_one_on() {
        let mut table = scroll(1000);
        table.go_to_row(100);
        table.set_height(HEAD_PIXELS + 40.0 * ROW_PIXELS);
        assert_eq!((table.first_row(), table.last_row(), table.page_rows()), (100, 139, 39));
        table.set_height(HEAD_PIXELS + 10.5 * ROW_PIXELS);
        assert_eq!((table.first_row(), table.last_row(), table.page_rows()), (100, 110, 9));
    }

    #[test]
    fn a_view_that_grows_at_the_end_stays_there() {
        let mut table = scroll(1000);
        table.go_to_row(u32::MAX);
        table.set_height(HEAD_PIXELS + 40.0 * ROW_PIXELS);
        assert_eq!((table.first_row(), table.last_row(), table.top()), (960, 999, bottom(table)));
    }

    #[test]
    fn a_hidden_view_keeps_its_place() {
        let mut table = scroll_of_height(1000, 700.0);
        table.go_to_row(500);
        let before = table;
        table.set_height(0.0);
        assert_eq!(table, before);
    }

    #[test]
    fn the_number_of_lines_grows_with_the_view_and_never_shrinks() {
        let mut table = scroll(1000);
        assert_eq!((table.lines(), table.asked_rows()), (36, 120));
        table.set_height(1_600.0);
        let grown = table.lines();
        assert!((67 + SPARE_LINES..67 + SPARE_LINES + LINES_STEP).contains(&grown), "{grown} lines");
        table.set_height(192.0);
        assert_eq!(table.lines(), grown);
        // The pipeline answers with at most 1,000 rows.
        assert!(scroll_of_height(1000, 1e9).asked_rows() < 1000);
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
        let lines = table.lines();
        let before: Vec<_> = (0..lines).map(|line| table.row_of_line(line)).collect();
        table.go_to_row(104);
        let stayed = (0..lines).filter(|line| table.row_of_line(*line) == before[*line as usize]).count();
        assert_eq!(stayed, lines as usize - 4);
        assert_eq!((scroll(3).row_of_line(2), scroll(3).row_of_line(3)), (Some(2), None));
    }

    #[test]
    fn lines_move_the_shorter_way() {
        let turned = |first_line, drawn_row| turned_lines(first_line, drawn_row, 36);
        assert_eq!((turned(8, 12), turned(12, 8), turned(8, 8)), (4, -4, 0));
        assert_eq!((turned(0, 36), turned(0, 35), turned(0, 20)), (0, -1, -16));
        assert_eq!((turned(0, u32::MAX), turned(3, 0)), (3, -3));
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn rows_in_view_are_drawn_and_drawn_rows_are_requested(
            rows in 0..MANY,
            row in 0..MANY,
            heights in prop::collection::vec(50.0..7_000.0, 1..3),
        ) {
            let mut table = scroll(rows);
            for height in heights {
                table.set_height(height);
            }
            table.go_to_row(row);
            prop_assert!((0.0..=bottom(table)).contains(&table.top()), "{}", table.top());
            prop_assert!(table.drawn_row() <= table.first_row());
            prop_assert!(table.drawn_row() + table.lines() > table.last_row());
            prop_assert!(table.asked_row() <= table.drawn_row());
            let drawn_end = (table.drawn_row() + table.lines()).min(rows);
            prop_assert!(table.asked_row() + table.asked_rows() >= drawn_end);
            prop_assert!(table.last_row() >= row.min(rows.saturating_sub(1)));
            prop_assert!(table.first_row() <= row);
            // The order of the lines after those moves from row 0.
            let lines = table.lines();
            let first_line = turned_lines(0, table.drawn_row(), lines).rem_euclid(lines as i32) as u32;
            for place in 0..lines {
                let shown = table.row_of_line((first_line + place) % lines);
                prop_assert_eq!(shown, Some(table.drawn_row() + place).filter(|row| *row < rows));
            }
        }
    }
}
