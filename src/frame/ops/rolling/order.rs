//! Rolling median and quantiles: two heaps that meet at the wanted rank, O(log w) a row.

use std::collections::VecDeque;

use super::{Interpolation, Quantile};

/// The values of a window, the smaller ones in `low` up to the wanted rank, the others in `high`.
///
/// Values leave in the order in which they came, from wherever they are in their heap: `places` knows where.
#[derive(Debug, Clone)]
pub(super) struct Order {
    quantile: Quantile,
    low: Heap,
    high: Heap,
    places: Places,
}

impl Order {
    pub(super) fn new(quantile: Quantile) -> Self {
        let heap = |half| Heap { half, entries: Vec::new() };
        Self { quantile, low: heap(Half::Low), high: heap(Half::High), places: Places::default() }
    }

    pub(super) fn add(&mut self, value: f64) {
        let number = self.places.open();
        let is_low = self.low.top().is_some_and(|top| value <= top);
        let heap = if is_low { &mut self.low } else { &mut self.high };
        heap.push(Entry { value, number }, &mut self.places);
        self.balance();
    }

    /// Takes away the oldest value.
    pub(super) fn remove(&mut self) {
        if let Some(place) = self.places.close() {
            let heap = if place.half == Half::Low { &mut self.low } else { &mut self.high };
            heap.remove(place.index, &mut self.places);
            self.balance();
        }
    }

    pub(super) fn clear(&mut self) {
        self.low.entries.clear();
        self.high.entries.clear();
        self.places.clear();
    }

    /// The quantile, missing if there are no values. Source: pandas `roll_quantile`.
    pub(super) fn value(&self) -> f64 {
        let (Some(lower), place) = (self.low.top(), self.place()) else { return f64::NAN };
        let fraction = place.fract();
        let Some(higher) = self.high.top().filter(|_| fraction > 0.0) else { return lower };
        match self.quantile.interpolation {
            Interpolation::Linear => lower + (higher - lower) * fraction,
            Interpolation::Lower => lower,
            Interpolation::Higher => higher,
            Interpolation::Midpoint => (lower + higher) / 2.0,
            Interpolation::Nearest if fraction == 0.5 && place % 2.0 < 1.0 => lower,
            Interpolation::Nearest if fraction < 0.5 => lower,
            Interpolation::Nearest => higher,
        }
    }

    /// The wanted rank from 0, with the fraction by which it falls between two values.
    fn place(&self) -> f64 {
        let count = self.low.entries.len() + self.high.entries.len();
        self.quantile.at * count.saturating_sub(1) as f64
    }

    /// Moves values between the heaps until the wanted rank is on top of `low`.
    fn balance(&mut self) {
        let wanted = (self.place() as usize + 1).min(self.low.entries.len() + self.high.entries.len());
        while self.low.entries.len() < wanted {
            let entry = self.high.remove(0, &mut self.places);
            self.low.push(entry, &mut self.places);
        }
        while self.low.entries.len() > wanted {
            let entry = self.low.remove(0, &mut self.places);
            self.high.push(entry, &mut self.places);
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    /// The smaller values, the largest on top.
    Low,
    /// The larger values, the smallest on top.
    High,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    value: f64,
    number: u64,
}

/// A binary heap that tells `places` of every move.
#[derive(Debug, Clone)]
struct Heap {
    half: Half,
    entries: Vec<Entry>,
}

impl Heap {
    fn top(&self) -> Option<f64> {
        self.entries.first().map(|entry| entry.value)
    }

    fn push(&mut self, entry: Entry, places: &mut Places) {
        self.entries.push(entry);
        self.rise(self.entries.len() - 1, places);
    }

    fn remove(&mut self, index: usize, places: &mut Places) -> Entry {
        let entry = self.entries.swap_remove(index);
        if index < self.entries.len() {
            // The last entry took its place: it belongs higher or lower than here.
            let index = self.rise(index, places);
            self.sink(index, places);
        }
        entry
    }

    fn rise(&mut self, mut index: usize, places: &mut Places) -> usize {
        while index > 0 && self.is_above(index, (index - 1) / 2) {
            self.swap(index, (index - 1) / 2, places);
            index = (index - 1) / 2;
        }
        places.put(self.entries[index].number, Place { half: self.half, index });
        index
    }

    fn sink(&mut self, mut index: usize, places: &mut Places) {
        loop {
            let left = 2 * index + 1;
            if left >= self.entries.len() {
                break;
            }
            let right = left + 1;
            let child = if right < self.entries.len() && self.is_above(right, left) { right } else { left };
            if !self.is_above(child, index) {
                break;
            }
            self.swap(index, child, places);
            index = child;
        }
        places.put(self.entries[index].number, Place { half: self.half, index });
    }

    fn is_above(&self, a: usize, b: usize) -> bool {
        let (a, b) = (self.entries[a].value, self.entries[b].value);
        if self.half == Half::Low { a > b } else { a < b }
    }

    /// Swaps two entries and notes where the one at `index` came to lie; the other is still on its way.
    fn swap(&mut self, moving: usize, index: usize, places: &mut Places) {
        self.entries.swap(moving, index);
        places.put(self.entries[moving].number, Place { half: self.half, index: moving });
    }
}

/// Where each value of the window is, oldest first.
#[derive(Debug, Clone, Default)]
struct Places {
    places: VecDeque<Place>,
    closed: u64,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    half: Half,
    index: usize,
}

impl Places {
    /// The number of a new value, whose place is still to come.
    fn open(&mut self) -> u64 {
        self.places.push_back(Place { half: Half::Low, index: 0 });
        self.closed + self.places.len() as u64 - 1
    }

    /// The place of the oldest value, which is forgotten.
    fn close(&mut self) -> Option<Place> {
        let place = self.places.pop_front()?;
        self.closed += 1;
        Some(place)
    }

    fn put(&mut self, number: u64, place: Place) {
        self.places[(number - self.closed) as usize] = place;
    }

    fn clear(&mut self) {
        self.closed += self.places.len() as u64;
        self.places.clear();
    }
}
