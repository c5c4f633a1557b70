//! The visible part of a table, kept while it stays the same or changes faster than anybody reads.

use std::sync::Arc;

use super::stage_text::shape_text;
use super::table_page::TablePage;
use crate::protocol::TableView;

/// Shortest time between two tables on screen.
const STEADY_MILLIS: f64 = 120.0;

/// A table as shown since some moment.
#[derive(Debug, Clone)]
pub struct TableSlice {
    table: Arc<TableView>,
    since_millis: f64,
}

impl TableSlice {
    /// What to show next, when that is not what is shown: the table, unless it shall be shown a little longer.
    #[must_use]
    pub fn next(shown: &Self, table: &TableView, at_millis: f64) -> Option<Self> {
        let is_steady = shown.table.offset == table.offset && at_millis - shown.since_millis < STEADY_MILLIS;
        (!is_steady && *shown.table != *table).then(|| Self { table: Arc::new(table.clone()), since_millis: at_millis })
    }

    /// Column names.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.table.columns
    }

    /// Rows that are visible.
    #[must_use]
    pub fn visible_rows(&self) -> usize {
        self.table.rows.len()
    }

    /// A cell as text; empty where it is missing.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> &str {
        let cell = self.table.rows.get(row).and_then(|row| row.get(column));
        cell.and_then(Option::as_deref).unwrap_or_default()
    }

    /// Where the visible part stands.
    #[must_use]
    pub fn page(&self) -> TablePage {
        TablePage { offset: self.table.offset, total_rows: self.table.total_rows }
    }

    /// Rows and columns of the whole table.
    #[must_use]
    pub fn shape_text(&self) -> String {
        shape_text(&self.table)
    }
}

impl Default for TableSlice {
    fn default() -> Self {
        let table = TableView { columns: Vec::new(), total_rows: 0, offset: 0, rows: Vec::new() };
        Self { table: Arc::new(table), since_millis: f64::NEG_INFINITY }
    }
}

#[cfg(test)]
mod tests {
    use super::TableSlice;
    use crate::protocol::TableView;

    fn table(offset: u32, value: &str) -> TableView {
        TableView { columns: vec!["value".into()], total_rows: 40, offset, rows: vec![vec![Some(value.into())]] }
    }

    #[test]
    fn a_new_batch_waits_until_the_last_one_was_seen() {
        let first = TableSlice::next(&TableSlice::default(), &table(0, "1"), 1000.0).expect("it is the first");
        assert!(TableSlice::next(&first, &table(0, "2"), 1016.0).is_none());
        let third = TableSlice::next(&first, &table(0, "3"), 1200.0).expect("the first was seen");
        assert_eq!(third.cell(0, 0), "3");
        assert!(TableSlice::next(&third, &table(0, "3"), 9000.0).is_none());
    }

    #[test]
    fn another_page_is_shown_at_once() {
        let first = TableSlice::next(&TableSlice::default(), &table(0, "1"), 1000.0).expect("it is the first");
        let second = TableSlice::next(&first, &table(20, "2"), 1001.0).expect("another page was asked for");
        assert_eq!((second.cell(0, 0), second.page().offset), ("2", 20));
        assert_eq!(second.shape_text(), "40 \u{d7} 1");
        assert_eq!(second.cell(7, 7), "");
    }
}
