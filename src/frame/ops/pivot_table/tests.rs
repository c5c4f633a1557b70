//! Pivots compared with literal tables and with a naive pivot on ordered maps.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::frame::ops::{Melt, melt};
use crate::frame::{NAT, Strings};

fn texts(texts: &[Option<&str>]) -> Column {
    Column::String(texts.iter().copied().collect::<Strings>())
}

/// id  kind  value
/// b   hot   1
/// a   hot   2
/// b   wet   4
/// a   hot   8
fn readings() -> Frame {
    Frame::new(vec![
        ("id".into(), texts(&[Some("b"), Some("a"), Some("b"), Some("a")])),
        ("kind".into(), texts(&[Some("hot"), Some("hot"), Some("wet"), Some("hot")])),
        ("value".into(), Column::Int(vec![1, 2, 4, 8].into())),
    ])
    .unwrap()
}

/// The table as text, a line for each column.
fn shown(frame: &Frame) -> Vec<String> {
    let cell = |value: Value<'_>| match value {
        Value::Null => "-".to_owned(),
        Value::Float(number) => format!("{number:?}"),
        Value::Datetime(at) => at.as_nanos().to_string(),
        Value::Int(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Str(text) => text.to_string(),
    };
    let line = |(name, column): &(Name, Column)| {
        format!("{name}: {}", column.values().map(cell).collect::<Vec<_>>().join(" "))
    };
    frame.columns().iter().map(line).collect()
}

#[track_caller]
fn check(frame: &Frame, options: &PivotTable<'_>, expected: &[&str]) {
    assert_eq!(shown(&pivot_table(frame, options).unwrap()), expected);
}

const BY_ID: PivotTable<'_> = PivotTable {
    index: &["id"],
    columns: &[],
    values: Some(&["value"]),
    plain_values: false,
    aggfunc: AggFunc::One(Agg::Sum),
    fill_value: None,
    margins: false,
    margins_name: Name::Borrowed("All"),
    dropna: true,
    sort: true,
};

const BY_ID_AND_KIND: PivotTable<'_> = PivotTable { columns: &["kind"], ..BY_ID };

#[test]
fn rows_are_sorted_by_key_unless_sort_is_false() {
    check(&readings(), &BY_ID, &["id: a b", "value: 10 5"]);
    check(&readings(), &PivotTable { sort: false, ..BY_ID }, &["id: b a", "value: 5 10"]);
}

#[test]
fn column_keys_make_columns_and_integers_with_gaps_become_floats() {
    check(&readings(), &BY_ID_AND_KIND, &["id: a b", "value | hot: 10.0 1.0", "value | wet: - 4.0"]);
}

#[test]
fn plain_values_omit_the_value_name() {
    check(
        &readings(),
        &PivotTable { plain_values: true, ..BY_ID_AND_KIND },
        &["id: a b", "hot: 10.0 1.0", "wet: - 4.0"],
    );
}

#[test]
fn an_integer_fill_value_keeps_integers() {
    let options = PivotTable { fill_value: Some(Value::Int(0)), ..BY_ID_AND_KIND };
    check(&readings(), &options, &["id: a b", "value | hot: 10 1", "value | wet: 0 4"]);
}

#[test]
fn margins_aggregate_over_all_rows_and_all_columns() {
    let expected = ["id: a b All", "value | hot: 10.0 1.0 11.0", "value | wet: - 4.0 4.0", "value | All: 10 5 15"];
    check(&readings(), &PivotTable { margins: true, ..BY_ID_AND_KIND }, &expected);
}

#[test]
fn without_an_index_the_values_become_the_rows() {
    let options = PivotTable { index: &[], ..BY_ID_AND_KIND };
    check(&readings(), &options, &[": value", "hot: 11", "wet: 4"]);
}

#[test]
fn several_aggregates_are_named_in_the_columns() {
    let options = PivotTable { aggfunc: AggFunc::Several(&[Agg::Max, Agg::Mean]), ..BY_ID };
    check(&readings(), &options, &["id: a b", "max | value: 8 4", "mean | value: 5.0 2.5"]);
    let options = PivotTable { aggfunc: AggFunc::SeveralByColumn(&[("value", &[Agg::Max, Agg::Count])]), ..BY_ID };
    check(&readings(), &options, &["id: a b", "value | count: 2 2", "value | max: 8 4"]);
}

#[test]
fn a_missing_key_is_left_out_or_comes_last() {
    let frame = Frame::new(vec![
        ("id".into(), texts(&[None, Some("z"), Some("é")])),
        ("value".into(), Column::Int(vec![1, 2, 4].into())),
    ])
    .unwrap();
    check(&frame, &BY_ID, &["id: z é", "value: 2 4"]);
    check(&frame, &PivotTable { dropna: false, ..BY_ID }, &["id: z é -", "value: 2 4 1"]);
}

#[test]
fn a_group_without_values_is_left_out_unless_its_sum_is_zero() {
    let frame = Frame::new(vec![
        ("id".into(), texts(&[Some("a"), Some("b")])),
        ("value".into(), Column::from(vec![f64::NAN, 2.0])),
    ])
    .unwrap();
    check(&frame, &BY_ID, &["id: a b", "value: 0.0 2.0"]);
    check(&frame, &PivotTable { aggfunc: Agg::Mean.into(), ..BY_ID }, &["id: b", "value: 2.0"]);
}

#[test]
fn uuids_sort_as_their_text_does() {
    let ids = ["f0000000-0000-4000-8000-000000000000", "0a000000-0000-4000-8000-000000000000"];
    let frame = Frame::new(vec![
        ("id".into(), texts(&[Some(ids[0]), Some(ids[1])])),
        ("value".into(), Column::Int(vec![1, 2].into())),
    ])
    .unwrap();
    assert!(matches!(frame.column("id").unwrap().as_strings(), Some(Strings::Uuids(_))));
    check(&frame, &BY_ID, &[&format!("id: {} {}", ids[1], ids[0]), "value: 2 1"]);
}

#[test]
fn the_mean_of_instants_is_cut_toward_zero_to_the_resolution_of_the_column() {
    let mean = |times: &[i64]| {
        let frame = Frame::new(vec![
            ("id".into(), texts(&vec![Some("a"); times.len()])),
            ("value".into(), Column::Datetime(times.to_vec().into())),
        ]);
        let pivoted = pivot_table(&frame.unwrap(), &PivotTable { aggfunc: Agg::Mean.into(), ..BY_ID }).unwrap();
        pivoted.column("value").unwrap().as_datetime().unwrap()[0]
    };
    assert_eq!(mean(&[1_000, 2_000, NAT]), 1_000);
    assert_eq!(mean(&[1_001, 2_000]), 1_500);
    assert_eq!(mean(&[-1_000, -2_000]), -1_000);
    assert_eq!(mean(&[i64::MAX, i64::MAX, i64::MAX - 2]), i64::MAX - 1);
}

#[test]
fn invalid_options_are_refused_with_a_reason() {
    let refusal = |options: &PivotTable<'_>| pivot_table(&readings(), options).unwrap_err().to_string();
    assert_eq!(refusal(&PivotTable { index: &[], ..BY_ID }), "a pivot needs keys; name a column in index or columns");
    assert_eq!(
        refusal(&PivotTable { values: Some(&["kind"]), aggfunc: Agg::Mean.into(), ..BY_ID }),
        "column \"kind\" is string; this needs numbers"
    );
    assert_eq!(
        refusal(&PivotTable { margins: true, margins_name: "wet".into(), ..BY_ID_AND_KIND }),
        "a key is called \"wet\" like the margins; choose another margins_name"
    );
    assert_eq!(
        refusal(&PivotTable { values: Some(&["id"]), ..BY_ID }),
        "\"id\" is a key and is named twice; copy the column under another name"
    );
}

#[test]
fn sums_that_overflow_are_present() {
    const BIG: f64 = 1.5e308;
    let pivoted = |values: &[f64], agg: Agg| {
        let ids = texts(&vec![Some("a"); values.len()]);
        let frame = Frame::new(vec![("id".into(), ids), ("value".into(), values.to_vec().into())]).unwrap();
        let pivoted = pivot_table(&frame, &PivotTable { aggfunc: agg.into(), ..BY_ID }).unwrap();
        pivoted.column("value").unwrap().as_float().unwrap().to_vec()
    };
    assert_eq!(pivoted(&[BIG, BIG, 1.0], Agg::Sum), [f64::INFINITY]);
    assert_eq!(pivoted(&[BIG, BIG, 1.0], Agg::Mean), [BIG / 3.0 * 2.0]);
    assert_eq!(pivoted(&[1.0, BIG, BIG, -BIG], Agg::Sum), [BIG]);
    assert_eq!(pivoted(&[BIG, BIG], Agg::Median), [f64::INFINITY]);
    assert_eq!(pivoted(&[BIG, BIG], Agg::Var), [0.0]);
    assert_eq!(pivoted(&[BIG, BIG, 1.0], Agg::Var), [f64::INFINITY]);
    assert_eq!(pivoted(&[f64::INFINITY, 1.0], Agg::Mean), [f64::INFINITY]);
}

#[test]
fn a_column_has_several_roles_where_the_frame_has_no_more_columns_than_are_named() {
    let pair = readings().select(&["id", "value"]).unwrap();
    let count = PivotTable { values: Some(&["id"]), aggfunc: Agg::Count.into(), ..BY_ID };
    let tried = |frame: &Frame, options: &PivotTable<'_>| {
        let Pivoted { index, values } = pivot(frame, options).map_err(|error| error.to_string())?;
        let column = |(labels, column): (Vec<Cell>, Column)| (name(&labels), column);
        let columns: Vec<_> = index.into_iter().chain(values.into_iter().map(column)).collect();
        Ok::<_, String>(columns.into_iter().map(|column| shown(&Frame::new(vec![column]).unwrap()).remove(0)).collect())
    };
    let answer = |lines: &[&str]| Ok(lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>());
    assert_eq!(tried(&pair, &count), answer(&["id: a b", "id: 2 2"]));
    assert_eq!(tried(&pair, &PivotTable { margins: true, ..count.clone() }), answer(&["id: a b All", "id: 2 2 4"]));
    let both = PivotTable { columns: &["id"], ..BY_ID };
    assert_eq!(tried(&pair, &both), answer(&["id: a b", "value | a: 10.0 -", "value | b: - 5.0"]));
    let refusal = "\"id\" is a key and is named twice; copy the column under another name";
    assert_eq!(tried(&readings(), &count), Err(refusal.to_owned()));
}

#[test]
fn a_melted_frame_pivots_back() {
    let options = Melt { id_vars: &["id", "kind"], value_name: "val".into(), ..Melt::default() };
    let melted = melt(&readings(), &options).unwrap();
    let options = PivotTable { columns: &["variable"], values: Some(&["val"]), plain_values: true, ..BY_ID };
    check(&melted, &options, &["id: a b", "value: 10 5"]);
}

proptest! {
    #![proptest_config(crate::tests::form::cases(1_000))]

    #[test]
    fn a_pivot_equals_a_naive_pivot(
        rows in prop::collection::vec((0_u32..5, 0_u32..3, prop::option::of(-100_i32..100)), 0..80),
        agg in prop::sample::select(Agg::PIVOT),
    ) {
        check_naive(&rows, agg);
    }
}

#[test]
fn a_pivot_of_a_hundred_thousand_rows_equals_a_naive_pivot() {
    // With few ids the slot of a row is computed from its keys, with many it is looked up in a hash table.
    for (ids, kinds) in [(300, 5), (40_000, 20)] {
        let row = |place: u32| {
            let number = place.wrapping_mul(2_654_435_761) >> 3;
            (number % ids, number / ids % kinds, (!number.is_multiple_of(13)).then_some(number as i32 % 1000))
        };
        let rows: Vec<_> = (0..100_000).map(row).collect();
        [Agg::Mean, Agg::Median, Agg::Std, Agg::Sem, Agg::Last].iter().for_each(|agg| check_naive(&rows, *agg));
    }
}

/// Pivots rows of id, kind and value, and compares the cells with those of an ordered map.
fn check_naive(rows: &[(u32, u32, Option<i32>)], agg: Agg) {
    let name = |key: u32| format!("k{key:05}");
    let value = |value: Option<i32>| value.map_or(f64::NAN, |value| f64::from(value) / 4.0);
    let frame = Frame::new(vec![
        ("id".into(), Column::String(rows.iter().map(|row| Some(name(row.0))).collect())),
        ("kind".into(), Column::String(rows.iter().map(|row| Some(name(row.1))).collect())),
        ("value".into(), rows.iter().map(|row| value(row.2)).collect::<Vec<f64>>().into()),
    ])
    .unwrap();
    let options = PivotTable { aggfunc: agg.into(), dropna: false, plain_values: true, ..BY_ID_AND_KIND };
    let pivoted = pivot_table(&frame, &options).unwrap();

    let mut twin: BTreeMap<(u32, u32), Vec<f64>> = BTreeMap::new();
    for (id, kind, number) in rows {
        twin.entry((*id, *kind)).or_default().extend(Some(value(*number)).filter(|number| !number.is_nan()));
    }
    let ids: Vec<u32> = twin.keys().map(|key| key.0).collect::<std::collections::BTreeSet<_>>().into_iter().collect();
    assert_eq!(pivoted.len(), ids.len());
    for ((id, kind), values) in &twin {
        let row = ids.binary_search(id).unwrap();
        let found = pivoted.column(&name(*kind)).unwrap().value(row).to_f64().unwrap_or(f64::NAN);
        let expected = naive(values, agg);
        assert!((found - expected).abs() < 1e-9 || found.is_nan() && expected.is_nan(), "{found}, expected {expected}");
    }
}

fn naive(values: &[f64], agg: Agg) -> f64 {
    let (count, sum) = (values.len() as f64, values.iter().sum::<f64>());
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |place: usize| sorted.get(place).copied().unwrap_or(f64::NAN);
    match agg {
        Agg::Sum => sum,
        Agg::Mean => sum / count,
        Agg::Count => count,
        Agg::Min => at(0),
        Agg::Max => at(values.len().wrapping_sub(1)),
        Agg::Median => (at(values.len().wrapping_sub(1) / 2) + at(values.len() / 2)) / 2.0,
        Agg::First => values.first().copied().unwrap_or(f64::NAN),
        Agg::Last => values.last().copied().unwrap_or(f64::NAN),
        Agg::Std if count < 2.0 => f64::NAN,
        Agg::Std => (values.iter().map(|value| (value - sum / count).powi(2)).sum::<f64>() / (count - 1.0)).sqrt(),
        Agg::Sem => naive(values, Agg::Std) / count.sqrt(),
        Agg::Var | Agg::Nunique => f64::NAN,
    }
}
