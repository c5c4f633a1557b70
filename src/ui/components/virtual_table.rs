//! A table of millions of rows, of which the few in view are elements.

use std::cell::Cell;
use std::rc::Rc;

use crate::browser::key::{has_alt, has_command, has_shift, key_of};
use crate::ui::html::div;
use crate::ui::live::{El, State, effect};
use crate::ui::model::history_table::{COLUMNS, Page};
use crate::ui::model::row_selection::RowSelection;
use crate::ui::model::virtual_scroll::{DRAWN_ROWS, VirtualScroll};

const CELLS: [&str; COLUMNS] = ["timestamp", "id", "value", "moving"];
/// What can be said of a row, bit by bit.
const MARKS: [&str; 3] = ["selected", "active", "awaited"];
const SELECTED: usize = 1;
const ACTIVE: usize = 2;
const AWAITED: usize = 4;

/// A table that scrolls through more rows than a page can hold.
#[derive(Clone, Copy)]
pub struct VirtualTable {
    /// What it shows, for those who do not see it.
    pub label: &'static str,
    /// The rows at hand.
    pub page: State<Page>,
    /// Where it stands.
    pub scroll: State<VirtualScroll>,
    /// The active and the selected rows.
    pub selection: State<RowSelection>,
}

/// An element that shows one row after another.
struct Line {
    element: El,
    cells: [El; COLUMNS],
    texts: [String; COLUMNS],
    whole_id: String,
    /// The row that it shows; `None` while it is hidden.
    row: Option<u32>,
    marks: usize,
}

impl VirtualTable {
    /// The table below these headings; `on_copy` hears when somebody wants the selected rows.
    #[must_use]
    pub fn view(self, headings: [El; COLUMNS], on_copy: impl Fn() + 'static) -> El {
        let Self { label, scroll, .. } = self;
        // Where the scroller stands, so that it is moved only when it stands elsewhere than it should.
        let top = Rc::new(Cell::new(0.0));
        let (lines, body) = self.lines();
        let spacer = div("virtual-table__spacer").role("presentation").with([body.clone()]);
        let heading = div("virtual-table__row").role("row").attr("aria-rowindex", "1");
        let heading = heading.with_all(headings.into_iter().enumerate().map(heading_cell));
        let scroller = div("virtual-table")
            .role("grid")
            .label(label)
            .attr("tabindex", "0")
            .attr("aria-multiselectable", "true")
            .attr("aria-colcount", "4")
            .with([div("virtual-table__head").role("rowgroup").with([heading]), spacer.clone()]);
        self.draw_on_change(lines, [scroller.clone(), spacer, body], Rc::clone(&top));
        let scrolled = scroller.clone();
        scroller
            .on("scroll", move |_| {
                let now = scrolled.scroll_top();
                top.set(now);
                if (now - scroll.peek().top()).abs() >= 1.0 {
                    scroll.update(|scroll| scroll.scrolled(now));
                }
            })
            .on("keydown", move |event| {
                let key = key_of(&event);
                if has_command(&event) && key == "c" {
                    on_copy();
                } else if has_alt(&event) || !self.press(&key, has_shift(&event)) {
                    return;
                }
                event.prevent_default();
            })
    }

    /// Whether the key means something here.
    fn press(self, key: &str, is_extended: bool) -> bool {
        let place = *self.scroll.peek();
        let next = self.selection.peek().after_key(key, is_extended, place.first_row(), place.total_rows());
        if let Some(next) = next {
            self.selection.set(next);
            if let Some(row) = next.active() {
                self.scroll.update(|scroll| scroll.reveal(row));
            }
        }
        next.is_some()
    }

    /// The elements that show rows, and what they stand in.
    fn lines(self) -> (Vec<Line>, El) {
        let lines: Vec<Line> = (0..DRAWN_ROWS).map(|line| self.line(line)).collect();
        let body = div("virtual-table__rows").role("rowgroup");
        (lines, body)
    }

    fn line(self, line: u32) -> Line {
        let Self { scroll, selection, .. } = self;
        let mut column = 0;
        let cells = CELLS.map(|kind| {
            column += 1;
            div(&format!("virtual-table__cell virtual-table__cell--{kind}"))
                .role("gridcell")
                .attr("aria-colindex", &column.to_string())
        });
        let element = div("virtual-table__row").role("row").with(cells.clone()).on("click", move |event| {
            let row = scroll.peek().drawn_row() + line;
            selection.update(|selection| *selection = selection.to(row, has_shift(&event)));
        });
        element.set_flag("hidden", true);
        Line { element, cells, texts: Default::default(), whole_id: String::new(), row: None, marks: 0 }
    }

    fn draw_on_change(self, mut lines: Vec<Line>, [scroller, spacer, body]: [El; 3], top: Rc<Cell<f64>>) {
        body.append(&lines.iter().map(|line| line.element.clone()).collect::<Vec<_>>());
        let (mut drawn, mut active) = (None, String::new());
        effect(move || {
            let (scroll, selection, page) = (self.scroll.get(), self.selection.get(), self.page.read());
            let place = (scroll.spacer_pixels(), scroll.drawn_pixels(), scroll.total_rows());
            if drawn != Some(place) {
                drawn = Some(place);
                spacer.set_height(&format!("{}px", place.0 as u32));
                body.set_transform(&format!("translateY({}px)", place.1 as i32));
                scroller.set_attr("aria-rowcount", &(u64::from(place.2) + 1).to_string());
            }
            for (line, row) in lines.iter_mut().zip(scroll.drawn_row()..) {
                line.show(Some(row).filter(|row| *row < scroll.total_rows()), &page, selection);
            }
            // A row that is awaited is not read out: it would be another one's text.
            let known = selection.active().filter(|row| page.row(*row).is_some());
            let now = known.map(row_id).unwrap_or_default();
            if now != active {
                scroller.set_attr("aria-activedescendant", &now);
                active = now;
            }
            if (top.get() - scroll.top()).abs() >= 1.0 {
                top.set(scroll.top());
                scroller.set_scroll_top(scroll.top());
            }
        });
    }
}

impl Line {
    /// Shows a row, touching only what differs from the row before; the texts of that one stay, dimmed, while the next
    /// one's are awaited.
    fn show(&mut self, row: Option<u32>, page: &Page, selection: RowSelection) {
        if row != self.row {
            if let Some(row) = row {
                self.element.set_attr("id", &row_id(row));
                self.element.set_attr("aria-rowindex", &(u64::from(row) + 2).to_string());
            }
            if row.is_some() != self.row.is_some() {
                self.element.set_flag("hidden", row.is_none());
            }
            self.row = row;
        }
        let Some(row) = row else { return };
        let known = page.row(row);
        if let Some((texts, whole_id)) = known {
            for ((cell, shown), text) in self.cells.iter().zip(&mut self.texts).zip(texts) {
                if shown != text {
                    cell.set_text(text);
                    shown.clone_from(text);
                }
            }
            if self.whole_id != whole_id {
                self.cells[1].set_attr("title", whole_id);
                whole_id.clone_into(&mut self.whole_id);
            }
        }
        let has = |is_so: bool, mark: usize| if is_so { mark } else { 0 };
        self.mark(
            has(selection.has(row), SELECTED)
                | has(selection.active() == Some(row), ACTIVE)
                | has(known.is_none(), AWAITED),
        );
    }

    fn mark(&mut self, marks: usize) {
        if marks == self.marks {
            return;
        }
        let mut class = "virtual-table__row".to_owned();
        for (place, name) in MARKS.into_iter().enumerate() {
            if marks >> place & 1 == 1 {
                class.push_str(" virtual-table__row--");
                class.push_str(name);
            }
        }
        self.element.set_attr("class", &class);
        if (marks ^ self.marks) & SELECTED != 0 {
            self.element.set_attr("aria-selected", if marks & SELECTED != 0 { "true" } else { "false" });
        }
        self.marks = marks;
    }
}

fn heading_cell((column, heading): (usize, El)) -> El {
    heading
        .class(&format!("virtual-table__cell virtual-table__cell--{}", CELLS[column]))
        .role("columnheader")
        .attr("aria-colindex", &(column + 1).to_string())
}

fn row_id(row: u32) -> String {
    format!("history-row-{row}")
}
