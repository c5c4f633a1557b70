//! Ids with lines of their own in the chart, and the slot of each: it decides colour and dash.

use super::table_slice::TableSlice;
use crate::pipeline::Id;
use crate::protocol::MAX_SERIES;

/// Maximum number of offered ids.
const MAX_OFFERED: usize = 12;

/// The slots of the ids; an id keeps its slot, and with it its colour, while others are added and removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places([String; MAX_SERIES]);

impl Places {
    /// Assigns slots to these ids and frees those of all others.
    pub fn settle(&mut self, ids: &[String]) {
        for place in &mut self.0 {
            if !ids.contains(place) {
                place.clear();
            }
        }
        for id in ids {
            if self.position(id) == MAX_SERIES
                && let Some(place) = self.0.iter_mut().find(|place| place.is_empty())
            {
                place.clone_from(id);
            }
        }
    }

    /// The slot of an id; [`MAX_SERIES`] when it has none.
    #[must_use]
    pub fn position(&self, id: &str) -> usize {
        self.0.iter().position(|known| known == id).unwrap_or(MAX_SERIES)
    }

    /// The slots of some ids.
    #[must_use]
    pub fn positions(&self, ids: &[String]) -> Vec<usize> {
        ids.iter().map(|id| self.position(id)).collect()
    }

    /// The id in a slot; empty for a free one.
    #[must_use]
    pub fn id(&self, place: usize) -> &str {
        self.0.get(place).map_or("", String::as_str)
    }
}

/// The chosen ids after a click on this id's chip: without it, or with it appended.
///
/// # Errors
/// A sentence, when the text is no valid id or the maximum number of ids is chosen.
pub fn toggled(chosen: &[String], id: &str) -> Result<Vec<String>, String> {
    let id = Id::parse(id.trim()).map_err(|error| error.to_string())?.text().to_string();
    let mut ids = chosen.to_vec();
    if let Some(place) = ids.iter().position(|known| *known == id) {
        ids.remove(place);
    } else if ids.len() >= MAX_SERIES {
        return Err(format!("{MAX_SERIES} ids have lines already; take one away first"));
    } else if id.contains(',') {
        return Err(format!("\"{id}\" has a comma, which separates ids; it cannot have a line of its own"));
    } else {
        ids.push(id);
    }
    Ok(ids)
}

/// Distinct ids of a table's visible rows, in row order.
#[must_use]
pub fn offered(table: &TableSlice) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    let Some(column) = table.columns().iter().position(|name| name == "id") else { return ids };
    for row in 0..table.visible_rows() {
        let id = table.cell(row, column);
        if ids.len() < MAX_OFFERED && !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::TableView;

    fn texts(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn an_id_keeps_its_slot_while_others_change() {
        let mut places = Places::default();
        places.settle(&texts(&["a", "b", "c"]));
        places.settle(&texts(&["c", "b"]));
        assert_eq!((places.position("a"), places.position("b"), places.position("c")), (MAX_SERIES, 1, 2));
        places.settle(&texts(&["c", "b", "d"]));
        assert_eq!((places.position("d"), places.id(0), places.id(7)), (0, "d", ""));
        let many: Vec<String> = (0..20).map(|id| id.to_string()).collect();
        places.settle(&many);
        assert_eq!(places.position("8"), MAX_SERIES, "more than there are places are left out");
    }

    #[test]
    fn a_click_on_a_chip_adds_and_removes_its_id() {
        let chosen = toggled(&texts(&["a"]), " b ").unwrap();
        assert_eq!(chosen, ["a", "b"]);
        assert_eq!(toggled(&chosen, "a").unwrap(), ["b"]);
    }

    #[test]
    fn an_invalid_id_and_one_too_many_are_refused_with_advice() {
        let full: Vec<String> = (0..MAX_SERIES).map(|id| id.to_string()).collect();
        assert_eq!(toggled(&full, "x").unwrap_err(), "8 ids have lines already; take one away first");
        assert_eq!(toggled(&full, "3").unwrap().len(), 7);
        assert!(toggled(&[], "  ").is_err());
        assert!(toggled(&[], "a,b").unwrap_err().contains("\"a,b\""));
    }

    #[test]
    fn distinct_ids_of_the_batch_are_offered() {
        let row = |id: &str| vec![Some("2025".to_owned()), Some(id.to_owned())];
        let rows = ["a", "b", "a"].map(row).into_iter().chain((0..30).map(|id| row(&id.to_string()))).collect();
        let table = TableSlice::new(TableView {
            columns: vec!["timestamp".into(), "id".into()],
            total_rows: 33,
            offset: 0,
            rows,
        });
        let ids = offered(&table);
        assert_eq!((ids.len(), &ids[..3]), (MAX_OFFERED, &["a".to_owned(), "b".into(), "0".into()][..]));
        assert!(offered(&TableSlice::default()).is_empty());
    }
}
