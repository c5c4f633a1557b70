//! Values near the limits of floats: the latest batch, the stream and queries over any range give one answer, which
//! depends on nothing that has left the window.

use millrace::api::{Body, Part, Request};
use serde_json::Value;
use wasm_bindgen_test::wasm_bindgen_test;

use super::service::Service;

const BIG: f64 = 1.5e308;

/// Values of one event a second.
const SERIES: [&[f64]; 9] = [
    &[BIG, BIG, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    &[1.0, 2.5, BIG, f64::MAX, -1.0, 2.25, 0.75, 8.5, 3.0, 4.0],
    &[-BIG, -BIG, 1.0, -2.0, 3.0, -4.0],
    &[BIG, BIG, -BIG, -BIG, 1.0, 2.0, 3.0, 4.0],
    &[-f64::MAX, f64::MAX, -f64::MAX, f64::MAX, 0.5, 0.25, 0.125, 1.0],
    &[1.7e308, -1.7e308, 1.1, 2.2, 3.3, 4.4, 5.5, 6.6],
    &[1e154, 2e154, 3e154, 1.0, 2.0, 3.0, 4.0, 5.0],
    &[1e200, 2e200, 3e200, 1.0, 2.0, 3.0, 4.5, 5.0],
    &[5e-324, 5e-324, 1e-310, 2e-308, -5e-324, 3.0, -0.0, 0.0],
];

const WINDOW: usize = 3;

fn time(second: usize) -> String {
    format!("2025-06-01T12:00:{second:02}")
}

/// A column of records, NaN where it is null.
fn column(records: &Value, name: &str) -> Vec<f64> {
    let cell = |record: &Value| record.get(name).unwrap_or_else(|| panic!("{name} of {record}")).as_f64();
    records.as_array().unwrap().iter().map(|record| cell(record).unwrap_or(f64::NAN)).collect()
}

fn is_near(a: f64, b: f64) -> bool {
    a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

#[track_caller]
fn assert_near(found: &[f64], expected: &[f64], of: &str) {
    let are_near = found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| is_near(*a, *b));
    assert!(are_near, "{of}: {found:?}, expected {expected:?}");
}

/// The exact sum of values and their exact mean.
fn sum_and_mean(values: &[f64]) -> (f64, f64) {
    let mut values = values.to_vec();
    // Huge values that cancel do so before anything small is added, and no sum overflows on the way.
    values.sort_by(|a, b| b.abs().total_cmp(&a.abs()));
    let scale = if values[0].abs() > 1e300 { 1.0 / 256.0 } else { 1.0 };
    let sum: f64 = values.iter().map(|value| value * scale).sum();
    (sum / scale, sum / values.len() as f64 / scale)
}

/// As JSON has it: an infinite number is missing.
fn shown(number: f64) -> f64 {
    if number.is_finite() { number } else { f64::NAN }
}

fn expected(values: &[f64], agg: &str) -> Vec<f64> {
    let result = |row: usize| {
        let (sum, mean) = sum_and_mean(&values[(row + 1).saturating_sub(WINDOW)..=row]);
        shown(if agg == "sum" { sum } else { mean })
    };
    (0..values.len()).map(result).collect()
}

/// The service after these events, and the `latest` of every batch that the stream has sent.
fn run(values: &[f64], agg: &'static str) -> (Service, Vec<Value>) {
    let mut service = Service::new(&[("batch_size", "2"), ("window", "3s"), ("agg", agg)]);
    let Body::Flow(mut flow) = service.app.handle(&Request::new("GET", "stream"), service.now).body else {
        panic!("not a flow")
    };
    for (second, value) in values.iter().enumerate() {
        service.post_rows(&[(&time(second), *value)]);
    }
    let mut text = Vec::new();
    while let Part::Bytes(bytes) = flow.next(service.app.service(), service.now) {
        text.extend_from_slice(&bytes);
    }
    let text = String::from_utf8(text).unwrap();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let batches = data.map(|data| serde_json::from_str::<Value>(data).unwrap()).collect();
    (service, batches)
}

#[wasm_bindgen_test(unsupported = test)]
fn running_aggregates_are_alike_in_latest_stream_and_query() {
    for values in SERIES {
        for (agg, name) in [
            ("mean", "moving_avg"),
            ("sum", "moving_sum"),
            ("std", "moving_std"),
            ("var", "moving_var"),
            ("median", "moving_median"),
            ("max", "moving_max"),
        ] {
            let (mut service, batches) = run(values, agg);
            let of = |place: &str| format!("{agg} of {values:?} in {place}");
            let streamed: Vec<f64> = batches.iter().flat_map(|batch| column(&batch["latest"], name)).collect();
            if matches!(agg, "mean" | "sum") {
                assert_near(&streamed, &expected(values, agg), &of("the stream"));
            }
            let latest = column(&service.get("latest")["latest"], name);
            assert_near(&latest, &streamed[values.len() - 2..], &of("latest"));
            for from in 0..values.len() {
                let answer = service.get(&format!("query?start={}", time(from)));
                assert_near(&column(&answer["latest"], name), &streamed[from..], &of(&format!("a query from {from}")));
            }
            let page = service.get(&format!("query?start=2025-06-01&offset={}", values.len() - 3));
            assert_near(&column(&page["latest"], name), &streamed[values.len() - 3..], &of("a page"));
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn changed_windows_go_on_as_if_they_had_always_been_so() {
    for values in SERIES {
        let (mut service, _) = run(&values[..values.len() - 2], "mean");
        let change = Request::new("PATCH", "config").with_body("application/json", r#"{"agg":"sum"}"#);
        assert_eq!(service.send(&change).status, 200);
        for (second, value) in values.iter().enumerate().skip(values.len() - 2) {
            service.post_rows(&[(&time(second), *value)]);
        }
        let latest = column(&service.get("latest")["latest"], "moving_sum");
        assert_near(&latest, &expected(values, "sum")[values.len() - 2..], &format!("{values:?}"));
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn tables_are_alike_in_latest_stream_and_query() {
    for values in SERIES {
        for (first, pair) in values.chunks_exact(2).enumerate() {
            let (mut service, batches) = run(&values[..2 * first + 2], "mean");
            let pivoted = batches.last().unwrap()["pivoted"].clone();
            assert_eq!(service.get("latest")["pivoted"], pivoted);
            let range = format!("start={}&end={}", time(2 * first), time(2 * first + 1));
            assert_eq!(service.get(&format!("query?{range}"))["pivoted"], pivoted, "{values:?}");
            let (sum, mean) = sum_and_mean(pair);
            assert_near(&column(&pivoted, "value"), &[mean], &format!("{pair:?}"));
            let sums = service.get(&format!("query?{range}&aggfunc=sum"));
            assert_near(&column(&sums["pivoted"], "value"), &[shown(sum)], &format!("{pair:?}"));
        }
    }
}
