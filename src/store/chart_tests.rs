use proptest::prelude::*;

use super::*;
use crate::frame::ops::{Agg, Closed};
use crate::pipeline::{RollingBy, RollingScope, Settings, Store, rows_frame};
use crate::time::Duration;

fn at(nanos: i64) -> Timestamp {
    Timestamp::from_nanos(nanos)
}

fn id(number: u8) -> Id {
    Id::Text(format!("s{number}").into())
}

/// A column as decoded from the buffer; NaN as `None`.
type Column = (f64, f64, Vec<Option<f64>>);

fn columns(chart: Chart, rolling: &[f64]) -> Vec<Column> {
    let (len, ids) = (chart.columns.len(), chart.ids);
    let buffer = chart.into_buffer(rolling);
    assert_eq!(buffer.len(), len * (5 + 2 * ids));
    let cell = |column: usize, row: usize| buffer[column * len + row];
    let shown = |value: f64| Some(value).filter(|value| !value.is_nan());
    (0..len)
        .map(|row| (cell(0, row), cell(1, row), (2..5 + 2 * ids).map(|column| shown(cell(column, row))).collect()))
        .collect()
}

/// A reference implementation of the chart, for rows in order of time.
fn naive(rows: &[(i64, u8, f64)], from: i64, until: i64, most: usize, ids: &[u8], settings: &Settings) -> Vec<Column> {
    let range: Vec<usize> = (0..rows.len()).filter(|row| (from..=until).contains(&rows[*row].0)).collect();
    let width = (until - from) / (most as i64 - 1) + 1;
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for row in range.iter().copied().filter(|row| !rows[*row].2.is_nan()) {
        let same = |group: &Vec<usize>| rows[group[0]].0.div_euclid(width) == rows[row].0.div_euclid(width);
        match groups.last_mut() {
            Some(group) if range.len() > most && same(group) => group.push(row),
            _ => groups.push(vec![row]),
        }
    }
    let bounds = |values: Vec<f64>| [values.iter().copied().reduce(f64::min), values.iter().copied().reduce(f64::max)];
    let rolling = |row: usize| {
        // The default window: (t - width, t], of rows up to this one.
        let seen = rows[..=row].iter().filter(|other| other.0 > rows[row].0 - settings.window.as_nanos());
        let seen = seen.filter(|other| settings.rolling_by == RollingBy::All || other.1 == rows[row].1);
        let seen: Vec<f64> = seen.map(|other| other.2).filter(|value| !value.is_nan()).collect();
        (seen.len() >= settings.min_periods).then(|| seen.iter().sum::<f64>() / seen.len() as f64)
    };
    let column = |group: Vec<usize>| {
        let last = group[group.len() - 1];
        let mut cells = bounds(group.iter().map(|row| rows[*row].2).collect()).to_vec();
        cells.push(rolling(last));
        for id in ids {
            cells.extend(bounds(group.iter().filter(|row| rows[**row].1 == *id).map(|row| rows[*row].2).collect()));
        }
        (rows[last].0 as f64 / 1e6 / 1e3, group.len() as f64, cells)
    };
    groups.into_iter().map(column).collect()
}

#[test]
fn a_chart_without_rows_has_no_columns() {
    let history = History::new(10);
    let chart = history.chart(Timestamp::MIN, Timestamp::MAX, 100, &[id(1)]);
    assert_eq!((chart.rows, chart.covered, chart.into_buffer(&[]).len()), (0, 0, 0));
}

#[test]
fn charts_cover_the_whole_range_of_time_and_reversed_ranges() {
    let mut history = History::new(1000);
    (0..100).for_each(|row| history.insert(at(row * (i64::MAX / 100)), id(1), row as f64));
    history.insert(Timestamp::MIN, id(1), -1.0);
    for most in [0, 2, 3, 50, 8192] {
        let chart = history.chart(at(i64::MIN), Timestamp::MAX, most, &[]);
        assert_eq!((chart.rows, chart.covered), (101, 101));
        assert_eq!(chart.columns.iter().map(|column| column.rows).sum::<u64>(), 101);
    }
    assert_eq!(history.chart(at(5), at(4), 10, &[]).rows, 0);
}

#[test]
fn columns_stay_the_same_while_the_range_moves() {
    let mut history = History::new(10_000);
    (0..10_000).for_each(|row| history.insert(at(row), id(1), (row * 7919 % 1000) as f64));
    let inner = |from: i64| {
        let columns = columns(history.chart(at(from), at(from + 5000), 101, &[]), &[]);
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
        let ids = vec![Some("a"); 30].into_iter().collect();
        history.append(&rows_frame(times, ids, rolling.clone()).unwrap(), &rolling);
        let late = rows_frame(vec![-5], vec![Some("late")].into_iter().collect(), vec![0.0]).unwrap();
        history.append(&late, &[-1.0]);
        number += 30;
    }
    let rolling = |from: i64, until: i64, most: usize| {
        let chart = history.chart(at(from), at(until), most, &[]);
        let rolling = history.rolling_of_chart(&chart, at(from), at(until), &settings);
        let last: Vec<f64> = chart.columns.iter().map(|column| column.bounds.max).collect();
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
    (0..1000).for_each(|row| history.insert(at(row), id(1), row as f64));
    for agg in [Agg::Max, Agg::Min, Agg::Count] {
        let window = Duration::from_nanos(10);
        let settings = Settings { agg, window, closed: Closed::Right, ..Settings::default() };
        history.remember_rolling(&settings, &mut std::iter::empty());
        let chart = history.chart(at(0), at(999), 4, &[]);
        let rolling = history.rolling_of_chart(&chart, at(0), at(999), &settings);
        let of = |last: f64| match agg {
            Agg::Max => last,
            Agg::Min => last - 9.0,
            _ => 10.0,
        };
        for (column, rolling) in chart.columns.iter().zip(rolling) {
            assert!((of(column.bounds.max) - rolling).abs() < 64.0, "{agg:?} {column:?} {rolling}");
        }
    }
    let batch = rows_frame(vec![998, 999], vec![Some("a"); 2].into_iter().collect(), vec![5.0, 7.0]).unwrap();
    let settings =
        Settings { rolling_scope: RollingScope::Batch, window: Duration::from_secs(1), ..Settings::default() };
    history.remember_rolling(&settings, &mut [&batch].into_iter());
    let chart = history.chart(at(990), at(999), 100, &[]);
    let rolling = history.rolling_of_chart(&chart, at(990), at(999), &settings);
    assert!(rolling[..8].iter().all(|rolling| rolling.is_nan()));
    assert_eq!(rolling[8..], [5.0, 6.0], "a batch by itself");
}

proptest! {
    #![proptest_config(crate::tests::form::cases(256))]

    #[test]
    fn chart_equals_one_computed_from_every_row(
        steps in prop::collection::vec((prop_oneof![0i64..400, 100i64..120, -900i64..-880], 0u8..5, 0u8..20), 1..300),
        rounds in 1usize..4,
        capacity in 1usize..800,
        block_rows in prop_oneof![1usize..70, 70usize..400],
        ranges in prop::collection::vec((-950i64..420, -950i64..420), 3),
        (most, window, min_periods, by) in (
            2usize..60,
            1i64..300,
            0usize..3,
            prop::sample::select(vec![RollingBy::All, RollingBy::Id]),
        ),
        ids in prop::sample::subsequence(vec![0u8, 1, 2, 3, 4, 9], 0..4),
    ) {
        let mut history = History::new(capacity);
        history.set_block_rows(block_rows);
        let min_periods = min_periods.max(1);
        let settings =
            Settings { window: Duration::from_nanos(window), min_periods, rolling_by: by, ..Settings::default() };
        let asked: Vec<Id> = ids.iter().map(|number| id(*number)).collect();
        let mut rows: Vec<(i64, u8, f64)> = Vec::new();
        for (round, range) in (0..rounds).zip(ranges) {
            for (time, number, kind) in &steps {
                let time = time + round as i64 * 50;
                let value = if *kind == 0 { f64::NAN } else { f64::from(*kind) * 3.0 };
                history.insert(at(time), id(*number), value);
                rows.push((time, *number, value));
                rows.sort_by_key(|row| row.0);
                let surplus = rows.len().saturating_sub(capacity);
                rows.drain(..surplus);
            }
            history.remember_rolling(&settings, &mut std::iter::empty());
            let (from, until) = range;
            for (from, until) in [(from.min(until), from.max(until)), (rows[0].0, rows[rows.len() - 1].0)] {
                let chart = history.chart(at(from), at(until), most, &asked);
                let rolling = history.rolling_of_chart(&chart, at(from), at(until), &settings);
                prop_assert_eq!(chart.covered, chart.rows);
                prop_assert!(chart.columns.len() <= most);
                let is_exact = rows.iter().filter(|row| row.0 >= from - window && row.0 <= until).count() <= 150;
                let (mut found, mut expected) =
                    (columns(chart, &rolling), naive(&rows, from, until, most, &ids, &settings));
                if !is_exact {
                    found.iter_mut().chain(&mut expected).for_each(|column| column.2[2] = None);
                }
                prop_assert_eq!(found, expected);
            }
        }
    }
}
