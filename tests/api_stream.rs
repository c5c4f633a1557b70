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
    id: String,
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
        let text = self.text(&mut flow);
        let (start, rest) = text.split_once("\n\n").unwrap();
        assert!(start.starts_with("retry: 1000"), "{text}");
        // What comes with the start is what comes before all else.
        Box::new(Opened { start: Some(rest.to_owned()).filter(|text| !text.is_empty()), flow })
    }

    /// The id with which a reader that asks for no position begins.
    fn present(&mut self) -> String {
        let Body::Flow(mut flow) = self.request(&Request::new("GET", "stream")).body else { panic!("not a flow") };
        let text = self.text(&mut flow);
        text.strip_prefix("retry: 1000\nid: ").unwrap().strip_suffix("\n\n").unwrap().to_owned()
    }

    /// The epoch of the batches.
    fn epoch(&mut self) -> String {
        self.present().split_once('-').unwrap().0.to_owned()
    }

    /// Everything that a reader with this position gets at once.
    fn resumed(&mut self, last_event_id: &str) -> Vec<Event> {
        let headers = vec![("Last-Event-ID".to_owned(), last_event_id.to_owned())];
        let Body::Flow(mut flow) = self.request(&Request { headers, ..Request::new("GET", "stream") }).body else {
            panic!("not a flow")
        };
        self.text(&mut flow).split_terminator("\n\n").skip(1).map(event).collect()
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
    Event { id: field("id: "), event: field("event: "), data: serde_json::from_str(&field("data: ")).unwrap() }
}

fn ids(events: &[Event]) -> Vec<u64> {
    assert!(events.iter().all(|event| event.event == "batch"), "{events:?}");
    events.iter().map(number).collect()
}

/// The number of an event's batch. Readers send ids as they came and need not look into them; tests do.
fn number(event: &Event) -> u64 {
    let (epoch, number) = event.id.split_once('-').unwrap();
    assert!(epoch.len() == 16 && epoch.bytes().all(|byte| byte.is_ascii_hexdigit()), "{}", event.id);
    number.parse().unwrap()
}

/// Asserts a gap after this number and then these batches.
fn assert_gap(events: &[Event], after: u64, batches: std::ops::Range<u64>) {
    let gap = serde_json::json!({"after": after, "next": batches.start});
    assert_eq!((events[0].event.as_str(), &events[0].data), ("gap", &gap));
    assert_eq!(number(&events[0]) + 1, batches.start);
    assert_eq!(ids(&events[1..]), batches.collect::<Vec<u64>>());
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
    let epoch = service.epoch();
    for (after, batches) in [(0, vec![1, 2, 3, 4, 5]), (3, vec![4, 5]), (4, vec![5]), (5, vec![])] {
        assert_eq!(ids(&service.resumed(&format!("{epoch}-{after}"))), batches, "after {after}");
    }
    let mut reader = service.open(Some(&format!("{epoch}-5")));
    service.post(1);
    assert_eq!(ids(&service.events(&mut reader)), [6]);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_id_of_every_event_is_a_position_to_resume_from() {
    let mut service = Service::new();
    service.post(4);
    for event in service.resumed("0") {
        let expected: Vec<u64> = (number(&event) + 1..=4).collect();
        assert_eq!(ids(&service.resumed(&event.id)), expected);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_reader_that_is_cut_off_before_its_first_batch_misses_none() {
    let mut service = Service::new();
    for before in [0, 3] {
        service.post(before);
        let present = service.present();
        service.post(2);
        let events = service.resumed(&present);
        assert_eq!(ids(&events), [before as u64 + 1, before as u64 + 2]);
        service.request(&Request::new("DELETE", "events"));
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn zero_asks_for_all_that_is_kept() {
    let mut service = Service::new();
    assert_eq!(service.resumed("0"), []);
    service.post(3);
    assert_eq!(ids(&service.resumed("0")), [1, 2, 3]);
    service.request(&Request::new("DELETE", "events"));
    service.post(2);
    assert_eq!(ids(&service.resumed("0")), [1, 2]);
    service.post(10_300);
    assert_eq!(ids(&service.resumed("0")), (303..=10_302).collect::<Vec<u64>>(), "trimmed ones are not asked for");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_position_names_its_transcript() {
    let mut service = Service::new();
    service.post(3);
    let before: Vec<String> = (0..=3).map(|number| format!("{}-{number}", service.epoch())).collect();
    service.request(&Request::new("DELETE", "events"));
    // With no batch yet the gap is reported too, and the next batch follows it.
    let mut early = service.open(Some(&before[2]));
    assert_gap(&service.events(&mut early), 2, 1..1);
    service.post(5);
    assert_eq!(ids(&service.events(&mut early)), [1, 2, 3, 4, 5]);
    for (number, position) in (0..).zip(&before) {
        assert_gap(&service.resumed(position), number, 1..6);
    }
    // Ids of an earlier build have no epoch: it cannot be the present one.
    assert_gap(&service.resumed("3"), 3, 1..6);
    assert_gap(&service.resumed("9"), 9, 1..6);
}

#[wasm_bindgen_test(unsupported = test)]
fn each_start_without_files_and_each_delete_begin_an_epoch() {
    let mut epochs = std::collections::HashSet::new();
    for entropy in [3, 4] {
        let mut service = Service::new();
        let app = App::in_memory(
            service.app.service().engine().settings().clone(),
            Zone::UTC,
            [entropy; 32],
            Timestamp::from_nanos(NOON),
        );
        service.app = app.unwrap();
        assert!(epochs.insert(service.epoch()));
        for _ in 0..3 {
            service.request(&Request::new("DELETE", "events"));
            assert!(epochs.insert(service.epoch()));
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_position_beyond_the_newest_batch_is_a_gap() {
    let mut service = Service::new();
    service.post(4);
    let epoch = service.epoch();
    for after in [5, 6, 9_999_999_999_999_999_999] {
        assert_gap(&service.resumed(&format!("{epoch}-{after}")), after, 1..5);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_trimmed_position_is_a_gap() {
    let mut service = Service::new();
    service.post(10_300);
    let epoch = service.epoch();
    for after in [0, 299] {
        assert_gap(&service.resumed(&format!("{epoch}-{after}")), after, 301..10301);
    }
    assert_eq!(ids(&service.resumed(&format!("{epoch}-300"))), (301..=10_300).collect::<Vec<u64>>());
}

#[wasm_bindgen_test(unsupported = test)]
fn a_reader_that_cannot_send_the_header_says_it_in_the_query() {
    let mut service = Service::new();
    service.post(5);
    let epoch = service.epoch();
    let read = |service: &mut Service, headers: &[(&str, &str)]| {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let request = Request { headers, ..Request::new("GET", &format!("stream?last_event_id={epoch}-3")) };
        let Body::Flow(mut flow) = service.request(&request).body else { panic!("not a flow") };
        let text = service.text(&mut flow);
        ids(&text.split_terminator("\n\n").skip(1).map(event).collect::<Vec<_>>())
    };
    assert_eq!(read(&mut service, &[]), [4, 5]);
    assert_eq!(read(&mut service, &[("Last-Event-ID", "")]), [4, 5]);
    assert_eq!(read(&mut service, &[("Last-Event-ID", &format!("{epoch}-4"))]), [5], "the header is the newer one");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_last_event_id_that_no_event_has_is_refused() {
    let mut service = Service::new();
    let long = "x".repeat(5000);
    for text in
        ["soon", "-1", "1.5", "+3", "3-4", "00000000000000fe", "00000000000000fe-x", "99999999999999999999", &long]
    {
        let headers = vec![("last-event-id".to_owned(), text.to_owned())];
        let by_header = service.request(&Request { headers, ..Request::new("GET", "stream") });
        let by_query =
            service.request(&Request::new("GET", &format!("stream?last_event_id={}", text.replace('+', "%2B"))));
        for (response, place) in [(by_header, "header"), (by_query, "query")] {
            assert_eq!(response.status, 422, "{place} {text}");
            let body = response.into_bytes(service.app.service(), Timestamp::from_nanos(NOON));
            let body: Value = serde_json::from_slice(&body).unwrap();
            let problem = &body["detail"][0];
            assert_eq!(problem["loc"][0], place);
            let named = text.chars().take(200).collect::<String>();
            assert!(
                problem["msg"].as_str().unwrap().contains(&format!("\"{named}\" is not the id of an event")),
                "{body}"
            );
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_slow_reader_is_told_of_the_gap_and_goes_on() {
    let mut service = Service::new();
    let mut reader = service.open(None);
    service.post(10_300);
    assert_gap(&service.events(&mut reader), 0, 301..10301);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_pipeline_that_began_anew_is_a_gap() {
    let mut service = Service::new();
    let mut reader = service.open(None);
    service.post(4);
    service.events(&mut reader);
    service.request(&Request::new("DELETE", "events"));
    // More than before: numbers alone would not tell.
    service.post(6);
    assert_gap(&service.events(&mut reader), 4, 1..7);
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
