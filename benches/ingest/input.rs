//! Rows of three measures and fifty ids, a hundredth of a second apart, as texts.

use std::fmt::Write;

use millrace::pipeline::Settings;
use millrace::time::{Clock, Timestamp};

pub(crate) const FIRST: Timestamp = Timestamp::from_nanos(1_748_779_200_000_000_000);
const STEP_NANOS: i64 = 10_000_000;

/// The formats, each with its content type and its text of so many rows.
pub(crate) fn texts(rows: usize) -> [(&'static str, &'static str, String); 3] {
    [
        ("csv", "text/csv", text(rows, "timestamp,id,temperature,pressure,rpm\n", "", csv_row)),
        ("ndjson", "application/x-ndjson", text(rows, "", "", |out, row| json_row(out, row) + "\n")),
        (
            "json",
            "application/json",
            text(rows, "[", "]", |out, row| {
                let out = if row == 0 { out } else { out + "," };
                json_row(out, row)
            }),
        ),
    ]
}

fn text(rows: usize, start: &str, end: &str, row: fn(String, usize) -> String) -> String {
    (0..rows).fold(start.to_owned(), row) + end
}

fn csv_row(mut out: String, row: usize) -> String {
    let (time, [a, b, c]) = (time_text(row), values(row));
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{time},sensor-{},{a},{b},{c}", id(row));
    out
}

fn json_row(mut out: String, row: usize) -> String {
    let (time, [a, b, c]) = (time_text(row), values(row));
    let id = id(row);
    let _ = write!(out, r#"{{"timestamp":"{time}","id":"sensor-{id}","temperature":{a},"pressure":{b},"rpm":{c}}}"#);
    out
}

fn time_text(row: usize) -> String {
    Timestamp::from_nanos(FIRST.as_nanos() + row as i64 * STEP_NANOS).to_text(&Clock::Utc)
}

fn id(row: usize) -> u32 {
    (row as u32).wrapping_mul(2_654_435_769) % 50
}

/// Numbers as sensors send them, of up to six digits.
fn values(row: usize) -> [f64; 3] {
    let mixed = (row as u32).wrapping_mul(2_246_822_519) ^ (row as u32 >> 7);
    [f64::from(mixed % 9973) / 100.0, f64::from(mixed % 104_729) / 1000.0, f64::from(mixed % 3001)]
}

/// Settings for these rows in batches of this size, all of which are kept.
pub(crate) fn settings(batch_size: usize) -> Result<Settings, String> {
    let changes = [
        ("source", "none"),
        ("clock", "utc"),
        ("measures", "temperature,pressure,rpm"),
        ("batch_size", &batch_size.to_string()),
        ("queue_capacity", "1000000"),
        ("history_rows", "10000000"),
        ("memory_rows", "1000000"),
    ];
    Settings::default()
        .merged(changes.map(|(name, text)| (name, Some(text))))
        .map_err(|errors| errors.into_iter().map(|error| error.message).collect::<String>())
}
