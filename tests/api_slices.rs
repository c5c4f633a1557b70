//! Queries in steps: the same answer as at once, of the rows at their first step, whatever happens between two steps.

use millrace::api::{Body, Part, Reply, Request, Response};
use proptest::prelude::*;
use serde_json::json;

use super::service::Service;

/// The most rows that a step reads in tests.
const STEP_ROWS: usize = 40;

/// Queries of every stage: ids, cursors, windows of a batch, pivots by id and by time, each format.
const TARGETS: [&str; 14] = [
    "query",
    "query?start=2025-06-01",
    "query?start=2025-06-01&views=pivoted&aggfunc=median",
    "query?start=2025-06-01&window=9999d&agg=std&views=latest",
    "query?start=2025-06-01&window=9999d&agg=median&rolling_by=id&offset=30&limit=9",
    "query?start=2025-06-01&bucket=7s&views=pivoted",
    "query?start=2025-06-01&bucket=9999d&views=pivoted,latest&aggfunc=count",
    "query?start=2025-06-01&ids=a,c&limit=20",
    "query?end=2025-06-01T12:01:00&ids=b&views=melted&format=csv",
    "query?start=2025-06-01&views=latest&format=ndjson",
    "query?start=2025-06-01&views=pivoted&format=arrow",
    "query?agg=std&window=9999d",
    "query?agg=max&window=9999d&ids=a&limit=2",
    "query?start=2025-06-01&bucket=1s&ids=nobody",
];

/// What happens between two steps.
#[derive(Debug, Clone, Copy)]
enum Meanwhile {
    Nothing,
    Rows,
    LateRow,
    Forget,
    OtherWindow,
}

fn meanwhile() -> impl Strategy<Value = Meanwhile> {
    use Meanwhile::{Forget, LateRow, Nothing, OtherWindow, Rows};
    prop::sample::select(vec![Nothing, Nothing, Rows, LateRow, Forget, OtherWindow])
}

impl Meanwhile {
    fn happen(self, service: &mut Service) {
        match self {
            Self::Nothing => {}
            Self::Rows => {
                service.fill(13);
            }
            Self::LateRow => service.post_rows(&[("2025-06-01T12:00:03", 1e9)]),
            Self::Forget => assert_eq!(service.ask("DELETE", "events").status, 204),
            Self::OtherWindow => assert_eq!(service.patch(&json!({"agg": "sum", "window": "9s"})).status, 200),
        }
    }
}

/// The head of a response, which is the same in steps and at once.
fn head(response: &Response) -> (u16, Vec<(&'static str, String)>) {
    (response.status, response.headers.clone())
}

proptest! {
    #![proptest_config(crate::tests::form::cases(64))]

    #[test]
    fn an_answer_in_steps_is_that_of_the_rows_at_the_first_one(
        rows in 0usize..150,
        target in prop::sample::select(&TARGETS[..]),
        events in prop::collection::vec(meanwhile(), 1..12),
    ) {
        let mut service = Service::new(&[("batch_size", "7")]);
        if rows > 0 {
            service.fill(rows);
        }
        let (request, now) = (Request::new("GET", target), service.now);
        let expected = service.app.handle(&request, now);
        let expected_head = head(&expected);
        let expected = expected.into_bytes(service.app.service(), now);

        let mut events = events.into_iter().cycle();
        let Reply::Later(mut pending) = service.app.begin(&request, now) else { panic!("a query takes steps") };
        let response = loop {
            if let Some(response) = pending.step(&mut service.app, now) {
                break response;
            }
            events.next().unwrap().happen(&mut service);
        };
        prop_assert_eq!(head(&response), expected_head);
        let mut body = Vec::new();
        match response.body {
            Body::Whole(bytes) => body = bytes,
            Body::Flow(mut flow) => loop {
                events.next().unwrap().happen(&mut service);
                match flow.next(service.app.service(), now) {
                    Part::Bytes(bytes) => body.extend(bytes),
                    Part::Wait(until) => prop_assert!(until <= now),
                    Part::End => break,
                }
            },
        }
        prop_assert!(body == expected, "{}: {}", target, String::from_utf8_lossy(&body));
    }
}

/// The steps before the response to a query.
fn steps(service: &mut Service, target: &str) -> usize {
    let (request, now) = (Request::new("GET", target), service.now);
    let Reply::Later(mut pending) = service.app.begin(&request, now) else { panic!("a query takes steps") };
    let mut steps = 1;
    while pending.step(&mut service.app, now).is_none() {
        steps += 1;
    }
    steps
}

/// The steps of the body of a response.
fn parts(service: &mut Service, target: &str) -> usize {
    let (request, now) = (Request::new("GET", target), service.now);
    let Body::Flow(mut flow) = service.app.handle(&request, now).body else { panic!("rows flow") };
    let mut parts = 1;
    while flow.next(service.app.service(), now) != Part::End {
        parts += 1;
    }
    parts
}

#[test]
fn no_step_reads_more_rows_than_a_few() {
    let rows = 2000;
    let mut service = Service::new(&[("batch_size", "2000")]);
    service.fill(rows);
    let most = rows / STEP_ROWS;
    for target in [
        "query?agg=std&window=9999d",
        "query?start=2025-06-01&bucket=9999d&views=pivoted",
        "query?start=2025-06-01&bucket=1s&views=pivoted",
    ] {
        assert!(steps(&mut service, target) >= most, "{target}");
    }
    for target in [
        "query?start=2025-06-01&views=pivoted",
        "query?start=2025-06-01&views=pivoted&bucket=9999d",
        "query?start=2025-06-01&views=latest&window=9999d&agg=std&offset=1999",
        "query?start=2025-06-01&views=latest&ids=a",
    ] {
        assert!(parts(&mut service, target) >= most / 4, "{target}");
    }
}

#[test]
fn the_row_of_a_cursor_is_sought_in_steps_when_rows_of_its_time_are_gone() {
    let mut service = Service::new(&[("history_rows", "900")]);
    let rows: Vec<(&str, f64)> = (0..900).map(|row| ("2025-06-01T12:00:00", f64::from(row))).collect();
    service.post_rows(&rows);
    let first = service.ask("GET", "query?start=2025-06-01&limit=400");
    let link = first.header("link").unwrap();
    let next = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
    service.post_rows(&[("2025-06-01T12:00:00", -1.0); 10]);
    assert!(steps(&mut service, &next) >= 400 / STEP_ROWS);
    assert_eq!(service.values(&next)[0], 400.0);
}

#[test]
fn a_refusal_in_steps_is_counted_and_has_the_rate_limit() {
    let mut service = Service::new(&[("rate_limit", "100"), ("batch_size", "1")]);
    let rows: Vec<_> = (0..10_001).map(|row| json!({"id": format!("s{row}"), "value": 1})).collect();
    assert_eq!(service.post("application/json", &json!(rows).to_string()).status, 202);
    let refused = service.ask("GET", "query?end=2030-01-01&bucket=1h");
    assert_eq!((refused.status, refused.header("ratelimit-limit")), (422, Some("100")));
    let head = service.ask("HEAD", "query?end=2030-01-01&limit=2");
    assert_eq!((head.status, head.body.len(), head.header("x-total-count")), (200, 0, Some("10001")));
    let metrics = service.ask("GET", "metrics").text();
    for counted in ["method=\"GET\",status=\"422\"", "method=\"HEAD\",status=\"200\""] {
        assert!(
            metrics.lines().any(|line| line.contains(counted) && line.contains("query") && line.ends_with(" 1")),
            "{metrics}"
        );
    }
}
