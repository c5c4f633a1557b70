//! Aggregates of groups whose rows come a few at a time: those that need not keep the values.
//!
//! The results are those of [`pivot_by_text`](super::pivot_by_text) over all values at once, digit for digit.

use crate::frame::NAT;
use crate::frame::ops::Agg;
use crate::frame::ops::kahan::{kahan, two_sum};
use crate::frame::ops::scale::Scale;

/// Whether an aggregate can be computed without keeping the values.
fn is_running(agg: Agg) -> bool {
    matches!(agg, Agg::Mean | Agg::Sum | Agg::Min | Agg::Max | Agg::Count | Agg::First | Agg::Last)
}

/// A value that may be missing.
trait Cell: Copy + PartialOrd {
    fn is_missing(self) -> bool;
}

impl Cell for f64 {
    #[inline(always)]
    fn is_missing(self) -> bool {
        self.is_nan()
    }
}

impl Cell for i64 {
    #[inline(always)]
    fn is_missing(self) -> bool {
        self == NAT
    }
}

/// Adds each value that is not missing to the state of its group.
#[inline(always)]
fn each<T: Cell, S>(states: &mut [S], groups: &[u32], values: &[T], add: impl Fn(&mut S, T)) {
    for (group, value) in groups.iter().zip(values) {
        if !value.is_missing() {
            add(&mut states[*group as usize], *value);
        }
    }
}

/// Replaces what is picked of each group by each next value that `wins`.
#[inline(always)]
fn pick_if<T: Cell>(picked: &mut [T], groups: &[u32], values: &[T], wins: impl Fn(T, T) -> bool) {
    each(picked, groups, values, |picked, value| {
        if picked.is_missing() || wins(value, *picked) {
            *picked = value;
        }
    });
}

/// Picks one of the values of each group by [`Agg::Min`], [`Agg::Max`], [`Agg::First`] or [`Agg::Last`].
fn pick<T: Cell>(picked: &mut [T], groups: &[u32], values: &[T], agg: Agg) {
    match agg {
        Agg::Min => pick_if(picked, groups, values, |new, old| new < old),
        Agg::Max => pick_if(picked, groups, values, |new, old| new > old),
        Agg::Last => pick_if(picked, groups, values, |_, _| true),
        _ => pick_if(picked, groups, values, |_, _| false),
    }
}

/// An aggregate of floats for each group; NaN is missing.
#[derive(Debug, Clone)]
pub struct RunningFloats {
    agg: Agg,
    state: Floats,
}

#[derive(Debug, Clone)]
enum Floats {
    /// One of the values, NaN before the first.
    Picked(Vec<f64>),
    Counted(Vec<u64>),
    Summed(Vec<Sum>),
    /// Sums that may overflow: then they are those of the values scaled down, see `totals`.
    Scaled(Vec<(Sum, Sum)>),
}

/// A sum, what the rounding of its steps lost, and the number of its values.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    sum: f64,
    lost: f64,
    count: f64,
}

impl Sum {
    #[inline(always)]
    fn add(&mut self, value: f64) {
        let (sum, lost) = kahan(self.sum, value, self.lost);
        *self = Self { sum, lost, count: self.count + 1.0 };
    }

    fn add_scaled(&mut self, value: f64) {
        let (sum, error) = two_sum(self.sum, value * Scale::SUMS.down);
        let error = if error.is_finite() { error } else { 0.0 };
        *self = Self { sum, lost: self.lost + error, count: self.count + 1.0 };
    }

    fn of(&self, total: f64, agg: Agg) -> f64 {
        if agg == Agg::Mean { total / self.count } else { total }
    }
}

impl RunningFloats {
    /// No groups; `None` for an aggregate that needs all values, such as a median.
    pub fn new(agg: Agg) -> Option<Self> {
        let state = match agg {
            Agg::Count => Floats::Counted(Vec::new()),
            Agg::Mean | Agg::Sum => Floats::Summed(Vec::new()),
            _ => Floats::Picked(Vec::new()),
        };
        is_running(agg).then_some(Self { agg, state })
    }

    /// No groups, for values whose sums may overflow.
    #[must_use]
    pub fn scaled(self) -> Self {
        match self.state {
            Floats::Summed(_) => Self { state: Floats::Scaled(Vec::new()), ..self },
            _ => self,
        }
    }

    /// Makes room for this many groups.
    pub fn resize(&mut self, groups: usize) {
        match &mut self.state {
            Floats::Picked(picked) => picked.resize(groups, f64::NAN),
            Floats::Counted(counts) => counts.resize(groups, 0),
            Floats::Summed(sums) => sums.resize(groups, Sum::default()),
            Floats::Scaled(sums) => sums.resize(groups, Default::default()),
        }
    }

    /// Keeps these groups alone, in this order.
    pub fn select(&mut self, groups: &[u32]) {
        match &mut self.state {
            Floats::Picked(picked) => select(picked, groups),
            Floats::Counted(counts) => select(counts, groups),
            Floats::Summed(sums) => select(sums, groups),
            Floats::Scaled(sums) => select(sums, groups),
        }
    }

    /// Adds rows, each of which has a group and a value.
    pub fn push(&mut self, groups: &[u32], values: &[f64]) {
        match &mut self.state {
            Floats::Picked(picked) => pick(picked, groups, values, self.agg),
            Floats::Counted(counts) => each(counts, groups, values, |count, _| *count += 1),
            Floats::Summed(sums) => each(sums, groups, values, Sum::add),
            Floats::Scaled(sums) => each(sums, groups, values, |(sum, scaled), value| {
                sum.add(value);
                scaled.add_scaled(value);
            }),
        }
    }

    /// Whether the sum of one of these groups is too large, so that the rows have to be added anew to what
    /// [`scaled`](Self::scaled) makes.
    pub fn has_overflowed(&self, groups: &[u32]) -> bool {
        let Floats::Summed(sums) = &self.state else { return false };
        groups.iter().any(|group| !sums[*group as usize].sum.is_finite())
    }

    /// The aggregate of a group, NaN where it is missing; a count as a float.
    pub fn value(&self, group: u32) -> f64 {
        let group = group as usize;
        match &self.state {
            Floats::Picked(picked) => picked[group],
            Floats::Counted(counts) => counts[group] as f64,
            Floats::Summed(sums) => sums[group].of(sums[group].sum, self.agg),
            Floats::Scaled(sums) => match &sums[group] {
                (sum, _) if sum.sum.is_finite() => sum.of(sum.sum, self.agg),
                (_, scaled) => scaled.of(scaled.sum + scaled.lost, self.agg) * Scale::SUMS.up,
            },
        }
    }
}

/// An aggregate of instants for each group, in nanoseconds since the epoch; [`NAT`] is missing. Instants have no sum.
#[derive(Debug, Clone)]
pub struct RunningTimes {
    agg: Agg,
    state: Times,
}

#[derive(Debug, Clone)]
enum Times {
    /// One of the instants, [`NAT`] before the first.
    Picked(Vec<i64>),
    Counted(Vec<i64>),
    /// The exact sum of the instants and their number.
    Summed(Vec<(i128, i64)>),
}

impl RunningTimes {
    /// No groups; `None` for a sum, and for an aggregate that needs all instants.
    pub fn new(agg: Agg) -> Option<Self> {
        let state = match agg {
            Agg::Count => Times::Counted(Vec::new()),
            Agg::Mean => Times::Summed(Vec::new()),
            _ => Times::Picked(Vec::new()),
        };
        (is_running(agg) && agg != Agg::Sum).then_some(Self { agg, state })
    }

    /// Makes room for this many groups.
    pub fn resize(&mut self, groups: usize) {
        match &mut self.state {
            Times::Picked(picked) => picked.resize(groups, NAT),
            Times::Counted(counts) => counts.resize(groups, 0),
            Times::Summed(sums) => sums.resize(groups, (0, 0)),
        }
    }

    /// Keeps these groups alone, in this order.
    pub fn select(&mut self, groups: &[u32]) {
        match &mut self.state {
            Times::Picked(picked) => select(picked, groups),
            Times::Counted(counts) => select(counts, groups),
            Times::Summed(sums) => select(sums, groups),
        }
    }

    /// Adds rows, each of which has a group and an instant.
    pub fn push(&mut self, groups: &[u32], times: &[i64]) {
        match &mut self.state {
            Times::Picked(picked) => pick(picked, groups, times, self.agg),
            Times::Counted(counts) => each(counts, groups, times, |count, _| *count += 1),
            Times::Summed(sums) => each(sums, groups, times, |(sum, count), time| {
                (*sum, *count) = (*sum + i128::from(time), *count + 1);
            }),
        }
    }

    /// The aggregate of a group, [`NAT`] where it is missing, or the count. A mean is cut toward zero, to `resolution`
    /// nanoseconds.
    pub fn value(&self, group: u32, resolution: i64) -> i64 {
        match &self.state {
            Times::Picked(values) | Times::Counted(values) => values[group as usize],
            Times::Summed(sums) => match sums[group as usize] {
                (_, 0) => NAT,
                // A mean lies between its values, so it fits.
                (sum, count) => (sum / i128::from(count)) as i64 / resolution * resolution,
            },
        }
    }
}

/// The room for more groups stays: what is selected from a full vector is followed by as many again.
fn select<T: Copy>(states: &mut Vec<T>, groups: &[u32]) {
    let selected: Vec<T> = groups.iter().map(|group| states[*group as usize]).collect();
    states.clear();
    states.extend(selected);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::ops::pivot_by_text;
    use crate::frame::{Column, Frame};
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            -50.0..50.0,
            prop::sample::select(vec![f64::MAX, f64::MIN, 1e300, -1e300, 1e16, 5e-324, -0.0, f64::NAN, f64::INFINITY]),
        ]
    }

    fn time() -> impl Strategy<Value = i64> {
        prop_oneof![Just(NAT), any::<i32>().prop_map(|time| i64::from(time) * 977)]
    }

    /// The names of groups, in their order.
    const IDS: [&str; 3] = ["a", "b", "c"];

    /// The groups that have rows.
    fn groups(rows: &[(u32, i64, f64)]) -> Vec<u32> {
        (0..IDS.len() as u32).filter(|group| rows.iter().any(|row| row.0 == *group)).collect()
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(1000))]

        #[test]
        fn equals_the_pivot_of_all_values(
            rows in prop::collection::vec((0..IDS.len() as u32, time(), value()), 1..40),
            pieces in 1usize..9,
            agg in prop::sample::select(Agg::PIVOT),
            resolution in prop::sample::select(&[1_i64, 1000][..]),
        ) {
            let ids: Vec<u32> = rows.iter().map(|row| row.0).collect();
            let times: Vec<i64> = rows.iter().map(|row| row.1).collect();
            let values: Vec<f64> = rows.iter().map(|row| row.2).collect();
            let frame = Frame::new(vec![
                ("id".into(), Column::String(ids.iter().map(|id| Some(IDS[*id as usize])).collect())),
                ("t".into(), Column::Datetime(times.clone().into())),
                ("v".into(), Column::Float(values.clone().into())),
            ]).unwrap();
            let groups = groups(&rows);
            if let Some(running) = RunningFloats::new(agg) {
                let add = |mut running: RunningFloats| {
                    running.resize(IDS.len());
                    ids.chunks(pieces).zip(values.chunks(pieces)).for_each(|(ids, values)| running.push(ids, values));
                    running
                };
                let mut running = add(running);
                if running.has_overflowed(&groups) {
                    running = add(running.scaled());
                }
                running.select(&groups);
                let pivoted = pivot_by_text(&frame, "id", &["v"], agg, resolution).unwrap();
                prop_assert_eq!(pivoted.len(), groups.len());
                for group in 0..groups.len() {
                    let expected = pivoted.column("v").unwrap().value(group).to_f64().unwrap_or(f64::NAN);
                    let found = running.value(group as u32);
                    let is_same = found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
                    prop_assert!(is_same, "{} {}", found, expected);
                }
            }
            if let Some(mut running) = RunningTimes::new(agg) {
                running.resize(IDS.len());
                ids.chunks(pieces).zip(times.chunks(pieces)).for_each(|(ids, times)| running.push(ids, times));
                running.select(&groups);
                let pivoted = pivot_by_text(&frame, "id", &["t"], agg, resolution).unwrap();
                let expected = match pivoted.column("t").unwrap() {
                    Column::Datetime(times) | Column::Int(times) => times.to_vec(),
                    other => panic!("{other:?}"),
                };
                let found: Vec<i64> = (0..groups.len()).map(|group| running.value(group as u32, resolution)).collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
