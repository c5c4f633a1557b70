//! A table of millions of rows that has elements only for the rows in view.
//!
//! The cost of scrolling is proportional to the rows that come into view: a row keeps its elements while it is drawn,
//! and the elements of rows that leave move to the other end. Changes by scrolling are written just before the browser
//! paints, so that it lays out once for each frame.

use std::cell::Cell;
use std::rc::Rc;

use leptos::task::spawn_local;

use crate::browser::animation_frame::next_frame;
use crate::browser::key::{has_alt, has_command, has_shift, key_of};
use crate::ui::html::div;
use crate::ui::live::{El, State, effect};
use crate::ui::model::history_table::{COLUMNS, Page};
use crate::ui::model::row_selection::RowSelection;
use crate::ui::model::virtual_scroll::{DRAWN_ROWS, VirtualScroll, turned_lines};

const CELLS: [&str; COLUMNS] = ["timestamp", "id", "value", "moving"];
/// The marks of a row, by bit.
const MARKS: [&str; 3] = ["selected", "active", "awaited"];
const SELECTED: usize = 1;
const ACTIVE: usize = 2;
const AWAITED: usize = 4;

/// A table that scrolls through more rows than a page can hold.
#[derive(Clone, Copy)]
pub struct VirtualTable {
    /// The label, for screen readers.
    pub label: &'static str,
    /// The loaded rows.
    pub page: State<Page>,
    /// The scroll position.
    pub scroll: State<VirtualScroll>,
    /// The active and the selected rows.
    pub selection: State<RowSelection>,
}

/// The elements on the page.
struct Drawn {
    table: VirtualTable,
    scroller: El,
    spacer: El,
    body: El,
    /// The scroll position on the page, so that it is set only when it differs from the intended one.
    top: Rc<Cell<f64>>,
    lines: Vec<Line>,
    /// The index among `lines` of the topmost line, and the row that it shows.
    first: (usize, u32),
    place: Option<(f64, f64, u32)>,
    active: String,
}

/// An element that shows changing rows.
struct Line {
    element: El,
    id_cell: El,
    words: [El; COLUMNS],
    texts: [String; COLUMNS],
    whole_id: String,
    /// The row that it shows; `None` while it is hidden.
    row: Rc<Cell<Option<u32>>>,
    marks: usize,
}

impl VirtualTable {
    /// The table below these headings; `on_copy` is called when the selected rows are to be copied.
    #[must_use]
    pub fn view(self, headings: [El; COLUMNS], on_copy: impl Fn() + 'static) -> El {
        let Self { label, scroll, .. } = self;
        let top = Rc::new(Cell::new(0.0));
        let (body, spacer) = (div("virtual-table__rows").role("rowgroup"), div("virtual-table__spacer"));
        let spacer = spacer.role("presentation").with([body.clone()]);
        let heading = div("virtual-table__row").role("row").attr("aria-rowindex", "1");
        let heading = heading.with_all(headings.into_iter().enumerate().map(heading_cell));
        let scroller = div("virtual-table")
            .role("grid")
            .label(label)
            .attr("tabindex", "0")
            .attr("aria-multiselectable", "true")
            .attr("aria-colcount", "4")
            .with([div("virtual-table__head").role("rowgroup").with([heading]), spacer.clone()]);
        let lines: Vec<Line> = (0..DRAWN_ROWS).map(|_| self.line()).collect();
        for line in &lines {
            body.push(&line.element);
        }
        let mut drawn = Drawn {
            table: self,
            scroller: scroller.clone(),
            spacer,
            body,
            top: Rc::clone(&top),
            lines,
            first: (0, 0),
            place: None,
            active: String::new(),
        };
        effect(move || drawn.draw());
        let (scrolled, is_due) = (scroller.clone(), Rc::new(Cell::new(false)));
        scroller
            .on("scroll", move |_| {
                // Read now, while no layout is pending; it is applied with all other changes of this frame.
                top.set(scrolled.scroll_top());
                if !is_due.replace(true) {
                    let (top, is_due) = (Rc::clone(&top), Rc::clone(&is_due));
                    spawn_local(async move {
                        next_frame().await;
                        is_due.set(false);
                        if (top.get() - scroll.peek().top()).abs() >= 1.0 {
                            scroll.update(|scroll| scroll.scrolled(top.get()));
                        }
                    });
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

    /// Handles a key; returns whether it has a function here.
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

    fn line(self) -> Line {
        let selection = self.selection;
        let words = [(); COLUMNS].map(|()| El::text_node(""));
        let mut column = 0;
        let cells = CELLS.map(|kind| {
            column += 1;
            let cell = div(&format!("virtual-table__cell virtual-table__cell--{kind}"));
            cell.push(&words[column - 1]);
            cell.role("gridcell").attr("aria-colindex", &column.to_string())
        });
        let id_cell = cells[1].clone();
        let row = Rc::new(Cell::new(None));
        let clicked = Rc::clone(&row);
        let element = div("virtual-table__row").role("row").with(cells).on("click", move |event| {
            if let Some(row) = clicked.get() {
                selection.update(|selection| *selection = selection.to(row, has_shift(&event)));
            }
        });
        element.set_flag("hidden", true);
        Line { element, id_cell, words, texts: Default::default(), whole_id: String::new(), row, marks: 0 }
    }
}

impl Drawn {
    fn draw(&mut self) {
        let VirtualTable { page, scroll, selection, .. } = self.table;
        let (scroll, selection, page) = (scroll.get(), selection.get(), page.read());
        let place = (scroll.spacer_pixels(), scroll.drawn_pixels(), scroll.total_rows());
        if self.place != Some(place) {
            self.place = Some(place);
            self.spacer.set_height(&format!("{}px", place.0 as u32));
            self.body.set_top(&format!("{}px", place.1 as i32));
            self.scroller.set_attr("aria-rowcount", &(u64::from(place.2) + 1).to_string());
        }
        self.turn_to(scroll.drawn_row());
        let (start, first) = self.first;
        let (ended, begun) = self.lines.split_at_mut(start);
        for (line, row) in begun.iter_mut().chain(ended).zip(first..) {
            line.show(Some(row).filter(|row| *row < scroll.total_rows()), &page, selection);
        }
        // A row that is not loaded is not announced: its line still has the text of another row.
        let known = selection.active().filter(|row| page.row(*row).is_some());
        let active = known.map(row_id).unwrap_or_default();
        if self.active != active {
            self.scroller.set_attr("aria-activedescendant", &active);
            self.active = active;
        }
        if (self.top.get() - scroll.top()).abs() >= 1.0 {
            self.top.set(scroll.top());
            self.scroller.set_scroll_top(scroll.top());
        }
    }

    /// Moves lines from one end to the other, so that each remaining row keeps its line.
    fn turn_to(&mut self, row: u32) {
        let (mut start, first) = self.first;
        let (turned, count) = (turned_lines(first, row), self.lines.len());
        for _ in 0..turned {
            self.body.push(&self.lines[start].element);
            start = (start + 1) % count;
        }
        for _ in turned..0 {
            start = (start + count - 1) % count;
            self.body.push_first(&self.lines[start].element);
        }
        self.first = (start, row);
    }
}

impl Line {
    /// Shows a row and updates only what differs from the row before; while the row is not loaded, the texts of the row
    /// before stay, dimmed.
    fn show(&mut self, row: Option<u32>, page: &Page, selection: RowSelection) {
        let before = self.row.replace(row);
        if row != before {
            if let Some(row) = row {
                self.element.set_attr("id", &row_id(row));
                self.element.set_attr("aria-rowindex", &(u64::from(row) + 2).to_string());
            }
            if row.is_some() != before.is_some() {
                self.element.set_flag("hidden", row.is_none());
            }
        }
        let Some(row) = row else { return };
        let known = page.row(row);
        if let Some((texts, whole_id)) = known {
            for ((words, shown), text) in self.words.iter().zip(&mut self.texts).zip(texts) {
                if shown != text {
                    words.set_text(text);
                    shown.clone_from(text);
                }
            }
            if self.whole_id != whole_id {
                self.id_cell.set_attr("title", whole_id);
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
