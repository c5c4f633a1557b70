//! Ids and measures with lines of their own in the chart, and the slot of each: it decides colour and dash.

use super::table_slice::TableSlice;
use crate::pipeline::Id;
use crate::protocol::MAX_SERIES;

/// Maximum number of offered ids.
const MAX_OFFERED: usize = 12;

/// What a line is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// An id: its values of the chart's own measure.
    Id(String),
    /// Another measure: its values of all ids.
    Measure(String),
}

impl Line {
    /// Its name in the legend.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Id(name) | Self::Measure(name) => name,
        }
    }
}

/// The lines of a chart of these ids and measures, the first of which is the chart's own and no line, in the order of
/// their columns.
#[must_use]
pub fn lines_of(ids: &[String], measures: &[String]) -> Vec<Line> {
    let measures = measures.iter().skip(1).cloned().map(Line::Measure);
    ids.iter().cloned().map(Line::Id).chain(measures).collect()
}

/// The measures that a chart shows: its own first, which is the chosen one, or the first of all; then as many of the
/// others as have room beside the lines of ids, without those that are hidden.
#[must_use]
pub fn shown_measures(all: &[String], chosen: &str, hidden: &[String], ids: usize) -> Vec<String> {
    let Some(own) = all.iter().find(|name| *name == chosen).or(all.first()) else { return Vec::new() };
    let others = all.iter().filter(|name| *name != own && !hidden.contains(name));
    [own].into_iter().chain(others.take(MAX_SERIES.saturating_sub(ids))).cloned().collect()
}

/// The slots of the lines; a line keeps its slot, and with it its colour, while others are added and removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places([Option<Line>; MAX_SERIES]);

impl Places {
    /// Assigns slots to these lines and frees those of all others.
    pub fn settle(&mut self, lines: &[Line]) {
        for place in &mut self.0 {
            if place.as_ref().is_some_and(|line| !lines.contains(line)) {
                *place = None;
            }
        }
        for line in lines {
            if self.position(line) == MAX_SERIES
                && let Some(place) = self.0.iter_mut().find(|place| place.is_none())
            {
                *place = Some(line.clone());
            }
        }
    }

    /// The slot of a line; [`MAX_SERIES`] when it has none.
    #[must_use]
    pub fn position(&self, line: &Line) -> usize {
        self.0.iter().position(|known| known.as_ref() == Some(line)).unwrap_or(MAX_SERIES)
    }

    /// The slots of some lines.
    #[must_use]
    pub fn positions(&self, lines: &[Line]) -> Vec<usize> {
        lines.iter().map(|line| self.position(line)).collect()
    }

    /// The line in a slot; `None` for a free one.
    #[must_use]
    pub fn line(&self, place: usize) -> Option<&Line> {
        self.0.get(place)?.as_ref()
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
        let lines = |ids: &[&str]| lines_of(&texts(ids), &[]);
        let id = |id: &str| Line::Id(id.to_owned());
        let mut places = Places::default();
        places.settle(&lines(&["a", "b", "c"]));
        places.settle(&lines(&["c", "b"]));
        assert_eq!(places.positions(&lines(&["a", "b", "c"])), [MAX_SERIES, 1, 2]);
        places.settle(&lines(&["c", "b", "d"]));
        assert_eq!((places.position(&id("d")), places.line(0), places.line(7)), (0, Some(&id("d")), None));
        let many: Vec<String> = (0..20).map(|id| id.to_string()).collect();
        places.settle(&lines_of(&many, &[]));
        assert_eq!(places.position(&id("8")), MAX_SERIES, "more than there are places are left out");
    }

    #[test]
    fn measures_but_the_charts_own_have_lines_where_ids_leave_room() {
        let all = texts(&["flow", "level", "heat"]);
        assert_eq!(shown_measures(&all, "", &[], 0), all);
        assert_eq!(shown_measures(&all, "level", &texts(&["heat", "level"]), 0), ["level", "flow"]);
        assert_eq!(shown_measures(&all, "gone", &[], MAX_SERIES - 1), ["flow", "level"]);
        assert_eq!(shown_measures(&[], "flow", &[], 0), Vec::<String>::new());
        let lines = lines_of(&texts(&["flow"]), &texts(&["level", "flow"]));
        assert_eq!(lines, [Line::Id("flow".into()), Line::Measure("flow".into())], "an id may be named as a measure");
        let mut places = Places::default();
        places.settle(&lines);
        assert_eq!(places.positions(&lines), [0, 1]);
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
