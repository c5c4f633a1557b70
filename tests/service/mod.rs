//! The HTTP surface as a function, for tests that only ask it.

use bytes::Bytes;
use millrace::api::{App, EncodedBody, Request, Response, UploadStep};
use millrace::decoder::{Decoder, DecoderError};
use millrace::pipeline::Settings;
use millrace::time::{Timestamp, Zone};
use serde_json::{Value, json};

/// 2025-06-01T12:00:00Z.
pub(crate) const NOON: i64 = 1_748_779_200_000_000_000;

/// Seconds of work that this thread has had, where the system tells: other programs do not make them more.
pub(crate) fn worked_secs() -> f64 {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    let of_clock = START.get_or_init(std::time::Instant::now).elapsed().as_secs_f64();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    told.and_then(|text| text.split(' ').next()?.parse::<f64>().ok()).map_or(of_clock, |nanos| nanos / 1e9)
}

/// A pipeline that only takes posted events, on the UTC clock.
pub(crate) struct Service {
    pub(crate) app: App,
    pub(crate) now: Timestamp,
}

/// What the decoder makes of a body.
fn columns_of(encoded: &EncodedBody, body: Vec<u8>) -> Result<Vec<u8>, DecoderError> {
    let (mut decoder, known) = Decoder::open(Bytes::from(body), encoded.coding, Some(&encoded.columns), 0)?;
    assert!(known.is_columns);
    let mut columns = Vec::new();
    while let Some((piece, _)) = decoder.next_piece()? {
        columns.extend(piece);
    }
    Ok(columns)
}

/// A response with all of its body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Service {
    pub(crate) fn new(changes: &[(&'static str, &'static str)]) -> Self {
        let all = [("source", "none"), ("clock", "utc")];
        let changes = all.iter().chain(changes).map(|(name, text)| (*name, Some(*text)));
        let settings = Settings::default().merged(changes).unwrap();
        let now = Timestamp::from_nanos(NOON);
        Self { app: App::in_memory(settings, Zone::UTC, [3; 32], now).unwrap(), now }
    }

    pub(crate) fn send(&mut self, request: &Request) -> Answer {
        let response = self.app.handle(request, self.now);
        let (status, headers) = (response.status, response.headers.clone());
        Answer { status, headers, body: response.into_bytes(self.app.service(), self.now) }
    }

    /// Sends a request whose body comes later, as the worker takes it. The browser's part, which is to run the decoder
    /// in another program, and to undo content codings before, is left out.
    pub(crate) fn upload(&mut self, request: &Request) -> Answer {
        let response = self.take(request).unwrap_or_else(|refusal| refusal);
        let (status, headers) = (response.status, response.headers.clone());
        Answer { status, headers, body: response.into_bytes(self.app.service(), self.now) }
    }

    fn take(&mut self, request: &Request) -> Result<Response, Response> {
        const PART_BYTES: usize = 1 << 10;
        let (app, now) = (&mut self.app, self.now);
        let mut upload = app.begin_upload(Request { body: Vec::new(), ..request.clone() }, now)?;
        upload.receive(request.body.len(), app, now)?;
        let mut body = request.body.clone();
        loop {
            match upload.step(app, now) {
                UploadStep::Read { from } => upload.feed(&body[from..body.len().min(from + PART_BYTES)]),
                UploadStep::Decode(encoded) => {
                    let columns = columns_of(&encoded, body);
                    body = columns.map_err(|error| upload.reject(encoded.refusal(error.to_string()), app, now))?;
                    upload.decoded(&encoded, body.len(), app, now)?;
                }
                UploadStep::Busy => {}
                UploadStep::Done(response) => return Ok(response),
            }
        }
    }

    pub(crate) fn ask(&mut self, method: &str, target: &str) -> Answer {
        self.send(&Request::new(method, target))
    }

    pub(crate) fn get(&mut self, target: &str) -> Value {
        let answer = self.ask("GET", target);
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/json"), "{target}");
        answer.json()
    }

    pub(crate) fn post(&mut self, content_type: &str, text: &str) -> Answer {
        self.send(&Request::new("POST", "events").with_body(content_type, text))
    }

    pub(crate) fn patch(&mut self, changes: &Value) -> Answer {
        self.send(&Request::new("PATCH", "config").with_body("application/json", changes.to_string()))
    }

    /// Ten events, as [`Self::fill`] posts them.
    pub(crate) fn filled() -> Self {
        let mut service = Self::new(&[]);
        service.fill(10);
        service
    }

    /// Posts `count` events, one a second from noon on, of ids `a`, `b`, `c` in turn and values 0, 1, 2 ….
    pub(crate) fn fill(&mut self, count: usize) -> &mut Self {
        let row = |row: usize| {
            let (minute, second, id) = (row / 60, row % 60, ["a", "b", "c"][row % 3]);
            json!({"timestamp": format!("2025-06-01T12:{minute:02}:{second:02}"), "id": id, "value": row})
        };
        let answer = self.post("application/json", &(0..count).map(row).collect::<Value>().to_string());
        assert_eq!((answer.status, answer.json()["accepted"].as_u64()), (202, Some(count as u64)));
        self
    }

    /// Posts events of the id `a`.
    pub(crate) fn post_rows(&mut self, events: &[(&str, f64)]) {
        let row = |(timestamp, value): &(&str, f64)| json!({"timestamp": timestamp, "id": "a", "value": value});
        let rows: Value = events.iter().map(row).collect();
        assert_eq!(self.post("application/json", &rows.to_string()).status, 202);
    }

    /// The values of the rows that a query answers.
    pub(crate) fn values(&mut self, target: &str) -> Vec<f64> {
        let answer = self.get(target);
        let rows = answer["latest"].as_array().cloned().unwrap_or_default();
        rows.iter().map(|row| row["value"].as_f64().unwrap()).collect()
    }

    /// Path and methods of all that `openapi.json` lists.
    pub(crate) fn operations(&mut self) -> Vec<(String, Vec<String>)> {
        let document = self.get("openapi.json");
        let methods = |item: &Value| item.as_object().unwrap().keys().map(|name| name.to_uppercase()).collect();
        let paths = document["paths"].as_object().unwrap();
        paths.iter().map(|(path, item)| (path.trim_start_matches('/').to_owned(), methods(item))).collect()
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
