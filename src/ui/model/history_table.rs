//! The queries of the history table, and the texts for their results.

use super::measures::rolling_column;
use super::quantity::{counted, grouped};
use super::request_target::request_target;
use crate::frame::round_shown;
use crate::pipeline;
use crate::protocol::{KeptRow, RowsSlice, RowsSort, RowsView};
use crate::time::{Clock, Timestamp};

/// Kinds of columns: timestamp, id, the values of the measures, and their rolling aggregates.
pub const KINDS: usize = 4;
/// Columns before those of the measures: timestamp and id.
const FIXED: usize = 2;
/// Ids up to this number of characters are shown whole.
const SHORT_ID: usize = 16;
/// Characters shown of longer ones.
const CUT_ID: usize = 8;
const DASH: &str = "\u{2013}";
/// What makes a spreadsheet take a text for a formula, as in `api::encode::csv`.
const FORMULA_STARTS: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
/// The earliest possible instant of a row.
const EARLIEST: &str = "1677-09-21T00:12:43.145224193Z";

/// Which rows are queried, and in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The column that they are sorted by.
    pub sort: RowsSort,
    /// Whether the order is descending.
    pub is_descending: bool,
    /// The first instant, in nanoseconds since the epoch.
    pub from: Option<i64>,
    /// The last instant.
    pub until: Option<i64>,
    /// The ids; empty for all.
    pub ids: Vec<String>,
}

impl Default for Question {
    fn default() -> Self {
        Self { sort: RowsSort::Time, is_descending: true, from: None, until: None, ids: Vec::new() }
    }
}

impl Question {
    /// Whether the question filters rows.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        self.from.is_some() || self.until.is_some() || !self.ids.is_empty()
    }

    /// Whether it is the live stream: all rows, the newest first.
    #[must_use]
    pub fn is_stream(&self) -> bool {
        *self == Self::default()
    }

    /// Cycles the sort order of a column: ascending, descending, then back to newest row first.
    pub fn turn(&mut self, sort: RowsSort) {
        (self.sort, self.is_descending) = match (self.sort == sort, self.is_descending) {
            (true, true) if sort == RowsSort::Time => (sort, false),
            (true, true) => (RowsSort::Time, true),
            (true, false) => (sort, true),
            (false, _) => (sort, false),
        };
    }

    /// The order of a column, as a value of `aria-sort`.
    #[must_use]
    pub fn order_of(&self, sort: RowsSort) -> &'static str {
        match (self.sort == sort, self.is_descending) {
            (false, _) => "none",
            (true, true) => "descending",
            (true, false) => "ascending",
        }
    }

    /// The view of a range of its rows.
    #[must_use]
    pub fn view(&self, offset: u32, rows: u32, as_of: Option<u32>) -> RowsView {
        let Self { sort, is_descending, from, until, ids } = self.clone();
        RowsView { from, until, ids, sort, is_descending, offset, rows, as_of }
    }

    /// The request that exports these rows, ordered by time.
    #[must_use]
    pub fn export_target(&self, format: &str) -> String {
        let text = |nanos: i64| Timestamp::from_nanos(nanos).to_text(&Clock::Utc);
        let start = self.from.map_or_else(|| EARLIEST.to_owned(), text);
        let end = self.until.map(text).unwrap_or_default();
        let ids = ids_text(&self.ids);
        let parameters = [("start", &*start), ("end", &*end), ("ids", &*ids), ("views", "latest"), ("format", format)];
        request_target("query", parameters)
    }

    /// Why the table is empty, once an answer says so.
    #[must_use]
    pub fn empty_text(&self, kept_rows: u64) -> String {
        if kept_rows == 0 {
            return "No row is kept yet. Rows come in batches: start the source, or send events of your own."
                .to_owned();
        }
        if !self.is_filtered() {
            return "No row was kept at the moment that is shown.".to_owned();
        }
        let mut text = format!("No row matches: 0 of {} ", counted(kept_rows, "row"));
        text.push_str(match self.ids.len() {
            0 => "are",
            1 => "have the id ",
            _ => "have one of the ids ",
        });
        text.push_str(&self.ids.join(", "));
        if self.from.is_some() || self.until.is_some() {
            text.push_str(" within this time");
        }
        text.push('.');
        text
    }
}

/// Parses a typed instant; an empty field is no bound.
///
/// # Errors
/// A sentence that quotes the text.
pub fn read_bound(text: &str, clock: &Clock) -> Result<Option<i64>, String> {
    match text.trim() {
        "" => Ok(None),
        text => Timestamp::parse(text, clock).map(|at| Some(at.as_nanos())).map_err(|error| error.to_string()),
    }
}

/// Parses typed ids as the API does: one CSV record, in which blanks are part of an id; an empty field is all ids.
///
/// # Errors
/// A sentence that quotes the text.
pub fn read_ids(text: &str) -> Result<Vec<String>, String> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    pipeline::read_ids(text).map(|ids| ids.iter().map(|id| id.text().to_string()).collect())
}

/// Ids as the text that [`read_ids`] parses.
#[must_use]
pub fn ids_text(ids: &[String]) -> String {
    pipeline::write_ids(ids.iter().map(String::as_str))
}

/// Whether an empty table awaits rows: an answer to its question, or to a live stream the answer with the rows that are
/// kept by now.
#[must_use]
pub fn is_loading(is_answered: bool, is_stream: bool, kept_rows: u64) -> bool {
    !is_answered || is_stream && kept_rows > 0
}

/// Whether the table follows the stream, or shows a snapshot of it. Snapshots have numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hold {
    as_of: Option<u32>,
    moments: u32,
}

impl Hold {
    /// Starts with numbers above `moments`: another page may have used lower ones.
    #[must_use]
    pub fn after(moments: u32) -> Self {
        Self { as_of: None, moments }
    }

    /// The snapshot that is shown; `None` for the live stream.
    #[must_use]
    pub fn as_of(self) -> Option<u32> {
        self.as_of
    }

    /// Follows the stream at its top, and holds a snapshot when scrolled away from there.
    pub fn settle(&mut self, is_at_top_of_stream: bool) {
        match (is_at_top_of_stream, self.as_of) {
            (true, _) => self.as_of = None,
            (false, None) => self.renew(),
            (false, Some(_)) => {}
        }
    }

    /// Takes a new snapshot.
    pub fn renew(&mut self) {
        self.moments = self.moments.wrapping_add(1);
        self.as_of = Some(self.moments);
    }
}

/// The number of columns for so many measures.
#[must_use]
pub fn column_count(measures: usize) -> usize {
    FIXED + 2 * measures
}

/// The kind of a column, from 0 to [`KINDS`]: first come timestamp and id, then a value for each measure, then their
/// rolling aggregates.
#[must_use]
pub fn kind_of(column: usize, measures: usize) -> usize {
    match column.checked_sub(FIXED) {
        None => column,
        Some(column) if column < measures => FIXED,
        Some(_) => FIXED + 1,
    }
}

/// The names of all columns.
#[must_use]
pub fn column_names(measures: &[String], agg: &str) -> Vec<String> {
    let rolling = measures.iter().map(|measure| rolling_column(measure, agg));
    ["timestamp", "id"].map(str::to_owned).into_iter().chain(measures.iter().cloned()).chain(rolling).collect()
}

/// The rows of an answer, as text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    offset: u32,
    rows: Vec<PageRow>,
}

/// A row as text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageRow {
    /// Its cells, in the order of [`column_names`].
    pub cells: Vec<String>,
    /// The whole id, if its cell shows it cut.
    pub whole_id: Option<String>,
}

impl Page {
    /// Rows as text; `number` formats a number.
    #[must_use]
    pub fn new(slice: &RowsSlice, has_whole_ids: bool, number: fn(f64) -> String) -> Self {
        let row = |row: &KeptRow| {
            let cut = if has_whole_ids { None } else { cut_id(&row.id) };
            let whole_id = cut.is_some().then(|| row.id.clone());
            let fixed = [row.timestamp.clone(), cut.unwrap_or_else(|| row.id.clone())];
            let numbers = row.values.iter().chain(&row.rolling);
            let numbers = numbers.map(|it| it.map_or_else(|| DASH.to_owned(), |it| number(round_shown(it))));
            PageRow { whole_id, cells: fixed.into_iter().chain(numbers).collect() }
        };
        Self { offset: slice.offset, rows: slice.rows.iter().map(row).collect() }
    }

    /// A row by its number in the whole table; `None` while it is not loaded.
    #[must_use]
    pub fn row(&self, row: u32) -> Option<&PageRow> {
        self.rows.get(row.checked_sub(self.offset)? as usize)
    }
}

fn cut_id(id: &str) -> Option<String> {
    id.char_indices().nth(SHORT_ID)?;
    let end = id.char_indices().nth(CUT_ID)?.0;
    Some(format!("{}\u{2026}", &id[..end]))
}

/// Rows with a heading of these names, see [`column_names`], separated by tabs for spreadsheets; only visible kinds of
/// columns, values with all digits. A text that a spreadsheet would take for a formula begins with `'`, as in CSV for
/// spreadsheets.
#[must_use]
pub fn tab_separated(rows: &[KeptRow], shown: [bool; KINDS], names: &[String], number: fn(f64) -> String) -> String {
    let measures = names.len().saturating_sub(FIXED) / 2;
    let mut text = String::new();
    let mut line = |cells: &mut dyn Iterator<Item = String>| {
        let mut is_first = true;
        for (_, cell) in cells.enumerate().filter(|(column, _)| shown[kind_of(*column, measures)]) {
            if !is_first {
                text.push('\t');
            }
            is_first = false;
            text.extend(cell.chars().map(|c| if c.is_control() { ' ' } else { c }));
        }
        text.push('\n');
    };
    let plain = |text: &String| if text.starts_with(FORMULA_STARTS) { format!("'{text}") } else { text.clone() };
    line(&mut names.iter().map(plain));
    for row in rows {
        let numbers = row.values.iter().chain(&row.rolling).map(|it| it.map(number).unwrap_or_default());
        line(&mut [row.timestamp.clone(), plain(&row.id)].into_iter().chain(numbers));
    }
    text
}

/// The rows in view: `rows 1–17 of 1 000 000, live`.
#[must_use]
pub fn range_text(first: u32, last: u32, total: u32, is_held: bool) -> String {
    if total == 0 {
        return "no rows".to_owned();
    }
    let [first, last, total] = [first + 1, last + 1, total].map(|number| grouped(u64::from(number)));
    format!("rows {first}\u{2013}{last} of {total}, {}", if is_held { "held" } else { "live" })
}

/// A row of the table, to show whole.
#[derive(Debug, Clone, PartialEq)]
pub struct DetailRow {
    /// Its number in the whole table.
    pub number: u32,
    /// The row.
    pub row: KeptRow,
}

/// The only selected row, `active`, from an answer; the one `before` while the answer has other rows.
#[must_use]
pub fn detail_row(active: Option<u32>, slice: &RowsSlice, before: Option<&DetailRow>) -> Option<DetailRow> {
    let number = active.filter(|number| *number < slice.total)?;
    let index = number.checked_sub(slice.offset).map(|index| index as usize);
    let loaded = index.and_then(|index| slice.rows.get(index)).map(|row| DetailRow { number, row: row.clone() });
    loaded.or_else(|| before.filter(|before| before.number == number).cloned())
}

/// The number of rows that arrived since the snapshot that is shown.
#[must_use]
pub fn newer_text(newer: u32) -> String {
    format!("{}: show {}", counted(u64::from(newer), "newer row"), if newer == 1 { "it" } else { "them" })
}

/// What the worker does while an answer is awaited.
#[must_use]
pub fn waiting_text(question: &Question, kept_rows: u64, measures: &[String]) -> String {
    let rows = counted(kept_rows, "row");
    match question.sort {
        RowsSort::Time if question.is_filtered() => format!("Looking through {rows}\u{2026}"),
        RowsSort::Time => "Reading rows\u{2026}".to_owned(),
        RowsSort::Id => format!("Sorting {rows} by id\u{2026}"),
        RowsSort::Value(place) => {
            let measure = measures.get(place as usize).map_or("value", String::as_str);
            format!("Sorting {rows} by {measure}\u{2026}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(number: f64) -> String {
        number.to_string()
    }

    fn row(id: &str, value: f64, rolling: Option<f64>) -> KeptRow {
        let timestamp = "2025-06-01T21:15:07Z".into();
        KeptRow { timestamp, id: id.into(), values: vec![Some(value)], rolling: vec![rolling] }
    }

    fn names(measures: &[&str]) -> Vec<String> {
        column_names(&measures.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), "mean")
    }

    #[test]
    fn a_column_cycles_from_ascending_to_descending_to_newest_first() {
        let mut question = Question::default();
        let mut seen = Vec::new();
        for _ in 0..3 {
            question.turn(RowsSort::Value(0));
            seen.push((question.order_of(RowsSort::Value(0)), question.order_of(RowsSort::Time)));
        }
        assert_eq!(seen, [("ascending", "none"), ("descending", "none"), ("none", "descending")]);
        question.turn(RowsSort::Time);
        assert_eq!(question.order_of(RowsSort::Time), "ascending");
        question.turn(RowsSort::Time);
        assert!(question.is_stream());
    }

    #[test]
    fn scrolling_away_from_the_top_holds_a_snapshot_until_back_there() {
        let mut hold = Hold::after(70);
        hold.settle(true);
        assert_eq!(hold.as_of(), None);
        hold.settle(false);
        hold.settle(false);
        assert_eq!(hold.as_of(), Some(71));
        hold.renew();
        assert_eq!(hold.as_of(), Some(72));
        hold.settle(true);
        hold.settle(false);
        assert_eq!(hold.as_of(), Some(73));
    }

    #[test]
    fn long_ids_are_cut_and_missing_aggregates_are_not_numbers() {
        let uuid = "0d9bb1f4-7cb7-4bd2-8a14-2f0e9a8b6f0a";
        let slice = RowsSlice {
            offset: 40,
            rows: vec![row(uuid, 0.1 + 0.2, None), row("pump-9", 1.5, Some(2.0))],
            ..RowsSlice::default()
        };
        let page = Page::new(&slice, false, number);
        let PageRow { cells, whole_id } = page.row(40).unwrap();
        assert_eq!(cells[1..], ["0d9bb1f4\u{2026}", "0.3", "\u{2013}"]);
        assert_eq!(whole_id.as_deref(), Some(uuid));
        let PageRow { cells, whole_id } = page.row(41).unwrap();
        assert_eq!((&*cells[1], &*cells[3], whole_id), ("pump-9", "2", &None));
        assert_eq!((page.row(39), page.row(42)), (None, None));
        assert_eq!(Page::new(&slice, true, number).row(40).unwrap().cells[1], uuid);
    }

    #[test]
    fn copied_rows_have_a_heading_and_all_digits() {
        let rows = [row("a\tb", 0.1 + 0.2, None), row("c", 1.0, Some(2.5))];
        let text = tab_separated(&rows, [false, true, true, true], &names(&["value"]), number);
        assert_eq!(text, "id\tvalue\tmoving_avg\na b\t0.30000000000000004\t\nc\t1\t2.5\n");
    }

    #[test]
    fn a_copied_id_is_no_formula_and_a_number_stays_a_number() {
        let rows = ["=1+1", "+a", "-a", "@a", "\ta", "a=1"].map(|id| row(id, -1.5, None));
        let text = tab_separated(&rows, [false, true, true, false], &names(&["value"]), number);
        assert_eq!(text, "id\tvalue\n'=1+1\t-1.5\n'+a\t-1.5\n'-a\t-1.5\n'@a\t-1.5\n' a\t-1.5\na=1\t-1.5\n");
    }

    #[test]
    fn each_measure_has_a_column_and_an_aggregate_behind_all_values() {
        let names = names(&["flow", "=level"]);
        assert_eq!(names, ["timestamp", "id", "flow", "=level", "flow_moving_avg", "=level_moving_avg"]);
        assert_eq!((0..column_count(2)).map(|column| kind_of(column, 2)).collect::<Vec<_>>(), [0, 1, 2, 2, 3, 3]);
        let row = KeptRow { values: vec![Some(1.0), None], rolling: vec![Some(2.0), None], ..row("a", 0.0, None) };
        let text = tab_separated(std::slice::from_ref(&row), [false, true, true, true], &names, number);
        assert_eq!(text, "id\tflow\t'=level\tflow_moving_avg\t'=level_moving_avg\na\t1\t\t2\t\n");
        let page = Page::new(&RowsSlice { rows: vec![row], ..RowsSlice::default() }, false, number);
        assert_eq!(page.row(0).unwrap().cells[1..], ["a", "1", "\u{2013}", "2", "\u{2013}"]);
    }

    #[test]
    fn bounds_are_parsed_as_the_api_parses_them_and_refused_in_a_sentence() {
        assert_eq!(read_bound(" ", &Clock::Utc), Ok(None));
        assert_eq!(read_bound("1970-01-01T00:00:01", &Clock::Utc), Ok(Some(1_000_000_000)));
        let error = read_bound("noon", &Clock::Utc).unwrap_err();
        assert!(error.contains("\"noon\"") && error.contains("2025-06-01"), "{error}");
    }

    #[test]
    fn the_export_has_the_same_filter_and_range() {
        let all = Question { is_descending: false, sort: RowsSort::Value(0), ..Question::default() };
        assert_eq!(all.export_target("csv"), format!("query?start={EARLIEST}&views=latest&format=csv"));
        let question =
            Question { from: Some(0), until: Some(1_500_000_000), ids: vec!["a b".into(), "c".into()], ..all };
        assert_eq!(
            question.export_target("arrow"),
            "query?start=1970-01-01T00:00:00Z&end=1970-01-01T00:00:01.500000Z&ids=a+b,c&views=latest&format=arrow"
        );
    }

    #[test]
    fn an_id_with_a_comma_a_quote_or_blanks_at_its_ends_is_one_id() {
        let ids = ["a,b", "3/4\" pipe", " a ", "c"].map(str::to_owned).to_vec();
        let text = ids_text(&ids);
        assert_eq!(text, "\"a,b\",\"3/4\"\" pipe\",\" a \",c");
        assert_eq!(read_ids(&text), Ok(ids.clone()));
        let target = Question { ids, ..Question::default() }.export_target("csv");
        assert!(target.contains("&ids=%22a,b%22,%223%2F4%22%22+pipe%22,%22+a+%22,c&"), "{target}");
        assert_eq!((read_ids(""), read_ids(" ")), (Ok(Vec::new()), Ok(Vec::new())));
        let error = read_ids("a,\"b").unwrap_err();
        assert!(error.contains("\"b\" never ends"), "{error}");
    }

    #[test]
    fn an_empty_table_has_a_reason() {
        let mut question = Question { ids: vec!["pump-9".into()], ..Question::default() };
        assert_eq!(question.empty_text(1234), "No row matches: 0 of 1\u{202f}234 rows have the id pump-9.");
        question.until = Some(0);
        question.ids.push("b".into());
        assert_eq!(
            question.empty_text(1),
            "No row matches: 0 of 1 row have one of the ids pump-9, b within this time."
        );
        question.ids.clear();
        assert_eq!(question.empty_text(2), "No row matches: 0 of 2 rows are within this time.");
        assert!(Question::default().empty_text(0).starts_with("No row is kept yet."));
        assert_eq!(Question::default().empty_text(10), "No row was kept at the moment that is shown.");
    }

    #[test]
    fn a_table_is_loading_until_an_answer_has_the_rows_that_are_kept() {
        assert!(is_loading(false, true, 0), "no answer");
        assert!(is_loading(true, true, 10), "an answer from before the first batch");
        assert!(!is_loading(true, true, 0), "no row is kept");
        assert!(!is_loading(true, false, 10), "no row matches");
    }

    #[test]
    fn the_selected_row_stays_in_the_detail_while_the_table_is_scrolled() {
        let rows = vec![row("a", 1.0, None), row("b", 2.0, None)];
        let slice = RowsSlice { offset: 40, total: 100, rows, ..RowsSlice::default() };
        let detail = detail_row(Some(41), &slice, None);
        assert_eq!(detail, Some(DetailRow { number: 41, row: row("b", 2.0, None) }));
        let elsewhere = RowsSlice { offset: 60, ..slice.clone() };
        assert_eq!(detail_row(Some(41), &elsewhere, detail.as_ref()), detail);
        assert_eq!(detail_row(Some(42), &slice, detail.as_ref()), None, "another row is not loaded");
        assert_eq!(detail_row(Some(41), &RowsSlice::default(), detail.as_ref()), None, "the table became shorter");
        assert_eq!(detail_row(None, &slice, detail.as_ref()), None);
    }

    #[test]
    fn counts_are_written_as_text() {
        assert_eq!(range_text(0, 16, 1_000_000, false), "rows 1\u{2013}17 of 1\u{202f}000\u{202f}000, live");
        assert_eq!(range_text(4, 20, 21, true), "rows 5\u{2013}21 of 21, held");
        assert_eq!(range_text(0, 0, 0, true), "no rows");
        assert_eq!(newer_text(2300), "2\u{202f}300 newer rows: show them");
        assert_eq!(newer_text(1), "1 newer row: show it");
        let question = |place| Question { sort: RowsSort::Value(place), ..Question::default() };
        let text = |place| waiting_text(&question(place), 5000, &["value".to_owned(), "flow".to_owned()]);
        assert_eq!(text(0), "Sorting 5\u{202f}000 rows by value\u{2026}");
        assert_eq!(text(1), "Sorting 5\u{202f}000 rows by flow\u{2026}");
    }
}
