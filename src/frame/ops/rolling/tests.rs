//! Rolling compared with literal tables and with a naive version that reads every row for every window.

use proptest::prelude::*;

use super::*;
use crate::time::Duration;

const AGGS: [Agg; 11] = [
    Agg::Mean,
    Agg::Sum,
    Agg::Min,
    Agg::Max,
    Agg::Count,
    Agg::Median,
    Agg::Std,
    Agg::Sem,
    Agg::Var,
    Agg::First,
    Agg::Last,
];

fn frame(times: &[i64], values: &[f64]) -> Frame {
    let times = Column::Datetime(times.to_vec().into());
    Frame::new(vec![("t".into(), times), ("v".into(), values.to_vec().into())]).unwrap()
}

fn nanos(width: i64, agg: Agg) -> Window {
    Window::new(Duration::from_nanos(width), agg)
}

fn answers(times: &[i64], values: &[f64], window: &Window) -> Vec<f64> {
    let rolled = rolling(&frame(times, values), "t", &["v"], window).unwrap();
    rolled.column("v").unwrap().as_float().unwrap().to_vec()
}

#[track_caller]
fn check(times: &[i64], values: &[f64], window: &Window, expected: &[f64]) {
    let found = answers(times, values, window);
    let same = |(a, b): (&f64, &f64)| a == b || a.is_nan() && b.is_nan();
    assert!(found.len() == expected.len() && found.iter().zip(expected).all(same), "{found:?}, expected {expected:?}");
}

const GAP: f64 = f64::NAN;

#[test]
fn the_window_excludes_the_row_at_its_start_and_includes_its_own_row() {
    check(&[0, 5, 6, 10], &[1.0, 2.0, 4.0, 8.0], &nanos(5, Agg::Sum), &[1.0, 2.0, 6.0, 12.0]);
}

#[test]
fn closed_selects_the_ends_that_belong_to_the_window() {
    let (times, values) = ([0, 2, 2, 4], [1.0, 2.0, 4.0, 8.0]);
    for (closed, expected) in [
        (Closed::Right, [1.0, 2.0, 6.0, 8.0]),
        (Closed::Left, [GAP, 1.0, 1.0, 6.0]),
        (Closed::Both, [1.0, 3.0, 7.0, 14.0]),
        (Closed::Neither, [GAP, GAP, GAP, GAP]),
    ] {
        let window = Window { closed, ..nanos(2, Agg::Sum) };
        check(&times, &values, &window, &expected);
    }
}

#[test]
fn of_rows_of_one_time_each_window_holds_its_own_and_earlier_rows() {
    check(&[7, 7, 7], &[1.0, 2.0, 4.0], &nanos(1, Agg::Sum), &[1.0, 3.0, 7.0]);
}

#[test]
fn falling_times_are_mirrored() {
    check(&[9, 6, 5], &[1.0, 2.0, 4.0], &nanos(3, Agg::Sum), &[1.0, 2.0, 6.0]);
}

#[test]
fn a_centred_window_reaches_half_its_width_to_either_side() {
    let window = Window { center: true, ..nanos(3, Agg::Sum) };
    check(&[0, 1, 2, 4], &[1.0, 2.0, 4.0, 8.0], &window, &[3.0, 7.0, 6.0, 8.0]);
}

#[test]
fn missing_and_infinite_values_are_left_out_but_infinite_ones_are_counted() {
    let (times, values) = ([0, 1, 2], [GAP, f64::INFINITY, 4.0]);
    check(&times, &values, &nanos(9, Agg::Sum), &[GAP, GAP, 4.0]);
    check(&times, &values, &nanos(9, Agg::Count), &[0.0, 1.0, 2.0]);
}

#[test]
fn too_few_values_give_a_missing_result_and_a_count_needs_rows() {
    let (times, values) = ([0, 1, 2], [1.0, GAP, 4.0]);
    check(&times, &values, &Window { min_periods: 2, ..nanos(9, Agg::Sum) }, &[GAP, GAP, 5.0]);
    check(&times, &values, &Window { min_periods: 2, ..nanos(9, Agg::Count) }, &[GAP, 1.0, 2.0]);
    check(&times, &[GAP; 3], &Window { min_periods: 0, ..nanos(9, Agg::Sum) }, &[0.0, 0.0, 0.0]);
    check(&times, &[GAP; 3], &Window { min_periods: 0, ..nanos(9, Agg::Mean) }, &[GAP, GAP, GAP]);
}

#[test]
fn sums_next_to_huge_numbers_round_as_in_pandas() {
    let values = [1e16, 1.0, 1.0, 1.0];
    check(&[0, 1, 2, 3], &values, &nanos(2, Agg::Sum), &[1e16, 1e16, 2.0, 2.0]);
    check(&[0, 1, 2, 3], &values, &nanos(3, Agg::Mean), &[1e16, 5e15, 3_333_333_333_333_334.0, 1.0]);
}

#[test]
fn sums_that_overflow_are_infinite_and_leave_nothing_behind() {
    const BIG: f64 = 1.5e308;
    let (times, values) = ([0, 1, 2, 3, 4], [BIG, BIG, 1.0, 2.0, 3.0]);
    check(&times, &values, &nanos(2, Agg::Sum), &[BIG, f64::INFINITY, BIG, 3.0, 5.0]);
    check(&times, &values, &nanos(2, Agg::Mean), &[BIG, BIG, BIG / 2.0, 1.5, 2.5]);
    check(&times, &values, &nanos(3, Agg::Mean), &[BIG, BIG, BIG / 3.0 * 2.0, BIG / 3.0, 2.0]);
    check(&times, &values, &nanos(2, Agg::Median), &[BIG, f64::INFINITY, BIG / 2.0, 1.5, 2.5]);
    check(&times, &values, &nanos(2, Agg::Var), &[GAP, 0.0, f64::INFINITY, 0.5, 0.5]);
    let std = answers(&times, &values, &nanos(2, Agg::Std));
    assert!(is_near(std[2], BIG / 2.0_f64.sqrt()) && is_near(std[3], 0.5_f64.sqrt()), "{std:?}");
    check(&[0, 1, 2], &[BIG, -BIG, BIG], &nanos(9, Agg::Sum), &[BIG, 0.0, BIG]);
}

#[test]
fn sums_that_cancel_in_every_row_of_a_long_window_are_added_anew_within_a_budget() {
    let rows = 200_000;
    let times: Vec<i64> = (0..rows).collect();
    let values: Vec<f64> = (0..rows).map(|row| if row % 2 == 0 { 0.1 } else { -0.1 }).collect();
    let sums = answers(&times, &values, &nanos(rows / 2, Agg::Sum));
    assert!(sums.iter().skip(1).step_by(2).all(|sum| sum.abs() < 1e-9));
}

#[test]
fn the_mean_of_equal_numbers_is_that_number_and_their_variance_zero() {
    check(&[0, 1, 2], &[0.3, 0.1, 0.1], &nanos(2, Agg::Mean), &[0.3, 0.2, 0.1]);
    check(&[0, 1, 2], &[1e9, 0.1, 0.1], &nanos(2, Agg::Var), &[GAP, 499_999_999_900_000_000.0, 0.0]);
}

#[test]
fn quantiles_between_two_values_follow_the_interpolation() {
    let values = [1.0, 2.0, 4.0, 8.0];
    for (interpolation, expected) in [
        (Interpolation::Linear, 3.0),
        (Interpolation::Lower, 2.0),
        (Interpolation::Higher, 4.0),
        (Interpolation::Nearest, 4.0),
        (Interpolation::Midpoint, 3.0),
    ] {
        let window = Window { quantile: Quantile { at: 0.5, interpolation }, ..nanos(9, Agg::Median) };
        assert_eq!(answers(&[0, 1, 2, 3], &values, &window)[3], expected, "{interpolation:?}");
    }
}

#[test]
fn refuses_times_out_of_order_missing_times_and_windows_without_length() {
    let window = nanos(5, Agg::Mean);
    let refusal = |times: &[i64], window: &Window| rolling(&frame(times, &[1.0; 3]), "t", &["v"], window).unwrap_err();
    assert_eq!(refusal(&[0, 2, 1], &window), FrameError::Unordered { column: "t".into(), row: 2 });
    assert_eq!(refusal(&[0, NAT, 1], &window), FrameError::MissingTime { column: "t".into(), row: 1 });
    assert!(matches!(refusal(&[0, 1, 2], &nanos(0, Agg::Mean)), FrameError::InvalidArgument(_)));
    assert!(matches!(refusal(&[0, 1, 2], &nanos(5, Agg::Nunique)), FrameError::InvalidArgument(_)));
    assert!(Rolling::new(&Window { center: true, ..window }).is_err());
}

#[test]
fn a_late_row_of_a_stream_counts_as_of_the_last_time() {
    let mut rolling = Rolling::new(&nanos(5, Agg::Sum)).unwrap();
    assert_eq!(rolling.last_time(), None);
    assert_eq!([rolling.push(10, 1.0), rolling.push(3, 2.0), rolling.push(14, 4.0)], [1.0, 3.0, 7.0]);
    assert_eq!(rolling.last_time(), Some(14));
}

/// The values of the window of a row, found by a scan over all rows.
fn window_values(times: &[i64], values: &[f64], row: usize, window: &Window) -> (usize, Vec<f64>) {
    let width = window.width.as_nanos();
    let is_in = |other: usize| {
        // Twice the distance, so that half a width is a whole number.
        let (distance, reach) = (2 * (times[other] - times[row]), if window.center { width } else { 2 * width });
        let is_past_start = distance > -reach || window.closed.has_left() && distance == -reach;
        let is_before_end = match (window.center, window.closed.has_right()) {
            (true, true) => distance <= reach,
            (true, false) => distance < reach,
            (false, true) => other <= row,
            (false, false) => distance < 0,
        };
        is_past_start && is_before_end
    };
    let rows: Vec<usize> = (0..times.len()).filter(|other| is_in(*other)).collect();
    let is_value = |value: &f64| !value.is_nan() && (window.agg == Agg::Count || value.is_finite());
    (rows.len(), rows.iter().map(|row| values[*row]).filter(is_value).collect())
}

fn naive(times: &[i64], values: &[f64], row: usize, window: &Window) -> f64 {
    let (rows, present) = window_values(times, values, row, window);
    let count = present.len();
    if (if window.agg == Agg::Count { rows } else { count }) < window.min_periods {
        return f64::NAN;
    }
    let sum: f64 = present.iter().sum();
    let mean = sum / count as f64;
    let variance = || {
        let squares: f64 = present.iter().map(|value| (value - mean).powi(2)).sum();
        if count > window.ddof as usize { squares / (count - window.ddof as usize) as f64 } else { f64::NAN }
    };
    let mut sorted = present.clone();
    sorted.sort_by(f64::total_cmp);
    let at = |place: usize| sorted.get(place).copied().unwrap_or(f64::NAN);
    match window.agg {
        Agg::Sum => sum,
        Agg::Mean => mean,
        Agg::Count => count as f64,
        Agg::Min => at(0),
        Agg::Max => at(count.wrapping_sub(1)),
        Agg::Median => (at(count.wrapping_sub(1) / 2) + at(count / 2)) / 2.0,
        Agg::Var => variance(),
        Agg::Std => variance().sqrt(),
        Agg::Sem => (variance() / count as f64).sqrt(),
        Agg::First => present.first().copied().unwrap_or(f64::NAN),
        Agg::Last => present.last().copied().unwrap_or(f64::NAN),
        Agg::Nunique => f64::NAN,
    }
}

fn is_near(a: f64, b: f64) -> bool {
    a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-3)
}

prop_compose! {
    /// Rows with ties and gaps in time, and values of which some are missing, infinite or far larger than others.
    fn rows()(rows in prop::collection::vec((0_i64..4, prop_oneof![
        8 => (-1000_i32..1000).prop_map(|value| f64::from(value) / 8.0),
        2 => Just(1.5),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
    ]), 0..60)) -> (Vec<i64>, Vec<f64>) {
        let mut time = 0;
        rows.into_iter().map(|(step, value)| { time += step * step; (time, value) }).unzip()
    }
}

prop_compose! {
    fn window()(
        width in 1_i64..12,
        min_periods in 0_usize..4,
        closed in prop::sample::select(Closed::ALL),
        center: bool,
        agg in prop::sample::select(&AGGS[..]),
        ddof in 0_u32..3,
    ) -> Window {
        Window { min_periods, closed, center, ddof, ..nanos(width, agg) }
    }
}

proptest! {
    #![proptest_config(crate::tests::form::cases(1_000))]

    #[test]
    fn rolling_equals_the_naive_version((times, values) in rows(), window in window()) {
        for (row, found) in answers(&times, &values, &window).into_iter().enumerate() {
            let expected = naive(&times, &values, row, &window);
            prop_assert!(is_near(found, expected), "row {row}: {found}, expected {expected}");
        }
    }

    #[test]
    fn huge_values_count_while_they_are_in_the_window_and_not_afterwards(
        rows in prop::collection::vec((0_i64..3, -8_i32..8, prop::bool::weighted(0.3)), 0..60),
        width in 1_i64..12,
        agg in prop::sample::select(&AGGS[..]),
    ) {
        const HUGE: f64 = f64::from_bits((1023 + 1020) << 52); // 2 to the power of 1020
        let mut time = 0;
        let times: Vec<i64> = rows.iter().map(|(step, ..)| { time += step; time }).collect();
        let values: Vec<f64> =
            rows.iter().map(|(_, number, is_huge)| f64::from(*number) * if *is_huge { HUGE } else { 1.0 }).collect();
        let window = nanos(width, agg);
        for (row, found) in answers(&times, &values, &window).into_iter().enumerate() {
            let (_, present) = window_values(&times, &values, row, &window);
            let (huge, small): (Vec<f64>, Vec<f64>) = present.iter().copied().partition(|value| value.abs() >= HUGE);
            let huge_sum: f64 = huge.iter().map(|value| value / HUGE).sum();
            let expected = match agg {
                _ if huge.is_empty() => naive(&times, &values, row, &window),
                Agg::Sum if huge_sum != 0.0 => huge_sum * HUGE,
                Agg::Mean if huge_sum != 0.0 => huge_sum / present.len() as f64 * HUGE,
                Agg::Sum => small.iter().sum(),
                Agg::Mean => small.iter().sum::<f64>() / present.len() as f64,
                _ => continue,
            };
            prop_assert!(is_near(found, expected), "row {row}: {found}, expected {expected}");
        }
    }

    #[test]
    fn falling_times_equal_mirrored_rising_times((times, values) in rows(), window in window()) {
        let mirrored: Vec<i64> = times.iter().map(|time| -time).collect();
        let (rising, falling) = (answers(&times, &values, &window), answers(&mirrored, &values, &window));
        prop_assert!(rising.iter().zip(&falling).all(|(a, b)| a.to_bits() == b.to_bits()));
    }

    #[test]
    fn any_quantile_equals_that_of_the_sorted_values((times, values) in rows(), width in 1_i64..40, at in 0.0..=1.0_f64) {
        let window = Window {
            quantile: Quantile { at, interpolation: Interpolation::Linear },
            ..nanos(width, Agg::Median)
        };
        for (row, found) in answers(&times, &values, &window).into_iter().enumerate() {
            let (_, mut sorted) = window_values(&times, &values, row, &window);
            sorted.sort_by(f64::total_cmp);
            let place = at * sorted.len().saturating_sub(1) as f64;
            let value = |place: f64| sorted.get(place as usize).copied().unwrap_or(f64::NAN);
            let expected = value(place.floor()) + (value(place.ceil()) - value(place.floor())) * place.fract();
            prop_assert!(is_near(found, expected), "row {row}: {found}, expected {expected}");
        }
    }
}

proptest! {
    #![proptest_config(crate::tests::form::cases(1_000))]

    #[test]
    fn a_stream_equals_one_pass_bit_for_bit((times, values) in rows(), window in window(), together in 1_usize..9) {
        let window = Window { center: false, ..window };
        let mut rolling = Rolling::new(&window).unwrap();
        let pushed: Vec<f64> = times.iter().zip(&values).map(|(time, value)| rolling.push(*time, *value)).collect();
        let whole = answers(&times, &values, &window);
        prop_assert!(pushed.iter().zip(&whole).all(|(a, b)| a.to_bits() == b.to_bits()), "{pushed:?} {whole:?}");

        let (mut rolling, mut pushed) = (Rolling::new(&window).unwrap(), Vec::new());
        for (times, values) in times.chunks(together).zip(values.chunks(together)) {
            rolling.push_all(times, values, &mut pushed);
        }
        prop_assert_eq!(pushed.len(), whole.len());
        prop_assert!(pushed.iter().zip(&whole).all(|(a, b)| a.to_bits() == b.to_bits()), "{pushed:?} {whole:?}");

        let (mut rolling, mut over) = (RollingOver::new(&window, 0).unwrap(), Vec::new());
        let kept = Columns { times: &times, values: &values };
        for first in (0..times.len()).step_by(together) {
            rolling.slide(&kept, first..times.len().min(first + together), &mut over);
        }
        prop_assert!(over.iter().zip(&whole).all(|(a, b)| a.to_bits() == b.to_bits()), "{over:?} {whole:?}");
    }
}

#[test]
fn each_key_has_a_window_of_its_own() {
    let mut means = RollingGroups::new(&nanos(5, Agg::Mean)).unwrap();
    assert_eq!([means.push("a", 0, 1.0), means.push("b", 1, 100.0), means.push("a", 4, 3.0)], [1.0, 100.0, 2.0]);
    assert_eq!([means.push("a", 5, 5.0), means.push("b", 6, 7.0), means.push("b", 6, 9.0)], [4.0, 7.0, 8.0]);
    assert!(RollingGroups::<&str>::new(&nanos(0, Agg::Mean)).is_err());
}

#[test]
fn keys_whose_windows_are_empty_take_no_memory() {
    let mut sums = RollingGroups::new(&nanos(10, Agg::Sum)).unwrap();
    for key in 0..10_000 {
        assert_eq!(sums.push(key, key, 1.0), 1.0);
        assert_eq!(sums.push(-1, key, 1.0), 10.0_f64.min((key + 1) as f64));
        assert!(sums.keys() <= 26, "{} keys", sums.keys());
    }
}

proptest! {
    #![proptest_config(crate::tests::form::cases(1_000))]

    #[test]
    fn windows_by_key_equal_those_of_each_key_alone_bit_for_bit(
        (times, values) in rows(),
        keys in prop::collection::vec(0_u8..12, 60),
        window in window(),
    ) {
        let window = Window { center: false, ..window };
        let mut groups = RollingGroups::new(&window).unwrap();
        let rows = || times.iter().zip(&values).zip(&keys);
        let pushed: Vec<f64> = rows().map(|((time, value), key)| groups.push(*key, *time, *value)).collect();
        for key in 0..12 {
            let own = |column: &[f64]| -> Vec<f64> {
                column.iter().zip(&keys).filter(|(_, other)| **other == key).map(|(value, _)| *value).collect()
            };
            let own_times: Vec<i64> = rows().filter(|(_, other)| **other == key).map(|((time, _), _)| *time).collect();
            let alone = answers(&own_times, &own(&values), &window);
            let found = own(&pushed);
            prop_assert!(found.iter().zip(&alone).all(|(a, b)| a.to_bits() == b.to_bits()), "{found:?} {alone:?}");
        }
    }
}

/// Rows as columns.
struct Columns<'a> {
    times: &'a [i64],
    values: &'a [f64],
}

impl KeptRows for Columns<'_> {
    fn time(&self, row: usize) -> i64 {
        self.times[row]
    }

    fn value(&self, row: usize) -> f64 {
        self.values[row]
    }
}

/// Pseudo-random numbers, the same in every run.
fn scattered(count: u64) -> impl Iterator<Item = u64> {
    (1..=count).map(|place| {
        place.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40
    })
}

#[test]
fn samples_of_a_hundred_thousand_rows_equal_the_naive_version() {
    const ROWS: usize = 100_000;
    let mut time = 0;
    let times: Vec<i64> = scattered(ROWS as u64)
        .map(|step| {
            time += (step % 5) as i64;
            time
        })
        .collect();
    let value = |number: u64| if number.is_multiple_of(11) { f64::NAN } else { (number % 9000) as f64 / 100.0 };
    let values: Vec<f64> = scattered(2 * ROWS as u64).skip(ROWS).map(value).collect();
    for agg in AGGS {
        let window = nanos(700, agg);
        let found = answers(&times, &values, &window);
        for row in scattered(40).map(|number| number as usize % ROWS).chain([0, ROWS - 1]) {
            let expected = naive(&times, &values, row, &window);
            assert!(is_near(found[row], expected), "{agg} of row {row}: {}, expected {expected}", found[row]);
        }
    }
}
