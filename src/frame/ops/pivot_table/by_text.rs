//! The common case: one key of text, values that are numbers or instants, one aggregate.

use std::cmp::Ordering;

use super::aggregate::{arithmetic, counts, mean_times, median_times, pick};
use super::groups::Groups;
use super::numbering::number_strings;
use crate::frame::ops::Agg;
use crate::frame::ops::sort::sort_by;
use crate::frame::{Column, Dtype, Frame, FrameError, NAT, Name, Strings};

/// [`pivot_table`](super::pivot_table) by one column of text, sorted by it.
///
/// The result is the same, without margins, fills and several keys: a stream needs this for each batch, at a tenth of
/// the code, which a visitor downloads, and a fraction of the time. Means and medians of instants are cut to
/// `resolution` nanoseconds: [`time_resolution`](super::time_resolution) of all times if `frame` has only some rows.
///
/// # Errors
/// [`FrameError::ColumnNotFound`]; [`FrameError::DtypeMismatch`] for a key that is not text, for values that are
/// neither floats nor instants, and for arithmetic on instants other than mean and median.
pub fn pivot_by_text(
    frame: &Frame,
    key: &str,
    values: &[&str],
    agg: Agg,
    resolution: i64,
) -> Result<Frame, FrameError> {
    let strings = match frame.column(key)? {
        Column::String(strings) => strings,
        other => return Err(mismatch(key, "text", other.dtype())),
    };
    let numbering = number_strings(strings, false).sorted(|firsts| sort_text(strings, firsts));
    let len = numbering.firsts.len() as u32;
    // Rows without a key go into a slot of their own.
    let of = numbering.codes.into_iter().map(|code| code.min(len)).collect();
    let groups = Groups { of, slots: len as usize + 1, order: (0..len).collect(), codes: Vec::new() };
    let mut columns = Vec::with_capacity(1 + values.len());
    columns.push((Name::Owned(key.to_owned()), Column::String(strings.take(&numbering.firsts))));
    for name in values {
        columns
            .push((Name::Owned((*name).to_owned()), aggregate(name, frame.column(name)?, &groups, agg, resolution)?));
    }
    Frame::new(columns)
}

/// Which row of a group is returned.
#[derive(Clone, Copy)]
enum Choice {
    First,
    Last,
    Furthest(Ordering),
}

fn aggregate(name: &str, column: &Column, groups: &Groups, agg: Agg, resolution: i64) -> Result<Column, FrameError> {
    let choice = match agg {
        Agg::Count => return Ok(Column::Int(counts(column, groups).into())),
        Agg::First => Some(Choice::First),
        Agg::Last => Some(Choice::Last),
        Agg::Min => Some(Choice::Furthest(Ordering::Less)),
        Agg::Max => Some(Choice::Furthest(Ordering::Greater)),
        _ => None,
    };
    match (column, choice) {
        (Column::Float(values), Some(choice)) => {
            let rows = picked(column, groups, choice, |new, old| values[new].partial_cmp(&values[old]));
            Ok(Column::Float(rows.map(|row| row.map_or(f64::NAN, |row| values[row])).collect()))
        }
        (Column::Datetime(times), Some(choice)) => {
            let rows = picked(column, groups, choice, |new, old| Some(times[new].cmp(&times[old])));
            Ok(Column::Datetime(rows.map(|row| row.map_or(NAT, |row| times[row])).collect()))
        }
        (Column::Float(values), None) => Ok(arithmetic(values, groups, agg).into()),
        (Column::Datetime(_), None) if agg == Agg::Mean => Ok(mean_times(column, groups, resolution)),
        (Column::Datetime(_), None) if agg == Agg::Median => Ok(median_times(column, groups, resolution)),
        _ => Err(mismatch(name, "numbers", column.dtype())),
    }
}

/// For each group the row that is picked, if it has one.
fn picked(
    column: &Column,
    groups: &Groups,
    choice: Choice,
    compare: impl Fn(usize, usize) -> Option<Ordering>,
) -> impl Iterator<Item = Option<usize>> {
    let rows = pick(column, groups, |new, old| match choice {
        Choice::First => false,
        Choice::Last => true,
        Choice::Furthest(side) => compare(new, old) == Some(side),
    });
    rows.into_iter().map(|row| (row != Column::NO_ROW).then_some(row as usize))
}

/// Sorts rows of different text: UUIDs as numbers, which is the order of their text; other text by code point.
fn sort_text(strings: &Strings, rows: &mut [u32]) {
    match strings {
        Strings::Uuids(uuids) => sort_by(rows, &|a, b| uuids[a as usize].as_u128().cmp(&uuids[b as usize].as_u128())),
        Strings::Dictionary { codes, categories } => {
            let text = |row: u32| categories.get(codes[row as usize] as usize).map(|text| &**text);
            sort_by(rows, &|a, b| text(a).cmp(&text(b)));
        }
    }
}

fn mismatch(column: &str, expected: &'static str, found: Dtype) -> FrameError {
    FrameError::DtypeMismatch { column: column.to_owned(), expected, found }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::ops::{PivotTable, pivot_table, time_resolution};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(crate::tests::form::cases(1_000))]

        #[test]
        fn equals_pivot_table(
            rows in prop::collection::vec((0u8..6, prop::option::of(-50i32..50), -9i64..9), 1..60),
            are_uuids in any::<bool>(),
        ) {
            let ids: Strings = rows
                .iter()
                .map(|row| Some(if are_uuids { uuid::Uuid::from_u128(u128::from(row.0)).to_string() } else { format!("s{}", row.0) }))
                .collect();
            let times: Vec<i64> = rows.iter().map(|row| row.2 * 500).collect();
            let frame = Frame::new(vec![
                ("t".into(), Column::Datetime(times.clone().into())),
                ("id".into(), Column::String(ids)),
                ("v".into(), Column::Float(rows.iter().map(|row| row.1.map_or(f64::NAN, f64::from)).collect())),
            ]).unwrap();
            for agg in [Agg::Mean, Agg::Sum, Agg::Min, Agg::Max, Agg::Count, Agg::Median, Agg::Std, Agg::First, Agg::Last] {
                let values: &[&str] = if matches!(agg, Agg::Sum | Agg::Std) { &["v"] } else { &["t", "v"] };
                let options = PivotTable { index: &["id"], values: Some(values), aggfunc: agg.into(), dropna: false, ..PivotTable::default() };
                let general = pivot_table(&frame, &options).unwrap();
                prop_assert_eq!(pivot_by_text(&frame, "id", values, agg, time_resolution(&times)).unwrap(), general, "{:?}", agg);
            }
        }
    }
}
