//! What rolling costs: as many values go through a kernel as there are rows, times a constant, whatever the values are
//! and however many rows a window holds.

use std::cell::Cell;
use std::rc::Rc;

use proptest::prelude::*;

use super::kernel::Values;
use super::*;
use crate::tests::form::in_form;
use crate::time::Duration;

/// A row enters and leaves once. What restarts add is bounded by `Budget`, and each of their values is read up to three
/// times: for the largest, for the sum and for the signs.
const VALUES_PER_ROW: u64 = 2 + 3 * 16;
const VALUES_AT_FIRST: u64 = 3 << 20;

/// A kernel that counts the values that it is given.
struct Counting<K> {
    kernel: K,
    values: Rc<Cell<u64>>,
}

impl<K> Counting<K> {
    fn count(&self) {
        self.values.set(self.values.get() + 1);
    }
}

impl<K: Kernel> Kernel for Counting<K> {
    fn add(&mut self, value: f64) {
        self.count();
        self.kernel.add(value);
    }

    fn remove(&mut self, value: f64) {
        self.count();
        self.kernel.remove(value);
    }

    fn clear(&mut self) {
        self.kernel.clear();
    }

    fn value(&mut self, present: u32) -> f64 {
        self.kernel.value(present)
    }

    fn is_unsure(&self) -> bool {
        self.kernel.is_unsure()
    }

    fn restart(&mut self, values: Values<'_>) {
        let counted = Rc::clone(&self.values);
        self.kernel.restart(&|add: &mut dyn FnMut(f64)| {
            values(&mut |value| {
                counted.set(counted.get() + 1);
                add(value);
            });
        });
    }

    fn counts_rows(&self) -> bool {
        self.kernel.counts_rows()
    }
}

/// One pass over rows a nanosecond apart.
struct Pass<'a> {
    window: &'a Window,
    values: &'a [f64],
    /// Whether rows are given one by one, as a stream gives them.
    is_stream: bool,
}

impl WithKernel for Pass<'_> {
    type Answer = u64;

    fn with(self, kernel: impl Kernel + 'static) -> u64 {
        let values = Rc::new(Cell::new(0));
        let mut state = State::new(self.window, Counting { kernel, values: Rc::clone(&values) });
        if self.is_stream {
            for row in 0..self.values.len() {
                state.slide(row, row + 1, |row| row as i64, |row| self.values[row]);
            }
        } else {
            let times: Vec<i64> = (0..self.values.len() as i64).collect();
            assert!(state.roll(&times, self.values).is_some());
        }
        values.get()
    }
}

/// Values that make sums and variances lose their digits.
#[derive(Debug, Clone, Copy)]
enum Hostile {
    Equal,
    Alternating,
    /// A huge value now and then among small ones.
    Spikes(usize),
    /// Pairs that cancel but for their last digits.
    Cancelling,
    Denormal,
    /// Each a little smaller than the one before, over all sizes.
    Falling,
    /// Missing, infinite and the largest numbers.
    Extreme,
}

impl Hostile {
    fn value(self, row: usize) -> f64 {
        let small = (row % 97) as f64 / 7.0;
        match self {
            Self::Equal => 0.1,
            Self::Alternating => [1e300, -1e300][row % 2],
            Self::Spikes(apart) if row.is_multiple_of(apart) => 1e18,
            Self::Spikes(_) => small,
            Self::Cancelling => [1e16 + small, -1e16, small][row % 3],
            Self::Denormal => 5e-324 * (row % 9) as f64,
            Self::Falling => 10_f64.powi(300 - (row % 600) as i32),
            Self::Extreme => [f64::MAX, f64::MIN, f64::NAN, f64::INFINITY, small][row % 5],
        }
    }
}

fn hostile() -> impl Strategy<Value = Hostile> {
    use Hostile::{Alternating, Cancelling, Denormal, Equal, Extreme, Falling, Spikes};
    prop_oneof![
        prop::sample::select(vec![Equal, Alternating, Cancelling, Denormal, Falling, Extreme]),
        (2_usize..5000).prop_map(Spikes),
    ]
}

proptest! {
    #![proptest_config(crate::tests::form::cases(96))]

    #[test]
    fn each_row_costs_a_constant_number_of_values(
        agg in prop::sample::select(Agg::ROLLING),
        values in hostile(),
        // From one row to a million, each size as likely as another.
        size in 0.0_f64..=6.0,
        closed in prop::sample::select(Closed::ALL),
        is_stream in any::<bool>(),
    ) {
        let width = Duration::from_nanos(10_f64.powf(size) as i64);
        let values: Vec<f64> = (0..in_form(20_000, 400_000)).map(|row| values.value(row)).collect();
        let window = Window { closed, ..Window::new(width, agg) };
        let cost = with_kernel(&window, Pass { window: &window, values: &values, is_stream });
        let most = VALUES_PER_ROW * values.len() as u64 + VALUES_AT_FIRST;
        prop_assert!(cost <= most, "{} values for {} rows", cost, values.len());
    }
}
