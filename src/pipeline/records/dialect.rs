//! The dialect of CSV: its delimiter, from a parameter, a first line `sep=;` or the header line.

use super::framing::Framer;
use super::mapping::is_named;

/// The delimiters that a header line is searched for, in the order in which equals are preferred.
pub const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How the fields of CSV are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// The byte between two fields.
    pub delimiter: u8,
    /// The byte where the header begins: behind a first line such as `sep=;`.
    pub header_start: usize,
}

impl Dialect {
    /// The dialect of a text that begins with these bytes, of UTF-8 without a mark. A first line `sep=;` names the
    /// delimiter, unless it is `given`; otherwise it is the one of `,`, `;`, tab and `|` that finds the most of these
    /// `columns` in the header, and of these the one that finds the most fields. `None` when the header does not end in
    /// these bytes and more follow (not `is_last`).
    #[must_use]
    pub fn detect(start: &[u8], given: Option<u8>, columns: &[&str], is_last: bool) -> Option<Self> {
        let first_line_end = start.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        if first_line_end.is_none() && !is_last {
            return None;
        }
        let first_line = &start[..first_line_end.unwrap_or(start.len())];
        let named = named_by(first_line);
        let header_start = if named.is_some() { first_line.len() } else { 0 };
        if let Some(delimiter) = given.or(named) {
            return Some(Self { delimiter, header_start });
        }
        let mut best = (DELIMITERS[0], (0, 0));
        for delimiter in DELIMITERS {
            let mut framer = Framer::new(delimiter);
            let header = match framer.next(start, is_last) {
                Some(frame) => &start[frame.start..frame.end],
                None if is_last => break,
                None => return None,
            };
            let names = framer.fields().iter().map(|field| field.lossy_text(header));
            let known = names.filter(|name| columns.iter().any(|column| is_named(name, column))).count();
            let score = (known, framer.fields().len());
            if score > best.1 {
                best = (delimiter, score);
            }
        }
        Some(Self { delimiter: best.0, header_start })
    }

    /// Whether a comma stands for the decimal point: where it is not the delimiter.
    #[must_use]
    pub fn has_decimal_comma(self) -> bool {
        self.delimiter != b','
    }
}

/// Whether a first line `sep=` can name this byte: ASCII, and neither a letter, a digit, a quote nor a line end.
fn is_delimiter(byte: u8) -> bool {
    (byte.is_ascii_punctuation() || matches!(byte, b' ' | b'\t')) && byte != b'"'
}

/// The delimiter that a first line such as `sep=;` names, as spreadsheets write it; some put it in quotes.
fn named_by(line: &[u8]) -> Option<u8> {
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let (name, delimiter) = line.split_at_checked(4)?;
    match delimiter {
        [delimiter] if name.eq_ignore_ascii_case(b"sep=") && is_delimiter(*delimiter) => Some(*delimiter),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [&str; 3] = ["timestamp", "id", "value"];

    fn delimiter(text: &str) -> char {
        Dialect::detect(text.as_bytes(), None, &COLUMNS, true).map(|dialect| dialect.delimiter.into()).unwrap()
    }

    #[test]
    fn the_header_line_shows_the_delimiter() {
        for (text, expected) in [
            ("timestamp,id,value\n", ','),
            ("timestamp;id;value\n1,5;2,5;3,5\n", ';'),
            ("Timestamp\tID\tValue", '\t'),
            ("\n\nid|value\n", '|'),
            ("value", ','),
            ("", ','),
            ("timestamp;value;\"temperature, °C, indoors, north\"\n", ';'),
            ("timestamp;value;temperature, °C, indoors, north\n", ';'),
            ("\"a;b;c;d\",value\n", ','),
            ("a;b;c,d\n", ';'),
        ] {
            assert_eq!(delimiter(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_first_line_names_the_delimiter_and_is_no_header() {
        for (text, expected, header) in [
            ("sep=;\nid;value\n", ';', "\nid;value\n"),
            ("SEP=^\r\nid^value", '^', "\r\nid^value"),
            ("\"sep=|\"\nid|value", '|', "\nid|value"),
            ("sep=\t\nid\tvalue", '\t', "\nid\tvalue"),
            ("sep=ab\nvalue", ',', "sep=ab\nvalue"),
            ("sep=", ',', "sep="),
        ] {
            let dialect = Dialect::detect(text.as_bytes(), None, &COLUMNS, true).unwrap();
            assert_eq!((char::from(dialect.delimiter), &text[dialect.header_start..]), (expected, header), "{text:?}");
        }
    }

    #[test]
    fn what_is_given_counts_before_what_is_found() {
        let dialect = Dialect::detect(b"sep=;\nid|value\n", Some(b'|'), &COLUMNS, true);
        assert_eq!(dialect, Some(Dialect { delimiter: b'|', header_start: 5 }));
    }

    #[test]
    fn the_names_that_are_wanted_count_before_the_number_of_fields() {
        let text = b"time;rpm, 1/min, at the shaft\n";
        for (columns, delimiter) in [(&["time"][..], b';'), (&[][..], b',')] {
            assert_eq!(Dialect::detect(text, None, columns, true).unwrap().delimiter, delimiter);
        }
    }

    #[test]
    fn nothing_is_detected_before_the_header_has_ended() {
        assert_eq!(Dialect::detect(b"id;val", None, &COLUMNS, false), None);
        assert_eq!(Dialect::detect(b"\"id\n", None, &COLUMNS, false), None);
        assert!(Dialect::detect(b"id;value\n1", None, &COLUMNS, false).is_some());
    }
}
