//! Some of the rows.

use millrace::frame::Frame;

/// The rows for whose number `keep` returns true.
///
/// *Shape*: the same columns, the kept rows in their order. Adjacent rows are shared with `frame`, so a filter by time
/// on sorted rows copies nothing. *Errors*: none; if no row is kept, the frame is empty.
/// *Source*: pandas `frame[mask]`.
pub(crate) fn filter(frame: &Frame, keep: impl Fn(usize) -> bool) -> Frame {
    let rows: Vec<u32> = (0..frame.len()).filter(|row| keep(*row)).map(|row| row as u32).collect();
    match (rows.first(), rows.last()) {
        (Some(first), Some(last)) if (last - first) as usize + 1 == rows.len() => {
            frame.slice(*first as usize..*last as usize + 1)
        }
        (None, _) => frame.slice(0..0),
        _ => frame.take(&rows),
    }
}
