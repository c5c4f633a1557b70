//! Count in equals count out: each row of a body is accepted or refused, by its number and line, whatever is wrong with the
//! others, in every format and dialect.
//!
//! Bodies are made row by row, so that the number, the line and the fate of each row are known without reading them back.

use millrace::api::Request;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use super::form::cases;
use super::service::Service;

/// What is wrong with a row, if anything.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    /// Nothing.
    Good,
    /// Nothing, but it takes more than a line.
    Lines,
    /// It has something that is refused, of which there are several sorts.
    Bad(u8),
    /// It is no row: an empty line.
    Blank,
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let fate = prop_oneof![
        4 => Just(Fate::Good),
        1 => Just(Fate::Lines),
        3 => any::<u8>().prop_map(Fate::Bad),
        1 => Just(Fate::Blank),
    ];
    // One row is accepted, so that the answer is a receipt.
    vec(fate, 0..40).prop_map(|mut fates| {
        fates.insert(0, Fate::Good);
        fates
    })
}

/// A body, and of each of its rows the line on which it begins and whether it is accepted.
#[derive(Debug, Default)]
struct Body {
    bytes: Vec<u8>,
    rows: Vec<(u64, bool)>,
    /// The line that comes next, from 1.
    line: u64,
}

impl Body {
    fn push(&mut self, text: &[u8], end: &str, is_good: Option<bool>) {
        let start = self.line + 1;
        self.rows.extend(is_good.map(|is_good| (start, is_good)));
        self.bytes.extend_from_slice(text);
        self.bytes.extend_from_slice(end.as_bytes());
        let ends = text.iter().chain(end.as_bytes()).filter(|byte| **byte == b'\n').count();
        self.line += ends as u64;
    }
}

/// CSV of a dialect; `is_open`: its last row has a quote that never ends, and lines after it that look like rows.
fn csv(fates: &[Fate], delimiter: char, end: &str, is_open: bool) -> Body {
    let mut body = Body::default();
    let d = delimiter;
    let half = if d == ',' { "1.5" } else { "1,5" };
    body.push(format!("id{d}timestamp{d}value").as_bytes(), end, None);
    for (row, fate) in fates.iter().enumerate() {
        let good = format!("pump {row}{d}2025-06-01T12:00:00Z{d}{half}");
        let text = match fate {
            Fate::Good => good.into_bytes(),
            Fate::Lines => format!("\"a\nb\"\"{d}\r\n\"{d}{d}{row}").into_bytes(),
            Fate::Blank => Vec::new(),
            Fate::Bad(sort) => match sort % 9 {
                0 => format!("{row}{d}{d}n/a").into_bytes(),
                1 => format!("{row}{d}yesterday{d}1").into_bytes(),
                2 => format!("{row}{d}{d}1{d}2").into_bytes(),
                3 => format!("{row}{d}{d}").into_bytes(),
                4 => format!("\"a\"b{d}{d}1").into_bytes(),
                5 => [&b"\xff\xfe"[..], format!("{d}{d}1").as_bytes()].concat(),
                6 => format!("{}{d}{d}1", "x".repeat(257)).into_bytes(),
                7 => format!("{row}{d}{d}1e999").into_bytes(),
                _ => format!("{row}").into_bytes(),
            },
        };
        let is_good = match fate {
            Fate::Good | Fate::Lines => Some(true),
            Fate::Bad(_) => Some(false),
            Fate::Blank => None,
        };
        body.push(&text, end, is_good);
    }
    if is_open {
        body.push(format!("\"never closed{d}{d}1\n5{d}{d}6\n\n").as_bytes(), "", Some(false));
    }
    body
}

fn object(row: usize, fate: Fate) -> String {
    match fate {
        Fate::Good => format!(r#"{{"id":" {row}","value":{row}.5,"timestamp":"2025-06-01T12:00:00Z","other":[1]}}"#),
        Fate::Lines => format!(r#"{{"id":"a\n\"b\u0000","value":"{row}"}}"#),
        Fate::Blank => String::new(),
        Fate::Bad(sort) => match sort % 10 {
            0 => "{\"value\":\"x\"}".to_owned(),
            1 => "7".to_owned(),
            2 => "{\"value\":1,\"value\":2}".to_owned(),
            3 => "{\"id\":\"\\ud800\",\"value\":1}".to_owned(),
            4 => "{\"id\":5,\"value\":1}".to_owned(),
            5 => "{\"timestamp\":\"2025-02-30\",\"value\":1}".to_owned(),
            6 => "{\"value\":1e999}".to_owned(),
            7 => "[{\"value\":1}]".to_owned(),
            8 => "{\"id\":\"\",\"value\":1}".to_owned(),
            _ => "null".to_owned(),
        },
    }
}

fn ndjson(fates: &[Fate], end: &str) -> Body {
    let mut body = Body::default();
    for (row, fate) in fates.iter().enumerate() {
        let is_good = (*fate != Fate::Blank).then_some(matches!(fate, Fate::Good | Fate::Lines));
        // What is not JSON at all is refused by its line too.
        let text = if *fate == Fate::Bad(9) { "{\"value\":1".to_owned() } else { object(row, *fate) };
        body.push(text.as_bytes(), end, is_good);
    }
    body
}

fn json(fates: &[Fate]) -> Body {
    let mut body = Body::default();
    let rows: Vec<(usize, Fate)> = fates.iter().copied().enumerate().filter(|(_, fate)| *fate != Fate::Blank).collect();
    body.push(b"[", "\n", None);
    for (at, (row, fate)) in rows.iter().enumerate() {
        let end = if at + 1 < rows.len() { ",\n" } else { "\n" };
        body.push(object(*row, *fate).as_bytes(), end, Some(matches!(fate, Fate::Good | Fate::Lines)));
    }
    body.push(b"]", "", None);
    body
}

/// The same text in another encoding.
fn encoded(bytes: Vec<u8>, encoding: &str) -> Vec<u8> {
    let Ok(text) = str::from_utf8(&bytes) else { return bytes };
    let marked = ["\u{feff}", text].concat();
    match encoding {
        "utf-8 with a mark" => marked.into_bytes(),
        "utf-16le" => marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => bytes,
    }
}

/// Sends the body, and holds the receipt against what is known of its rows.
fn expect_counted(media_type: &str, target: &str, bytes: Vec<u8>, rows: &[(u64, bool)], has_lines: bool) {
    let mut service = Service::new(&[]);
    let answer = service.send(&Request::new("POST", target).with_body(media_type, bytes));
    assert_eq!(answer.status, 202, "{}", answer.text());
    let receipt = answer.json();
    let accepted = rows.iter().filter(|(_, is_good)| *is_good).count() as u64;
    assert_eq!(receipt["accepted"], accepted, "{receipt}");
    assert_eq!(receipt["rejected_count"], rows.len() as u64 - accepted, "{receipt}");
    let refused = rows.iter().enumerate().filter(|(_, (_, is_good))| !is_good);
    let expected: Vec<Value> = refused.clone().map(|(row, _)| row.into()).collect();
    let listed = receipt["rejected"].as_array().unwrap();
    assert_eq!(listed.iter().map(|bad| bad["row"].clone()).collect::<Vec<_>>(), expected, "{receipt}");
    if has_lines {
        let expected: Vec<Value> = refused.map(|(_, (line, _))| (*line).into()).collect();
        assert_eq!(listed.iter().map(|bad| bad["line"].clone()).collect::<Vec<_>>(), expected, "{receipt}");
    }
    assert!(listed.iter().all(|bad| bad["reason"].as_str().is_some_and(|reason| !reason.is_empty())), "{receipt}");
    assert_eq!(service.get("rejected")["total"], rows.len() as u64 - accepted, "refused rows are dead letters");
    // What waits in the queue is not in the history yet.
    service.app.service_mut().complete(service.now);
    let kept = service.ask("GET", "query?start=1970-01-01&views=latest&format=ndjson");
    assert_eq!(kept.text().lines().count() as u64, accepted, "what is accepted is kept");
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn csv_in_every_dialect(
        fates in fates(),
        delimiter in select(vec![',', ';', '\t', '|']),
        end in select(vec!["\n", "\r\n"]),
        is_open: bool,
        encoding in select(vec!["utf-8", "utf-8 with a mark", "utf-16le", "utf-16be"]),
        said in select(vec!["", "sep", "parameter", "type"]),
    ) {
        let mut body = csv(&fates, delimiter, end, is_open);
        let (mut media_type, mut target) = ("text/csv", "events".to_owned());
        match said {
            "sep" => {
                body.bytes = [format!("sep={delimiter}{end}").as_bytes(), &body.bytes].concat();
                body.rows.iter_mut().for_each(|(line, _)| *line += 1);
            }
            "parameter" => {
                let mut pairs = form_urlencoded::Serializer::new("events?".to_owned());
                target = pairs.append_pair("delimiter", &delimiter.to_string()).finish();
            }
            "type" if delimiter == '\t' => media_type = "text/tab-separated-values",
            _ => {}
        }
        expect_counted(media_type, &target, encoded(body.bytes, encoding), &body.rows, true);
    }

    #[test]
    fn lines_of_json(fates in fates(), end in select(vec!["\n", "\r\n"]), is_ended: bool) {
        let mut body = ndjson(&fates, end);
        if !is_ended && fates.last() != Some(&Fate::Blank) {
            body.bytes.truncate(body.bytes.len() - end.len());
        }
        expect_counted("application/x-ndjson", "events", body.bytes, &body.rows, true);
    }

    #[test]
    fn arrays_of_json(fates in fates()) {
        let body = json(&fates);
        expect_counted("application/json", "events", body.bytes, &body.rows, false);
    }

    #[test]
    fn late_rows_count_too(minutes in vec(0_u32..60, 1..40)) {
        let mut service = Service::new(&[("late", "reject"), ("lateness", "10min"), ("batch_size", "1")]);
        let rows: String =
            minutes.iter().map(|minute| format!("2025-06-01T12:{minute:02}:00Z,{minute}\n")).collect();
        let body = format!("timestamp,value\n2025-06-01T12:59:00Z,0\n{rows}2025-06-01T12:00:00Z,x\n");
        let receipt = service.send(&Request::new("POST", "events").with_body("text/csv", body)).json();
        let counts = ["accepted", "rejected_count"].map(|name| receipt[name].as_u64().unwrap());
        prop_assert_eq!(counts[0] + counts[1], minutes.len() as u64 + 2, "{}", receipt);
        let late = minutes.iter().filter(|minute| **minute < 49).count() as u64;
        prop_assert_eq!(counts[1], late + 1, "{}", receipt);
    }
}

#[test]
fn more_refused_rows_than_are_listed_are_counted() {
    let rows: String = (0..2_500).map(|row| if row % 2 == 0 { "x\n".to_owned() } else { format!("{row}\n") }).collect();
    let mut service = Service::new(&[]);
    let answer = service.send(&Request::new("POST", "events").with_body("text/csv", format!("value\n{rows}")));
    let receipt = answer.json();
    assert_eq!((receipt["accepted"].clone(), receipt["rejected_count"].clone()), (1_250.into(), 1_250.into()));
    let listed = receipt["rejected"].as_array().unwrap();
    assert_eq!(
        (listed.len(), listed[999]["row"].clone(), listed[999]["line"].clone()),
        (1_000, 1_998.into(), 2_000.into())
    );
}
