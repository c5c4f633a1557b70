//! What is counted and measured for `GET /metrics` beyond what engine and history count themselves.
//!
//! **Why not a metrics crate?** prometheus-client with four metrics brought 22 KB (brotli) to a bare program, a tenth
//! of what a first visit may cost, and most of what is shown here is a number that the engine keeps anyway.

/// Upper bounds of the buckets in seconds, each one belonging to its bucket: 1, 2.5 and 5 of each power of ten from a
/// microsecond to a second.
pub(super) const BOUNDS_SECS: [f64; 19] = [
    1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
    1.0,
];

/// A histogram of durations.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    /// For each bound, the number of durations up to it and above the bound before.
    pub(super) counts: [u64; BOUNDS_SECS.len()],
    /// The number of all durations, also those above the last bound.
    pub(super) count: u64,
    /// The sum of all durations in seconds.
    pub(super) sum_secs: f64,
}

impl Histogram {
    /// Adds `times` durations of `seconds` together; browser clocks are too coarse to measure each.
    pub(super) fn observe(&mut self, seconds: f64, times: u64) {
        if times == 0 || !seconds.is_finite() {
            return;
        }
        let each = seconds / times as f64;
        if let Some(bucket) = BOUNDS_SECS.iter().position(|bound| each <= *bound) {
            self.counts[bucket] += times;
        }
        self.count += times;
        self.sum_secs += seconds.max(0.0);
    }
}

/// The number of requests with one path, method and status.
#[derive(Debug)]
pub(super) struct RequestCount {
    pub(super) path: &'static str,
    pub(super) method: &'static str,
    pub(super) status: u16,
    pub(super) count: u64,
}

/// The counts and histograms.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    /// Kept in order of path, method and status: sorting them for each answer would add nine kilobytes of code. Few,
    /// since only known paths and methods are distinguished.
    requests: Vec<RequestCount>,
    pub(super) request_duration: Histogram,
    pub(super) batch_duration: Histogram,
    /// Batches that the request answered last completed.
    pub(super) batches_of_request: u64,
    pub(super) memory_bytes: Option<u64>,
    pub(super) open_streams: usize,
    pub(super) open_ports: usize,
}

/// Methods that are distinguished: clients can invent others, and each of them would be kept for ever.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"];

impl Metrics {
    /// Counts a request to one of the known paths, or to another one when it is `None`.
    pub(super) fn count_request(&mut self, path: Option<&'static str>, method: &str, status: u16) {
        let path = path.unwrap_or("other");
        let method = METHODS.into_iter().find(|known| *known == method).unwrap_or("other");
        let key = (path, method, status);
        let place = self.requests.iter().position(|known| (known.path, known.method, known.status) >= key);
        match place.map(|place| &mut self.requests[place]) {
            Some(known) if (known.path, known.method, known.status) == key => known.count += 1,
            _ => {
                let place = place.unwrap_or(self.requests.len());
                self.requests.insert(place, RequestCount { path, method, status, count: 1 });
            }
        }
    }

    /// The counted requests, sorted by path, method and status.
    pub(super) fn requests(&self) -> &[RequestCount] {
        &self.requests
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_its_bucket_and_larger_durations_only_to_the_count() {
        let mut histogram = Histogram::default();
        for seconds in [0.0, 1e-6, 1.1e-6, 1.0, 1.5] {
            histogram.observe(seconds, 1);
        }
        assert_eq!((histogram.counts[0], histogram.counts[1], histogram.counts[18]), (2, 1, 1));
        assert_eq!(histogram.count, 5);
        assert!((histogram.sum_secs - 2.500_002_1).abs() < 1e-12);
    }

    #[test]
    fn durations_measured_together_count_with_their_mean() {
        let mut histogram = Histogram::default();
        histogram.observe(0.004, 100);
        histogram.observe(f64::NAN, 1);
        histogram.observe(1.0, 0);
        let fifth_of_a_tenth_milli = BOUNDS_SECS.iter().position(|bound| *bound == 5e-5).unwrap();
        assert_eq!((histogram.counts[fifth_of_a_tenth_milli], histogram.count, histogram.sum_secs), (100, 100, 0.004));
    }

    #[test]
    fn unknown_paths_and_methods_share_one_count() {
        let mut metrics = Metrics::default();
        for method in ["BREW", "PROPFIND", "get"] {
            metrics.count_request(None, method, 404);
        }
        for status in [422, 200, 422] {
            metrics.count_request(Some("latest"), "GET", status);
        }
        let counts: Vec<_> = metrics.requests().iter().map(|known| (known.path, known.status, known.count)).collect();
        assert_eq!(counts, [("latest", 200, 1), ("latest", 422, 2), ("other", 404, 3)]);
    }
}
