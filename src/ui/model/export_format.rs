//! The formats in which rows are exported.

use super::history_table::Question;

/// The parameter of `GET /query` that makes CSV safe to open in a spreadsheet: a byte order mark, and text that would be
/// taken for a formula begins with `'`.
const SPREADSHEET: &str = "&spreadsheet=true";

/// A format of exported rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// One JSON object a line.
    Ndjson,
    /// CSV as programs read it.
    Csv,
    /// CSV as spreadsheets read it.
    SpreadsheetCsv,
    /// An Arrow IPC stream.
    Arrow,
    /// One JSON document.
    Json,
}

impl ExportFormat {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Ndjson, Self::Csv, Self::SpreadsheetCsv, Self::Arrow, Self::Json];

    /// Its name on the page.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Ndjson => "NDJSON",
            Self::Csv => "CSV",
            Self::SpreadsheetCsv => "CSV for spreadsheets",
            Self::Arrow => "Arrow",
            Self::Json => "JSON",
        }
    }

    /// Its name in a request; also the extension of its files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv | Self::SpreadsheetCsv => "csv",
            Self::Arrow => "arrow",
            Self::Json => "json",
        }
    }

    /// The request that exports the rows of a question in this format.
    #[must_use]
    pub fn target(self, question: &Question) -> String {
        self.finish(question.export_target(self.name()))
    }

    /// The request, made from that for [`Self::name`].
    #[must_use]
    pub fn finish(self, target: String) -> String {
        if self == Self::SpreadsheetCsv { target + SPREADSHEET } else { target }
    }

    /// The number of rows in a part of an export, counted without parsing it; `None` for formats without a row separator.
    #[must_use]
    pub fn rows_in(self, part: &[u8]) -> Option<u64> {
        let mark = match self {
            Self::Csv | Self::SpreadsheetCsv | Self::Ndjson => b'\n',
            Self::Json => b'{',
            Self::Arrow => return None,
        };
        Some(part.iter().filter(|byte| **byte == mark).count() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::ExportFormat::{self, Arrow, Csv, Json, Ndjson, SpreadsheetCsv};
    use crate::api::Request;
    use crate::tests::service::Service;
    use crate::ui::model::history_table::Question;

    #[test]
    fn csv_for_spreadsheets_is_the_same_request_with_a_parameter() {
        let question = Question { ids: vec!["=1+1".into()], ..Question::default() };
        let csv = Csv.target(&question);
        assert!(csv.ends_with("&format=csv"), "{csv}");
        assert_eq!(SpreadsheetCsv.target(&question), format!("{csv}&spreadsheet=true"));
        assert_eq!(SpreadsheetCsv.name(), "csv", "the extension of its file");
    }

    #[test]
    fn csv_for_spreadsheets_has_a_mark_and_no_formulas() {
        let mut service = Service::new(&[("batch_size", "1")]);
        let body = "timestamp,id,value\n2025-06-01,=1+1,-1\n2025-06-02,P\u{fc}mpe,2\n";
        service.send(&Request::new("POST", "events").with_body("text/csv", body));
        let mut export = |format: ExportFormat| service.ask("GET", &format.target(&Question::default())).text();
        let csv = export(Csv);
        assert!(csv.starts_with("timestamp,id,value,") && csv.contains(",=1+1,-1"), "{csv}");
        assert_eq!(export(SpreadsheetCsv), format!("\u{feff}{}", csv.replace("=1+1", "'=1+1")));
    }

    #[test]
    fn every_format_has_a_label_of_its_own() {
        let mut labels = ExportFormat::ALL.map(ExportFormat::label).to_vec();
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), ExportFormat::ALL.len());
    }

    #[test]
    fn rows_are_counted_in_formats_with_a_row_separator() {
        assert_eq!(Csv.rows_in(b"id,value\na,1\n"), Some(2));
        assert_eq!(Ndjson.rows_in(b"{\"id\":\"a\"}\n"), Some(1));
        assert_eq!(Json.rows_in(b"[{\"id\":\"a\"},{\"id\":\"b\"}]"), Some(2));
        assert_eq!(Arrow.rows_in(b"\n\n"), None);
    }
}
