//! Rolling variance: Welford's method, which knows when it has lost too many digits.

/// The mean of the values and the sum of their squared distances from it; values also leave.
///
/// pandas carries the same two numbers along and starts over when they grow uncertain. Here every step adds what it may
/// have rounded away to `noise`, and the window is asked to [start over](Self::is_unsure) when that shows in the
/// eleventh digit: seldom, unless values far larger than the rest have left. Values are taken less the first one, so a
/// large offset costs no digits.
#[derive(Debug, Clone, Default)]
pub(super) struct Moments {
    count: usize,
    offset: f64,
    mean: f64,
    squares: f64,
    noise: f64,
}

impl Moments {
    const TOLERANCE: f64 = 1e-11;

    pub(super) fn add(&mut self, value: f64) {
        if self.count == 0 {
            *self = Self { offset: value, ..Self::default() };
        }
        self.count += 1;
        let value = value - self.offset;
        let distance = value - self.mean;
        self.mean += distance / self.count as f64;
        self.squares += distance * (value - self.mean);
        self.noise += f64::EPSILON * (self.squares + (value * distance).abs());
    }

    pub(super) fn remove(&mut self, value: f64) {
        self.count -= 1;
        if self.count == 0 {
            return;
        }
        let value = value - self.offset;
        let distance = value - self.mean;
        self.noise += f64::EPSILON * (self.squares + (value * distance).abs());
        self.mean -= distance / self.count as f64;
        self.squares -= distance * (value - self.mean);
    }

    /// Whether the values should be added anew to an empty one of these.
    pub(super) fn is_unsure(&self) -> bool {
        self.count > 1 && self.noise > Self::TOLERANCE * self.squares
    }

    /// The variance, missing unless there are more than `ddof` values.
    pub(super) fn variance(&self, ddof: usize) -> f64 {
        match self.count {
            count if count <= ddof => f64::NAN,
            1 => 0.0,
            count => self.squares / (count - ddof) as f64,
        }
    }
}
