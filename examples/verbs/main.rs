//! The frame as a library: two verbs of one's own, written with its public interface.
//!
//! `cargo run --example verbs` takes readings batch by batch, leaves out those of sensors that are starting, and prints
//! the pivot of the newest six after each batch. `tests/verbs.rs` includes this file and tests the verbs.

mod filter;
mod pivot_stream;

pub(crate) use filter::filter;
use millrace::frame::ops::Agg;
use millrace::frame::{Column, Frame, FrameError, Strings, Value};
pub(crate) use pivot_stream::PivotStream;

/// Pump, quantity, reading; a sensor that is starting reads -1.
type Reading = (&'static str, &'static str, f64);

const BATCHES: [&[Reading]; 3] = [
    &[("pump-1", "bar", 4.5), ("pump-2", "bar", -1.0), ("pump-1", "litres", 120.0)],
    &[("pump-2", "bar", 3.0), ("pump-2", "litres", 80.0), ("pump-1", "bar", 5.5)],
    &[("pump-3", "bar", 6.0), ("pump-3", "litres", -1.0), ("pump-1", "litres", 160.0)],
];

pub(crate) fn main() -> Result<(), FrameError> {
    let mut newest = PivotStream::new(&["pump"], &["quantity"], "reading", Agg::Mean);
    for readings in BATCHES {
        let batch = frame(readings)?;
        newest.append(&filter(&batch, |row| readings[row].2 >= 0.0))?;
        newest.retain(6);
        print(&newest.pivot()?);
    }
    Ok(())
}

fn frame(readings: &[Reading]) -> Result<Frame, FrameError> {
    let text = |texts: Vec<&str>| Column::String(texts.into_iter().map(Some).collect::<Strings>());
    Frame::new(vec![
        ("pump".into(), text(readings.iter().map(|reading| reading.0).collect())),
        ("quantity".into(), text(readings.iter().map(|reading| reading.1).collect())),
        ("reading".into(), readings.iter().map(|reading| reading.2).collect::<Vec<f64>>().into()),
    ])
}

/// Prints a header line, a line for each row, and an empty one.
fn print(frame: &Frame) {
    let line = |cells: Vec<String>| println!("{}", cells.iter().map(|cell| format!("{cell:<17}")).collect::<String>());
    line(frame.columns().iter().map(|(name, _)| name.to_string()).collect());
    for row in 0..frame.len() {
        let cell = |column: &Column| match column.value(row) {
            Value::Str(text) => text.to_string(),
            value => value.to_f64().map_or_else(String::new, |number| number.to_string()),
        };
        line(frame.columns().iter().map(|(_, column)| cell(column)).collect());
    }
    println!();
}
