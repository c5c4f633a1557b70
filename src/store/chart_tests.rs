use proptest::prelude::*;

use super::*;
use crate::frame::Frame;
use crate::frame::ops::{Agg, Closed};
use crate::pipeline::{RollingBy, RollingScope, Settings, Store, rows_frame};
use crate::time::Duration;

fn at(nanos: i64) -> Timestamp {
    Timestamp::from_nanos(nanos)
}

fn id(number: u8) -> Id {
    Id::Text(format!("s{number}").into())
}

fn value() -> Measures {
    Measures::default()
}

fn insert(history: &mut History, nanos: i64, number: u8, value: f64) {
    history.insert(at(nanos), id(number), &Measures::default(), &[value]);
}

/// The rows of a batch at these times, all with one id.
fn frame(times: Vec<i64>, values: Vec<f64>) -> Frame {
    let ids = vec![Some("a"); times.len()].into_iter().collect();
    rows_frame(times, ids, &value(), vec![values]).unwrap()
}

/// A column as decoded from the buffer: its last instant; then for each measure the number of rows, the smallest number,
/// the largest, the rolling aggregate, and the smallest and largest of each id. NaN as `None`.
type Column = (f64, Vec<Option<f64>>);

fn columns(chart: Chart, rolling: &[Vec<f64>]) -> Vec<Column> {
    let (len, cells) = (chart.columns.len(), chart.measures.count() * (4 + 2 * chart.ids));
    let buffer = chart.into_buffer(rolling);
    assert_eq!(buffer.len(), len * (1 + cells));
    let cell = |column: usize, row: usize| buffer[column * len + row];
    let shown = |value: f64| Some(value).filter(|value| !value.is_nan());
    (0..len).map(|row| (cell(0, row), (1..=cells).map(|column| shown(cell(column, row))).collect())).collect()
}

/// A row of the reference implementation: a number for each measure, NaN where it lacks one.
type Row = (i64, u8, [f64; 2]);

/// A reference implementation of the chart, for rows in order of time; `places` are those of its measures.
fn naive(
    rows: &[Row],
    (from, until): (i64, i64),
    most: usize,
    places: &[usize],
    ids: &[u8],
    settings: &Settings,
) -> Vec<Column> {
    let range: Vec<usize> = (0..rows.len()).filter(|row| (from..=until).contains(&rows[*row].0)).collect();
    let width = (until - from) / (most as i64 - 1) + 1;
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let has_any = |row: &usize| places.iter().any(|place| !rows[*row].2[*place].is_nan());
    for row in range.iter().copied().filter(has_any) {
        let same = |group: &Vec<usize>| rows[group[0]].0.div_euclid(width) == rows[row].0.div_euclid(width);
        match groups.last_mut() {
            Some(group) if range.len() > most && same(group) => group.push(row),
            _ => groups.push(vec![row]),
        }
    }
    let bounds = |values: Vec<f64>| [values.iter().copied().reduce(f64::min), values.iter().copied().reduce(f64::max)];
    let rolling = |row: usize, place: usize| {
        // The default window: (t - width, t], of rows up to this one.
        let seen = rows[..=row].iter().filter(|other| other.0 > rows[row].0 - settings.window.as_nanos());
        let seen = seen.filter(|other| settings.rolling_by == RollingBy::All || other.1 == rows[row].1);
        let seen: Vec<f64> = seen.map(|other| other.2[place]).filter(|value| !value.is_nan()).collect();
        (seen.len() >= settings.min_periods).then(|| seen.iter().sum::<f64>() / seen.len() as f64)
    };
    let column = |group: Vec<usize>| {
        let mut cells = Vec::new();
        for place in places {
            let group: Vec<usize> = group.iter().copied().filter(|row| !rows[*row].2[*place].is_nan()).collect();
            let bounds_of = |group: Vec<usize>| bounds(group.iter().map(|row| rows[*row].2[*place]).collect());
            cells.push(Some(group.len() as f64));
            cells.extend(bounds_of(group.clone()));
            cells.push(group.last().and_then(|last| rolling(*last, *place)));
            for id in ids {
                cells.extend(bounds_of(group.iter().copied().filter(|row| rows[*row].1 == *id).collect()));
            }
        }
        (rows[group[group.len() - 1]].0 as f64 / 1e6 / 1e3, cells)
    };
    groups.into_iter().map(column).collect()
}

#[test]
fn a_chart_without_rows_has_no_columns() {
    let history = History::new(10);
    let chart = history.chart(Timestamp::MIN, Timestamp::MAX, 100, &value(), &[id(1)]);
    assert_eq!((chart.rows, chart.covered, chart.into_buffer(&[]).len()), (0, 0, 0));
}

#[test]
fn charts_cover_the_whole_range_of_time_and_reversed_ranges() {
    let mut history = History::new(1000);
    (0..100).for_each(|row| insert(&mut history, row * (i64::MAX / 100), 1, row as f64));
    insert(&mut history, i64::MIN, 1, -1.0);
    for most in [0, 2, 3, 50, 8192] {
        let chart = history.chart(at(i64::MIN), Timestamp::MAX, most, &value(), &[]);
        assert_eq!((chart.rows, chart.covered), (101, 101));
        assert_eq!(chart.lines.iter().map(|line| line.rows).sum::<u64>(), 101);
    }
    assert_eq!(history.chart(at(5), at(4), 10, &value(), &[]).rows, 0);
}

#[test]
fn columns_stay_the_same_while_the_range_moves() {
    let mut history = History::new(10_000);
    (0..10_000).for_each(|row| insert(&mut history, row, 1, (row * 7919 % 1000) as f64));
    let inner = |from: i64| {
        let columns = columns(history.chart(at(from), at(from + 5000), 101, &value(), &[]), &[]);
        columns[20..50].to_vec()
    };
    assert_eq!(inner(1000)[1..], inner(1051)[..29]);
}

#[test]
fn rolling_samples_return_the_aggregate_on_arrival() {
    let mut history = History::new(100_000);
    let settings = Settings { rolling_scope: RollingScope::Batch, ..Settings::default() };
    history.remember_rolling(&settings, &mut std::iter::empty());
    let mut number = 0;
    for _ in 0..100 {
        // Three rows per instant; late rows are left out.
        let times: Vec<i64> = (number..number + 30).map(|row| row / 3).collect();
        let rolling: Vec<f64> = (number..number + 30).map(|row| row as f64).collect();
        history.append(&frame(times, rolling.clone()), &[rolling]);
        history.append(&frame(vec![-5], vec![0.0]), &[vec![-1.0]]);
        number += 30;
    }
    let rolling = |from: i64, until: i64, most: usize| {
        let chart = history.chart(at(from), at(until), most, &value(), &[]);
        let rolling = history.rolling_of_chart(&chart, at(from), at(until), &settings).remove(0);
        let last: Vec<f64> = chart.lines.iter().map(|line| line.bounds.max).collect();
        (last, rolling)
    };
    let (values, exact) = rolling(980, 999, 1000);
    assert_eq!((values.len(), &values), (60, &exact), "of the newest rows each one");
    let (values, sampled) = rolling(0, 999, 50);
    assert_eq!(values.len(), 48);
    for (value, sample) in values.iter().zip(sampled) {
        assert!(sample <= *value && sample > *value - 64.0 || sample.is_nan() && *value < 64.0, "{value}: {sample}");
    }
}

#[test]
fn rolling_samples_are_rebuilt_when_settings_change() {
    let mut history = History::new(100_000);
    (0..1000).for_each(|row| insert(&mut history, row, 1, row as f64));
    for agg in [Agg::Max, Agg::Min, Agg::Count] {
        let window = Duration::from_nanos(10);
        let settings = Settings { agg, window, closed: Closed::Right, ..Settings::default() };
        history.remember_rolling(&settings, &mut std::iter::empty());
        let chart = history.chart(at(0), at(999), 4, &value(), &[]);
        let rolling = history.rolling_of_chart(&chart, at(0), at(999), &settings).remove(0);
        let of = |last: f64| match agg {
            Agg::Max => last,
            Agg::Min => last - 9.0,
            _ => 10.0,
        };
        for (line, rolling) in chart.lines.iter().zip(rolling) {
            assert!((of(line.bounds.max) - rolling).abs() < 64.0, "{agg:?} {line:?} {rolling}");
        }
    }
    let batch = frame(vec![998, 999], vec![5.0, 7.0]);
    let settings =
        Settings { rolling_scope: RollingScope::Batch, window: Duration::from_secs(1), ..Settings::default() };
    history.remember_rolling(&settings, &mut [&batch].into_iter());
    let chart = history.chart(at(990), at(999), 100, &value(), &[]);
    let rolling = history.rolling_of_chart(&chart, at(990), at(999), &settings).remove(0);
    assert!(rolling[..8].iter().all(|rolling| rolling.is_nan()));
    assert_eq!(rolling[8..], [5.0, 6.0], "a batch by itself");
}

#[test]
fn a_measure_that_no_row_of_the_range_has_is_a_line_without_numbers() {
    let mut history = History::new(10_000);
    (0..1000).for_each(|row| insert(&mut history, row, 1, row as f64));
    let measures = Measures::parse("flow,value").unwrap();
    for most in [10, 2000] {
        let chart = history.chart(at(0), at(999), most, &measures, &[id(1)]);
        assert_eq!((chart.rows, chart.covered), (1000, 1000));
        for (_, cells) in columns(chart, &[]) {
            assert_eq!((cells[0], &cells[1..6]), (Some(0.0), &[None; 5][..]));
            assert!(cells[6] > Some(0.0) && cells[7].is_some() && cells[10..].iter().all(Option::is_some));
        }
    }
    let only_flow = history.chart(at(0), at(999), 10, &Measures::parse("flow").unwrap(), &[]);
    assert_eq!((only_flow.covered, columns(only_flow, &[]).len()), (1000, 0));
}

proptest! {
    #![proptest_config(crate::tests::form::cases(256))]

    #[test]
    fn chart_equals_one_computed_from_every_row(
        steps in prop::collection::vec(
            (prop_oneof![0i64..400, 100i64..120, -900i64..-880], 0u8..5, 0u8..20, 0u8..20),
            1..300,
        ),
        rounds in 1usize..4,
        capacity in 1usize..800,
        block_rows in prop_oneof![1usize..70, 70usize..400],
        ranges in prop::collection::vec((-950i64..420, -950i64..420), 3),
        (most, window, min_periods, by, names) in (
            2usize..60,
            1i64..300,
            0usize..3,
            prop::sample::select(vec![RollingBy::All, RollingBy::Id]),
            prop::sample::select(vec![vec!["value"], vec!["flow"], vec!["flow", "value"]]),
        ),
        ids in prop::sample::subsequence(vec![0u8, 1, 2, 3, 4, 9], 0..4),
    ) {
        let mut history = History::new(capacity);
        history.set_block_rows(block_rows);
        let (min_periods, both) = (min_periods.max(1), Measures::parse("value,flow").unwrap());
        let (window, drawn) = (Duration::from_nanos(window), Measures::new(names).unwrap());
        let places: Vec<usize> = both.places_of(&drawn).into_iter().flatten().collect();
        let settings =
            Settings { window, min_periods, rolling_by: by, measures: both.clone(), ..Settings::default() };
        let asked: Vec<Id> = ids.iter().map(|number| id(*number)).collect();
        let number = |kind: u8, most: u8| if kind < most { f64::NAN } else { f64::from(kind) * 3.0 };
        let mut rows: Vec<Row> = Vec::new();
        for (round, range) in (0..rounds).zip(ranges) {
            for (time, id_number, kind, other) in &steps {
                let time = time + round as i64 * 50;
                // Many rows have `value` alone.
                let values = [number(*kind, 1), number(*other, 10)];
                let measures = if values[1].is_nan() { value() } else { both.clone() };
                history.insert(at(time), id(*id_number), &measures, &values);
                rows.push((time, *id_number, values));
                rows.sort_by_key(|row| row.0);
                let surplus = rows.len().saturating_sub(capacity);
                rows.drain(..surplus);
            }
            history.remember_rolling(&settings, &mut std::iter::empty());
            let (from, until) = range;
            for (from, until) in [(from.min(until), from.max(until)), (rows[0].0, rows[rows.len() - 1].0)] {
                let chart = history.chart(at(from), at(until), most, &drawn, &asked);
                let rolling = history.rolling_of_chart(&chart, at(from), at(until), &settings);
                prop_assert_eq!(chart.covered, chart.rows);
                prop_assert!(chart.columns.len() <= most);
                let seen = rows.iter().filter(|row| row.0 >= from - window.as_nanos() && row.0 <= until);
                let is_exact = seen.count() <= 150 / drawn.count();
                let (mut found, mut expected) = (
                    columns(chart, &rolling),
                    naive(&rows, (from, until), most, &places, &ids, &settings),
                );
                if !is_exact {
                    for (_, cells) in found.iter_mut().chain(&mut expected) {
                        cells.iter_mut().skip(3).step_by(4 + 2 * ids.len()).for_each(|rolling| *rolling = None);
                    }
                }
                prop_assert_eq!(found, expected);
            }
        }
    }
}
