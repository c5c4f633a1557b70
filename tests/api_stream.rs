//! `GET /stream`, called as a function: what a reader hears, now and after it was away.

use millrace::api::{App, Body, Flow, Part, Request};
use millrace::pipeline::Settings;
use millrace::service::PipelineService;
use millrace::time::{Timestamp, Zone};
use serde_json::Value;
use wasm_bindgen_test::wasm_bindgen_test;

const SECOND: i64 = 1_000_000_000;
const NOON: i64 = 1_748_779_200 * SECOND; // 2025-06-01T12:00:00Z

struct Service {
    app: App,
    now: i64,
}

/// An event as a browser reads it.
#[derive(Debug, PartialEq)]
struct Event {
    id: u64,
    event: String,
    data: Value,
}

impl Service {
    fn new() -> Self {
        let changes =
            [("source", "none"), ("clock", "utc"), ("batch_size", "2")].map(|(name, text)| (name, Some(text)));
        let settings = Settings::default().merged(changes).unwrap();
        Self { app: App::in_memory(settings, Zone::UTC, [3; 32], Timestamp::from_nanos(NOON)).unwrap(), now: NOON }
    }

    /// Posts that many batches of two rows.
    fn post(&mut self, batches: usize) {
        let csv = format!("id,value\n{}", "a,1\nb,2\n".repeat(batches));
        self.request(&Request::new("POST", "events").with_body("text/csv", csv));
    }

    fn request(&mut self, request: &Request) -> millrace::api::Response {
        self.app.handle(request, Timestamp::from_nanos(self.now))
    }

    fn open(&mut self, last_event_id: Option<&str>) -> Box<dyn Flow> {
        let headers = last_event_id.map(|id| ("Last-Event-ID".to_owned(), id.to_owned())).into_iter().collect();
        let response = self.request(&Request { headers, ..Request::new("GET", "stream") });
        assert_eq!((response.status, response.header("content-type")), (200, Some("text/event-stream")));
        assert_eq!(response.header("cache-control"), Some("no-store"));
        let Body::Flow(mut flow) = response.body else { panic!("not a flow") };
        let mut text = self.text(&mut flow);
        assert!(text.starts_with("retry: 1000\n\n"), "{text}");
        text.drain(.."retry: 1000\n\n".len());
        // What comes with the start is what comes before all else.
        Box::new(Opened { start: Some(text).filter(|text| !text.is_empty()), flow })
    }

    /// What there is to read by now.
    fn text(&mut self, flow: &mut Box<dyn Flow>) -> String {
        let mut text = Vec::new();
        while let Part::Bytes(bytes) = flow.next(self.app.service(), Timestamp::from_nanos(self.now)) {
            assert!(bytes.len() < 320 << 10);
            text.extend_from_slice(&bytes);
        }
        String::from_utf8(text).unwrap()
    }

    fn events(&mut self, flow: &mut Box<dyn Flow>) -> Vec<Event> {
        self.text(flow).split_terminator("\n\n").map(event).collect()
    }
}

struct Opened {
    start: Option<String>,
    flow: Box<dyn Flow>,
}

impl Flow for Opened {
    fn next(&mut self, service: &PipelineService, now: Timestamp) -> Part {
        self.start.take().map_or_else(|| self.flow.next(service, now), |start| Part::Bytes(start.into_bytes()))
    }
}

fn event(text: &str) -> Event {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
    Event {
        id: field("id: ").parse().unwrap(),
        event: field("event: "),
        data: serde_json::from_str(&field("data: ")).unwrap(),
    }
}

fn ids(events: &[Event]) -> Vec<u64> {
    assert!(events.iter().all(|event| event.event == "batch"), "{events:?}");
    events.iter().map(|event| event.id).collect()
}

#[wasm_bindgen_test(unsupported = test)]
fn each_batch_is_an_event_with_its_tables() {
    let mut service = Service::new();
    service.post(2);
    let mut reader = service.open(None);
    assert_eq!(service.events(&mut reader), [], "batches before the reader came are not sent");
    service.post(3);
    let events = service.events(&mut reader);
    assert_eq!(ids(&events), [3, 4, 5]);
    let latest = service.request(&Request::new("GET", "latest"));
    let latest = latest.into_bytes(service.app.service(), Timestamp::from_nanos(service.now));
    assert_eq!(events[2].data, serde_json::from_slice::<Value>(&latest).unwrap());
    assert_eq!(service.events(&mut reader), []);
}

#[wasm_bindgen_test(unsupported = test)]
fn last_event_id_resumes_where_the_reader_stopped() {
    let mut service = Service::new();
    service.post(5);
    let mut reader = service.open(Some("3"));
    assert_eq!(ids(&service.events(&mut reader)), [4, 5]);
    let mut reader = service.open(Some("0"));
    assert_eq!(ids(&service.events(&mut reader)), [1, 2, 3, 4, 5]);
    let mut reader = service.open(Some("5"));
    service.post(1);
    assert_eq!(ids(&service.events(&mut reader)), [6]);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_reader_that_cannot_send_the_header_says_it_in_the_query() {
    let mut service = Service::new();
    service.post(5);
    let read = |service: &mut Service, headers: &[(&str, &str)]| {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let request = Request { headers, ..Request::new("GET", "stream?last_event_id=3") };
        let Body::Flow(mut flow) = service.request(&request).body else { panic!("not a flow") };
        let text = service.text(&mut flow);
        ids(&text.split_terminator("\n\n").skip(1).map(event).collect::<Vec<_>>())
    };
    assert_eq!(read(&mut service, &[]), [4, 5]);
    assert_eq!(read(&mut service, &[("Last-Event-ID", "4")]), [5], "the header is the newer one");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_last_event_id_that_is_no_number_is_refused() {
    let mut service = Service::new();
    let headers = vec![("last-event-id".to_owned(), "soon".to_owned())];
    let response = service.request(&Request { headers, ..Request::new("GET", "stream") });
    assert_eq!(response.status, 422);
    let body = response.into_bytes(service.app.service(), Timestamp::from_nanos(NOON));
    assert!(String::from_utf8(body).unwrap().contains("\\\"soon\\\" is not the number of a batch"));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_slow_reader_is_told_of_the_gap_and_goes_on() {
    let mut service = Service::new();
    let mut reader = service.open(None);
    service.post(10_300);
    let events = service.events(&mut reader);
    assert_eq!((events[0].event.as_str(), &events[0].data), ("gap", &serde_json::json!({"after": 0, "next": 301})));
    assert_eq!(ids(&events[1..]), (301..=10_300).collect::<Vec<u64>>());
}

#[wasm_bindgen_test(unsupported = test)]
fn a_pipeline_that_began_anew_is_a_gap() {
    let mut service = Service::new();
    let mut reader = service.open(None);
    service.post(4);
    service.events(&mut reader);
    service.request(&Request::new("DELETE", "events"));
    service.post(2);
    let events = service.events(&mut reader);
    assert_eq!((events[0].event.as_str(), &events[0].data), ("gap", &serde_json::json!({"after": 4, "next": 1})));
    assert_eq!(ids(&events[1..]), [1, 2]);
}

#[wasm_bindgen_test(unsupported = test)]
fn silence_is_broken_by_a_comment_every_fifteen_seconds() {
    let mut service = Service::new();
    let mut reader = service.open(None);
    let next = |service: &Service, reader: &mut Box<dyn Flow>| {
        reader.next(service.app.service(), Timestamp::from_nanos(service.now))
    };
    assert_eq!(next(&service, &mut reader), Part::Wait(Timestamp::from_nanos(NOON + 15 * SECOND)));
    service.now += 14 * SECOND;
    assert_eq!(next(&service, &mut reader), Part::Wait(Timestamp::from_nanos(NOON + 15 * SECOND)));
    service.now += SECOND;
    assert_eq!(next(&service, &mut reader), Part::Bytes(b": keep-alive\n\n".to_vec()));
    assert_eq!(next(&service, &mut reader), Part::Wait(Timestamp::from_nanos(NOON + 30 * SECOND)));
    service.now -= 3600 * SECOND;
    assert_eq!(next(&service, &mut reader), Part::Wait(Timestamp::from_nanos(service.now + 15 * SECOND)));
}
