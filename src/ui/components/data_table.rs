//! A table with pages.

use std::rc::Rc;

use super::pager::pager;
use crate::protocol::CellRef;
use crate::ui::html::{div, h3, header, p, span, table, td, th};
use crate::ui::live::{El, State, effect};
use crate::ui::model::table_slice::TableSlice;

/// One of the three tables, with the description of its verb, its shape and its pages.
pub struct DataTable {
    /// Its key in the response: `latest`, `melted` or `pivoted`.
    pub name: &'static str,
    /// The description of the verb, in one sentence.
    pub sentence: &'static str,
    /// The test id.
    pub test_id: &'static str,
    /// The visible rows.
    pub slice: State<TableSlice>,
    /// Row marks and events.
    pub looks: Looks,
}

/// Marks and events of the rows, by pointer or by keys in the scroll region.
#[derive(Clone)]
pub struct Looks {
    /// The classes of a row, by its number in the whole table.
    pub mark: Rc<dyn Fn(u32) -> &'static str>,
    /// Called with each event.
    pub on_event: Rc<dyn Fn(CellEvent)>,
    /// The pinned cell; when it changes, the marks scroll into view.
    pub pinned: State<Option<CellRef>>,
}

/// An event of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellEvent {
    /// The pointer is over the row.
    Over(u32),
    /// The pointer left the rows.
    Leave,
    /// The row was clicked.
    Pick(u32),
    /// Moves by this number of rows.
    Step(i64),
    /// Clears the selection.
    Drop,
}

impl DataTable {
    /// The parts of the table, from its head to its pager, with the code of its verb; `on_offset` is called with the
    /// offset of the page to show.
    #[must_use]
    pub fn view(self, code: El, on_offset: impl Fn(u32) + 'static) -> [El; 5] {
        let Self { name, sentence, test_id, slice, looks } = self;
        let shape = move || slice.read().shape_text();
        let is_filled = move || slice.read().visible_rows() > 0;
        let (on_key, on_leave) = (Rc::clone(&looks.on_event), Rc::clone(&looks.on_event));
        [
            header("data-table__head").with([
                h3("data-table__name").text(name),
                span("data-table__shape").attr("title", "rows \u{d7} columns").live(shape),
            ]),
            p("data-table__sentence").text(sentence),
            code,
            div("data-table__scroll")
                .attr("tabindex", "0")
                .role("region")
                .label(&format!("Rows of {name}; arrow keys go from row to row"))
                .on_key(move |key| key_event(key).inspect(|touch| on_key(*touch)).is_some())
                .on("pointerleave", move |_| on_leave(CellEvent::Leave))
                .with([
                    grid(move || slice.get(), Some(looks)).test_id(test_id),
                    p("data-table__empty")
                        .hidden_when(is_filled)
                        .text("No batch yet: it comes when enough events wait."),
                ]),
            pager(name, slice, on_offset),
        ]
    }
}

/// The event of a key in the scroll region; other keys keep the browser's default.
fn key_event(key: &str) -> Option<CellEvent> {
    Some(match key {
        "ArrowDown" => CellEvent::Step(1),
        "ArrowUp" => CellEvent::Step(-1),
        "Home" => CellEvent::Step(i64::MIN),
        "End" => CellEvent::Step(i64::MAX),
        "Escape" => CellEvent::Drop,
        _ => return None,
    })
}

/// Heading and rows. Cells change in place; they are recreated when the columns change.
#[must_use]
pub fn grid(slice: impl Fn() -> TableSlice + 'static, looks: Option<Looks>) -> El {
    let (heading, body) = (El::new("tr"), El::new("tbody"));
    let element = table("data-table__table").with([El::new("thead").with([heading.clone()]), body.clone()]);
    let mut grid =
        Grid { heading, body, looks, shown: TableSlice::default(), rows: Vec::new(), scroll: Scroll::default() };
    effect(move || grid.show(slice()));
    element
}

/// The elements of a table.
struct Grid {
    heading: El,
    body: El,
    looks: Option<Looks>,
    shown: TableSlice,
    rows: Vec<Row>,
    scroll: Scroll,
}

struct Row {
    element: El,
    /// The text nodes of its cells.
    words: Vec<El>,
    class: &'static str,
}

/// Which marks are still to scroll into view after a change of `pinned`.
#[derive(Default)]
struct Scroll {
    pinned: Option<CellRef>,
    is_made_due: bool,
    is_source_due: bool,
}

impl Grid {
    fn show(&mut self, slice: TableSlice) {
        if slice.columns() != self.shown.columns() {
            self.heading.clear();
            for name in slice.columns() {
                self.heading.push(&th(&cell_class(name)).attr("scope", "col").text(name));
            }
            self.body.clear();
            self.rows.clear();
            self.shown = TableSlice::default();
        }
        for row in self.rows.drain(slice.visible_rows().min(self.rows.len())..) {
            row.element.remove();
        }
        while self.rows.len() < slice.visible_rows() {
            self.add_row(&slice);
        }
        for (row, Row { words, .. }) in self.rows.iter().enumerate() {
            for (column, words) in words.iter().enumerate() {
                if slice.cell(row, column) != self.shown.cell(row, column) {
                    words.set_text(slice.cell(row, column));
                }
            }
        }
        self.shown = slice;
        self.mark();
    }

    fn add_row(&mut self, slice: &TableSlice) {
        let words: Vec<El> = slice.columns().iter().map(|_| El::text_node("")).collect();
        let cell = |(name, words): (&String, &El)| td(&cell_class(name)).with([words.clone()]);
        let mut element = El::new("tr").with_all(slice.columns().iter().zip(&words).map(cell));
        if let Some(looks) = &self.looks {
            let row = self.rows.len() as u32;
            let (over, pick) = (Rc::clone(&looks.on_event), Rc::clone(&looks.on_event));
            element = element
                // Not `pointerenter`, which also fires when rows scroll under a resting pointer.
                .on("pointermove", move |_| over(CellEvent::Over(row)))
                .on("click", move |_| pick(CellEvent::Pick(row)));
        }
        self.body.push(&element);
        self.rows.push(Row { element, words, class: "" });
    }

    fn mark(&mut self) {
        let Some(looks) = &self.looks else { return };
        let scroll = &mut self.scroll;
        let pinned = looks.pinned.get();
        if pinned != scroll.pinned {
            *scroll = Scroll { pinned, is_made_due: pinned.is_some(), is_source_due: pinned.is_some() };
        }
        for (row, Row { element, class, .. }) in (self.shown.page().offset..).zip(&mut self.rows) {
            let marked = (looks.mark)(row);
            if *class != marked {
                element.set_attr("class", marked);
                *class = marked;
            }
            let is_due = if marked.starts_with(MADE) { &mut scroll.is_made_due } else { &mut scroll.is_source_due };
            if *is_due && !marked.is_empty() {
                *is_due = false;
                element.scroll_near();
            }
        }
    }
}

/// The prefix of the classes of the selected row.
const MADE: &str = "data-table__row--made";

fn cell_class(column: &str) -> String {
    let kind = match column {
        "id" => " data-table__cell--id",
        "timestamp" => " data-table__cell--time",
        "variable" => "",
        _ => " data-table__cell--number",
    };
    format!("data-table__cell{kind}")
}
