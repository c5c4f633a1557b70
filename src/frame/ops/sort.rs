//! Rows in order.

use std::cmp::Ordering;

use crate::frame::{Column, Frame, FrameError, Strings, Value};

/// The rows in rising order of one column.
///
/// *Shape*: unchanged; rows with equal keys keep their order, and a frame already in order is returned shared.
/// *Order*: instants and numbers by size, text by code point, false before true, and in a mixed column one type after
/// the other. *Nulls*: last. *Errors*: [`FrameError::ColumnNotFound`].
/// *Source*: pandas `sort_values(by, kind="stable")`.
pub fn sort(frame: &Frame, by: &str) -> Result<Frame, FrameError> {
    let column = frame.column(by)?;
    let order = match column {
        Column::Datetime(times) => sort_order(times),
        other => value_order(other),
    };
    Ok(order.map_or_else(|| frame.clone(), |rows| frame.take(&rows)))
}

/// The order that sorts these instants stably, missing ones last; `None` when they are in order already.
pub fn sort_order(times: &[i64]) -> Option<Vec<u32>> {
    // NAT is the smallest i64: minus one it wraps around to the largest and leaves all others in their order.
    let key = |time: &i64| time.wrapping_sub(1);
    if times.is_sorted_by_key(key) {
        return None;
    }
    let mut rows: Vec<u32> = (0..times.len() as u32).collect();
    sort_by(&mut rows, &|a, b| key(&times[a as usize]).cmp(&key(&times[b as usize])).then(a.cmp(&b)));
    Some(rows)
}

/// Sorts rows by an order in which no two are equal: one copy of the sort for all kinds of keys, since each copy would
/// be downloaded.
pub(crate) fn sort_by(rows: &mut [u32], compare: &dyn Fn(u32, u32) -> Ordering) {
    rows.sort_unstable_by(|a, b| compare(*a, *b));
}

fn value_order(column: &Column) -> Option<Vec<u32>> {
    let mut rows: Vec<u32> = (0..column.len() as u32).collect();
    sort_rows(column, &mut rows);
    if rows.is_sorted() { None } else { Some(rows) }
}

/// Sorts row numbers stably by the values of the column.
pub(super) fn sort_rows(column: &Column, rows: &mut [u32]) {
    match column {
        // Keys beside their rows: many rows sorted through their numbers would miss the cache at every comparison.
        Column::Datetime(times) => rows.sort_by_cached_key(|row| times[*row as usize].wrapping_sub(1)),
        Column::Int(values) => rows.sort_by_cached_key(|row| values[*row as usize]),
        Column::Bool(values) => rows.sort_by_key(|row| values[*row as usize]),
        Column::Float(values) => rows.sort_by(|a, b| compare_floats(values[*a as usize], values[*b as usize])),
        // The order of UUIDs as numbers is that of their lower-case text.
        Column::String(Strings::Uuids(uuids)) => rows.sort_by_cached_key(|row| uuids[*row as usize].as_u128()),
        Column::String(Strings::Dictionary { codes, categories }) => {
            // A missing text has no category; it comes last.
            let text = |row: &u32| categories.get(codes[*row as usize] as usize).map(|text| &**text);
            let key = |row: &u32| (text(row).is_none(), text(row));
            rows.sort_by(|a, b| key(a).cmp(&key(b)));
        }
        other => rows.sort_by(|a, b| compare(&other.value(*a as usize), &other.value(*b as usize))),
    }
}

/// Numbers by size, NaN last.
fn compare_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// The order of cells of one type; missing ones after all others, types apart.
pub(super) fn compare(a: &Value<'_>, b: &Value<'_>) -> Ordering {
    match (a, b) {
        (Value::Datetime(a), Value::Datetime(b)) => a.cmp(b),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Str(a), Value::Str(b)) => (**a).cmp(&**b),
        (a, b) => match (a.to_f64(), b.to_f64()) {
            (Some(a), Some(b)) => compare_floats(a, b),
            _ => rank(a).cmp(&rank(b)),
        },
    }
}

fn rank(value: &Value<'_>) -> u8 {
    match value {
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => 0,
        Value::Datetime(_) => 1,
        Value::Str(_) => 2,
        Value::Null => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::NAT;

    fn texts(column: &Column) -> Vec<String> {
        column.values().map(|value| if let Value::Str(text) = value { text.to_string() } else { "-".into() }).collect()
    }

    #[test]
    fn equal_times_keep_their_order_and_missing_ones_come_last() {
        assert_eq!(sort_order(&[2, NAT, 1, 2, 1]), Some(vec![2, 4, 0, 3, 1]));
    }

    #[test]
    fn times_in_order_need_no_order() {
        assert_eq!(sort_order(&[]), None);
        assert_eq!(sort_order(&[1, 1, 5, NAT]), None);
    }

    #[test]
    fn text_is_sorted_by_code_point_with_missing_text_last() {
        let ids: Strings = [Some("b"), None, Some("B"), Some("é"), Some("10"), Some("9")].into_iter().collect();
        let frame = Frame::new(vec![("id".into(), Column::String(ids))]).unwrap();
        assert_eq!(texts(sort(&frame, "id").unwrap().column("id").unwrap()), ["10", "9", "B", "b", "é", "-"]);
    }

    #[test]
    fn a_frame_in_order_is_returned_shared() {
        let frame = Frame::new(vec![("n".into(), Column::from(vec![1.0, 2.0]))]).unwrap();
        let sorted = sort(&frame, "n").unwrap();
        let start = |frame: &Frame| frame.columns()[0].1.as_float().map(|values| values.as_ptr());
        assert_eq!(start(&sorted), start(&frame));
    }
}
