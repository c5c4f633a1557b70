//! A request and a response as values.

use std::fmt;

use crate::service::PipelineService;
use crate::time::Timestamp;

/// A request, its path relative to the app's base.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// `GET`, `POST` …, in upper case.
    pub method: String,
    /// Without a leading slash: `latest`.
    pub path: String,
    /// What follows `?`, still encoded.
    pub query: String,
    /// Names in any case.
    pub headers: Vec<(String, String)>,
    /// The body; empty when there is none.
    pub body: Vec<u8>,
    /// Whether the app's own page sent it for itself: neither key nor rate limit applies to it.
    pub is_own: bool,
}

impl Request {
    /// A request without a body, from a target such as `query?start=2025-06-01`.
    pub fn new(method: &str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method: method.to_owned(),
            path: path.trim_start_matches('/').to_owned(),
            query: query.to_owned(),
            ..Self::default()
        }
    }

    /// This request with a body.
    pub fn with_body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.headers.push(("Content-Type".to_owned(), content_type.to_owned()));
        self.body = body.into();
        self
    }

    /// The value of a header; the last one counts.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().rfind(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// A response.
#[derive(Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Body,
}

/// The body of a response.
pub enum Body {
    /// All of it.
    Whole(Vec<u8>),
    /// Parts that are made when they are read, so that a large body is never held in memory.
    Flow(Box<dyn Flow>),
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Flow(_) => f.write_str("a flow"),
        }
    }
}

/// A body that is made part by part; it ends early when it is dropped.
pub trait Flow {
    /// The next part: some milliseconds of work at most, whatever the request asks for.
    fn next(&mut self, service: &PipelineService, now: Timestamp) -> Part;

    /// Whether it goes on for as long as it is read.
    fn is_endless(&self) -> bool {
        false
    }
}

/// The next part of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// These bytes, at least one.
    Bytes(Vec<u8>),
    /// Nothing until another batch is processed or this instant is reached; call again at once if it has passed.
    Wait(Timestamp),
    /// The body has ended.
    End,
}

impl Response {
    /// An answer with the headers that every answer has.
    pub fn new(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        let mut headers = vec![
            ("Content-Type", content_type.to_owned()),
            ("Cache-Control", "no-store".to_owned()),
            ("X-Content-Type-Options", "nosniff".to_owned()),
        ];
        if body.is_empty() && status != 200 {
            headers.remove(0);
        }
        Self { status, headers, body: Body::Whole(body) }
    }

    /// 200 with a body that is made part by part.
    pub fn flowing(content_type: &str, flow: impl Flow + 'static) -> Self {
        Self { body: Body::Flow(Box::new(flow)), ..Self::new(200, content_type, Vec::new()) }
    }

    /// 200 with a JSON body.
    pub fn json(body: Vec<u8>) -> Self {
        Self::new(200, "application/json", body)
    }

    /// This response with one more header.
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The bytes of the body up to its end or its first wait for a later instant.
    pub fn into_bytes(self, service: &PipelineService, now: Timestamp) -> Vec<u8> {
        match self.body {
            Body::Whole(bytes) => bytes,
            Body::Flow(mut flow) => {
                let mut bytes = Vec::new();
                loop {
                    match flow.next(service, now) {
                        Part::Bytes(part) => bytes.extend_from_slice(&part),
                        Part::Wait(until) if until <= now => {}
                        Part::Wait(_) | Part::End => return bytes,
                    }
                }
            }
        }
    }
}
