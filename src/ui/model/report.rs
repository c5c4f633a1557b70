//! The text of a failure report: plain text, without settings, since an API key may be among them.

use crate::protocol::Counters;

/// A failure with the last known state of the pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Report<'a> {
    /// When it was noticed, as text.
    pub at: &'a str,
    /// The browser's error message.
    pub reason: &'a str,
    /// The name of the build.
    pub build: &'a str,
    /// The browser's user agent.
    pub user_agent: &'a str,
    /// The counters that were shown last.
    pub counters: Counters,
}

impl Report<'_> {
    /// The report, to be copied.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { at, reason, build, user_agent, counters } = self;
        // Formatted by hand: this would be the only use of a derived `Debug`, which costs a kilobyte of download.
        let Counters { produced, posted, processed, rejected, late, dropped, batches, requests, .. } = counters;
        let version = env!("CARGO_PKG_VERSION");
        format!(
            "millrace {version}, {build}\nThe pipeline worker failed at {at}.\nBrowser: {user_agent}\nCounters: produced {produced}, \
             posted {posted}, processed {processed}, rejected {rejected}, late {late}, dropped {dropped}, batches {batches}, \
             requests {requests}\n\n{}\n",
            reason.trim_end()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Report;
    use crate::protocol::Counters;

    #[test]
    fn a_report_has_the_failure_its_place_and_the_counters() {
        let counters = Counters { produced: 12, batches: 1, processed: 10, ..Counters::default() };
        let report = Report {
            at: "2025-06-01T21:15:07Z",
            reason: "panicked at src/a.rs:1:2:\nboom\n\nError\n    at f\n",
            build: "app-1.js",
            user_agent: "Firefox/1",
            counters,
        };
        let head = concat!("millrace ", env!("CARGO_PKG_VERSION"), ", app-1.js\n");
        let text = report.text();
        assert!(text.starts_with(head), "{text}");
        assert!(text.contains("\nThe pipeline worker failed at 2025-06-01T21:15:07Z.\nBrowser: Firefox/1\n"), "{text}");
        assert!(text.contains("\nCounters: produced 12, posted 0, processed 10, "), "{text}");
        assert!(text.ends_with("\n\npanicked at src/a.rs:1:2:\nboom\n\nError\n    at f\n"), "{text}");
    }
}
