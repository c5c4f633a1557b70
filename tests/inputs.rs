//! Whatever is sent is answered: bodies of events, times, lengths of time and query strings of any bytes.
//!
//! Each `check_…` is a target of the fuzzer too (`tests/fuzz`), which finds inputs by the branches that they reach; here
//! they get random ones, most of them real inputs with a few bytes changed. Nothing panics, every row is accepted or refused,
//! a refused body changes nothing, what is printed reads back to the same, and no answer to bad input is larger than 1 MB.

use millrace::api::{App, Request};
use millrace::pipeline::Settings;
use millrace::time::{Clock, Duration, Timestamp, Zone};
use serde_json::Value;

/// 2025-06-01T12:00:00Z.
const NOW: Timestamp = Timestamp::from_nanos(1_748_779_200_000_000_000);
/// The largest answer to bad input, in bytes.
const MAX_REFUSAL: usize = 1_000_000;
/// The number of refused rows that an answer lists.
const LISTED: u64 = 1_000;

/// Content types that are read, and one that is not.
const MEDIA_TYPES: [&str; 8] = [
    "text/csv",
    "application/json",
    "application/x-ndjson",
    "text/tab-separated-values",
    "text/csv; charset=utf-8",
    "application/jsonl",
    "application/geo+json",
    "text/plain",
];

/// An answer with all of its body.
struct Answer {
    status: u16,
    link: Option<String>,
    body: Vec<u8>,
}

fn open() -> App {
    let changes = [("source", Some("none")), ("clock", Some("utc")), ("batch_size", Some("3"))];
    let settings = Settings::default().merged(changes).expect("these settings are valid");
    App::in_memory(settings, Zone::UTC, [1; 32], NOW).expect("the window is valid")
}

fn send(app: &mut App, request: &Request) -> Answer {
    let response = app.handle(request, NOW);
    let (status, link) = (response.status, response.header("link").map(str::to_owned));
    let body = response.into_bytes(app.service(), NOW);
    assert!(status < 500, "{request:?}: {status} {}", String::from_utf8_lossy(&body));
    assert!(status < 400 || body.len() < MAX_REFUSAL, "{status} with {} bytes", body.len());
    Answer { status, link, body }
}

fn get(app: &mut App, target: &str) -> Answer {
    send(app, &Request::new("GET", target))
}

fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).expect("the answer is JSON")
}

/// All rows that are kept, as `format` has them.
fn rows(app: &mut App, format: &str) -> Vec<u8> {
    app.service_mut().complete(NOW);
    get(app, &format!("query?end=2262-04-11T23:47:16.854775807Z&views=latest&format={format}")).body
}

/// A gzip member that holds these bytes as they are: in deflate's stored blocks.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let blocks: Vec<&[u8]> = if bytes.is_empty() { vec![&[]] } else { bytes.chunks(0xffff).collect() };
    for (number, block) in blocks.iter().enumerate() {
        let len = block.len() as u16;
        out.push(u8::from(number + 1 == blocks.len()));
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(&(!len).to_le_bytes());
        out.extend_from_slice(block);
    }
    let crc = bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1)))
    });
    out.extend_from_slice(&(!crc).to_le_bytes());
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out
}

/// Sends `data` as a body: its first byte chooses the content type and whether, and how, it is compressed.
pub(crate) fn check_body(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else { return };
    let media_type = MEDIA_TYPES[usize::from(kind % 8)];
    let mut request = Request::new("POST", "events").with_body(media_type, bytes);
    match kind / 8 % 6 {
        // Bytes that should be compressed and most likely are not.
        0 => request.headers.push(("Content-Encoding".to_owned(), "gzip".to_owned())),
        1 => request.headers.push(("Content-Encoding".to_owned(), "deflate".to_owned())),
        2 => {
            request.headers.push(("Content-Encoding".to_owned(), "gzip".to_owned()));
            request.body = gzip(bytes);
        }
        _ => {}
    }
    let mut app = open();
    let answer = send(&mut app, &request);
    let refused = json(&get(&mut app, "rejected"))["total"].as_u64().expect("a total is a number");
    if answer.status != 202 {
        assert!(matches!(answer.status, 413 | 415 | 422), "{}", answer.status);
        assert_eq!(rows(&mut app, "csv").len(), rows(&mut open(), "csv").len(), "a refused body left rows");
        return;
    }
    let receipt = json(&answer);
    let count = |name: &str| receipt[name].as_u64().unwrap_or_else(|| panic!("{name} is missing: {receipt}"));
    let listed = receipt["rejected"].as_array().expect("there is a list");
    assert_eq!(count("rejected_count"), refused, "refused rows are dead letters");
    assert_eq!(listed.len() as u64, refused.min(LISTED));
    let numbers: Vec<u64> = listed.iter().filter_map(|bad| bad["row"].as_u64()).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b), "rows are listed once and in order: {numbers:?}");
    assert!(numbers.iter().all(|row| *row < count("accepted") + refused), "{numbers:?} of {receipt}");
    let kept = rows(&mut app, "ndjson");
    assert_eq!(
        kept.iter().filter(|byte| **byte == b'\n').count() as u64,
        count("accepted"),
        "what is accepted is kept"
    );
    // What leaves comes in again as it was.
    for (format, media_type) in [("csv", "text/csv"), ("ndjson", "application/x-ndjson")] {
        let sent = rows(&mut app, format);
        let mut again = open();
        let answer = send(&mut again, &Request::new("POST", "events").with_body(media_type, sent.clone()));
        assert_eq!(json(&answer)["accepted"].as_u64(), Some(count("accepted")), "{format}");
        let kept_again = rows(&mut again, format);
        assert!(
            kept_again == sent,
            "{} became {}",
            String::from_utf8_lossy(&sent),
            String::from_utf8_lossy(&kept_again)
        );
    }
}

/// Reads `data` as a time, and prints what was read, in UTC and in Berlin.
pub(crate) fn check_time(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let berlin = Zone::new(3600, vec![(1_743_296_400, 7200), (1_761_440_400, 3600)]);
    for clock in [Clock::Utc, Clock::Local(berlin)] {
        match Timestamp::parse(text, &clock) {
            Ok(instant) => {
                let printed = instant.to_text(&clock);
                assert_eq!(Timestamp::parse(&printed, &clock), Ok(instant), "{text:?} was printed as {printed}");
            }
            Err(error) => assert!(error.to_string().len() < 2_000, "an error quotes the start of a text"),
        }
    }
}

/// Reads `data` as a length of time, and prints what was read.
pub(crate) fn check_duration(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    match Duration::parse(text) {
        Ok(duration) => {
            let printed = duration.to_string();
            assert_eq!(Duration::parse(&printed), Ok(duration), "{text:?} was printed as {printed}");
        }
        Err(error) => assert!(error.to_string().len() < 2_000, "an error quotes the start of a text"),
    }
}

/// Asks for `data` as a query string, and follows the links to further pages.
pub(crate) fn check_query(data: &[u8]) {
    let mut app = open();
    let row = |second: usize| format!("2025-06-01T12:00:{second:02}Z,\" id,{}\",{second}\n", second % 3);
    let body = format!("timestamp,id,value\n{}", (0..10).map(row).collect::<String>());
    assert_eq!(send(&mut app, &Request::new("POST", "events").with_body("text/csv", body)).status, 202);
    let mut target = format!("query?{}", String::from_utf8_lossy(data));
    for _ in 0..20 {
        let answer = get(&mut app, &target);
        assert!(matches!(answer.status, 200 | 422), "{target}: {}", answer.status);
        let Some(link) = answer.link else { return };
        let next = link.strip_prefix('<').and_then(|rest| rest.split_once('>')).expect("a link stands in brackets").0;
        assert!(next.starts_with("query?") && !next.contains("?&"), "{next}");
        assert_ne!(next, target, "a page leads to the next");
        next.clone_into(&mut target);
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    use super::*;
    use crate::tests::form::cases;

    const BODIES: [&str; 12] = [
        "timestamp,id,value\n2025-06-01T12:00:00Z,a,1.5\n2025-06-01T12:00:01Z,\"b \"\"c\"\"\n,\",2\n\n,d,3\n",
        "timestamp;ID;Value\r\n01.06.2025;a;1,5\r\n2025-06-01 12:00:00,5;\" b\";2,25\r\n;;3\r\n",
        "sep=|\nvalue|id\n1|3/4\" pipe\n2|\"open\n3|c\n",
        "id\tvalue\na\t1\n b \tx\n",
        "\u{feff}value,value\n1,2\n",
        "[{\"value\":1},{\"value\":\"2\",\"id\":\" a \"},{\"id\":\"\\ud800\",\"value\":3},7,null,{\"timestamp\":1748779200,\"value\":4}]",
        "{\"timestamp\":\"2025-06-01T12:00:00,5+02\",\"id\":\"=1+1\",\"value\":-0.0}",
        "{\"value\":1}\n\n {\"value\":2,\"value\":3}\r\n{\"value\":1e999}\n{\"value\":[1]}\n",
        "value\n1\n",
        "[]",
        "{\"value\":1}{\"value\":2}",
        "",
    ];
    const TIMES: [&str; 12] = [
        "2025-06-01T12:00:00.123456789+02:00",
        "2025-10-26T02:30:00",
        "2025-10-26T02:30:00+01:00",
        "20250601T120000,5Z",
        "2025-06-01 12 +0200",
        "2025-06-01",
        "1748779200.5",
        "-9223372036",
        "9223372036854775807",
        "1677-09-21T00:12:43.145224193Z",
        "2262-04-11T23:47:16.854775807Z",
        "2025-W23-1",
    ];
    const LENGTHS: [&str; 10] =
        ["500ms", "5 s", "1h30min", "2h 5s", "1.5d", "106751d", "0ns", "ns", "1h1ns", "9223372036854775807ns"];
    const QUERIES: [&str; 10] = [
        "&start=2025-06-01T12:00:03+00:00&limit=2&&x",
        "limit=3&offset=1&ids=%22%20id%2C1%22",
        "start=1677-09-22&end=2262-04-11&views=latest&format=csv&spreadsheet=true",
        "ids=a,,%22b%22%22%22,%0A&views=pivoted,melted",
        "bucket=1h30min&aggfunc=count&agg=median&closed=neither&min_periods=0",
        "window=5%20s&rolling_by=id&limit=18446744073709551615",
        "start=1748779200&end=1748779200000&cursor=",
        "cursor=1-2-3&limit=1",
        "start=garbage&limit=-1&views=,&format=xml",
        "%zz=%ff&\u{1F980}=+",
    ];

    /// One of these texts with some bytes changed, put in or taken away, or any bytes.
    fn damaged(texts: &'static [&'static str]) -> BoxedStrategy<Vec<u8>> {
        let change = (any::<Index>(), 0..3, any::<u8>());
        let changed = (select(texts), vec(change, 0..4)).prop_map(|(text, changes)| {
            let mut bytes = text.as_bytes().to_vec();
            for (place, kind, byte) in changes {
                let place = place.index(bytes.len() + 1);
                match kind {
                    0 if place < bytes.len() => drop(bytes.remove(place)),
                    1 if place < bytes.len() => bytes[place] = byte,
                    _ => bytes.insert(place, byte),
                }
            }
            bytes
        });
        prop_oneof![6 => changed, 1 => vec(any::<u8>(), 0..80)].boxed()
    }

    proptest! {
        #![proptest_config(cases(256))]

        #[test]
        fn bodies_of_any_bytes_are_counted_and_answered(kind: u8, body in damaged(&BODIES), is_wide: bool) {
            let mut data = vec![kind];
            match str::from_utf8(&body) {
                Ok(text) if is_wide => data.extend("\u{feff}".chars().chain(text.chars()).flat_map(|letter| {
                    let mut units = [0; 2];
                    letter.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<_>>()
                })),
                _ => data.extend(body),
            }
            check_body(&data);
        }

        #[test]
        fn times_of_any_bytes_are_read_or_refused(text in damaged(&TIMES)) {
            check_time(&text);
        }

        #[test]
        fn lengths_of_any_bytes_are_read_or_refused(text in damaged(&LENGTHS)) {
            check_duration(&text);
        }

        #[test]
        fn query_strings_of_any_bytes_are_answered(text in damaged(&QUERIES)) {
            check_query(&text);
        }
    }
}
