//! Aggregates of one group whose values come one by one: those that need not keep the values.
//!
//! The results are those of [`pivot_by_text`](super::pivot_by_text) over all values at once, digit for digit.

use std::cmp::Ordering;

use crate::frame::NAT;
use crate::frame::ops::Agg;
use crate::frame::ops::kahan::{kahan, two_sum};
use crate::frame::ops::scale::Scale;

/// Whether an aggregate can be computed without keeping the values.
fn is_running(agg: Agg) -> bool {
    matches!(agg, Agg::Mean | Agg::Sum | Agg::Min | Agg::Max | Agg::Count | Agg::First | Agg::Last)
}

/// Whether a value replaces the one that was picked before, which is `side` of it: less, equal or greater.
fn wins(agg: Agg, side: Option<Ordering>) -> bool {
    match agg {
        Agg::Min => side == Some(Ordering::Less),
        Agg::Max => side == Some(Ordering::Greater),
        agg => agg == Agg::Last,
    }
}

/// An aggregate of floats; NaN is missing.
#[derive(Debug, Clone)]
pub struct RunningFloats {
    agg: Agg,
    state: Floats,
}

#[derive(Debug, Clone)]
enum Floats {
    /// One of the values, NaN before the first.
    Picked(f64),
    /// The number of values, and for sums and means their compensated sum.
    Summed { count: f64, sum: f64, lost: f64, scaled: f64, scaled_lost: f64 },
}

impl RunningFloats {
    /// No values; `None` for an aggregate that needs all of them, such as a median.
    pub fn new(agg: Agg) -> Option<Self> {
        let state = match agg {
            Agg::Mean | Agg::Sum | Agg::Count => {
                Floats::Summed { count: 0.0, sum: 0.0, lost: 0.0, scaled: 0.0, scaled_lost: 0.0 }
            }
            _ => Floats::Picked(f64::NAN),
        };
        is_running(agg).then_some(Self { agg, state })
    }

    /// Adds a value.
    pub fn push(&mut self, value: f64) {
        if value.is_nan() {
            return;
        }
        match &mut self.state {
            Floats::Picked(picked) => {
                if picked.is_nan() || wins(self.agg, value.partial_cmp(picked)) {
                    *picked = value;
                }
            }
            Floats::Summed { count, sum, lost, scaled, scaled_lost } => {
                *count += 1.0;
                (*sum, *lost) = kahan(*sum, value, *lost);
                // For the case that the sum overflows: then it is that of the values scaled down, see `totals`.
                let (next, error) = two_sum(*scaled, value * Scale::SUMS.down);
                *scaled = next;
                *scaled_lost += if error.is_finite() { error } else { 0.0 };
            }
        }
    }

    /// The aggregate, NaN where it is missing; a count as a float.
    pub fn value(&self) -> f64 {
        match self.state {
            Floats::Picked(picked) => picked,
            Floats::Summed { count, .. } if self.agg == Agg::Count => count,
            Floats::Summed { count, sum, scaled, scaled_lost, .. } => {
                let divisor = if self.agg == Agg::Mean { count } else { 1.0 };
                if sum.is_finite() { sum / divisor } else { (scaled + scaled_lost) / divisor * Scale::SUMS.up }
            }
        }
    }
}

/// An aggregate of instants, in nanoseconds since the epoch; [`NAT`] is missing. Instants have no sum.
#[derive(Debug, Clone)]
pub struct RunningTimes {
    agg: Agg,
    state: Times,
}

#[derive(Debug, Clone)]
enum Times {
    /// One of the instants, [`NAT`] before the first.
    Picked(i64),
    /// The number of instants and their exact sum.
    Summed { count: i64, sum: i128 },
}

impl RunningTimes {
    /// No instants; `None` for a sum, and for an aggregate that needs all of them.
    pub fn new(agg: Agg) -> Option<Self> {
        let state = match agg {
            Agg::Mean | Agg::Count => Times::Summed { count: 0, sum: 0 },
            _ => Times::Picked(NAT),
        };
        (is_running(agg) && agg != Agg::Sum).then_some(Self { agg, state })
    }

    /// Adds an instant.
    pub fn push(&mut self, time: i64) {
        if time == NAT {
            return;
        }
        match &mut self.state {
            Times::Picked(picked) => {
                if *picked == NAT || wins(self.agg, Some(time.cmp(picked))) {
                    *picked = time;
                }
            }
            Times::Summed { count, sum } => (*count, *sum) = (*count + 1, *sum + i128::from(time)),
        }
    }

    /// The aggregate, [`NAT`] where it is missing, or the count. A mean is cut toward zero, to `resolution` nanoseconds.
    pub fn value(&self, resolution: i64) -> i64 {
        match self.state {
            Times::Picked(picked) => picked,
            Times::Summed { count, .. } if self.agg == Agg::Count => count,
            Times::Summed { count: 0, .. } => NAT,
            // A mean lies between its values, so it fits.
            Times::Summed { count, sum } => (sum / i128::from(count)) as i64 / resolution * resolution,
        }
    }
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

    proptest! {
        #![proptest_config(crate::tests::form::cases(1000))]

        #[test]
        fn equals_the_pivot_of_all_values(
            rows in prop::collection::vec((time(), value()), 1..40),
            agg in prop::sample::select(Agg::PIVOT),
            resolution in prop::sample::select(&[1_i64, 1000][..]),
        ) {
            let times: Vec<i64> = rows.iter().map(|row| row.0).collect();
            let values: Vec<f64> = rows.iter().map(|row| row.1).collect();
            let frame = Frame::new(vec![
                ("id".into(), Column::String(rows.iter().map(|_| Some("a")).collect())),
                ("t".into(), Column::Datetime(times.clone().into())),
                ("v".into(), Column::Float(values.clone().into())),
            ]).unwrap();
            if let Some(mut running) = RunningFloats::new(agg) {
                values.iter().for_each(|value| running.push(*value));
                let pivoted = pivot_by_text(&frame, "id", &["v"], agg, resolution).unwrap();
                let expected = pivoted.column("v").unwrap().value(0).to_f64().unwrap_or(f64::NAN);
                let found = running.value();
                let is_same = found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
                prop_assert!(is_same, "{} {}", found, expected);
            }
            if let Some(mut running) = RunningTimes::new(agg) {
                times.iter().for_each(|time| running.push(*time));
                let pivoted = pivot_by_text(&frame, "id", &["t"], agg, resolution).unwrap();
                let expected = match pivoted.column("t").unwrap() {
                    Column::Datetime(times) | Column::Int(times) => times[0],
                    other => panic!("{other:?}"),
                };
                prop_assert_eq!(running.value(resolution), expected);
            }
        }
    }
}
