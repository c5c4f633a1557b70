//! HTTP requests and their answers, part by part: pages and the service worker send and receive the same.

use serde::{Deserialize, Serialize};

/// A request without its body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestHead {
    /// Returned in the answer.
    pub id: u32,
    /// `GET`, `POST` …
    pub method: String,
    /// Below the base, without a leading slash.
    pub path: String,
    /// Without the question mark.
    pub query: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// Whether the body goes on: [`FromWorker::More`](super::FromWorker::More) asks for its next part.
    pub has_more: bool,
}

/// A part of a request's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestPart {
    /// The request's.
    pub id: u32,
    /// Whether the body goes on.
    pub has_more: bool,
}

/// The answer to a request, without its body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseHead {
    /// The request's.
    pub id: u32,
    /// HTTP status.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// Where the rest of the body is pulled from, if there is more.
    pub stream: Option<u32>,
}

/// A part of an answer's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponsePart {
    /// The stream.
    pub stream: u32,
    /// What it is.
    pub part: PartKind,
}

/// What a part of an answer's body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// Bytes: the envelope's body.
    Bytes,
    /// The body has ended.
    Last,
    /// The worker does not know the stream: the pipeline was started anew.
    Lost,
}
