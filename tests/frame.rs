//! A verb of the frame, worked out by hand.

use millrace::frame::ops::{Agg, Window, rolling};
use millrace::frame::{Column, Frame};
use millrace::time::{Clock, Duration, Timestamp};
use wasm_bindgen_test::wasm_bindgen_test;

fn frame(rows: &[(&str, f64)]) -> Frame {
    let times = rows.iter().map(|(time, _)| Timestamp::parse(time, &Clock::Utc).unwrap().as_nanos());
    Frame::new(vec![
        ("timestamp".into(), Column::Datetime(times.collect())),
        ("value".into(), Column::from(rows.iter().map(|(_, value)| *value).collect::<Vec<_>>())),
    ])
    .unwrap()
}

#[wasm_bindgen_test(unsupported = test)]
fn rolling_mean_leaves_out_the_row_exactly_five_seconds_old() {
    let frame = frame(&[
        ("2025-06-01T21:15:00", 1.0),
        ("2025-06-01T21:15:01", 2.0),
        ("2025-06-01T21:15:01", 6.0),
        ("2025-06-01T21:15:05", 10.0),
        ("2025-06-01T21:15:05.999999999", 12.0),
    ]);
    let window = Window::new(Duration::from_secs(5), Agg::Mean);
    let answer = rolling(&frame, "timestamp", &["value"], &window).unwrap();
    assert_eq!(answer.column("value").unwrap().as_float().unwrap()[..], [1.0, 1.5, 3.0, 6.0, 7.5]);
}
