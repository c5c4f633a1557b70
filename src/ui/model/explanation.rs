//! The provenance of a cell of the three tables of a batch, as row classes and as text.
//!
//! The worker computes it for the newest batch; for a batch held on the page, [`held_look`] computes it from the rows
//! that the page has.

use super::decimal::fixed;
use super::measures::{VALUE, measure_names, rolling_column};
use super::quantity::{counted, grouped};
use super::settings::value_of;
use super::table_page::TablePage;
use super::table_slice::TableSlice;
use crate::frame::ops::Closed;
use crate::protocol::{CellRef, MAX_PROVENANCE_ROWS, Provenance, UNKNOWN_ROWS};
use crate::time::{Clock, Duration, Timestamp};

/// Maximum number of values named in a sentence.
const NAMED_VALUES: usize = 6;

/// The settings of the verbs, as text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    /// The length of the rolling window.
    pub window: String,
    /// Which ends of the window are closed.
    pub closed: String,
    /// The minimum number of rows in a window.
    pub min_periods: String,
    /// The rolling aggregate.
    pub agg: String,
    /// The aggregate of the pivot.
    pub aggfunc: String,
    /// Whether windows include rows of earlier batches.
    pub is_stream: bool,
    /// Whether each id has windows of its own.
    pub is_by_id: bool,
    /// The names of the measures; none stands for `value` alone.
    pub measures: Vec<String>,
    /// The index of the measure that sentences are about.
    pub subject: usize,
}

impl Rules {
    /// From a snapshot's settings.
    #[must_use]
    pub fn from_settings(settings: &[(String, Option<String>)]) -> Self {
        let text = |name| value_of(settings, name).unwrap_or_default().to_owned();
        Self {
            window: text("window"),
            closed: text("closed"),
            min_periods: text("min_periods"),
            agg: text("agg"),
            aggfunc: text("aggfunc"),
            is_stream: value_of(settings, "rolling_scope") != Some("batch"),
            is_by_id: value_of(settings, "rolling_by") == Some("id"),
            measures: measure_names(settings),
            subject: 0,
        }
    }

    /// From the default settings.
    #[must_use]
    pub fn usual() -> Self {
        let [window, closed, min_periods, agg, aggfunc] = ["5s", "right", "1", "mean", "mean"].map(str::to_owned);
        let measures = vec![VALUE.to_owned()];
        Self { window, closed, min_periods, agg, aggfunc, is_stream: true, is_by_id: false, measures, subject: 0 }
    }

    /// The same rules for sentences about this measure, if it is one of theirs.
    #[must_use]
    pub fn about(mut self, measure: &str) -> Self {
        self.subject = self.measures.iter().position(|name| name == measure).unwrap_or(0);
        self
    }

    /// The names of the measures.
    pub fn measures(&self) -> impl Iterator<Item = &str> {
        let names = self.measures.iter().map(String::as_str);
        names.chain(self.measures.is_empty().then_some(VALUE))
    }

    /// The measure that sentences are about.
    fn measure(&self) -> &str {
        self.measures.get(self.subject).map_or(VALUE, String::as_str)
    }

    /// Blocks of `melted`: one of instants, and one for each measure.
    fn melted_blocks(&self) -> u32 {
        1 + self.measures().count() as u32
    }

    fn has_start(&self) -> bool {
        Closed::parse(&self.closed).is_some_and(Closed::has_left)
    }

    fn has_end(&self) -> bool {
        Closed::parse(&self.closed).is_none_or(Closed::has_right)
    }
}

/// A batch that stays on the page while newer ones arrive.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Held {
    /// Its number.
    pub number: u64,
    /// The settings of the verbs at that time.
    pub rules: Rules,
}

/// The page's slices of `latest`, `melted` and `pivoted`.
pub type Slices = [TableSlice; 3];

/// The provenance of a cell of a held batch. Only the rows on the page are held: for a window that includes earlier
/// rows, and for an id with rows on other pages, the total is `UNKNOWN_ROWS`. `clock` is that of the cells.
#[must_use]
pub fn held_look(slices: &Slices, look: CellRef, rules: &Rules, clock: &Clock) -> Provenance {
    let [latest, melted, pivoted] = slices;
    let row = look.row;
    let known = |rows: Vec<u32>, is_whole: bool, from: String| Provenance {
        look: Some(look),
        total: if is_whole { rows.len() as u64 } else { UNKNOWN_ROWS },
        rows,
        before: Vec::new(),
        from,
    };
    match look.table {
        0 => window_rows(latest, row, rules, clock)
            .map_or_else(Provenance::default, |(rows, from, is_whole)| known(rows, is_whole, from)),
        1 => known(vec![row % (melted.page().total_rows / rules.melted_blocks()).max(1)], true, String::new()),
        _ => {
            let id = pivoted.cell_of(row, 0);
            let rows = held_rows(latest).filter(|row| latest.cell_of(*row, 1) == id).collect();
            known(rows, latest.is_whole(), String::new())
        }
    }
}

/// The held rows in the window of a row, the window's start as text, and whether the window can hold no other rows.
fn window_rows(latest: &TableSlice, row: u32, rules: &Rules, clock: &Clock) -> Option<(Vec<u32>, String, bool)> {
    let time = |row| Timestamp::parse(latest.cell_of(row, 0), clock).ok();
    let at = time(row)?;
    let from = at.saturating_sub(Duration::parse(&rules.window).ok()?);
    let id = latest.cell_of(row, 1);
    let holds = |other: u32| {
        (!rules.is_by_id || latest.cell_of(other, 1) == id)
            && time(other).is_some_and(|time| {
                let has_begun = if rules.has_start() { time >= from } else { time > from };
                has_begun && if rules.has_end() { other <= row } else { time < at }
            })
    };
    let text = from.to_text(clock);
    let first = latest.page().offset;
    let is_first_of_all = first == 0 && !rules.is_stream;
    let is_whole = is_first_of_all || time(first).is_some_and(|time| time < from);
    Some((held_rows(latest).filter(|row| holds(*row)).collect(), text, is_whole))
}

fn held_rows(slice: &TableSlice) -> std::ops::Range<u32> {
    let first = slice.page().offset;
    first..first + slice.visible_rows() as u32
}

/// The classes of a row: the selected cell's row, and the rows that it is computed from. `melted_rows`: rows of the
/// block of `melted` that holds one column: as many as `latest` has.
#[must_use]
pub fn row_class(provenance: &Provenance, table: usize, row: u32, block_rows: u32) -> &'static str {
    let Some(look) = provenance.look else { return "" };
    let is_made = usize::from(look.table) == table && look.row == row;
    let is_source = table == 0 && provenance.rows.contains(&row);
    match (is_made, is_source, look.table) {
        (true, true, _) => "data-table__row--made data-table__row--source",
        (true, false, _) => "data-table__row--made",
        (false, true, 1) if look.row < block_rows => "data-table__row--timestamp",
        // The cell of the first measure can be marked; that of another one is marked with its row.
        (false, true, 1) if look.row < block_rows.saturating_mul(2) => "data-table__row--value",
        (false, true, _) => "data-table__row--source",
        (false, false, _) => "",
    }
}

/// The provenance as a sentence.
#[must_use]
pub fn sentence(provenance: &Provenance, slices: &Slices, rules: &Rules) -> String {
    let [latest, melted, pivoted] = slices;
    let Some(look) = provenance.look else { return String::new() };
    match look.table {
        0 => window_sentence(provenance, look.row, latest, rules),
        1 => {
            let block_rows = (melted.page().total_rows / rules.melted_blocks()).max(1);
            let measure = (look.row / block_rows).checked_sub(1);
            let column = measure.map_or("timestamp", |measure| rules.measures().nth(measure as usize).unwrap_or(VALUE));
            let from = provenance.rows.first().map_or(0, |row| row + 1);
            format!("melted row {} is the {column} of latest row {from}", look.row + 1)
        }
        _ => {
            let rows = match provenance.total {
                UNKNOWN_ROWS => {
                    format!("{} of this page, and any on others", counted(provenance.rows.len() as u64, "row"))
                }
                total => counted(total, "row"),
            };
            let measure = rules.measure();
            let result = result_text(named_cell(pivoted, look.row, measure), &rules.aggfunc);
            format!("pivoted {measure} {result}{rows}{}", named_values(provenance, latest, rules))
        }
    }
}

fn window_sentence(provenance: &Provenance, row: u32, latest: &TableSlice, rules: &Rules) -> String {
    let at = latest.cell_of(row, 0);
    // The day is printed only where the window begins on another one.
    let day = at.get(..11).filter(|day| provenance.from.starts_with(day)).unwrap_or_default();
    let short = |text: &str| text.get(day.len()..).unwrap_or_default().to_owned();
    let (open, close) = (if rules.has_start() { '[' } else { '(' }, if rules.has_end() { ']' } else { ')' });
    let values = match provenance.total {
        UNKNOWN_ROWS => "the values".to_owned(),
        total => counted(total, "value"),
    };
    let of_id = if rules.is_by_id { " of its id" } else { "" };
    let rolling = rolling_column(rules.measure(), &rules.agg);
    format!(
        "{rolling} {}{values}{of_id} in {open}{}, {}{close}{}{}",
        result_text(named_cell(latest, row, &rolling), &rules.agg),
        short(&provenance.from),
        short(at),
        rows_text(provenance.rows.len() as u64, provenance.total),
        named_values(provenance, latest, rules),
    )
}

/// A cell by its row in the whole table and the name of its column; empty where there is none.
fn named_cell<'a>(slice: &'a TableSlice, row: u32, column: &str) -> &'a str {
    let column = slice.columns().iter().position(|name| name == column);
    column.map_or("", |column| slice.cell_of(row, column))
}

/// `44.37 = mean of `, or that the result is missing.
fn result_text(cell: &str, agg: &str) -> String {
    match cell {
        "" => format!("is missing: {agg} of "),
        _ => format!("{cell} = {agg} of "),
    }
}

/// `: 3 rows of this batch and 2 before it`.
fn rows_text(here: u64, total: u64) -> String {
    let rows = counted(here, "row");
    match (here, total) {
        (_, 0) => String::new(),
        (_, UNKNOWN_ROWS) => format!(": {rows} of this page, and those before, which are not held"),
        _ if here == total => format!(": {rows} of this batch"),
        _ if here >= MAX_PROVENANCE_ROWS as u64 => format!(", of which {rows} are marked"),
        _ => format!(": {rows} of this batch and {} before it", grouped(total.saturating_sub(here))),
    }
}

/// The source values of a measure that are on the page, oldest first.
fn named_values(provenance: &Provenance, latest: &TableSlice, rules: &Rules) -> String {
    let (measure, place) = (rules.measure(), rules.subject);
    let before = provenance.before.iter().filter_map(|row| row.values.get(place).copied().flatten()).map(short_number);
    let here = provenance.rows.iter().map(|row| named_cell(latest, *row, measure).to_owned());
    let here = here.filter(|value| !value.is_empty());
    let mut named: Vec<String> = before.chain(here).take(NAMED_VALUES).collect();
    let all = if provenance.total == UNKNOWN_ROWS {
        (provenance.rows.len() + provenance.before.len()) as u64
    } else {
        provenance.total
    };
    if (named.len() as u64) < all {
        named.push("\u{2026}".to_owned());
    }
    if named.is_empty() { String::new() } else { format!(": {}", named.join(", ")) }
}

/// A number with at most three places, as cells show it.
#[must_use]
pub fn short_number(number: f64) -> String {
    fixed(number, 3).trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What one step in each table moves by.
const STEPS: [&str; 3] = ["row", "cell", "id"];

/// `row 3 of 10`, `cell 13 of 20`, `id 2 of 7`.
#[must_use]
pub fn step_text(look: Option<CellRef>, table: usize, total: u32) -> String {
    let noun = STEPS.get(table).copied().unwrap_or_default();
    match look.filter(|look| usize::from(look.table) == table) {
        Some(look) => format!("{noun} {} of {}", grouped(u64::from(look.row) + 1), grouped(u64::from(total))),
        None => counted(u64::from(total), noun),
    }
}

/// The row `steps` further; without a current row, the first one on the page. In a held batch only the rows of that
/// page exist.
#[must_use]
pub fn stepped(slice: &TableSlice, at: Option<u32>, steps: i64, is_held: bool) -> Option<u32> {
    let TablePage { offset, total_rows } = slice.page();
    let rows = if is_held { held_rows(slice) } else { 0..total_rows };
    let last = rows.end.checked_sub(1).filter(|last| *last >= rows.start)?;
    let Some(at) = at else { return Some(offset.min(last)) };
    let row = i64::from(at).saturating_add(steps).clamp(i64::from(rows.start), i64::from(last));
    u32::try_from(row).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::frame::ops::{Agg, Closed, RollingGroups, Window};
    use crate::protocol::{KeptRow, TableView};

    fn slice(columns: &[&str], rows: &[Vec<String>], offset: u32, total_rows: u32) -> TableSlice {
        TableSlice::new(TableView {
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            total_rows,
            offset,
            rows: rows.iter().map(|row| row.iter().cloned().map(Some).collect()).collect(),
        })
    }

    /// Tables of rows at these milliseconds after an instant; ids are `a` and `b` in turn.
    fn slices(millis: &[i64]) -> Slices {
        let text =
            |millis: i64| Timestamp::from_nanos(1_748_812_507_000_000_000 + millis * 1_000_000).to_text(&Clock::Utc);
        let id = |row: usize| if row.is_multiple_of(2) { "a" } else { "b" }.to_owned();
        let rows: Vec<_> = millis
            .iter()
            .enumerate()
            .map(|(row, time)| vec![text(*time), id(row), (row * 10).to_string(), format!("{row}.5")])
            .collect();
        let total = millis.len() as u32;
        let ids: Vec<_> = ["a", "b"].map(|id| vec![id.to_owned(), text(0), "1.5".to_owned()]).into();
        [
            slice(&["timestamp", "id", "value", "moving_avg"], &rows, 0, total),
            slice(&["id", "variable", "val"], &[], 0, 2 * total),
            slice(&["id", "timestamp", "value"], &ids, 0, 2),
        ]
    }

    fn rules(closed: &str) -> Rules {
        Rules {
            window: "5s".into(),
            closed: closed.into(),
            agg: "mean".into(),
            aggfunc: "mean".into(),
            is_stream: true,
            ..Rules::default()
        }
    }

    fn look(table: u8, row: u32) -> CellRef {
        CellRef { table, row }
    }

    #[test]
    fn default_rules_equal_the_default_settings() {
        use crate::pipeline::Settings;
        let default = Settings::default();
        let texts: Vec<_> = Settings::FIELDS.iter().map(|field| (field.name.to_owned(), field.get(&default))).collect();
        assert_eq!(Rules::from_settings(&texts), Rules::usual());
    }

    #[test]
    fn a_window_counts_rows_of_this_batch_and_of_earlier_ones() {
        let kept = |value| KeptRow {
            timestamp: String::new(),
            id: String::new(),
            values: vec![Some(value)],
            rolling: vec![None],
        };
        let provenance = Provenance {
            look: Some(look(0, 2)),
            rows: vec![0, 1, 2],
            total: 5,
            before: vec![kept(48.1), kept(51.0)],
            from: "2025-06-01T21:15:03.1Z".into(),
        };
        assert_eq!(
            sentence(&provenance, &slices(&[0, 100, 1100]), &rules("right")),
            "moving_avg 2.5 = mean of 5 values in (21:15:03.1Z, 21:15:08.100000Z]: 3 rows of this batch and 2 before it: 48.1, 51, 0, 10, 20"
        );
    }

    #[test]
    fn a_held_batch_explains_only_held_rows() {
        let slices = slices(&[0, 100, 6000, 6500]);
        let provenance = held_look(&slices, look(0, 1), &rules("right"), &Clock::Utc);
        assert_eq!((&provenance.rows[..], provenance.total), (&[0, 1][..], UNKNOWN_ROWS));
        assert_eq!(
            sentence(&provenance, &slices, &rules("right")),
            "moving_avg 1.5 = mean of the values in (21:15:02.100000Z, 21:15:07.100000Z]: 2 rows of this page, and those before, which are not held: 0, 10"
        );
        let whole = held_look(&slices, look(0, 3), &rules("left"), &Clock::Utc);
        assert_eq!((&whole.rows[..], whole.total, whole.from.as_str()), (&[2][..], 1, "2025-06-01T21:15:08.500000Z"));
        let batch = Rules { is_stream: false, ..rules("left") };
        let first = held_look(&slices, look(0, 0), &batch, &Clock::Utc);
        assert_eq!(sentence(&first, &slices, &batch), "moving_avg 0.5 = mean of 0 values in [21:15:02Z, 21:15:07Z)");
    }

    #[test]
    fn a_melted_row_is_a_cell_and_a_pivoted_one_the_rows_of_its_id() {
        let slices = slices(&[0, 100, 200, 300, 400]);
        let melted = held_look(&slices, look(1, 7), &rules("right"), &Clock::Utc);
        assert_eq!(melted.rows, [2]);
        assert_eq!(sentence(&melted, &slices, &rules("right")), "melted row 8 is the value of latest row 3");
        let pivoted = held_look(&slices, look(2, 0), &rules("right"), &Clock::Utc);
        assert_eq!(pivoted.rows, [0, 2, 4]);
        assert_eq!(sentence(&pivoted, &slices, &rules("right")), "pivoted value 1.5 = mean of 3 rows: 0, 20, 40");
        assert_eq!(row_class(&melted, 0, 2, 5), "data-table__row--value");
        assert_eq!(
            row_class(&held_look(&slices, look(1, 2), &rules("right"), &Clock::Utc), 0, 2, 5),
            "data-table__row--timestamp"
        );
        assert_eq!(row_class(&pivoted, 2, 0, 5), "data-table__row--made");
        assert_eq!(row_class(&pivoted, 0, 4, 5), "data-table__row--source");
        assert_eq!(row_class(&pivoted, 0, 1, 5), "");
    }

    #[test]
    fn sentences_are_about_the_chosen_measure_and_melted_has_a_block_for_each() {
        let at = "2025-06-01T21:15:07Z".to_owned();
        let latest = ["timestamp", "id", "flow", "level", "flow_moving_avg", "level_moving_avg"];
        let rows = (1..=2).map(|row: u32| [row, 10 * row, 100 * row, 1000 * row].map(|cell| cell.to_string()));
        let rows = rows.map(|cells| [vec![at.clone(), "a".to_owned()], cells.to_vec()].concat()).collect::<Vec<_>>();
        let pivoted = [vec!["a".to_owned(), at.clone(), "1.5".to_owned(), "15".to_owned()]];
        let slices = [
            slice(&latest, &rows, 0, 2),
            slice(&["id", "variable", "val"], &[], 0, 6),
            slice(&["id", "timestamp", "flow", "level"], &pivoted, 0, 1),
        ];
        let measures = ["flow", "level"].map(str::to_owned).to_vec();
        let rules = Rules { measures, is_stream: false, ..rules("right") };
        let text = |look, rules: &Rules| sentence(&held_look(&slices, look, rules, &Clock::Utc), &slices, rules);
        assert_eq!(text(look(1, 1), &rules), "melted row 2 is the timestamp of latest row 2");
        assert_eq!(text(look(1, 5), &rules), "melted row 6 is the level of latest row 2");
        assert_eq!(text(look(2, 0), &rules), "pivoted flow 1.5 = mean of 2 rows: 1, 2");
        let level = rules.about("level");
        assert_eq!(text(look(2, 0), &level), "pivoted level 15 = mean of 2 rows: 10, 20");
        assert!(text(look(0, 0), &level).starts_with("level_moving_avg 1000 = mean of 1 value in ("));
        assert_eq!(text(look(1, 5), &level), "melted row 6 is the level of latest row 2", "blocks keep their order");
    }

    #[test]
    fn a_missing_result_and_a_window_with_unnamed_rows_have_sentences() {
        let mut slices = slices(&[0]);
        slices[2] = slice(&["id", "timestamp", "value"], &[vec!["a".into(), String::new(), String::new()]], 0, 1);
        let pivoted = held_look(&slices, look(2, 0), &Rules { aggfunc: "std".into(), ..rules("right") }, &Clock::Utc);
        let text = sentence(&pivoted, &slices, &Rules { aggfunc: "std".into(), ..rules("right") });
        assert_eq!(text, "pivoted value is missing: std of 1 row: 0");
        let wide =
            Provenance { look: Some(look(0, 0)), rows: (0..200).collect(), total: 5000, ..Provenance::default() };
        let text = sentence(&wide, &slices, &rules("right"));
        assert!(text.ends_with(", of which 200 rows are marked: 0, \u{2026}"), "{text}");
    }

    #[test]
    fn values_beyond_the_maximum_are_cut() {
        let provenance =
            Provenance { look: Some(look(2, 0)), rows: (0..9).collect(), total: 9, ..Provenance::default() };
        let text = sentence(&provenance, &slices(&[0; 9]), &rules("right"));
        assert!(text.ends_with("9 rows: 0, 10, 20, 30, 40, 50, \u{2026}"), "{text}");
    }

    #[test]
    fn steps_stay_within_the_table_and_within_the_held_page() {
        let page = slice(&["id"], &vec![vec![String::new()]; 20], 20, 100);
        assert_eq!(stepped(&page, None, 1, false), Some(20));
        assert_eq!(
            [(39, 1), (99, 1), (0, -1)].map(|(at, by)| stepped(&page, Some(at), by, false)),
            [Some(40), Some(99), Some(0)]
        );
        assert_eq!([(39, 1), (20, -1)].map(|(at, by)| stepped(&page, Some(at), by, true)), [Some(39), Some(20)]);
        assert_eq!(stepped(&TableSlice::default(), None, 1, false), None);
        assert_eq!(step_text(Some(look(1, 12)), 1, 20), "cell 13 of 20");
        assert_eq!(step_text(Some(look(1, 12)), 2, 7), "7 ids");
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        /// The rows of a held window equal those of the frame's rolling verb.
        #[test]
        fn a_held_window_is_the_window_of_the_verb(
            mut millis in prop::collection::vec(0_i64..9000, 1..30),
            closed in 0_usize..4,
            is_by_id: bool,
        ) {
            millis.sort_unstable();
            // Whole seconds too, so that rows fall on both ends of windows.
            for (place, millis) in millis.iter_mut().enumerate() {
                *millis -= if place % 3 == 0 { *millis % 1000 } else { 0 };
            }
            millis.sort_unstable();
            let closed = Closed::ALL[closed];
            let slices = slices(&millis);
            let rules = Rules { is_stream: false, is_by_id, ..rules(closed.name()) };
            let mut rolling = RollingGroups::new(&Window { closed, min_periods: 0, ..Window::new(Duration::from_secs(5), Agg::Count) }).unwrap();
            for (row, millis) in millis.iter().enumerate() {
                // The ids take turns.
                let count = rolling.push(is_by_id && row % 2 == 1, millis * 1_000_000, 1.0);
                let provenance = held_look(&slices, look(0, row as u32), &rules, &Clock::Utc);
                prop_assert_eq!((provenance.rows.len() as f64, provenance.total as f64), (count, count), "row {} of {:?}", row, millis);
            }
        }
    }
}
