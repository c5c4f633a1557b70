//! The verbs of `examples/verbs` keep what their docs promise.

#[path = "../examples/verbs/main.rs"]
mod example;

use example::{PivotStream, filter};
use millrace::frame::ops::{Agg, PivotTable, pivot_table};
use millrace::frame::{Column, Frame, Strings, Value};
use proptest::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test(unsupported = test)]
fn the_example_runs() {
    example::main().unwrap();
}

type Row = (Option<u16>, u8, f64);

fn frame(rows: &[Row]) -> Frame {
    let ids: Strings = rows.iter().map(|row| row.0.map(|id| format!("id-{id}"))).collect();
    let kinds: Strings = rows.iter().map(|row| Some(format!("kind-{}", row.1))).collect();
    Frame::new(vec![
        ("id".into(), Column::String(ids)),
        ("kind".into(), Column::String(kinds)),
        ("value".into(), rows.iter().map(|row| row.2).collect::<Vec<f64>>().into()),
    ])
    .unwrap()
}

fn fresh(rows: &[Row], columns: &[&str], agg: Agg) -> Frame {
    let values = Some(&["value"][..]);
    let options = PivotTable { index: &["id"], columns, values, aggfunc: agg.into(), ..PivotTable::default() };
    pivot_table(&frame(rows), &options).unwrap()
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let value = prop_oneof![
        6 => (-99..99).prop_map(|hundredths| f64::from(hundredths) / 100.0),
        1 => Just(f64::NAN),
        1 => Just(1e16),
        1 => Just(f64::INFINITY),
    ];
    prop::collection::vec((prop::option::weighted(0.9, 0_u16..4), 0_u8..3, value), 0..12)
}

proptest! {
    #![proptest_config(crate::tests::form::cases(200))]

    #[test]
    fn a_stream_of_batches_equals_a_new_pivot_of_the_retained_rows(
        batches in prop::collection::vec((rows(), 0_usize..20), 1..6),
        agg in prop::sample::select(Agg::ALL),
        is_wide: bool,
    ) {
        let columns: &[&str] = if is_wide { &["kind"] } else { &[] };
        let mut stream = PivotStream::new(&["id"], columns, "value", agg);
        let mut retained: Vec<Row> = Vec::new();
        for (batch, limit) in batches {
            stream.append(&frame(&batch)).unwrap();
            stream.retain(limit);
            retained.extend(batch);
            retained.drain(..retained.len().saturating_sub(limit));
            prop_assert_eq!(stream.pivot().unwrap(), fresh(&retained, columns, agg));
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_stream_refuses_keys_that_are_not_text_and_values_that_are_not_floats() {
    let rows = frame(&[(Some(1), 0, 1.0)]);
    let refusal = PivotStream::new(&["value"], &[], "value", Agg::Mean).append(&rows).unwrap_err();
    assert_eq!(refusal.to_string(), "column \"value\" is float; this needs text");
    let mut stream = PivotStream::new(&["id"], &[], "kind", Agg::Mean);
    assert_eq!(stream.append(&rows).unwrap_err().to_string(), "column \"kind\" is string; this needs floats");
    assert!(stream.pivot().unwrap().is_empty(), "no row was added");
}

fn numbers(count: usize) -> Frame {
    let column = Column::from((0..count).map(|row| row as f64).collect::<Vec<_>>());
    Frame::new(vec![("n".into(), column)]).unwrap()
}

fn kept(frame: &Frame) -> Vec<f64> {
    frame.columns()[0].1.values().filter_map(Value::to_f64).collect()
}

#[wasm_bindgen_test(unsupported = test)]
fn filtered_rows_that_are_scattered_keep_their_order() {
    assert_eq!(kept(&filter(&numbers(6), |row| row % 2 == 1)), [1.0, 3.0, 5.0]);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_filtered_run_of_rows_is_shared_and_not_copied() {
    let frame = numbers(6);
    for range in [2..5, 3..4] {
        let some = filter(&frame, |row| range.contains(&row));
        let (before, after) = (frame.columns()[0].1.as_float().unwrap(), some.columns()[0].1.as_float().unwrap());
        assert_eq!(before[range].as_ptr_range(), after.as_ptr_range());
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_filter_that_keeps_no_row_leaves_the_columns() {
    assert_eq!(filter(&numbers(3), |_| false).shape(), (0, 1));
}
