//! The tables made piece by piece, compared with the verbs over all rows at once.

use std::collections::HashMap;

use proptest::prelude::*;

use super::ready::Ready;
use super::*;
use crate::frame::ops::{Agg, PivotTable, Rolling, pivot_table};
use crate::frame::{Cell, Column, Strings};
use crate::pipeline::{Id, Measures, RollingBy, RollingWindows, Settings, rows_frame, tables};
use crate::store::History;
use crate::time::{Clock, Duration, Timestamp, bucket_start};

/// What the steps of a search lead to.
fn until_known<T>(mut step: impl FnMut() -> Option<T>) -> T {
    std::iter::repeat_with(&mut step).flatten().next().unwrap()
}

/// All rows of a table: the names of its columns, then its cells.
fn read(mut table: impl Table) -> Vec<Vec<Cell>> {
    let mut all = Vec::new();
    loop {
        match table.next().unwrap() {
            Step::Rows(rows) => {
                if all.is_empty() {
                    all.push(rows.columns().iter().map(|(name, _)| Cell::Str(name.as_ref().into())).collect());
                }
                all.extend(cells(&rows));
            }
            Step::Busy => {}
            Step::End => return all,
        }
    }
}

fn cells(frame: &Frame) -> impl Iterator<Item = Vec<Cell>> {
    (0..frame.len()).map(|row| frame.columns().iter().map(|(_, column)| Cell::from(column.value(row))).collect())
}

fn whole(frame: &Frame) -> Vec<Vec<Cell>> {
    let names = frame.columns().iter().map(|(name, _)| Cell::Str(name.as_ref().into())).collect();
    std::iter::once(names).chain(cells(frame)).collect()
}

/// The most measures of a case.
const MEASURES: usize = 3;

#[derive(Debug, Clone)]
struct Case {
    rows: Vec<(i64, u8, bool, [Option<i32>; MEASURES])>,
    /// The number of measures.
    measures: usize,
    wanted: Option<Vec<u8>>,
    range: (i64, i64),
    page: (usize, usize),
    window: i64,
    is_stream: bool,
    by: RollingBy,
    agg: Agg,
    aggfunc: Agg,
    unit: i64,
    bucket: i64,
    /// Rows of a sealed block of the history.
    block_rows: usize,
}

fn values() -> impl Strategy<Value = [Option<i32>; MEASURES]> {
    prop::array::uniform3(prop::option::weighted(0.9, -50i32..50))
}

fn case() -> impl Strategy<Value = Case> {
    (
        prop::collection::vec((0i64..60, 0u8..7, any::<bool>(), values()), 0..60),
        1..=MEASURES,
        prop::option::of(prop::collection::vec(0u8..7, 0..4)),
        (-5i64..65, -5i64..65),
        (0usize..30, prop_oneof![Just(usize::MAX), 0usize..40]),
        (
            1i64..20,
            any::<bool>(),
            prop::sample::select(vec![RollingBy::All, RollingBy::Id]),
            prop::sample::select(Agg::ROLLING),
            prop::sample::select(Agg::PIVOT),
        ),
        (prop::sample::select(&[1_i64, 1000, 500_000_000][..]), 1i64..20, prop_oneof![1usize..10, Just(8192)]),
    )
        .prop_map(
            |(
                rows,
                measures,
                wanted,
                range,
                page,
                (window, is_stream, by, agg, aggfunc),
                (unit, bucket, block_rows),
            )| Case {
                rows,
                measures,
                wanted,
                range,
                page,
                window,
                is_stream,
                by,
                agg,
                aggfunc,
                unit,
                bucket,
                block_rows,
            },
        )
}

fn id(number: u8, is_text: bool) -> Id {
    if is_text { Id::Text(format!("s{number}").into()) } else { Id::Uuid(uuid::Uuid::from_u128(u128::from(number))) }
}

impl Case {
    /// The rows in order of arrival, with a value for each measure.
    fn rows(&self) -> impl Iterator<Item = (i64, Id, Vec<f64>)> {
        self.rows.iter().map(|(time, number, is_text, values)| {
            let values = values[..self.measures].iter().map(|value| value.map_or(f64::NAN, f64::from));
            (time * self.unit, id(*number, *is_text), values.collect())
        })
    }
}

/// Rows of the response with their rolling aggregates, computed naively: sort, roll over all rows, filter, page.
fn naive(case: &Case, settings: &Settings) -> Vec<(i64, Id, Vec<f64>, Vec<f64>)> {
    let mut rows: Vec<(i64, Id, Vec<f64>)> = case.rows().collect();
    rows.sort_by_key(|row| row.0);
    let roll = |rows: &mut dyn Iterator<Item = (i64, Id, Vec<f64>)>| -> Vec<Vec<f64>> {
        let mut windows: HashMap<(Option<Id>, usize), Rolling> = HashMap::new();
        rows.map(|(time, id, values)| {
            let id = Some(id).filter(|_| case.by == RollingBy::Id);
            let roll = |(measure, value)| {
                let window = windows.entry((id.clone(), measure));
                window.or_insert_with(|| Rolling::new(&settings.rolling_window()).unwrap()).push(time, value)
            };
            values.into_iter().enumerate().map(roll).collect()
        })
        .collect()
    };
    let rolled = roll(&mut rows.iter().cloned());
    let range = case.range.0 * case.unit..=case.range.1 * case.unit;
    let wanted: Option<Vec<Id>> =
        case.wanted.as_ref().map(|ids| ids.iter().map(|number| id(*number, number % 2 == 0)).collect());
    let kept = rows.into_iter().zip(rolled).filter(|(row, _)| range.contains(&row.0));
    let kept = kept.filter(|(row, _)| wanted.as_ref().is_none_or(|wanted| wanted.contains(&row.1)));
    let mut page: Vec<_> = kept
        .skip(case.page.0)
        .take(case.page.1)
        .map(|((time, id, values), rolled)| (time, id, values, rolled))
        .collect();
    if !case.is_stream {
        let rolled = roll(&mut page.iter().map(|row| (row.0, row.1.clone(), row.2.clone())));
        page.iter_mut().zip(rolled).for_each(|(row, rolled)| row.3 = rolled);
    }
    page
}

/// The columns of these rows, for each measure one.
fn columns<'a>(measures: &Measures, rows: impl Iterator<Item = &'a Vec<f64>> + Clone) -> Vec<Vec<f64>> {
    (0..measures.count()).map(|measure| rows.clone().map(|values| values[measure]).collect()).collect()
}

proptest! {
    #![proptest_config(crate::tests::form::cases(2000))]

    #[test]
    fn tables_made_in_pieces_equal_the_verbs_over_all_rows(case in case()) {
        let window = Duration::from_nanos(case.window * case.unit);
        let (agg, aggfunc) = (case.agg, case.aggfunc);
        // Names that the tables have besides, and such as others begin with.
        let measures = Measures::new(["value", "val", "value_s1"].into_iter().take(case.measures)).unwrap();
        let measures = &measures;
        let settings = Settings { window, rolling_by: case.by, agg, aggfunc, measures: measures.clone(), ..Settings::default() };
        let mut history = History::new(1_000_000);
        history.set_block_rows(case.block_rows);
        for (time, id, values) in case.rows() {
            history.insert(Timestamp::from_nanos(time), id, measures, &values);
        }

        let from = Timestamp::from_nanos(case.range.0 * case.unit);
        let until = Timestamp::from_nanos(case.range.1 * case.unit);
        let rows = history.rows(if case.is_stream { from - window } else { from }, until, measures);
        let first = rows.partition_point(|time| time < from.as_nanos());
        let mut selection = Selection::new(rows, first);
        if let Some(wanted) = &case.wanted {
            let ids = wanted.iter().map(|number| id(*number, number % 2 == 0)).collect();
            let mut pick = PickIds::new(selection);
            selection = until_known(|| pick.step(&ids));
        }
        let selection = selection.with_page(case.page.0, case.page.1);
        let options = settings.rolling_options();
        // From the first row on, so that sums take the same steps and are equal to the last bit.
        let rolled = match case.is_stream {
            true => RollingSource::Stream { windows: WindowsOver::new(&options, measures.count(), 0).unwrap(), fed: 0 },
            false => RollingSource::Own(RollingWindows::of_measures(&options, measures.count()).unwrap()),
        };
        // Rows inserted from now on are not in the response.
        history.insert(from, id(0, true), measures, &[1e9; MEASURES][..case.measures]);

        let expected = naive(&case, &settings);
        prop_assert_eq!(selection.len(), expected.len());
        let ids: Strings = expected.iter().map(|row| Some(row.1.text().to_string())).collect();
        let values = columns(measures, expected.iter().map(|row| &row.2));
        let frame = rows_frame(expected.iter().map(|row| row.0).collect(), ids, measures, values).unwrap();
        let tables = tables(frame.clone(), columns(measures, expected.iter().map(|row| &row.3)), &settings).unwrap();

        let latest = read(Latest::new(selection.clone(), rolled, case.agg));
        prop_assert_eq!(&latest[0], &whole(&tables.latest)[0]);
        prop_assert_eq!(latest.len(), expected.len() + 1);
        let plain = 2 + measures.count();
        for (row, expected) in latest[1..].iter().zip(cells(&tables.latest)) {
            prop_assert_eq!(&row[..plain], &expected[..plain]);
            // The rolling state starts at the range here, at the first row there: sums may differ in the last digits.
            let number = |cell: &Cell| cell.as_value().to_f64().unwrap_or(f64::NAN);
            for (one, other) in row[plain..].iter().map(number).zip(expected[plain..].iter().map(number)) {
                prop_assert!((one - other).abs() <= 1e-6 * other.abs().max(1.0) || one.is_nan() && other.is_nan(), "{} {}", one, other);
            }
        }
        prop_assert_eq!(read(Melted::new(selection.clone())), whole(&tables.melted));
        prop_assert_eq!(read(Pivoted::new(selection.clone(), case.aggfunc)), whole(&tables.pivoted));
        for frame in [tables.latest, tables.melted, tables.pivoted] {
            prop_assert_eq!(read(Ready::new(frame.clone())), whole(&frame));
        }

        let width = Duration::from_nanos(case.bucket * case.unit);
        let start = |time: i64| bucket_start(Timestamp::from_nanos(time), width, &Clock::Utc).as_nanos();
        let mut find = FindBuckets::new(width, &Clock::Utc);
        let buckets = until_known(|| find.step(&selection).unwrap());
        let bucketed = read(Bucketed::new(selection, case.aggfunc, buckets));
        if !expected.is_empty() {
            let starts = Column::Datetime(expected.iter().map(|row| start(row.0)).collect());
            let frame = frame.with_column("timestamp", starts).unwrap();
            let mut all: Option<Frame> = None;
            for measure in measures.names() {
                let options = PivotTable {
                    index: &["timestamp"], columns: &["id"], values: Some(&[measure]), aggfunc: case.aggfunc.into(), dropna: false,
                    plain_values: true, ..PivotTable::default()
                };
                let pivoted = pivot_table(&frame, &options).unwrap();
                let of_measure = pivoted.columns().iter().skip(1).cloned();
                let whole = all.take().unwrap_or_else(|| pivoted.select(&["timestamp"]).unwrap());
                all = Some(of_measure.fold(whole, |all, (id, column)| {
                    let name = if measures.count() == 1 { id.to_string() } else { format!("{measure}_{id}") };
                    all.with_column(name, column).unwrap()
                }));
            }
            prop_assert_eq!(bucketed, whole(&all.unwrap()));
        }
    }
}
