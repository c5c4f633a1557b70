//! Imported events: their format, and the result of sending them.

use serde::Deserialize;

use super::quantity::{counted, grouped};

/// The content types that `POST /events` reads.
pub const CONTENT_TYPES: &[&str] = &["application/json", "application/x-ndjson", "text/csv"];

/// A sample in each of [`CONTENT_TYPES`].
pub const SAMPLES: &[(&str, &str)] = &[
    ("CSV", "id,value\npump-1,12.5\npump-2,73\npump-1,n/a\n"),
    ("NDJSON", "{\"id\": \"pump-1\", \"value\": 12.5}\n{\"id\": \"pump-2\", \"value\": 73}\n"),
    ("JSON", "[\n  {\"id\": \"pump-1\", \"value\": 12.5},\n  {\"id\": \"pump-2\", \"value\": 73}\n]\n"),
];

/// Guesses the content type: by the file's extension, otherwise by the start of the text.
#[must_use]
pub fn guess_content_type(file_name: &str, start: &str) -> &'static str {
    let ending = file_name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if ending.eq_ignore_ascii_case("csv") {
        return "text/csv";
    }
    if ["ndjson", "jsonl"].iter().any(|known| ending.eq_ignore_ascii_case(known)) {
        return "application/x-ndjson";
    }
    if ending.eq_ignore_ascii_case("json") {
        return "application/json";
    }
    let start = start.trim_start();
    match start.lines().next() {
        Some(line) if line.starts_with('{') && line.trim_end().ends_with('}') && start.trim_end().contains('\n') => {
            "application/x-ndjson"
        }
        Some(line) if line.starts_with(['{', '[']) => "application/json",
        None => "application/json",
        Some(_) => "text/csv",
    }
}

/// The body of `POST /events` with 202.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Receipt {
    /// Number of accepted events.
    pub accepted: u64,
    /// The refused events.
    pub rejected: Vec<RefusedRow>,
}

impl Receipt {
    /// Both counts as text.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} accepted, {} rejected", counted(self.accepted, "event"), self.rejected.len())
    }

    /// The counts as a notification, with the place of the reasons.
    #[must_use]
    pub fn news(&self) -> String {
        let taken = counted(self.accepted, "row");
        match self.rejected.len() as u64 {
            0 => format!("{taken} taken"),
            refused => format!("{taken} taken, {} refused: see Refused rows", grouped(refused)),
        }
    }

    /// The reason of each refused row.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        self.rejected.iter().map(|refused| format!("row {}: {}", refused.row, refused.reason)).collect()
    }

    /// Appends the receipt of the rows that follow.
    pub fn append(&mut self, next: Self) {
        let rows = self.accepted + self.rejected.len() as u64;
        self.accepted += next.accepted;
        self.rejected
            .extend(next.rejected.into_iter().map(|refused| RefusedRow { row: rows + refused.row, ..refused }));
    }
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RefusedRow {
    /// Its index, from 0.
    pub row: u64,
    /// Why.
    pub reason: String,
}

/// The result of sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Some rows were accepted.
    Taken(Receipt),
    /// No row was accepted: sentences with the reasons.
    Refused(Vec<String>),
}

impl Outcome {
    /// Parses status and body of the response.
    #[must_use]
    pub fn read(status: u16, body: &[u8]) -> Self {
        match serde_json::from_slice(body) {
            Ok(receipt) if (200..300).contains(&status) => Self::Taken(receipt),
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
    use super::{Outcome, Receipt, RefusedRow, SAMPLES, guess_content_type, reasons};

    #[test]
    fn the_format_is_guessed_by_extension_then_by_text() {
        assert_eq!(guess_content_type("a.CSV", "{"), "text/csv");
        assert_eq!(guess_content_type("a.jsonl", ""), "application/x-ndjson");
        let guesses: Vec<&str> = SAMPLES.iter().map(|(_, text)| guess_content_type("", text)).collect();
        assert_eq!(guesses, ["text/csv", "application/x-ndjson", "application/json"]);
        assert_eq!(guess_content_type("", "{\"value\": 1}"), "application/json");
    }

    #[test]
    fn refused_rows_have_reasons() {
        let body = br#"{"accepted":1,"rejected":[{"row":2,"reason":"value \"n/a\" is no number"}]}"#;
        let rejected = vec![RefusedRow { row: 2, reason: "value \"n/a\" is no number".into() }];
        assert_eq!(Outcome::read(202, body), Outcome::Taken(Receipt { accepted: 1, rejected }));
    }

    #[test]
    fn rows_are_numbered_across_all_slices_of_a_file() {
        let part =
            |accepted, row| Receipt { accepted, rejected: vec![RefusedRow { row, reason: "not a number".into() }] };
        let mut all = part(9, 3);
        all.append(part(4, 0));
        assert_eq!(all.reasons(), ["row 3: not a number", "row 10: not a number"]);
        assert_eq!(all.title(), "13 events accepted, 2 rejected");
        assert_eq!(all.news(), "13 rows taken, 2 refused: see Refused rows");
        assert_eq!(part(1, 0).news(), "1 row taken, 1 refused: see Refused rows");
    }

    #[test]
    fn errors_become_sentences() {
        let body = br#"{"detail":[{"type":"x","loc":["body",0,"value"],"msg":"Field required","input":{}}]}"#;
        assert_eq!(Outcome::read(422, body), Outcome::Refused(vec!["0 value: Field required".into()]));
        assert_eq!(reasons(422, body), ["Field required"]);
        assert_eq!(Outcome::read(413, b"nginx"), Outcome::Refused(vec!["the answer was 413".into()]));
    }
}
