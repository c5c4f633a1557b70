//! Some of the rows.

use crate::frame::Frame;

/// The rows for whose number `keep` returns true.
///
/// *Shape*: the same columns, the kept rows in their order. Adjacent rows are shared with `frame`, so a filter by time
/// on sorted rows copies nothing. *Errors*: none; if no row is kept, the frame is empty.
/// *Source*: pandas `frame[mask]`.
pub fn filter(frame: &Frame, keep: impl Fn(usize) -> bool) -> Frame {
    let rows: Vec<u32> = (0..frame.len()).filter(|row| keep(*row)).map(|row| row as u32).collect();
    match (rows.first(), rows.last()) {
        (Some(first), Some(last)) if (last - first) as usize + 1 == rows.len() => {
            frame.slice(*first as usize..*last as usize + 1)
        }
        (None, _) => frame.slice(0..0),
        _ => frame.take(&rows),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Column, Value};

    fn numbers(count: usize) -> Frame {
        let column = Column::from((0..count).map(|row| row as f64).collect::<Vec<_>>());
        Frame::new(vec![("n".into(), column)]).unwrap()
    }

    fn kept(frame: &Frame) -> Vec<f64> {
        frame.columns()[0].1.values().filter_map(Value::to_f64).collect()
    }

    #[test]
    fn scattered_rows_keep_their_order() {
        assert_eq!(kept(&filter(&numbers(6), |row| row % 2 == 1)), [1.0, 3.0, 5.0]);
    }

    #[test]
    fn a_run_of_rows_is_shared_and_not_copied() {
        let frame = numbers(6);
        let some = filter(&frame, |row| (2..5).contains(&row));
        assert_eq!(kept(&some), [2.0, 3.0, 4.0]);
        let (before, after) = (frame.columns()[0].1.as_float().unwrap(), some.columns()[0].1.as_float().unwrap());
        assert_eq!(before[2..].as_ptr(), after.as_ptr());
    }

    #[test]
    fn no_row_kept_leaves_the_columns() {
        assert_eq!(filter(&numbers(3), |_| false).shape(), (0, 1));
    }
}
