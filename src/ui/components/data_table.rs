//! A table of which one page is shown.

use super::pager::pager;
use crate::ui::html::{code, div, h3, header, p, span, table, td, th};
use crate::ui::live::{El, Live, State, effect};
use crate::ui::model::table_slice::TableSlice;

/// One of the three tables, with what the verb does, its shape and its pages.
pub struct DataTable {
    /// Its key in the answer: `latest`, `melted` or `pivoted`.
    pub name: &'static str,
    /// The verb that makes it.
    pub verb: Live<String>,
    /// What the verb does, in one sentence.
    pub sentence: &'static str,
    /// The handle for tests.
    pub test_id: &'static str,
    /// The visible rows.
    pub slice: State<TableSlice>,
}

impl DataTable {
    /// The parts of the table, from its head to its pager; `on_offset` hears which row shall be the first.
    #[must_use]
    pub fn view(self, on_offset: impl Fn(u32) + 'static) -> [El; 4] {
        let Self { name, verb, sentence, test_id, slice } = self;
        let shape = move || slice.read().shape_text();
        let is_filled = move || slice.read().visible_rows() > 0;
        [
            header("data-table__head").with([
                h3("data-table__name").text(name),
                code("data-table__verb").live(verb),
                span("data-table__shape").attr("title", "rows \u{d7} columns").live(shape),
            ]),
            p("data-table__sentence").text(sentence),
            div("data-table__scroll").attr("tabindex", "0").role("region").label(&format!("Rows of {name}")).with([
                grid(slice).test_id(test_id),
                p("data-table__empty").hidden_when(is_filled).text("No batch yet: it comes when enough events wait."),
            ]),
            pager(name, slice, on_offset),
        ]
    }
}

/// Heading and rows. Cells change in place; they are made anew when the columns become others.
fn grid(slice: State<TableSlice>) -> El {
    let (heading, body) = (El::new("tr"), El::new("tbody"));
    let element = table("data-table__table").with([El::new("thead").with([heading.clone()]), body.clone()]);
    let mut shown = TableSlice::default();
    let mut rows: Vec<(El, Vec<El>)> = Vec::new();
    effect(move || {
        let slice = slice.get();
        if slice.columns() != shown.columns() {
            heading.clear();
            for name in slice.columns() {
                heading.push(&th(&cell_class(name)).attr("scope", "col").text(name));
            }
            body.clear();
            rows.clear();
            shown = TableSlice::default();
        }
        for (row, _) in rows.drain(slice.visible_rows().min(rows.len())..) {
            row.remove();
        }
        while rows.len() < slice.visible_rows() {
            let cells: Vec<El> = slice.columns().iter().map(|name| td(&cell_class(name))).collect();
            let row = El::new("tr").with_all(cells.iter().cloned());
            body.push(&row);
            rows.push((row, cells));
        }
        for (row, (_, cells)) in rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                if slice.cell(row, column) != shown.cell(row, column) {
                    cell.set_text(slice.cell(row, column));
                }
            }
        }
        shown = slice;
    });
    element
}

fn cell_class(column: &str) -> String {
    let kind = match column {
        "id" => " data-table__cell--id",
        "timestamp" => " data-table__cell--time",
        "variable" => "",
        _ => " data-table__cell--number",
    };
    format!("data-table__cell{kind}")
}
