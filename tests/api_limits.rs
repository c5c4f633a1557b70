//! Keys, limits, lateness and metrics: who may ask, which events are taken, and what is told about it.

use std::collections::BTreeMap;

use millrace::api::{App, Body, Part, Request};
use millrace::pipeline::{Input, MASK, Settings};
use millrace::time::{Clock, Duration, Timestamp, Zone};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

const NOON: i64 = 1_748_779_200_000_000_000; // 2025-06-01T12:00:00Z
const KEY: &str = "mill-Pond_7";

struct Service {
    app: App,
    now: Timestamp,
}

struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// `RateLimit-Limit`, `-Remaining` and `-Reset`.
    fn rate_limit(&self) -> Option<[i64; 3]> {
        let names = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"];
        let found: Vec<i64> = names.iter().filter_map(|name| self.header(name)?.parse().ok()).collect();
        found.try_into().ok()
    }
}

impl Service {
    /// A pipeline that only takes posted events, on the UTC clock, with these settings on top.
    fn new(changes: &[(&'static str, &'static str)]) -> Self {
        let all = [("source", "none"), ("clock", "utc")];
        let changes = all.iter().chain(changes).map(|(name, text)| (*name, Some(*text)));
        let settings = Settings::default().merged(changes).unwrap();
        let now = Timestamp::from_nanos(NOON);
        Self { app: App::in_memory(settings, Zone::UTC, [3; 32], now).unwrap(), now }
    }

    fn wait(&mut self, duration: &str) -> &mut Self {
        self.now = self.now + Duration::parse(duration).unwrap();
        self
    }

    fn send(&mut self, request: &Request) -> Answer {
        let response = self.app.handle(request, self.now);
        let (status, headers) = (response.status, response.headers.clone());
        let body = String::from_utf8(response.into_bytes(self.app.service(), self.now)).unwrap();
        Answer { status, headers, body }
    }

    fn get(&mut self, target: &str) -> Answer {
        self.send(&Request::new("GET", target))
    }

    fn get_with(&mut self, target: &str, authorization: &str) -> Answer {
        let mut request = Request::new("GET", target);
        request.headers.push(("authorization".to_owned(), authorization.to_owned()));
        self.send(&request)
    }

    /// Asks as the app's own page does.
    fn get_as_page(&mut self, target: &str) -> Answer {
        self.send(&Request { is_own: true, ..Request::new("GET", target) })
    }

    fn patch_as_page(&mut self, changes: &Value) -> Answer {
        let request = Request::new("PATCH", "config").with_body("application/json", changes.to_string());
        self.send(&Request { is_own: true, ..request })
    }

    /// Posts one event for each time.
    fn post(&mut self, times: &[&str]) -> Answer {
        let rows: Vec<Value> = times.iter().map(|time| json!({"timestamp": time, "id": "a", "value": 1})).collect();
        self.send(&Request::new("POST", "events").with_body("application/json", Value::Array(rows).to_string()))
    }

    fn watermark(&self) -> Option<String> {
        self.app.service().engine().watermark().map(|watermark| watermark.to_text(&Clock::Utc))
    }

    fn metrics(&mut self) -> Families {
        let answer = self.get_as_page("metrics");
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("text/plain; version=0.0.4; charset=utf-8"))
        );
        parse(&answer.body)
    }
}

// 401: only when an API key is set.

#[wasm_bindgen_test(unsupported = test)]
fn without_a_key_nobody_is_asked_for_one() {
    let mut service = Service::new(&[]);
    assert_eq!(service.get("latest").status, 200);
    assert_eq!(service.get_with("latest", "Bearer whatever").status, 200);
}

#[wasm_bindgen_test(unsupported = test)]
fn requests_need_the_key_that_is_set() {
    let mut service = Service::new(&[("api_key", KEY)]);
    for scheme in ["Bearer", "bearer", "BEARER", "Bearer "] {
        assert_eq!(service.get_with("latest", &format!("{scheme} {KEY}")).status, 200, "{scheme}");
    }
    let longer = format!("Bearer {KEY}7");
    let shorter = format!("Bearer {}", &KEY[..KEY.len() - 1]);
    let other_scheme = format!("Basic {KEY}");
    let bare = ["", "Bearer", "Bearer ", KEY, "Bearer MILL-pond_7", &longer, &shorter, &other_scheme];
    for authorization in bare {
        let answer = service.get_with("latest", authorization);
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer")), "{authorization}");
    }
    assert_eq!(service.get("latest").status, 401);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_refusal_says_what_to_send_and_keeps_the_key_to_itself() {
    let mut service = Service::new(&[("api_key", KEY)]);
    for answer in [service.get("config"), service.get_with("config", "Bearer guess")] {
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("Authorization: Bearer"), "{detail}");
        assert!(!answer.body.contains(KEY) && !answer.body.contains("guess"), "{detail}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn the_page_itself_and_the_description_need_no_key() {
    let mut service = Service::new(&[("api_key", KEY)]);
    assert_eq!(service.get_as_page("latest").status, 200);
    for path in ["openapi.json", "docs"] {
        assert_ne!(service.get(path).status, 401, "{path}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn unknown_paths_and_methods_are_told_before_a_key_is_asked_for() {
    let mut service = Service::new(&[("api_key", KEY)]);
    assert_eq!(service.get("nothing").status, 404);
    assert_eq!(service.get("query/").status, 307);
    assert_eq!(service.send(&Request::new("DELETE", "latest")).status, 405);
    assert_eq!(service.send(&Request::new("OPTIONS", "latest")).status, 204);
    let answer = service.send(&Request::new("HEAD", "latest"));
    assert_eq!((answer.status, answer.body.as_str()), (401, ""));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_key_is_set_and_lifted_while_the_pipeline_runs() {
    let mut service = Service::new(&[]);
    assert_eq!(service.patch_as_page(&json!({"api_key": KEY})).status, 200);
    assert_eq!(service.get("config").status, 401);
    assert_eq!(service.get_with("config", &format!("Bearer {KEY}")).status, 200);
    service.patch_as_page(&json!({"api_key": null}));
    assert_eq!(service.get("config").status, 200);
}

#[wasm_bindgen_test(unsupported = test)]
fn no_answer_shows_a_key_that_is_set() {
    let mut service = Service::new(&[]);
    assert_eq!(service.get("config").json()["api_key"], Value::Null);
    let bearer = format!("Bearer {KEY}");
    let answers = [
        service.patch_as_page(&json!({"api_key": KEY})),
        service.get_as_page("config"),
        service.get_with("config", &bearer),
    ];
    for answer in answers {
        assert_eq!(answer.json()["api_key"], MASK);
        assert!(!answer.body.contains(KEY), "{}", answer.body);
    }
    for path in ["latest", "health", "metrics", "rejected", "openapi.json"] {
        assert!(!service.get_with(path, &bearer).body.contains(KEY), "{path}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn settings_that_are_sent_back_as_they_came_keep_the_key() {
    let mut service = Service::new(&[("api_key", KEY), ("batch_size", "7")]);
    let config = service.get_as_page("config").json();
    assert_eq!(service.patch_as_page(&config).json(), config);
    assert_eq!(service.get("latest").status, 401);
    assert_eq!(service.get_with("latest", &format!("Bearer {MASK}")).status, 401, "the mask is no key");
    assert_eq!(service.get_with("latest", &format!("Bearer {KEY}")).status, 200);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_stream_ends_when_a_key_is_set_that_it_did_not_bring() {
    let bearer = |key: &str| vec![("authorization".to_owned(), format!("Bearer {key}"))];
    for (headers, is_own, keys) in [
        (vec![], false, &[(None, false), (Some(KEY), true)][..]),
        (bearer(KEY), false, &[(Some(KEY), false), (None, false), (Some("another"), true)][..]),
        (vec![], true, &[(Some(KEY), false), (Some("another"), false)][..]),
    ] {
        let mut service = Service::new(&[]);
        let request = Request { headers, is_own, ..Request::new("GET", "stream") };
        let Body::Flow(mut stream) = service.app.handle(&request, service.now).body else {
            unreachable!("a stream is made part by part")
        };
        assert!(matches!(stream.next(service.app.service(), service.now), Part::Bytes(_)));
        for (key, is_ended) in keys {
            service.patch_as_page(&json!({"api_key": key}));
            let part = stream.next(service.app.service(), service.now);
            assert_eq!(part == Part::End, *is_ended, "{part:?} under {key:?}");
        }
        assert_eq!(service.get("stream").status, 401, "the next attempt");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_key_is_one_word_of_visible_ascii() {
    let mut service = Service::new(&[]);
    let (longest, too_long) = ("k".repeat(256), "k".repeat(257));
    assert_eq!(service.patch_as_page(&json!({"api_key": longest})).status, 200);
    for key in [too_long.as_str(), "two words", "schlüssel", "a\tb"] {
        assert_eq!(service.patch_as_page(&json!({"api_key": key})).status, 422, "{key}");
    }
    assert_eq!(service.get_with("config", &format!("Bearer {longest}")).status, 200);
}

// 429: only when a rate limit is set.

#[wasm_bindgen_test(unsupported = test)]
fn without_a_limit_nothing_is_said_about_one() {
    let mut service = Service::new(&[]);
    let answer = service.get("latest");
    assert_eq!((answer.rate_limit(), answer.header("retry-after")), (None, None));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_burst_of_a_seconds_requests_goes_through_and_then_one_each_period() {
    let mut service = Service::new(&[("rate_limit", "4")]);
    for remaining in [3, 2, 1, 0] {
        let answer = service.get("latest");
        assert_eq!((answer.status, answer.rate_limit()), (200, Some([4, remaining, 1])));
    }
    let answer = service.get("latest");
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("1")));
    assert_eq!(answer.rate_limit(), Some([4, 0, 1]));
    assert!(answer.json()["detail"].as_str().unwrap().contains("wait 1 s"), "{}", answer.body);
    assert_eq!(service.wait("249ms").get("latest").status, 429);
    assert_eq!(service.wait("1ms").get("latest").status, 200);
    assert_eq!(service.get("latest").status, 429);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_limit_below_one_a_second_lets_one_through_at_a_time() {
    let mut service = Service::new(&[("rate_limit", "0.1")]);
    assert_eq!(service.get("latest").rate_limit(), Some([1, 0, 10]));
    let answer = service.wait("2500ms").get("latest");
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("8")));
    assert_eq!(service.wait("7500ms").get("latest").status, 200);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_limit_between_whole_numbers_has_a_burst_rounded_up() {
    let mut service = Service::new(&[("rate_limit", "2.5")]);
    let statuses: Vec<u16> = (0..4).map(|_| service.get("latest").status).collect();
    assert_eq!(statuses, [200, 200, 200, 429]);
    assert_eq!(service.wait("400ms").get("latest").status, 200);
}

#[wasm_bindgen_test(unsupported = test)]
fn every_answer_to_a_counted_request_carries_the_limit() {
    let mut service = Service::new(&[("rate_limit", "3"), ("api_key", KEY)]);
    assert_eq!(service.get("nothing").rate_limit(), None);
    assert_eq!(service.send(&Request::new("POST", "latest")).rate_limit(), None);
    assert_eq!(service.send(&Request::new("OPTIONS", "latest")).rate_limit(), None);
    let answer = service.get("latest");
    assert_eq!((answer.status, answer.rate_limit()), (401, Some([3, 2, 1])), "guessing keys is limited too");
    let answer = service.get_with("query?start=x", &format!("Bearer {KEY}"));
    assert_eq!((answer.status, answer.rate_limit()), (422, Some([3, 1, 1])));
    let answer = service.get_as_page("latest");
    assert_eq!((answer.status, answer.rate_limit()), (200, None));
    assert_eq!(service.send(&Request::new("HEAD", "latest")).rate_limit(), Some([3, 0, 1]));
    assert_eq!(service.get("latest").status, 429, "the limit comes before the key");
    assert_eq!(service.get_as_page("latest").status, 200, "the page is never locked out");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_limit_is_changed_and_lifted_while_the_pipeline_runs() {
    let mut service = Service::new(&[("rate_limit", "1")]);
    assert_eq!([service.get("latest").status, service.get("latest").status], [200, 429]);
    assert_eq!(service.patch_as_page(&json!({"batch_size": 5})).status, 200);
    assert_eq!(service.get("latest").status, 429, "other settings do not fill the bucket");
    assert_eq!(service.patch_as_page(&json!({"rate_limit": 2})).json()["rate_limit"], 2);
    assert_eq!(service.get("latest").rate_limit(), Some([2, 1, 1]));
    service.patch_as_page(&json!({"rate_limit": null}));
    assert!((0..10).all(|_| service.get("latest").status == 200));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_clock_set_back_does_not_lock_anybody_out() {
    let mut service = Service::new(&[("rate_limit", "1")]);
    assert_eq!(service.get("latest").status, 200);
    service.now = service.now - Duration::from_secs(2 * 3600);
    assert_eq!(service.get("latest").header("retry-after"), Some("1"));
    assert_eq!(service.wait("1s").get("latest").status, 200);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_limit_is_above_zero_and_finite() {
    let mut service = Service::new(&[]);
    for rate in [json!(0), json!(-1), json!(1_000_001), json!("inf"), json!("NaN"), json!("often"), json!("2.5")] {
        assert_eq!(service.patch_as_page(&json!({"rate_limit": rate})).status, 422, "{rate}");
    }
    for rate in [json!(0.001), json!(1e6), json!(2.5)] {
        assert_eq!(service.patch_as_page(&json!({"rate_limit": rate})).status, 200, "{rate}");
    }
}

// `lateness` and `late`, and what lies in the future.

#[wasm_bindgen_test(unsupported = test)]
fn events_more_than_a_day_ahead_are_refused_with_value_and_fix_when_late_ones_are() {
    let mut service = Service::new(&[("batch_size", "1"), ("late", "reject")]);
    let answer = service.post(&["2025-06-02T12:00:00", "2025-06-02T12:00:00.000001"]);
    let answer = (answer.status, answer.json());
    assert_eq!((answer.0, &answer.1["accepted"], &answer.1["rejected"][0]["row"]), (202, &json!(1), &json!(1)));
    let reason = answer.1["rejected"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("\"2025-06-02T12:00:00.000001Z\"") && reason.contains("1d"), "{reason}");
    let letter = service.get("rejected").json()["rejected"][0].clone();
    assert_eq!((letter["source"].as_str(), letter["row"].as_u64()), (Some("POST /events"), Some(1)));
    assert_eq!(letter["input"], "2025-06-02T12:00:00.000001Z,a,1");

    let answer = service.post(&["2099-01-01"]);
    let problem = answer.json()["detail"][0].clone();
    assert_eq!((answer.status, &problem["loc"]), (422, &json!(["body", 0])));
    assert_eq!(problem["input"], "2099-01-01T00:00:00Z,a,1");
    assert_eq!(service.watermark().as_deref(), Some("2025-06-02T11:00:00Z"), "the refused ones did not move it");
    assert_eq!(service.app.service().engine().dead_letters().total(), 2);
    assert_eq!(service.app.service().engine().counters().late, 0, "too early is not late");
}

#[wasm_bindgen_test(unsupported = test)]
fn the_watermark_follows_the_newest_accepted_event() {
    let mut service = Service::new(&[("lateness", "1min"), ("late", "reject")]);
    assert_eq!(service.watermark(), None);
    service.post(&["2025-06-01T10:00:00"]);
    assert_eq!(service.watermark().as_deref(), Some("2025-06-01T09:59:00Z"));
    service.post(&["2025-06-01T09:59:30", "2025-06-01T09:00:00", "2099-01-01"]);
    assert_eq!(service.watermark().as_deref(), Some("2025-06-01T09:59:00Z"), "neither late nor future rows move it");
    service.patch_as_page(&json!({"lateness": "1h"}));
    assert_eq!(service.watermark().as_deref(), Some("2025-06-01T09:00:00Z"));
    service.send(&Request::new("DELETE", "events"));
    assert_eq!(service.watermark(), None);
}

#[wasm_bindgen_test(unsupported = test)]
fn late_events_are_accepted_or_refused_as_set_and_counted_either_way() {
    for (late, accepted) in [("accept", 3), ("reject", 2)] {
        let mut service = Service::new(&[("lateness", "1h"), ("late", late)]);
        // At the watermark is not late.
        let answer = service.post(&["2025-06-01T12:00:00", "2025-06-01T11:00:00", "2025-06-01T10:59:59.999999"]);
        assert_eq!((answer.status, answer.json()["accepted"].as_u64()), (202, Some(accepted)), "{late}");
        assert_eq!(service.app.service().engine().counters().late, 1, "{late}");
        assert_eq!(service.get("rejected").json()["total"].as_u64(), Some(3 - accepted), "{late}");
    }
    let mut service = Service::new(&[("late", "reject")]);
    service.post(&["2025-06-01T12:00:00"]);
    let answer = service.post(&["2025-06-01T10:00:00"]);
    assert_eq!((answer.status, answer.json()["detail"][0]["input"].as_str()), (422, Some("2025-06-01T10:00:00Z,a,1")));
}

// `GET /metrics`.

/// Families by name: their kind, and their samples as name with labels and value.
type Families = BTreeMap<String, (String, Vec<(String, f64)>)>;

/// Reads text format 0.0.4 and panics at whatever it does not allow.
fn parse(text: &str) -> Families {
    assert!(text.ends_with('\n'), "the last line must end too");
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let mut families = Families::new();
    let mut helped = Vec::new();
    let mut current = String::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(is_name(name) && !help.is_empty() && !help.contains('\\'), "{line}");
            assert!(!helped.contains(&name), "one HELP for each: {line}");
            helped.push(name);
            continue;
        }
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert_eq!(helped.last(), Some(&name), "HELP stands before TYPE: {line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            assert!(families.insert(name.to_owned(), (kind.to_owned(), Vec::new())).is_none(), "one TYPE: {line}");
            name.clone_into(&mut current);
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        let name = series.split('{').next().unwrap();
        if let Some(labels) = series.strip_prefix(name).filter(|labels| !labels.is_empty()) {
            let inner = labels.strip_prefix("{").and_then(|rest| rest.strip_suffix("}")).unwrap();
            for pair in inner.split(',') {
                let (label, quoted) = pair.split_once('=').unwrap();
                let text = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap();
                assert!(is_name(label) && !text.contains(['"', '\\']), "{line}");
            }
        }
        let (kind, samples) = families.get_mut(&current).unwrap_or_else(|| panic!("TYPE before samples: {line}"));
        let suffixes: &[&str] = if kind == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
        assert!(name.strip_prefix(&current).is_some_and(|suffix| suffixes.contains(&suffix)), "{line}");
        assert!(samples.iter().all(|(other, _)| other != series), "twice: {line}");
        samples.push((series.to_owned(), value.parse().unwrap()));
    }
    for (name, (kind, samples)) in &families {
        assert!(!samples.is_empty(), "{name} has no samples");
        if kind == "histogram" {
            check_histogram(name, samples);
        }
    }
    families
}

/// Buckets grow with their bounds, and the last one holds all.
fn check_histogram(name: &str, samples: &[(String, f64)]) {
    let prefix = format!("{name}_bucket{{le=\"");
    let buckets: Vec<(f64, f64)> = samples
        .iter()
        .filter_map(|(series, value)| {
            Some((series.strip_prefix(&prefix)?.strip_suffix("\"}")?.parse().unwrap(), *value))
        })
        .collect();
    assert!(buckets.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1), "{name}: {buckets:?}");
    let (bound, all) = *buckets.last().unwrap();
    assert_eq!((bound, Some(all)), (f64::INFINITY, value_in(samples, &format!("{name}_count"))), "{name}");
    assert!(value_in(samples, &format!("{name}_sum")).is_some(), "{name}");
}

fn value_in(samples: &[(String, f64)], series: &str) -> Option<f64> {
    samples.iter().find(|(known, _)| known == series).map(|(_, value)| *value)
}

fn value(families: &Families, series: &str) -> Option<f64> {
    families.values().find_map(|(_, samples)| value_in(samples, series))
}

#[wasm_bindgen_test(unsupported = test)]
fn metrics_tell_what_the_contract_names() {
    let mut service = Service::new(&[("late", "reject"), ("batch_size", "2"), ("queue_capacity", "50")]);
    let before = service.metrics();
    assert_eq!(value(&before, "millrace_watermark_timestamp_seconds"), None, "there is none yet");
    assert_eq!(value(&before, "millrace_wasm_memory_bytes"), None, "nobody told");
    service.post(&["2025-06-01T12:00:00", "2025-06-01T12:00:01", "2025-06-01T12:00:02", "2025-06-01", "2099-01-01"]);
    service.app.set_open_streams(2);
    service.app.set_open_ports(3);
    service.app.set_memory_bytes(65_536);
    let metrics = service.wait("90500ms").metrics();
    let expected = [
        ("millrace_events_produced_total", 0.0),
        ("millrace_events_posted_total", 3.0),
        ("millrace_events_processed_total", 2.0),
        ("millrace_events_rejected_total", 2.0),
        ("millrace_events_late_total", 1.0),
        ("millrace_events_dropped_total", 0.0),
        ("millrace_batches_total", 1.0),
        ("millrace_late_ticks_total", 0.0),
        ("millrace_events_caught_up_total", 0.0),
        ("millrace_queue_depth", 1.0),
        ("millrace_queue_capacity", 50.0),
        ("millrace_history_rows", 2.0),
        ("millrace_history_dropped_rows_total", 0.0),
        ("millrace_watermark_timestamp_seconds", (NOON / 1_000_000_000 + 2 - 3600) as f64),
        ("millrace_open_streams", 2.0),
        ("millrace_open_ports", 3.0),
        ("millrace_wasm_memory_bytes", 65_536.0),
        ("millrace_uptime_seconds", 90.5),
        (concat!("millrace_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"}"), 1.0),
    ];
    for (series, number) in expected {
        assert_eq!(value(&metrics, series), Some(number), "{series}");
    }
    assert!(value(&metrics, "millrace_history_bytes").unwrap() > 0.0);
}

#[wasm_bindgen_test(unsupported = test)]
fn requests_are_counted_by_path_method_and_status() {
    let mut service = Service::new(&[("rate_limit", "2")]);
    service.get("latest");
    service.get("query?start=x");
    service.get("latest");
    service.get("made-up");
    service.get("made-up-too");
    service.send(&Request::new("BREW", "latest"));
    service.get("latest/");
    let metrics = service.metrics();
    let expected = [
        (r#"{path="latest",method="GET",status="200"}"#, 1.0),
        (r#"{path="query",method="GET",status="422"}"#, 1.0),
        (r#"{path="latest",method="GET",status="429"}"#, 1.0),
        (r#"{path="other",method="GET",status="404"}"#, 2.0),
        (r#"{path="latest",method="other",status="405"}"#, 1.0),
        (r#"{path="latest",method="GET",status="307"}"#, 1.0),
    ];
    for (labels, number) in expected {
        assert_eq!(value(&metrics, &format!("millrace_requests_total{labels}")), Some(number), "{labels}");
    }
    assert_eq!(metrics["millrace_requests_total"].1.len(), expected.len());
    assert_eq!(
        value(&service.metrics(), r#"millrace_requests_total{path="metrics",method="GET",status="200"}"#),
        Some(1.0)
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn durations_of_requests_and_batches_fill_the_buckets() {
    let mut service = Service::new(&[("batch_size", "2")]);
    service.get("latest");
    service.app.observe_request(0.0004);
    service.post(&["2025-06-01T12:00:00"; 4]);
    service.app.observe_request(0.02);
    service.app.observe_batches(0.0005, 10);
    service.app.observe_batches(0.0, 0);
    let metrics = service.metrics();
    let expected = [
        ("millrace_request_duration_seconds_count", 2.0),
        ("millrace_request_duration_seconds_sum", 0.0204),
        ("millrace_processing_duration_seconds_count", 12.0),
        ("millrace_processing_duration_seconds_sum", 0.0205),
    ];
    for (series, number) in expected {
        assert!((value(&metrics, series).unwrap() - number).abs() < 1e-12, "{series}");
    }
    let (_, samples) = &metrics["millrace_processing_duration_seconds"];
    let at_most = |bound: f64| {
        let of = |series: &str| series.split('"').nth(1).and_then(|le| le.parse().ok());
        samples.iter().find(|(series, _)| of(series) == Some(bound)).map(|(_, count)| *count)
    };
    assert_eq!([at_most(2.5e-5), at_most(5e-5), at_most(1e-2)], [Some(0.0), Some(10.0), Some(12.0)]);
}

#[wasm_bindgen_test(unsupported = test)]
fn metrics_of_a_simulated_stream_count_what_it_made() {
    let mut service = Service::new(&[("source", "simulated"), ("interval", "100ms")]);
    for _ in 0..25 {
        service.app.service_mut().step(Input::Tick, service.now).unwrap();
        service.wait("100ms");
    }
    let metrics = service.metrics();
    assert_eq!(value(&metrics, "millrace_events_produced_total"), Some(25.0));
    assert_eq!(value(&metrics, "millrace_batches_total"), Some(2.0));
    assert_eq!(value(&metrics, "millrace_queue_depth"), Some(5.0));
}

#[wasm_bindgen_test(unsupported = test)]
fn metrics_need_the_key_like_everything_else() {
    let mut service = Service::new(&[("api_key", KEY)]);
    assert_eq!(service.get("metrics").status, 401);
    assert_eq!(service.get_with("metrics", &format!("Bearer {KEY}")).status, 200);
}
