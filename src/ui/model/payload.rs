//! Typed events: their format, and the result of sending them.

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

/// Guesses the content type of a text by its start.
#[must_use]
pub fn guess_content_type(text: &str) -> &'static str {
    let start = text.trim_start_matches(|character: char| character.is_whitespace() || character == '\u{feff}');
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

    #[test]
    fn the_format_is_guessed_by_the_text() {
        for (text, content_type) in [
            ("[{\"value\": 1}]", JSON),
            ("{\"value\": 1}", JSON),
            ("{\n  \"value\": 1\n}", JSON),
            ("\u{feff}[{\"value\": 1}]", JSON),
            ("{\"value\": {\"of\": 1}\n}", JSON),
            ("{\"value\": 1}\n \n", JSON),
            ("{\"value\": 1}\n{\"value\": 2}\n", NDJSON),
            ("\n{\"value\": 1}\r\n\r\n  {\"value\": 2}", NDJSON),
            ("{\"value\": 1}\n\"value\": 2}\n", NDJSON),
            ("{\"value\": 1} \r\nnull", NDJSON),
            ("{\"value\": nan}\n{\"value\": 2}\n", NDJSON),
            ("id\tvalue\na\t1", CSV),
            ("value\n1", CSV),
            ("", JSON),
        ] {
            assert_eq!(guess_content_type(text), content_type, "{text:?}");
        }
        let guesses: Vec<&str> = SAMPLES.iter().map(|(_, text)| guess_content_type(text)).collect();
        assert_eq!(guesses, [CSV, NDJSON, JSON]);
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
    fn both_counts_are_said() {
        let receipt = |accepted, rejected_count| Receipt { accepted, rejected_count, rejected: Vec::new() };
        assert_eq!(receipt(9, 30_990).title(), "9 events accepted, 30\u{202f}990 rejected");
        assert_eq!(receipt(9, 30_990).news(), "9 rows taken, 30\u{202f}990 refused: see Refused rows");
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
