//! Every way to refuse a request, and the one function that turns it into an answer.

use serde_json::{Value, json};

use super::Response;
use crate::frame::FrameError;

/// A refused request.
#[derive(Debug, Clone, PartialEq)]
pub enum ApiError {
    /// 404.
    NotFound,
    /// 405, with the methods that there are.
    MethodNotAllowed {
        /// Value of `Allow`.
        allow: String,
    },
    /// 413.
    BodyTooLarge {
        /// Its size.
        bytes: usize,
        /// What is taken.
        max_bytes: usize,
    },
    /// 415.
    UnsupportedMediaType {
        /// What was sent.
        given: String,
        /// What the endpoint reads.
        accepted: &'static str,
    },
    /// 422: all that is wrong, at once.
    Unprocessable(Vec<Problem>),
    /// 503.
    Unavailable {
        /// Why, in a sentence.
        reason: String,
    },
    /// 500: a verb refused what the handler gave it.
    Internal(String),
}

/// One bad value.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// A stable name of the kind of fault, as pydantic has them.
    pub kind: &'static str,
    /// Where it stands.
    pub loc: Vec<Loc>,
    /// What is wrong and what would do.
    pub msg: String,
    /// What was given.
    pub input: Value,
}

/// A step on the way to a bad value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loc {
    /// A name: `query`, `body`, a field.
    Name(String),
    /// A row.
    Index(usize),
}

impl Problem {
    /// A value that does not mean what it should.
    pub fn value(place: &str, name: &str, msg: impl Into<String>, input: impl Into<Value>) -> Self {
        let loc = vec![Loc::Name(place.to_owned()), Loc::Name(name.to_owned())];
        Self { kind: "value_error", loc, msg: msg.into(), input: input.into() }
    }

    /// A fault of the body, or of one of its rows.
    pub fn body(kind: &'static str, row: Option<usize>, msg: impl Into<String>, input: impl Into<Value>) -> Self {
        let mut loc = vec![Loc::Name("body".to_owned())];
        loc.extend(row.map(Loc::Index));
        Self { kind, loc, msg: msg.into(), input: input.into() }
    }

    fn to_json(&self) -> Value {
        let loc: Vec<Value> = self
            .loc
            .iter()
            .map(|step| match step {
                Loc::Name(name) => json!(name),
                Loc::Index(index) => json!(index),
            })
            .collect();
        json!({"type": self.kind, "loc": loc, "msg": self.msg, "input": self.input})
    }
}

impl ApiError {
    /// The answer that says so.
    pub fn into_response(self) -> Response {
        let (status, detail) = match &self {
            Self::NotFound => (404, json!("Not Found")),
            Self::MethodNotAllowed { .. } => (405, json!("Method Not Allowed")),
            Self::BodyTooLarge { bytes, max_bytes } => {
                (413, json!(format!("the body has {bytes} bytes; send at most {max_bytes} at once")))
            }
            Self::UnsupportedMediaType { given, accepted } => {
                (415, json!(format!("content type \"{given}\" is not read here; send {accepted}")))
            }
            Self::Unprocessable(problems) => (422, problems.iter().map(Problem::to_json).collect()),
            Self::Unavailable { reason } => (503, json!(reason)),
            Self::Internal(sentence) => (500, json!(sentence)),
        };
        let body = json!({ "detail": detail }).to_string().into_bytes();
        let response = Response::new(status, "application/json", body);
        match self {
            Self::MethodNotAllowed { allow } => response.with_header("Allow", allow),
            Self::Unavailable { .. } => response.with_header("Retry-After", "1"),
            _ => response,
        }
    }
}

impl From<FrameError> for ApiError {
    fn from(error: FrameError) -> Self {
        Self::Internal(error.to_string())
    }
}
