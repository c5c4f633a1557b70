//! Metrics in Prometheus' text format 0.0.4.

use crate::api::metrics::{BOUNDS_SECS, Histogram};
use crate::frame::write_number;

/// The format's content type.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Families of metrics, one after another. Names, helps and label values come from this crate and need no escapes.
#[derive(Default)]
pub(crate) struct Exposition {
    text: String,
    name: &'static str,
}

impl Exposition {
    /// Starts a family; its samples follow.
    pub(crate) fn family(&mut self, name: &'static str, kind: &str, help: &str) -> &mut Self {
        self.name = name;
        self.push(&["# HELP ", name, " ", help, "\n# TYPE ", name, " ", kind, "\n"]);
        self
    }

    /// A sample of the family.
    pub(crate) fn sample(&mut self, labels: &[(&str, &str)], value: f64) -> &mut Self {
        self.line("", labels, value)
    }

    /// All samples of a histogram: its cumulative buckets, then sum and count.
    pub(crate) fn histogram(&mut self, histogram: &Histogram) {
        let mut below = 0;
        for (bound, count) in BOUNDS_SECS.iter().zip(histogram.counts) {
            below += count;
            self.line("_bucket", &[("le", &write_number(*bound))], below as f64);
        }
        self.line("_bucket", &[("le", "+Inf")], histogram.count as f64);
        self.line("_sum", &[], histogram.sum_secs);
        self.line("_count", &[], histogram.count as f64);
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    fn line(&mut self, suffix: &str, labels: &[(&str, &str)], value: f64) -> &mut Self {
        self.push(&[self.name, suffix]);
        for (at, (name, label)) in labels.iter().enumerate() {
            self.push(&[if at == 0 { "{" } else { "," }, name, "=\"", label, "\""]);
        }
        self.push(&[if labels.is_empty() { " " } else { "} " }, &write_number(value), "\n"]);
        self
    }

    fn push(&mut self, parts: &[&str]) {
        for part in parts {
            self.text.push_str(part);
        }
    }
}
