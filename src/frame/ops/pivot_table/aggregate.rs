//! The aggregates of each group.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::groups::Groups;
use super::numbering::{number_column, number_tuples};
use crate::frame::ops::Agg;
use crate::frame::ops::kahan::{kahan, two_sum};
use crate::frame::ops::scale::Scale;
use crate::frame::ops::sort::compare;
use crate::frame::{Column, Dtype, FrameError, NAT, Value};

/// Aggregates each group of a column that is not a view: one row a group.
///
/// *Types*: min, max, first and last keep the type; counts are integers, as is the sum of integers or truth values
/// (wrapping around, as in numpy); other results are floats, or datetimes where the values are. A sum of text is the
/// texts end to end. *Nulls*: left out; a group without values has the sum and the count 0 and no other result.
/// *Errors*: [`FrameError::DtypeMismatch`] for arithmetic on text, and on datetimes other than mean and median.
pub(super) fn aggregate(name: &str, column: &Column, groups: &Groups, agg: Agg) -> Result<Column, FrameError> {
    let refuse = |expected| Err(FrameError::DtypeMismatch { column: name.to_owned(), expected, found: column.dtype() });
    Ok(match (agg, column.dtype()) {
        (Agg::Count, _) => Column::Int(counts(column, groups).into()),
        (Agg::Nunique, _) => Column::Int(nunique(name, column, groups)?.into()),
        (Agg::First, _) => column.gather(&pick(column, groups, |_, _| false)),
        (Agg::Last, _) => column.gather(&pick(column, groups, |_, _| true)),
        (Agg::Min | Agg::Max, Dtype::Mixed) => return refuse("values of one type"),
        (Agg::Min, _) => column.gather(&extremes(column, groups, Ordering::Less)),
        (Agg::Max, _) => column.gather(&extremes(column, groups, Ordering::Greater)),
        (Agg::Sum, Dtype::Int | Dtype::Bool) => Column::Int(integer_sums(column, groups).into()),
        (Agg::Sum, Dtype::String) => joined(column, groups),
        (Agg::Mean, Dtype::Datetime) => mean_times(column, groups, resolution_of(column)),
        (Agg::Median, Dtype::Datetime) => median_times(column, groups, resolution_of(column)),
        // A deviation of instants would be a duration, which no column holds; one instant has no deviation.
        (Agg::Std, Dtype::Datetime) if counts(column, groups).iter().all(|count| *count < 2) => {
            Column::Datetime(vec![NAT; groups.len()].into())
        }
        (_, Dtype::Float | Dtype::Int | Dtype::Bool) => arithmetic(&numbers(column), groups, agg).into(),
        _ => return refuse("numbers"),
    })
}

/// The aggregate of the present values of each group; the mean for an aggregate that is not arithmetic.
pub(super) fn arithmetic(values: &[f64], groups: &Groups, agg: Agg) -> Vec<f64> {
    match agg {
        Agg::Sum => groups.ordered(&totals(values, groups, |sum| sum.sum)),
        Agg::Median => medians(values, groups),
        Agg::Var => groups.ordered(&spreads(values, groups, |variance, _, up| variance * up * up)),
        Agg::Std => groups.ordered(&spreads(values, groups, |variance, _, up| variance.sqrt() * up)),
        Agg::Sem => groups.ordered(&spreads(values, groups, |variance, count, up| (variance / count).sqrt() * up)),
        _ => groups.ordered(&totals(values, groups, Sum::mean)),
    }
}

/// The rows that have a value, with their slot.
fn present<'a>(column: &'a Column, groups: &'a Groups) -> impl Iterator<Item = (usize, usize)> + 'a {
    let rows = groups.of.iter().enumerate().map(|(row, slot)| (row, *slot as usize));
    rows.filter(|(row, _)| !column.is_missing(*row))
}

pub(super) fn counts(column: &Column, groups: &Groups) -> Vec<i64> {
    let mut counts = vec![0; groups.slots];
    present(column, groups).for_each(|(_, slot)| counts[slot] += 1);
    groups.ordered(&counts)
}

fn nunique(name: &str, column: &Column, groups: &Groups) -> Result<Vec<i64>, FrameError> {
    let values = number_column(name, column, false)?;
    let mut counts = vec![0; groups.slots];
    let pairs = number_tuples(&[&groups.of, &values.codes]);
    pairs.firsts.iter().for_each(|row| counts[groups.of[*row as usize] as usize] += 1);
    Ok(groups.ordered(&counts))
}

/// For each group the row that remains when each next row replaces it if it `wins`.
pub(super) fn pick(column: &Column, groups: &Groups, wins: impl Fn(usize, usize) -> bool) -> Vec<u32> {
    let mut picked = vec![Column::NO_ROW; groups.slots];
    for (row, slot) in present(column, groups) {
        let old = &mut picked[slot];
        if *old == Column::NO_ROW || wins(row, *old as usize) {
            *old = row as u32;
        }
    }
    groups.ordered(&picked)
}

fn extremes(column: &Column, groups: &Groups, side: Ordering) -> Vec<u32> {
    match column {
        Column::Float(values) => pick(column, groups, |new, old| values[new].partial_cmp(&values[old]) == Some(side)),
        Column::Int(values) | Column::Datetime(values) => {
            pick(column, groups, |new, old| values[new].cmp(&values[old]) == side)
        }
        other => pick(other, groups, |new, old| compare(&other.value(new), &other.value(old)) == side),
    }
}

fn integer_sums(column: &Column, groups: &Groups) -> Vec<i64> {
    let mut sums = vec![0_i64; groups.slots];
    for (row, slot) in present(column, groups) {
        let value = match column.value(row) {
            Value::Int(value) => value,
            value => i64::from(value == Value::Bool(true)),
        };
        sums[slot] = sums[slot].wrapping_add(value);
    }
    groups.ordered(&sums)
}

fn joined(column: &Column, groups: &Groups) -> Column {
    let mut texts = vec![String::new(); groups.slots];
    for (row, slot) in present(column, groups) {
        if let Value::Str(text) = column.value(row) {
            texts[slot].push_str(&text);
        }
    }
    Column::String(groups.order.iter().map(|slot| Some(&texts[*slot as usize])).collect())
}

/// The numbers of a numeric column.
fn numbers(column: &Column) -> Cow<'_, [f64]> {
    match column {
        Column::Float(values) => Cow::Borrowed(values),
        other => other.values().map(|value| value.to_f64().unwrap_or(f64::NAN)).collect(),
    }
}

/// The present values, with their slot.
fn slotted<'a>(values: &'a [f64], groups: &'a Groups) -> impl Iterator<Item = (usize, f64)> + 'a {
    let values = groups.of.iter().zip(values).filter(|(_, value)| !value.is_nan());
    values.map(|(slot, value)| (*slot as usize, *value))
}

/// A compensated sum and the number of its values, side by side: a slot is fetched as a whole.
#[derive(Clone, Default)]
struct Sum {
    sum: f64,
    lost: f64,
    count: f64,
}

impl Sum {
    /// Nothing divided by nothing is NaN: missing.
    fn mean(&self) -> f64 {
        self.sum / self.count
    }
}

/// The sum or the mean of each slot. Source: pandas `group_sum` and `group_mean`.
///
/// Where a sum overflows, it is that of the values scaled down, with all rounding errors: infinite only if the exact sum
/// is that large, and present. What pandas answers there depends on the order of the rows. After an infinity there is
/// nothing to compensate.
fn totals(values: &[f64], groups: &Groups, finish: fn(&Sum) -> f64) -> Vec<f64> {
    let mut sums = vec![Sum::default(); groups.slots];
    for (slot, value) in slotted(values, groups) {
        let total = &mut sums[slot];
        let (sum, lost) = kahan(total.sum, value, total.lost);
        *total = Sum { sum, lost, count: total.count + 1.0 };
    }
    let mut totals: Vec<f64> = sums.iter().map(finish).collect();
    if sums.iter().any(|sum| !sum.sum.is_finite()) {
        let scaled = scaled_sums(values, groups, Scale::SUMS);
        let overflowed = totals.iter_mut().zip(&sums).zip(scaled).filter(|((_, sum), _)| !sum.sum.is_finite());
        overflowed.for_each(|((total, _), scaled)| *total = finish(&scaled) * Scale::SUMS.up);
    }
    totals
}

/// The sum of each slot's scaled values, with the rounding errors of all steps.
fn scaled_sums(values: &[f64], groups: &Groups, scale: Scale) -> Vec<Sum> {
    let mut sums = vec![Sum::default(); groups.slots];
    for (slot, value) in slotted(values, groups) {
        let sum = &mut sums[slot];
        let (next, error) = two_sum(sum.sum, value * scale.down);
        let error = if error.is_finite() { error } else { 0.0 };
        *sum = Sum { sum: next, lost: sum.lost + error, count: sum.count + 1.0 };
    }
    sums.iter_mut().for_each(|sum| sum.sum += sum.lost);
    sums
}

/// Sample variances of each slot's scaled values, with their number, in two passes: squared distances from the mean, less
/// what the rounding of the mean adds to them.
fn variances(values: &[f64], groups: &Groups, scale: Scale) -> Vec<(f64, f64)> {
    let scaled: Cow<'_, [f64]> =
        if scale == Scale::NONE { values.into() } else { values.iter().map(|value| value * scale.down).collect() };
    let means = totals(&scaled, groups, Sum::mean);
    let mut moments = vec![(0.0, 0.0, 0.0); groups.slots];
    for (slot, value) in slotted(&scaled, groups) {
        let distance = value - means[slot];
        let (count, rest, squares) = &mut moments[slot];
        *count += 1.0;
        *rest += distance;
        *squares += distance * distance;
    }
    let variance = |(count, rest, squares): (f64, f64, f64)| match count > 1.0 {
        true => ((squares - rest * rest / count) / (count - 1.0), count),
        false => (f64::NAN, count),
    };
    moments.into_iter().map(variance).collect()
}

/// What `finish` makes of each slot's variance, the number of its values and the factor that undoes their scale; where
/// squares overflow, the values are scaled down first.
fn spreads(values: &[f64], groups: &Groups, finish: fn(f64, f64, f64) -> f64) -> Vec<f64> {
    let spread = |scale: Scale| {
        let variances = variances(values, groups, scale).into_iter();
        variances.map(move |(variance, count)| finish(variance, count, scale.up))
    };
    let mut spreads: Vec<f64> = spread(Scale::NONE).collect();
    if spreads.iter().any(|spread| !spread.is_finite()) {
        let overflowed = spreads.iter_mut().zip(spread(Scale::SQUARES)).filter(|(spread, _)| !spread.is_finite());
        overflowed.for_each(|(spread, scaled)| *spread = scaled);
    }
    spreads
}

fn medians(values: &[f64], groups: &Groups) -> Vec<f64> {
    // As integers of the same order, so that floats and instants share one selection algorithm.
    let places: Vec<i64> =
        values.iter().map(|value| if value.is_nan() { NAT } else { flipped(value.to_bits() as i64) }).collect();
    let float = |place: i64| f64::from_bits(flipped(place) as u64);
    // Two large values overflow, even equal ones, as in pandas.
    let median = |(low, high): (i64, Option<i64>)| high.map_or(float(low), |high| (float(low) + float(high)) / 2.0);
    middles(&places, groups).into_iter().map(|middle| middle.map_or(f64::NAN, median)).collect()
}

/// The bits of a float as an integer in the order of `f64::total_cmp`, and back.
fn flipped(bits: i64) -> i64 {
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

pub(super) fn median_times(column: &Column, groups: &Groups, resolution: i64) -> Column {
    let median = |(low, high): (i64, Option<i64>)| low.midpoint(high.unwrap_or(low)) / resolution * resolution;
    let middles = middles(column.as_datetime().map_or(&[][..], |times| times), groups);
    Column::Datetime(middles.into_iter().map(|middle| middle.map_or(NAT, median)).collect())
}

/// For each group the middle value, and of an even number the next one; [`NAT`] is missing.
fn middles(values: &[i64], groups: &Groups) -> Vec<Option<(i64, Option<i64>)>> {
    let (starts, rows) = groups.members();
    let mut group = Vec::new();
    let middle = |bounds: &[usize]| {
        group.clear();
        group.extend(rows[bounds[0]..bounds[1]].iter().map(|row| values[*row as usize]).filter(|value| *value != NAT));
        let half = group.len().checked_sub(1)? / 2;
        let is_odd = group.len() % 2 == 1;
        let (_, low, rest) = group.select_nth_unstable(half);
        let high = rest.iter().min().filter(|_| !is_odd);
        Some((*low, high.copied()))
    };
    let slots: Vec<_> = starts.windows(2).map(middle).collect();
    groups.ordered(&slots)
}

/// Exact means, cut toward zero to a multiple of `resolution` nanoseconds. Source: pandas 3.
pub(super) fn mean_times(column: &Column, groups: &Groups, resolution: i64) -> Column {
    let mut sums = vec![(0_i128, 0_i128); groups.slots];
    for (row, slot) in present(column, groups) {
        sums[slot].0 += i128::from(time(column, row).unwrap_or_default());
        sums[slot].1 += 1;
    }
    let mean = |(sum, count): (i128, i128)| match count {
        0 => NAT,
        // A mean lies between its values, so it fits.
        _ => (sum / count) as i64 / resolution * resolution,
    };
    Column::Datetime(groups.ordered(&sums).into_iter().map(mean).collect())
}

fn time(column: &Column, row: usize) -> Option<i64> {
    column.as_datetime().map(|times| times[row]).filter(|time| *time != NAT)
}

fn resolution_of(column: &Column) -> i64 {
    column.as_datetime().map_or(1, |times| time_resolution(times))
}

/// The nanoseconds of the unit in which pandas would store these times: microseconds, unless one has finer digits.
pub fn time_resolution(times: &[i64]) -> i64 {
    let is_micros = |time: &i64| *time == NAT || time % 1000 == 0;
    if times.iter().all(is_micros) { 1000 } else { 1 }
}
