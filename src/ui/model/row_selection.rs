//! The active row and the selected rows of a table.

use std::ops::RangeInclusive;

/// The active row, and the row where the selection began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowSelection(Option<(u32, u32)>);

impl RowSelection {
    /// The active row.
    #[must_use]
    pub fn active(self) -> Option<u32> {
        self.0.map(|(active, _)| active)
    }

    /// The selected rows; only the active one while the selection is not extended.
    #[must_use]
    pub fn rows(self) -> Option<RangeInclusive<u32>> {
        self.0.map(|(active, anchor)| active.min(anchor)..=active.max(anchor))
    }

    /// Number of selected rows.
    #[must_use]
    pub fn len(self) -> u32 {
        self.0.map_or(0, |(active, anchor)| active.abs_diff(anchor) + 1)
    }

    /// Whether no row is selected.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0.is_none()
    }

    /// Whether a row is selected.
    #[must_use]
    pub fn has(self, row: u32) -> bool {
        self.rows().is_some_and(|rows| rows.contains(&row))
    }

    /// Moves the active row, and extends the selection to it or starts a new one there.
    #[must_use]
    pub fn to(self, row: u32, is_extended: bool) -> Self {
        let anchor = self.0.map_or(row, |(_, anchor)| anchor);
        Self(Some((row, if is_extended { anchor } else { row })))
    }

    /// The selection after a key, in a table of `rows` rows with `first` at the top, where page keys move by `page_rows`;
    /// `None` for a key that has no function.
    #[must_use]
    pub fn after_key(self, key: &str, is_extended: bool, first: u32, page_rows: u32, rows: u32) -> Option<Self> {
        if key == "Escape" {
            return self.0.map(|_| Self::default());
        }
        let last = rows.checked_sub(1)?;
        let active = self.active();
        let row = match (key, active) {
            ("Home", _) => 0,
            ("End", _) => last,
            ("ArrowUp" | "ArrowDown" | "PageUp" | "PageDown", None) => first,
            ("ArrowUp", Some(row)) => row.saturating_sub(1),
            ("ArrowDown", Some(row)) => row.saturating_add(1),
            ("PageUp", Some(row)) => row.saturating_sub(page_rows),
            ("PageDown", Some(row)) => row.saturating_add(page_rows),
            _ => return None,
        };
        Some(self.to(row.min(last), is_extended))
    }
}

#[cfg(test)]
mod tests {
    use super::RowSelection;

    fn press(selection: RowSelection, keys: &[(&str, bool)]) -> RowSelection {
        keys.iter().fold(selection, |selection, (key, is_extended)| {
            selection.after_key(key, *is_extended, 100, 15, 1000).unwrap_or(selection)
        })
    }

    #[test]
    fn the_first_key_selects_the_first_row_in_view() {
        assert_eq!(press(RowSelection::default(), &[("ArrowDown", false)]).active(), Some(100));
        assert_eq!(press(RowSelection::default(), &[("End", false)]).active(), Some(999));
    }

    #[test]
    fn shift_extends_the_selection_from_its_start() {
        let selection = press(RowSelection::default(), &[("Home", false), ("ArrowDown", false), ("PageDown", true)]);
        assert_eq!((selection.rows(), selection.len()), (Some(1..=16), 16));
        let back = press(selection, &[("Home", true)]);
        assert_eq!((back.rows(), back.active()), (Some(0..=1), Some(0)));
        assert!(back.has(1) && !back.has(2));
        assert_eq!(press(back, &[("ArrowDown", false)]).rows(), Some(1..=1));
    }

    #[test]
    fn the_selection_stops_at_the_ends_and_escape_clears_it() {
        assert_eq!(press(RowSelection::default(), &[("Home", false), ("PageUp", false)]).active(), Some(0));
        let last = press(RowSelection::default(), &[("End", false), ("ArrowDown", false)]);
        assert_eq!(last.active(), Some(999));
        assert!(press(last, &[("Escape", false)]).is_empty());
        assert_eq!(last.after_key("a", false, 0, 15, 1000), None);
        assert_eq!(RowSelection::default().after_key("End", false, 0, 15, 0), None);
    }
}
