//! What somebody sends who reports a failure: plain text, without settings, since an API key may be among them.

use crate::protocol::Counters;

/// A failure with what was known of the pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Report<'a> {
    /// When it was noticed, as text.
    pub at: &'a str,
    /// What the browser says about it.
    pub reason: &'a str,
    /// The name of the build.
    pub build: &'a str,
    /// What the browser calls itself.
    pub user_agent: &'a str,
    /// The counters that were shown last.
    pub counters: Option<Counters>,
}

impl Report<'_> {
    /// The report, to be copied.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { at, reason, build, user_agent, counters } = self;
        let version = env!("CARGO_PKG_VERSION");
        let counters = counters.map_or_else(|| "none yet".to_owned(), |counters| counted(&counters));
        format!(
            "millrace {version}, {build}\nThe pipeline worker failed at {at}.\nBrowser: {user_agent}\nCounters: {counters}\n\n{}\n",
            reason.trim_end()
        )
    }
}

fn counted(counters: &Counters) -> String {
    let Counters { produced, posted, processed, rejected, late, dropped, batches, requests, .. } = counters;
    format!(
        "produced {produced}, posted {posted}, processed {processed}, rejected {rejected}, late {late}, \
         dropped {dropped}, batches {batches}, requests {requests}"
    )
}

#[cfg(test)]
mod tests {
    use super::Report;
    use crate::protocol::Counters;

    #[test]
    fn a_report_says_what_failed_where_and_after_what() {
        let counters = Counters { produced: 12, batches: 1, processed: 10, ..Counters::default() };
        let mut report = Report {
            at: "2025-06-01T21:15:07Z",
            reason: "panicked at src/a.rs:1:2:\nboom\n\nError\n    at f\n",
            build: "app-1.js",
            user_agent: "Firefox/1",
            counters: Some(counters),
        };
        let head = concat!("millrace ", env!("CARGO_PKG_VERSION"), ", app-1.js\n");
        assert_eq!(
            report.text().strip_prefix(head),
            Some(
                "The pipeline worker failed at 2025-06-01T21:15:07Z.\nBrowser: Firefox/1\nCounters: produced 12, \
                 posted 0, processed 10, rejected 0, late 0, dropped 0, batches 1, requests 0\n\n\
                 panicked at src/a.rs:1:2:\nboom\n\nError\n    at f\n"
            )
        );
        report.counters = None;
        assert!(report.text().contains("Counters: none yet\n"));
    }
}
