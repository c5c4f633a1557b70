//! A table as CSV: a header row, then the rows; missing cells are empty.
//!
//! Written by hand: the writer of the csv crate can quote all fields that are not numbers, and to detect numbers it
//! links the standard library's table of powers of ten, a sixteenth of the download.
//! Source: RFC 4180, with the line ends of Unix. For spreadsheets: OWASP, "CSV Injection".

use super::Encoder;
use super::json::bare_cell;
use crate::frame::{Column, Frame, Value};
use crate::time::Clock;

/// First characters of text that a spreadsheet computes, or skips on the way to one that it does; the last four are the
/// wide forms that Japanese ones read alike.
const FORMULA_STARTS: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

pub(super) struct Csv {
    clock: Clock,
    delimiter: u8,
    is_for_spreadsheets: bool,
    has_header: bool,
}

impl Csv {
    pub(super) fn new(clock: Clock, delimiter: u8) -> Self {
        Self { clock, delimiter, is_for_spreadsheets: false, has_header: false }
    }

    /// The same, if `is_wanted`, with a byte order mark, without which Excel reads another encoding, and with `'` before
    /// text that would be a formula.
    pub(super) fn for_spreadsheets(self, is_wanted: bool) -> Self {
        Self { is_for_spreadsheets: is_wanted, ..self }
    }

    fn delimit(&self, out: &mut Vec<u8>, place: usize) {
        if place > 0 {
            out.push(self.delimiter);
        }
    }

    /// Writes a field, then puts it in quotes if it needs them.
    fn field(&self, out: &mut Vec<u8>, place: usize, is_text: bool, write: impl FnOnce(&mut Vec<u8>)) {
        self.delimit(out, place);
        let start = out.len();
        write(out);
        if is_text && self.is_for_spreadsheets && is_formula(&out[start..]) {
            out.insert(start, b'\'');
        }
        if out[start..].iter().any(|byte| *byte == self.delimiter || matches!(byte, b'"' | b'\n' | b'\r')) {
            let text = out.split_off(start);
            out.push(b'"');
            for byte in text {
                out.extend_from_slice(if byte == b'"' { b"\"\"" } else { std::slice::from_ref(&byte) });
            }
            out.push(b'"');
        }
    }
}

impl Encoder for Csv {
    fn open_table(&mut self, _: &str, _: &mut Vec<u8>) {}

    fn rows(&mut self, rows: &Frame, out: &mut Vec<u8>) {
        if !self.has_header {
            self.has_header = true;
            if self.is_for_spreadsheets {
                out.extend_from_slice("\u{feff}".as_bytes());
            }
            for (place, (name, _)) in rows.columns().iter().enumerate() {
                self.field(out, place, true, |out| out.extend_from_slice(name.as_bytes()));
            }
            out.push(b'\n');
        }
        for row in 0..rows.len() {
            for (place, (_, column)) in rows.columns().iter().enumerate() {
                // Neither needs quotes.
                if let Column::Float(_) | Column::Datetime(_) = column {
                    self.delimit(out, place);
                    bare_cell(out, column, row, &self.clock);
                    continue;
                }
                let is_text = self.is_for_spreadsheets && matches!(column.value(row), Value::Str(_));
                self.field(out, place, is_text, |out| bare_cell(out, column, row, &self.clock));
            }
            out.push(b'\n');
        }
    }

    fn close_table(&mut self, _: &mut Vec<u8>) {}

    fn finish(&mut self, _: &mut Vec<u8>) {}
}

fn is_formula(text: &[u8]) -> bool {
    FORMULA_STARTS.iter().any(|start| text.starts_with(start.encode_utf8(&mut [0; 4]).as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Strings;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn any_text_reads_back(
            texts in prop::collection::vec(("\\PC*|[,\"\r\n\t a]*", "[,\"\r\n\t a]*"), 0..5),
            delimiter in prop::sample::select(&b",\t"[..]),
        ) {
            let column = |pick: fn(&(String, String)) -> &String| -> Column {
                Column::String(texts.iter().map(|pair| Some(pick(pair))).collect::<Strings>())
            };
            let frame = Frame::new(vec![("a,b".into(), column(|pair| &pair.0)), ("c".into(), column(|pair| &pair.1))]).unwrap();
            let mut out = Vec::new();
            Csv::new(Clock::Utc, delimiter).rows(&frame, &mut out);
            let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(&out[..]);
            prop_assert_eq!(reader.headers().unwrap(), vec!["a,b", "c"]);
            let read: Vec<(String, String)> = reader.records().map(|record| {
                let record = record.unwrap();
                (record[0].to_owned(), record[1].to_owned())
            }).collect();
            prop_assert_eq!(read, texts);
        }
    }

    #[test]
    fn spreadsheets_get_a_mark_and_no_formula() {
        let texts =
            ["=1+1", "+1", "-2", "@x", "\tx", "\rx", "\nx", "\u{ff1d}1", "'x", "P\u{fc}mpe", "a=1", " =1", "\"=1"];
        let frame = Frame::new(vec![
            ("=id".into(), Column::String(texts.iter().map(|text| Some(*text)).collect::<Strings>())),
            ("value".into(), Column::Float(vec![-1.5; texts.len()].into())),
        ])
        .unwrap();
        let write = |is_wanted| {
            let mut out = Vec::new();
            Csv::new(Clock::Utc, b',').for_spreadsheets(is_wanted).rows(&frame, &mut out);
            String::from_utf8(out).unwrap()
        };
        let expected = concat!(
            "\u{feff}'=id,value\n'=1+1,-1.5\n'+1,-1.5\n'-2,-1.5\n'@x,-1.5\n'\tx,-1.5\n\"'\rx\",-1.5\n\"'\nx\",-1.5\n",
            "'\u{ff1d}1,-1.5\n'x,-1.5\nP\u{fc}mpe,-1.5\na=1,-1.5\n =1,-1.5\n\"\"\"=1\",-1.5\n",
        );
        assert_eq!(write(true), expected);
        assert!(write(false).starts_with("=id,value\n=1+1,-1.5\n"));
    }
}
