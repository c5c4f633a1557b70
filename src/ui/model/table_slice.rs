//! The visible part of a table, reused while it does not change.

use std::sync::Arc;

use super::stage_text::shape_text;
use super::table_page::TablePage;
use crate::protocol::TableView;

/// A table as shown; clones are cheap.
#[derive(Debug, Clone, PartialEq)]
pub struct TableSlice(Arc<TableView>);

impl TableSlice {
    /// From a table.
    #[must_use]
    pub fn new(table: TableView) -> Self {
        Self(Arc::new(table))
    }

    /// Whether this slice shows that table.
    #[must_use]
    pub fn is_of(&self, table: &TableView) -> bool {
        *self.0 == *table
    }

    /// Column names.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.0.columns
    }

    /// Rows that are visible.
    #[must_use]
    pub fn visible_rows(&self) -> usize {
        self.0.rows.len()
    }

    /// A cell as text; empty for a missing value.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> &str {
        let cell = self.0.rows.get(row).and_then(|row| row.get(column));
        cell.and_then(Option::as_deref).unwrap_or_default()
    }

    /// A cell by its row in the whole table; empty where it is not visible.
    #[must_use]
    pub fn cell_of(&self, row: u32, column: usize) -> &str {
        row.checked_sub(self.0.offset).map_or("", |row| self.cell(row as usize, column))
    }

    /// Whether all of the table is visible.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.visible_rows() == self.0.total_rows as usize
    }

    /// The page of the visible part.
    #[must_use]
    pub fn page(&self) -> TablePage {
        TablePage { offset: self.0.offset, total_rows: self.0.total_rows }
    }

    /// Rows and columns of the whole table.
    #[must_use]
    pub fn shape_text(&self) -> String {
        shape_text(&self.0)
    }
}

impl Default for TableSlice {
    fn default() -> Self {
        Self::new(TableView { columns: Vec::new(), total_rows: 0, offset: 0, rows: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::TableSlice;
    use crate::protocol::TableView;

    #[test]
    fn cells_outside_the_slice_are_empty() {
        let view = TableView {
            columns: vec!["id".into(), "value".into()],
            total_rows: 40,
            offset: 20,
            rows: vec![vec![Some("a".into()), None]],
        };
        let slice = TableSlice::new(view.clone());
        assert!(slice.is_of(&view) && !TableSlice::default().is_of(&view));
        assert_eq!((slice.cell(0, 0), slice.cell(0, 1), slice.cell(7, 7)), ("a", "", ""));
        assert_eq!((slice.cell_of(20, 0), slice.cell_of(3, 0), slice.is_whole()), ("a", "", false));
        assert_eq!((slice.page().offset, slice.shape_text()), (20, "40 \u{d7} 2".to_owned()));
    }
}
