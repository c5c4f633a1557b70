//! Imported events: their format, and the result of sending them.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::quantity::{counted, grouped};

const JSON: &str = "application/json";
const NDJSON: &str = "application/x-ndjson";
const CSV: &str = "text/csv";
const TSV: &str = "text/tab-separated-values";

/// The content types of events, as they can be chosen.
pub const CONTENT_TYPES: &[&str] = &[JSON, NDJSON, CSV, TSV];

/// A sample in each of the common content types.
pub const SAMPLES: &[(&str, &str)] = &[
    ("CSV", "id,value\npump-1,12.5\npump-2,73\npump-1,n/a\n"),
    ("NDJSON", "{\"id\": \"pump-1\", \"value\": 12.5}\n{\"id\": \"pump-2\", \"value\": 73}\n"),
    ("JSON", "[\n  {\"id\": \"pump-1\", \"value\": 12.5},\n  {\"id\": \"pump-2\", \"value\": 73}\n]\n"),
];

/// The names of files that are offered for import, as the value of `accept`.
pub const ACCEPTED_FILES: &str = ".csv,.tsv,.tab,.txt,.json,.ndjson,.jsonl,.gz,text/csv,text/tab-separated-values,\
                                  application/json,application/gzip";

/// The content types by the extensions of files. What the API does not read is listed too: it then says so.
const EXTENSIONS: &[(&str, &str)] = &[
    ("csv", CSV),
    ("tsv", TSV),
    ("tab", TSV),
    ("ndjson", NDJSON),
    ("jsonl", NDJSON),
    ("json", JSON),
    ("arrow", "application/vnd.apache.arrow.file"),
    ("arrows", "application/vnd.apache.arrow.stream"),
    ("parquet", "application/vnd.apache.parquet"),
];

/// How the bytes of a file are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileFormat {
    /// The content type, of the unpacked bytes if the file is packed.
    pub content_type: &'static str,
    /// Whether the bytes are packed by gzip.
    pub is_gzip: bool,
}

impl FileFormat {
    /// Bytes at the start of a file that tell its format.
    pub const SAMPLE_BYTES: usize = 64 << 10;

    /// Guesses the format from the name of a file and its first [`Self::SAMPLE_BYTES`].
    #[must_use]
    pub fn guess(file_name: &str, start: &[u8]) -> Self {
        if start.starts_with(&[0x1f, 0x8b]) {
            let content_type = by_extension(without_gz(file_name)).unwrap_or(CSV);
            return Self { content_type, is_gzip: true };
        }
        Self { content_type: guess_content_type(file_name, start), is_gzip: false }
    }

    /// How it is cut into bodies.
    #[must_use]
    pub fn cut(self) -> Cut {
        match self.content_type {
            _ if self.is_gzip => Cut::Never,
            CSV => Cut::Records { delimiter: None },
            TSV => Cut::Records { delimiter: Some(b'\t') },
            NDJSON => Cut::Lines,
            _ => Cut::Never,
        }
    }

    /// What to do with a file that cannot be cut and exceeds one body.
    #[must_use]
    pub fn too_large(self, name: &str) -> String {
        let mend = if self.is_gzip {
            "unpack it and import the unpacked file"
        } else if self.content_type == JSON {
            "save its rows as NDJSON, one object a line, or as CSV"
        } else {
            "save its rows as NDJSON or CSV"
        };
        format!("\"{name}\" is larger than 64 MiB and cannot be sent in parts; {mend}.")
    }

    /// The headers beside `Content-Type`.
    #[must_use]
    pub fn more_headers(self) -> Vec<(String, String)> {
        if self.is_gzip { vec![("Content-Encoding".to_owned(), "gzip".to_owned())] } else { Vec::new() }
    }
}

/// How a file of events is cut into bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Between two records of CSV.
    Records {
        /// The delimiter, where the content type says it; otherwise it is found.
        delimiter: Option<u8>,
    },
    /// Between two lines.
    Lines,
    /// Not at all: it is sent as one body.
    Never,
}

fn without_gz(file_name: &str) -> &str {
    match file_name.rsplit_once('.') {
        Some((name, ending)) if ending.eq_ignore_ascii_case("gz") => name,
        _ => file_name,
    }
}

fn by_extension(file_name: &str) -> Option<&'static str> {
    let (_, ending) = file_name.rsplit_once('.')?;
    EXTENSIONS.iter().find(|(known, _)| ending.eq_ignore_ascii_case(known)).map(|(_, content_type)| *content_type)
}

/// Guesses the content type by the file's extension, otherwise by the start of its text. A file of JSON that has an
/// object on its first line and more behind it is NDJSON, whatever it is called.
#[must_use]
pub fn guess_content_type(file_name: &str, start: &[u8]) -> &'static str {
    match by_extension(file_name) {
        Some(JSON) | None => guess_by_text(&text_of(start)),
        Some(content_type) => content_type,
    }
}

fn guess_by_text(start: &str) -> &'static str {
    let start = start.trim_start();
    let mut lines = start.lines().filter(|line| !line.trim().is_empty());
    match (lines.next(), lines.next()) {
        (Some(line), Some(next)) if looks_like_lines(line, next) => NDJSON,
        (Some(line), _) if line.starts_with(['{', '[']) => JSON,
        (None, _) => JSON,
        (Some(_), _) => CSV,
    }
}

/// Whether the first two lines are those of NDJSON. Nothing follows a whole object in JSON, so that a damaged line
/// behind one is a bad row; otherwise both look like objects, and the damage is in the first.
fn looks_like_lines(line: &str, next: &str) -> bool {
    let is_like_object = line.starts_with('{') && line.trim_end().ends_with('}');
    is_like_object && (next.trim_start().starts_with('{') || serde_json::from_str::<IgnoredAny>(line).is_ok())
}

/// The start of a text, without its byte order mark; UTF-16 is read where the mark says so.
fn text_of(start: &[u8]) -> Cow<'_, str> {
    let utf16 = |units: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = start[2..].chunks_exact(2).map(|pair| units([pair[0], pair[1]])).collect();
        Cow::Owned(String::from_utf16_lossy(&units))
    };
    match start {
        [0xff, 0xfe, ..] => utf16(u16::from_le_bytes),
        [0xfe, 0xff, ..] => utf16(u16::from_be_bytes),
        _ => String::from_utf8_lossy(start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start)),
    }
}

/// Maximum number of refused rows that are listed; all are counted.
const LISTED_ROWS: usize = 1_000;

/// What became of rows that were sent: the body of `POST /events` with 202, or of 422 when none was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Receipt {
    /// Number of accepted events.
    pub accepted: u64,
    /// Number of refused events.
    pub rejected_count: u64,
    /// The first of them, up to 1,000.
    pub rejected: Vec<RefusedRow>,
}

impl Receipt {
    /// Both counts as text.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} accepted, {} rejected", counted(self.accepted, "event"), grouped(self.rejected_count))
    }

    /// The counts as a notification, with the place of the reasons.
    #[must_use]
    pub fn news(&self) -> String {
        let taken = counted(self.accepted, "row");
        match self.rejected_count {
            0 => format!("{taken} taken"),
            refused => format!("{taken} taken, {} refused: see Refused rows", grouped(refused)),
        }
    }

    /// The reasons of the refused rows that are listed.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        self.rejected.iter().map(RefusedRow::text).collect()
    }

    /// Appends the receipt of a slice of the same file, from the number of rows and lines that precede the slice.
    pub fn append(&mut self, next: Self, rows_before: u64, lines_before: u64) {
        self.accepted += next.accepted;
        self.rejected_count += next.rejected_count;
        self.rejected.extend(next.rejected.into_iter().map(|refused| RefusedRow {
            row: refused.row + rows_before,
            line: refused.line.map(|line| line + lines_before),
            ..refused
        }));
        self.rejected.sort_by_key(|refused| refused.row);
        self.rejected.truncate(LISTED_ROWS);
    }

    /// Adds a row of the file that was refused before it was sent.
    pub fn refuse(&mut self, row: RefusedRow) {
        self.append(Self { accepted: 0, rejected_count: 1, rejected: vec![row] }, 0, 0);
    }
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RefusedRow {
    /// Its index, from 0.
    pub row: u64,
    /// The line on which it begins, from 1; `None` where the format has no lines.
    #[serde(default)]
    pub line: Option<u64>,
    /// Why.
    pub reason: String,
}

impl RefusedRow {
    /// Its place and its reason: `row 3 (line 5): the value "n/a" is not a number`.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { row, line, reason } = self;
        line.map_or_else(|| format!("row {row}: {reason}"), |line| format!("row {row} (line {line}): {reason}"))
    }
}

/// The result of sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Some rows were accepted.
    Taken(Receipt),
    /// Each row was refused, for a reason of its own.
    NoneValid(Receipt),
    /// All of it was refused, for one reason: sentences.
    Refused(Vec<String>),
}

impl Outcome {
    /// Parses status and body of the response.
    #[must_use]
    pub fn read(status: u16, body: &[u8]) -> Self {
        match (status, serde_json::from_slice(body)) {
            (200..300, Ok(receipt)) => Self::Taken(receipt),
            (422, Ok(receipt)) => Self::NoneValid(receipt),
            _ => Self::Refused(refusal(status, body)),
        }
    }
}

/// An error body.
#[derive(Deserialize)]
struct Refusal {
    detail: Detail,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Detail {
    Sentence(String),
    Problems(Vec<Problem>),
}

#[derive(Deserialize)]
struct Problem {
    loc: Vec<Loc>,
    msg: String,
}

/// A step on the way to a bad value.
#[derive(Deserialize)]
#[serde(untagged)]
enum Loc {
    Name(String),
    Index(u64),
}

impl Problem {
    /// The message with its location, of which the first step only names the part of the request.
    fn located(self) -> String {
        let steps = self.loc.into_iter().skip(1).map(|step| match step {
            Loc::Name(name) => name,
            Loc::Index(row) => row.to_string(),
        });
        let place: Vec<String> = steps.collect();
        if place.is_empty() { self.msg } else { format!("{}: {}", place.join(" "), self.msg) }
    }
}

/// The sentences of an error body, `{"detail": "…"}` or `{"detail": [{"loc", "msg"}]}`, each with its location; the
/// status when it has none.
#[must_use]
pub fn refusal(status: u16, body: &[u8]) -> Vec<String> {
    sentences(status, body, Problem::located)
}

/// The same sentences without locations, where the context names what was refused.
#[must_use]
pub fn reasons(status: u16, body: &[u8]) -> Vec<String> {
    sentences(status, body, |problem| problem.msg)
}

fn sentences(status: u16, body: &[u8], sentence: fn(Problem) -> String) -> Vec<String> {
    let sentences: Vec<String> = match serde_json::from_slice::<Refusal>(body).map(|refusal| refusal.detail) {
        Ok(Detail::Sentence(sentence)) => vec![sentence],
        Ok(Detail::Problems(problems)) => problems.into_iter().map(sentence).collect(),
        Err(_) => Vec::new(),
    };
    if sentences.is_empty() { vec![format!("the answer was {status}")] } else { sentences }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, units: fn(u16) -> [u8; 2]) -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(units).collect()
    }

    #[test]
    fn the_format_is_guessed_by_extension_then_by_text() {
        for (name, start, content_type) in [
            ("a.CSV", "{", CSV),
            ("a.tsv", "", TSV),
            ("a.tab", "", TSV),
            ("a.jsonl", "", NDJSON),
            ("a.ndjson", "", NDJSON),
            ("a.json", "[{\"value\": 1}]", JSON),
            ("a.json", "{\"value\": 1}\n{\"value\": 2}\n", NDJSON),
            ("a.json", "\n{\"value\": 1}\r\n\r\n  {\"value\": 2}", NDJSON),
            ("a.json", "{\"value\": 1}\n\"value\": 2}\n", NDJSON),
            ("a.json", "{\"value\": 1} \r\nnull", NDJSON),
            ("a.json", "{\"value\": nan}\n{\"value\": 2}\n", NDJSON),
            ("a.json", "{\"value\": {\"of\": 1}\n}", JSON),
            ("a.json", "{\"value\": 1}\n \n", JSON),
            ("a.txt", "id\tvalue\na\t1", CSV),
            ("a.log", " \n{\"value\": 1}", JSON),
            ("", "{\"value\": 1}", JSON),
            ("", "{\n  \"value\": 1\n}", JSON),
            ("", "\u{feff}[{\"value\": 1}]", JSON),
            ("", "value\n1", CSV),
            ("a.parquet", "PAR1", "application/vnd.apache.parquet"),
        ] {
            assert_eq!(guess_content_type(name, start.as_bytes()), content_type, "{name} {start:?}");
        }
        let guesses: Vec<&str> = SAMPLES.iter().map(|(_, text)| guess_content_type("", text.as_bytes())).collect();
        assert_eq!(guesses, [CSV, NDJSON, JSON]);
    }

    #[test]
    fn utf_16_is_read_where_its_mark_says_so() {
        for units in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(guess_content_type("", &utf16("{\"value\": 1}\n{\"value\": 2}\n", units)), NDJSON);
            assert_eq!(guess_content_type("", &utf16("id;value\na;1,5\n", units)), CSV);
        }
    }

    #[test]
    fn a_packed_file_has_the_type_of_what_is_in_it() {
        let packed = [0x1f, 0x8b, 8, 0];
        let format = |name| FileFormat::guess(name, &packed);
        assert_eq!(format("a.ndjson.gz"), FileFormat { content_type: NDJSON, is_gzip: true });
        assert_eq!(format("a.json.GZ").content_type, JSON);
        assert_eq!(format("download").content_type, CSV);
        assert_eq!(format("a.csv.gz").cut(), Cut::Never);
        assert_eq!(format("a.csv.gz").more_headers(), [("Content-Encoding".to_owned(), "gzip".to_owned())]);
        let unpacked = FileFormat::guess("a.csv.gz", b"value\n1\n");
        assert_eq!(unpacked, FileFormat { content_type: CSV, is_gzip: false }, "the bytes say that it is not packed");
    }

    #[test]
    fn what_cannot_be_cut_says_what_to_do() {
        let sentence = |name, start| FileFormat::guess(name, start).too_large(name);
        assert!(sentence("a.json", b"[").contains("NDJSON"));
        assert!(sentence("a.csv.gz", &[0x1f, 0x8b]).contains("unpack it"));
    }

    #[test]
    fn refused_rows_have_reasons() {
        let body = br#"{"accepted":1,"rejected_count":1,"rejected":[{"row":2,"line":4,"reason":"value \"n/a\" is no number"}]}"#;
        let Outcome::Taken(receipt) = Outcome::read(202, body) else { panic!("one was taken") };
        assert_eq!(receipt.reasons(), ["row 2 (line 4): value \"n/a\" is no number"]);
        assert_eq!(receipt.title(), "1 event accepted, 1 rejected");
        let body = br#"{"accepted":1,"rejected_count":1,"rejected":[{"row":2,"reason":"late"}]}"#;
        let Outcome::Taken(receipt) = Outcome::read(202, body) else { panic!("one was taken") };
        assert_eq!(receipt.reasons(), ["row 2: late"], "an element of JSON may have no line");
    }

    #[test]
    fn all_refused_rows_are_counted_and_the_first_are_listed() {
        let receipt = |accepted, rejected_count| Receipt {
            accepted,
            rejected_count,
            rejected: (0..rejected_count.min(1_000))
                .map(|row| RefusedRow { row, line: Some(row + 2), reason: "not a number".into() })
                .collect(),
        };
        let mut all = receipt(9, 990);
        all.append(receipt(0, 30_000), 999, 999);
        assert_eq!((all.accepted, all.rejected_count, all.rejected.len()), (9, 30_990, 1_000));
        assert_eq!(all.reasons()[990], "row 999 (line 1001): not a number");
        assert_eq!(all.title(), "9 events accepted, 30\u{202f}990 rejected");
        assert_eq!(all.news(), "9 rows taken, 30\u{202f}990 refused: see Refused rows");
        all.refuse(RefusedRow { row: 31_000, line: None, reason: "too long".into() });
        assert_eq!((all.rejected_count, all.rejected.len()), (30_991, 1_000));
        assert_eq!(receipt(1, 0).news(), "1 row taken");
    }

    #[test]
    fn a_body_without_a_valid_row_is_told_from_one_that_is_refused_as_a_whole() {
        let body = br#"{"detail":[{"type":"x","loc":["body",0],"msg":"no number","input":"a,nan","line":2}],
            "accepted":0,"rejected_count":7,"rejected":[{"row":0,"line":2,"reason":"no number"}]}"#;
        let rejected = vec![RefusedRow { row: 0, line: Some(2), reason: "no number".into() }];
        assert_eq!(Outcome::read(422, body), Outcome::NoneValid(Receipt { accepted: 0, rejected_count: 7, rejected }));
        let body = br#"{"detail":[{"type":"x","loc":["body"],"msg":"there is no \"value\"","input":"a"}]}"#;
        assert_eq!(Outcome::read(422, body), Outcome::Refused(vec!["there is no \"value\"".into()]));
        assert_eq!(Outcome::read(422, b"nginx"), Outcome::Refused(vec!["the answer was 422".into()]));
    }

    #[test]
    fn errors_become_sentences() {
        let body = br#"{"detail":[{"type":"x","loc":["query","start"],"msg":"no time","input":"x"}]}"#;
        assert_eq!(refusal(422, body), ["start: no time"]);
        assert_eq!(reasons(422, body), ["no time"]);
        assert_eq!(Outcome::read(413, b"nginx"), Outcome::Refused(vec!["the answer was 413".into()]));
    }
}
