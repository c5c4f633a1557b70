//! The pages of a table of which only some rows are loaded.

/// Rows on each page: a batch of ten, melted.
pub const PAGE_ROWS: u32 = 20;

/// The position of a page in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TablePage {
    /// The first row shown.
    pub offset: u32,
    /// Rows of the whole table.
    pub total_rows: u32,
}

impl TablePage {
    /// `rows 1–20 of 200`; empty without rows, which may still come.
    #[must_use]
    pub fn range_text(self) -> String {
        if self.total_rows == 0 {
            return String::new();
        }
        let last = (self.offset + PAGE_ROWS).min(self.total_rows);
        format!("rows {}\u{2013}{last} of {}", (self.offset + 1).min(last), self.total_rows)
    }

    /// The offset of the previous page.
    #[must_use]
    pub fn previous(self) -> Option<u32> {
        (self.offset > 0).then(|| self.offset.saturating_sub(PAGE_ROWS))
    }

    /// The offset of the next page.
    #[must_use]
    pub fn next(self) -> Option<u32> {
        let next = self.offset.saturating_add(PAGE_ROWS);
        (next < self.total_rows).then_some(next)
    }

    /// The offset of the last page.
    #[must_use]
    pub fn last(self) -> u32 {
        self.total_rows.saturating_sub(1) / PAGE_ROWS * PAGE_ROWS
    }

    /// Whether there is more than one page.
    #[must_use]
    pub fn is_paged(self) -> bool {
        self.total_rows > PAGE_ROWS
    }
}

#[cfg(test)]
mod tests {
    use super::TablePage;

    #[test]
    fn the_last_page_may_be_short() {
        let page = TablePage { offset: 20, total_rows: 33 };
        assert_eq!(page.range_text(), "rows 21\u{2013}33 of 33");
        assert_eq!((page.previous(), page.next(), page.last()), (Some(0), None, 20));
    }

    #[test]
    fn an_empty_table_has_no_pages() {
        let page = TablePage::default();
        assert_eq!(page.range_text(), "");
        assert_eq!((page.previous(), page.next(), page.last()), (None, None, 0));
    }
}
