//! A cell of a frame as text.

use crate::frame::{Column, Dtype, Value, round_shown, write_number};
use crate::time::Clock;

/// A cell as a table on the page shows it; `None` where it is missing.
pub fn cell_text(column: &Column, row: usize, clock: &Clock) -> Option<String> {
    match column.value(row) {
        Value::Null => None,
        Value::Str(text) => Some(text.to_string()),
        Value::Datetime(timestamp) => Some(timestamp.to_text(clock)),
        Value::Float(number) if column.dtype() == Dtype::Int => Some(write_number(number)),
        Value::Float(number) => Some(write_number(round_shown(number))),
        Value::Int(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
    }
}
