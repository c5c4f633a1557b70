//! The import of a file: its bytes come in, bodies go out, and what became of their rows adds up.

use std::collections::VecDeque;

use super::payload::{Cut, Outcome, Receipt};
use super::request_target::request_target;
use super::slices::{Part, Slice, Slices};

/// An import that is under way. Its bodies are sent in order, each after the answer to the one before it:
///
/// 1. [`push`](Self::push) the next bytes of the file;
/// 2. while there is a [`next_body`](Self::next_body), send it and hand over the [`answer`](Self::answer).
#[derive(Debug, Clone)]
pub struct Import {
    slices: Slices,
    /// What is to be sent.
    waiting: VecDeque<Slice>,
    /// Whether nothing more of the file follows.
    is_ended: bool,
    /// The slice that was sent last, without its body.
    sent: Slice,
    receipt: Receipt,
}

/// A body to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Where it is sent.
    pub target: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Import {
    /// Of a file that is cut like this.
    #[must_use]
    pub fn new(cut: Cut) -> Self {
        Self::from_slices(Slices::new(cut))
    }

    fn from_slices(slices: Slices) -> Self {
        let (waiting, sent, receipt) = (VecDeque::new(), Slice::default(), Receipt::default());
        Self { slices, waiting, is_ended: false, sent, receipt }
    }

    /// Takes the next bytes of the file; all of them, if it cannot be cut.
    ///
    /// # Errors
    /// A sentence, when the rest of the file cannot be sent.
    pub fn push(&mut self, bytes: &[u8], is_last: bool) -> Result<(), String> {
        for part in self.slices.push(bytes, is_last)? {
            match part {
                Part::Slice(slice) => self.waiting.push_back(slice),
                Part::Refused(row) => self.receipt.refuse(row),
            }
        }
        self.is_ended = is_last;
        Ok(())
    }

    /// Says that nothing more can be read: what came in whole is sent, a row that was begun is not.
    pub fn end(&mut self) {
        self.is_ended = true;
    }

    /// The next body to send. `None` at the end, and as long as more of the file tells whether the body is the last one.
    pub fn next_body(&mut self) -> Option<Body> {
        if self.waiting.len() < 2 && !self.is_ended {
            return None;
        }
        self.sent = self.waiting.pop_front()?;
        let bytes = std::mem::take(&mut self.sent.body);
        let text = |number: u64| if number == 0 { String::new() } else { number.to_string() };
        let [rows, lines] = [self.sent.rows_before, self.sent.lines_before].map(text);
        // Events that wait after the last body are processed as a smaller batch.
        let is_complete = if self.is_ended && self.waiting.is_empty() { "true" } else { "" };
        let parameters = [("rows_before", &*rows), ("lines_before", &lines), ("complete", is_complete)];
        Some(Body { target: request_target("events", parameters), bytes })
    }

    /// Takes the answer to the body that was sent last. A body without a valid row does not stop the import.
    ///
    /// # Errors
    /// Sentences, when the answer holds for the whole file: no other body is to be sent.
    pub fn answer(&mut self, outcome: Outcome) -> Result<(), Vec<String>> {
        let receipt = match outcome {
            Outcome::Taken(receipt) | Outcome::NoneValid(receipt) => receipt,
            Outcome::Refused(sentences) => return Err(sentences),
        };
        self.receipt.append(receipt, self.sent.rows_before, self.sent.lines_before);
        Ok(())
    }

    /// What became of the rows so far.
    #[must_use]
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::api::Request;
    use crate::tests::service::Service;
    use crate::ui::model::payload::{FileFormat, RefusedRow};

    const CSV: &str = "text/csv";
    const NDJSON: &str = "application/x-ndjson";

    /// A pipeline that keeps what it is sent.
    fn service() -> Service {
        Service::new(&[("batch_size", "100000"), ("late", "accept")])
    }

    fn post(service: &mut Service, content_type: &str, target: &str, bytes: Vec<u8>) -> Outcome {
        let answer = service.send(&Request::new("POST", target).with_body(content_type, bytes));
        Outcome::read(answer.status, &answer.body)
    }

    /// Imports a file `step` bytes at a time; returns the receipt, and why it stopped.
    fn import(service: &mut Service, content_type: &'static str, file: &[u8], step: usize) -> (Receipt, Vec<String>) {
        let mut import = Import::new(FileFormat { content_type, is_gzip: false }.cut());
        let pieces = file.len().div_ceil(step).max(1);
        for piece in 0..pieces {
            let bytes = &file[piece * step..((piece + 1) * step).min(file.len())];
            import.push(bytes, piece + 1 == pieces).unwrap();
            while let Some(body) = import.next_body() {
                if let Err(sentences) = import.answer(post(service, content_type, &body.target, body.bytes)) {
                    return (import.receipt, sentences);
                }
            }
        }
        (import.receipt, Vec::new())
    }

    /// The same by one request.
    fn post_whole(service: &mut Service, content_type: &str, file: &[u8]) -> (Receipt, Vec<String>) {
        match post(service, content_type, "events?complete=true", file.to_vec()) {
            Outcome::Taken(receipt) | Outcome::NoneValid(receipt) => (receipt, Vec::new()),
            Outcome::Refused(sentences) => (Receipt::default(), sentences),
        }
    }

    /// Ids and values that are stored.
    fn stored(service: &mut Service) -> Vec<Value> {
        let answer = service.get("query?start=1677-10-01&views=latest");
        let rows = answer["latest"].as_array().cloned().unwrap_or_default();
        rows.iter().map(|row| json!([row["timestamp"], row["id"], row["value"]])).collect()
    }

    fn check(content_type: &'static str, file: &[u8], step: usize) {
        let (mut cut, mut whole) = (service(), service());
        let (in_slices, at_once) =
            (import(&mut cut, content_type, file, step), post_whole(&mut whole, content_type, file));
        assert_eq!(in_slices, at_once, "{:?} in steps of {step}", String::from_utf8_lossy(file));
        assert_eq!(stored(&mut cut), stored(&mut whole));
        assert_eq!(dead_letters(&mut cut), dead_letters(&mut whole));
    }

    /// Places and reasons of the dead letters.
    fn dead_letters(service: &mut Service) -> Vec<Value> {
        let letters = service.get("rejected")["rejected"].as_array().cloned().unwrap_or_default();
        letters.iter().map(|letter| json!([letter["row"], letter["line"], letter["reason"], letter["input"]])).collect()
    }

    #[test]
    fn a_slice_without_a_valid_row_does_not_stop_the_import() {
        let mut file = "timestamp,id,value\n".to_owned();
        for row in 0..1_500 {
            let value = if (300..1_100).contains(&row) { "nan".to_owned() } else { row.to_string() };
            file.push_str(&format!("2025-06-01T12:00:00Z,a,{value}\n"));
        }
        let mut service = service();
        let (receipt, reasons) = import(&mut service, CSV, file.as_bytes(), 1_000);
        assert_eq!((receipt.accepted, receipt.rejected_count, reasons), (700, 800, Vec::new()));
        let places: Vec<_> = receipt.rejected.iter().map(|refused| (refused.row, refused.line)).collect();
        assert_eq!(places, (300..1_100).map(|row| (row, Some(row + 2))).collect::<Vec<_>>());
        assert_eq!(stored(&mut service).len(), 700);
    }

    #[test]
    fn a_blank_line_behind_a_header_that_ends_with_a_lone_return_counts() {
        check(CSV, b"id,value\ra,1\r\"b\",2\n\nc,x", 1);
    }

    #[test]
    fn a_fault_of_the_whole_file_stops_the_import() {
        let (receipt, reasons) = import(&mut service(), CSV, b"id,worth\na,1\nb,2\n", 5);
        assert_eq!(receipt, Receipt::default());
        assert!(reasons[0].contains("value"), "{reasons:?}");
    }

    #[test]
    fn whole_rows_before_a_fault_of_reading_are_sent_and_a_row_that_was_begun_is_not() {
        let mut import = Import::new(FileFormat { content_type: CSV, is_gzip: false }.cut());
        import.push(b"id,value\na,1\nb,2", false).unwrap();
        assert_eq!(import.next_body(), None, "it may not be the last one");
        import.end();
        let (target, bytes) = ("events?complete=true".to_owned(), b"id,value\na,1\n".to_vec());
        assert_eq!(import.next_body(), Some(Body { target, bytes }));
        assert_eq!(import.next_body(), None);
    }

    #[test]
    fn rows_that_end_the_file_are_processed_even_if_their_slice_is_refused() {
        let mut service = service();
        import(&mut service, CSV, b"id,value\na,1\nb,nan\n", 14);
        assert_eq!(service.get("latest")["latest"][0]["id"], "a");
    }

    #[test]
    fn a_row_that_is_too_long_keeps_its_place_among_the_refused() {
        let mut import =
            Import::from_slices(Slices::within(FileFormat { content_type: CSV, is_gzip: false }.cut(), 20));
        import.push(format!("value\nx\n{}\nx\n", "9".repeat(30)).as_bytes(), true).unwrap();
        while import.next_body().is_some() {
            let rejected = vec![RefusedRow { row: 0, line: Some(2), reason: "no number".into() }];
            import.answer(Outcome::NoneValid(Receipt { accepted: 0, rejected_count: 1, rejected })).unwrap();
        }
        let places: Vec<_> = import.receipt().rejected.iter().map(|refused| (refused.row, refused.line)).collect();
        assert_eq!(places, [(0, Some(2)), (1, Some(3)), (2, Some(4))]);
    }

    /// A row of CSV, or what is left of one.
    fn csv_row() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => "[a-c]{1,2},[0-9]{1,3}",
            1 => "\"[a-c\n\r,]{1,5}(\"\")?\",[0-9]",
            1 => "3/4\" pipe,[0-9]",
            1 => "[a-c],(nan|x|)",
            1 => Just(String::new()),
            1 => "[ab,\"\r;é]{0,9}",
        ]
    }

    fn ndjson_row() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => "\\{\"id\":\"[a-c]\",\"value\":[0-9]{1,3}\\}",
            1 => "\\{\"id\":\"[a-c]\",\"value\":(null|\"x\"|true)\\}",
            1 => "[ \r\t]{0,3}",
            1 => "[\\{\\}\"a:1\r]{0,9}",
        ]
    }

    fn utf16(text: &str) -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn csv_in_slices_is_read_as_one_body(
            head in prop::sample::select(vec!["id,value", "sep=,\r\nid,value", "\nID,Value", "\"id\",value", "id,worth"]),
            rows in prop::collection::vec(csv_row(), 0..12),
            end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
            step in 1_usize..40,
            is_utf16 in any::<bool>(),
        ) {
            let text = [head, &rows.join(end)].join(end);
            check(CSV, &if is_utf16 { utf16(&text) } else { text.into_bytes() }, step);
        }

        #[test]
        fn ndjson_in_slices_is_read_as_one_body(
            rows in prop::collection::vec(ndjson_row(), 0..12),
            end in prop::sample::select(vec!["\n", "\r\n"]),
            step in 1_usize..40,
        ) {
            check(NDJSON, rows.join(end).as_bytes(), step);
        }
    }
}
