use std::collections::HashMap;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::frame::ops::{Agg, Closed, Rolling};
use crate::pipeline::RollingBy;

fn at(nanos: i64) -> Timestamp {
    Timestamp::from_nanos(nanos)
}

/// Ids of both kinds; the texts sort before, between and after those of the UUIDs.
fn id(number: u8) -> Id {
    match number {
        0..10 => Id::Uuid(Uuid::from_u128((u128::from(number) * 7919) << 64)),
        10 => Id::Text("0".into()),
        11 => Id::Text("00000000-0000-0000-0000-0000000000011".into()),
        12 => Id::Text("pump".into()),
        _ => Id::Text("pump 2".into()),
    }
}

/// A row; the bits of its number of each measure.
type Row = (i64, String, Vec<u64>);

fn shown(sorted: &Sorted, places: Range<usize>, is_descending: bool) -> Vec<Row> {
    let rows = sorted.rows();
    let numbers = sorted.page(places, is_descending);
    let bits = |row: usize| rows.values(row).into_iter().map(f64::to_bits).collect();
    numbers.iter().map(|row| (rows.time(*row), rows.id(*row).text().to_string(), bits(*row))).collect()
}

#[test]
fn many_rows_are_sorted_by_value_and_by_id() {
    let count = crate::tests::form::in_form(200_000, 1_000_000);
    let mut history = History::new(count);
    for row in 0..count as u64 {
        let chance = row.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let id = Id::Uuid(Uuid::from_u128(u128::from(chance.wrapping_mul(chance | 1)) << 64 | u128::from(chance)));
        history.insert(at(row as i64), id, &Measures::default(), &[(chance >> 11) as f64]);
    }
    for by in [SortBy::Value(0), SortBy::Id] {
        let start = std::time::Instant::now();
        let wanted = RowQuery {
            from: Timestamp::MIN,
            until: Timestamp::MAX,
            measures: Measures::default(),
            ids: Vec::new(),
            by,
        };
        let sorted = Sorted::new(&history, &wanted, Duration::from_secs(5));
        println!("{by:?}: {:?}", start.elapsed());
        let rows = sorted.rows();
        let numbers = sorted.page(0..count, false);
        let is_sorted = numbers.windows(2).all(|pair| match by {
            SortBy::Value(measure) => rows.value(pair[0], measure) <= rows.value(pair[1], measure),
            _ => rows.id(pair[0]) <= rows.id(pair[1]),
        });
        assert!(numbers.len() == count && is_sorted);
    }
}

#[test]
fn a_window_of_too_many_rows_has_no_rolling_aggregate() {
    let mut history = History::new(10_000);
    (0..1000).for_each(|row| history.insert(at(row), id(12), &Measures::default(), &[1.0]));
    let (from, until, measures) = (at(100), at(999), Measures::default());
    let wanted = RowQuery { from, until, measures, ids: Vec::new(), by: SortBy::Time };
    let rolling = |window: i64, rows: Range<usize>| {
        let settings = Settings { window: Duration::from_nanos(window), agg: Agg::Count, ..Settings::default() };
        let sorted = Sorted::new(&history, &wanted, settings.window);
        sorted.rolling(&sorted.page(rows, true), &settings).remove(0)
    };
    assert!(rolling(10, 0..200).iter().all(|rolling| *rolling == 10.0));
    assert!(rolling(200, 0..50).iter().all(|rolling| *rolling == 200.0), "windows that overlap are gone through once");
    assert!(rolling(400, 0..50).iter().all(|rolling| rolling.is_nan()));
    assert_eq!(rolling(100, 899..900), [100.0], "windows reach beyond the range");
    let batch = Settings { rolling_scope: RollingScope::Batch, ..Settings::default() };
    let sorted = Sorted::new(&history, &wanted, batch.window);
    assert!(sorted.rolling(&[500], &batch)[0][0].is_nan());
}

proptest! {
    #![proptest_config(crate::tests::form::cases(192))]

    #[test]
    fn sorted_rows_equal_a_sorted_vector(
        steps in prop::collection::vec((0i64..60, 0u8..14, 0u8..12), 1..200),
        (capacity, block_rows, most_id) in (1usize..300, 1usize..60, prop::sample::select(vec![10u8, 14])),
        (from, until) in prop_oneof![Just((i64::MIN + 1, i64::MAX)), (-5i64..65, -5i64..65)],
        only in prop::sample::subsequence((0u8..14).collect::<Vec<_>>(), 0..5),
        by in prop::sample::select(vec![SortBy::Time, SortBy::Id, SortBy::Value(0), SortBy::Value(1)]),
        is_descending in any::<bool>(),
        (offset, len) in (0usize..40, 0usize..200),
        (window, closed, rolling_by) in (
            1i64..20,
            prop::sample::select(Closed::ALL),
            prop::sample::select(vec![RollingBy::All, RollingBy::Id]),
        ),
    ) {
        let mut history = History::new(capacity);
        history.set_block_rows(block_rows);
        // Rows have their measures in another order than they are read in, and every third has one alone.
        let measures = Measures::parse("value,flow").unwrap();
        let (both, only_flow) = (Measures::parse("flow,value").unwrap(), Measures::parse("flow").unwrap());
        let mut naive: Vec<(i64, Id, [f64; 2])> = Vec::new();
        for (time, number, kind) in steps {
            let flow = if kind == 0 { f64::NAN } else { f64::from(kind) - 5.0 };
            let (value, own) = if kind % 3 == 0 { (f64::NAN, &only_flow) } else { (f64::from(kind % 5), &both) };
            history.insert(at(time), id(number % most_id), own, &[flow, value]);
            naive.push((time, id(number % most_id), [value, flow]));
            naive.sort_by_key(|row| row.0);
            let surplus = naive.len().saturating_sub(capacity);
            naive.drain(..surplus);
        }
        let ids: Vec<Id> = only.iter().map(|number| id(*number)).collect();
        let settings = Settings {
            window: Duration::from_nanos(window),
            closed,
            rolling_by,
            measures: measures.clone(),
            ..Settings::default()
        };
        let mut windows: HashMap<(usize, Option<Id>), Rolling> = HashMap::new();
        let mut rolling = |time, id: &Id, values: [f64; 2]| {
            [0, 1].map(|measure| {
                let window = windows.entry((measure, Some(id.clone()).filter(|_| rolling_by == RollingBy::Id)));
                let window = window.or_insert_with(|| Rolling::new(&settings.rolling_window()).unwrap());
                window.push(time, values[measure])
            })
        };
        let mut expected: Vec<(i64, Id, [f64; 2], [f64; 2])> = naive
            .into_iter()
            .map(|(time, id, values)| (time, id.clone(), values, rolling(time, &id, values)))
            .collect();
        expected.retain(|row| (from..=until).contains(&row.0) && (ids.is_empty() || ids.contains(&row.1)));
        match by {
            SortBy::Time => {}
            SortBy::Id => expected.sort_by_key(|row| row.1.text().to_string()),
            SortBy::Value(measure) => expected.sort_by(|one, other| {
                let (one, other) = (one.2[measure], other.2[measure]);
                one.partial_cmp(&other).unwrap_or_else(|| one.is_nan().cmp(&other.is_nan()))
            }),
        }
        if is_descending {
            expected.reverse();
            if let SortBy::Value(measure) = by {
                expected.sort_by_key(|row| row.2[measure].is_nan());
            }
        }
        let wanted = RowQuery { from: at(from), until: at(until), measures, ids, by };
        let sorted = Sorted::new(&history, &wanted, settings.window);
        prop_assert_eq!(sorted.len(), expected.len());
        let page = &expected[offset.min(expected.len())..(offset + len).min(expected.len())];
        let bits = |values: [f64; 2]| values.map(f64::to_bits).to_vec();
        let rows: Vec<Row> = page.iter().map(|row| (row.0, row.1.text().to_string(), bits(row.2))).collect();
        prop_assert_eq!(shown(&sorted, offset..offset + len, is_descending), rows);
        let rolling = sorted.rolling(&sorted.page(offset..offset + len, is_descending), &settings);
        for (measure, found) in rolling.iter().enumerate() {
            for (found, row) in found.iter().zip(page) {
                let expected = row.3[measure];
                // Running sums that start at another row may differ in their last digits.
                let is_near = found.is_nan() && expected.is_nan() || (found - expected).abs() < 1e-9;
                prop_assert!(is_near, "{} {}", found, expected);
            }
        }
    }
}
