//! Every way to refuse a request, and the one function that turns it into an answer.

use serde::Serialize;
use serde_json::value::RawValue;

use super::Response;
use super::encode::json;
use super::receipt::{Receipt, json_bytes};
use crate::frame::FrameError;
use crate::pipeline::coding::CODINGS;
use crate::pipeline::records::{BadRow, Refusals, brief};

/// Maximum size of the list of refused rows in a refusal, in bytes.
const ROWS_BYTES: usize = 400_000;
/// Maximum size of the problems beside it, in bytes, and what the list leaves: an answer to bad input stays below 1 MB.
const PROBLEMS_BYTES: usize = 580_000;
/// Maximum number of problems that a refusal lists. With names and values cut at 200 characters, in the sentence too, it
/// then has less than 1 MB.
const MAX_PROBLEMS: usize = 100;
/// What a problem takes beside its message and its input, at most: the names and the numbers.
const PROBLEM_BYTES: usize = 90;

/// A refused request.
#[derive(Debug, Clone)]
pub enum ApiError {
    /// 404.
    NotFound,
    /// 405, with the allowed methods.
    MethodNotAllowed {
        /// Value of `Allow`.
        allow: String,
    },
    /// 401.
    Unauthorized {
        /// Whether a key was sent, which then is a wrong one.
        is_key_given: bool,
    },
    /// 409: what is asked for does not fit to what the pipeline does now.
    Conflict {
        /// Why, and what to do.
        reason: String,
    },
    /// 413.
    BodyTooLarge {
        /// How many bytes of it came.
        bytes: usize,
        /// The largest accepted size.
        max_bytes: usize,
    },
    /// 413 for a body whose content coding hides its size.
    DecodedBodyTooLarge {
        /// The largest accepted size.
        max_bytes: usize,
    },
    /// 415 for a `Content-Encoding`.
    UnsupportedCoding {
        /// What was sent.
        given: String,
    },
    /// 415 for a `Content-Type`.
    UnsupportedMediaType {
        /// What was sent.
        given: String,
        /// What the endpoint reads.
        accepted: &'static str,
    },
    /// 422: all problems at once.
    Unprocessable(Vec<Problem>),
    /// 422: no row of a body became an event.
    NoneAccepted(Refusals),
    /// 429.
    TooManyRequests {
        /// Requests that may arrive at once.
        burst: i64,
        /// Seconds until the next one may arrive.
        retry_secs: i64,
    },
    /// 503.
    Unavailable {
        /// Why, in a sentence.
        reason: String,
    },
    /// 507: what was sent could not be kept.
    InsufficientStorage {
        /// Why, and what to do.
        reason: String,
    },
    /// 500: a verb refused what the handler gave it.
    Internal(String),
}

/// One bad value.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// A stable name of the kind of fault, as pydantic has them.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Where it stands.
    pub loc: Vec<Loc>,
    /// What is wrong, and what is valid instead.
    pub msg: String,
    /// What was given.
    pub input: InvalidInput,
    /// The line of the body on which the bad row begins, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// The body of a refusal.
#[derive(Serialize)]
struct Refusal<'a> {
    detail: Detail<'a>,
}

/// The body of a refusal of all rows: the problems that FastAPI would list, and the receipt that other rows would get.
#[derive(Serialize)]
struct RefusalOfRows<'a> {
    detail: Vec<Problem>,
    #[serde(flatten)]
    receipt: Receipt<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Detail<'a> {
    Sentence(&'a str),
    Text(String),
    Problems(&'a [Problem]),
}

/// A step on the way to a bad value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Loc {
    /// A name: `query`, `body`, a field.
    Name(String),
    /// A row.
    Index(usize),
}

/// A bad value as the response shows it.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum InvalidInput {
    /// Nothing, or nothing that could be shown.
    Nothing,
    /// Text.
    Text(String),
    /// JSON as it was sent.
    Json(Box<RawValue>),
}

impl Problem {
    /// An invalid value.
    pub fn value(place: &str, name: &str, msg: String, input: InvalidInput) -> Self {
        let loc = vec![Loc::Name(place.to_owned()), Loc::Name(name.to_owned())];
        Self { kind: "value_error", loc, msg, input, line: None }
    }

    /// A fault of the body, or of one of its rows.
    pub fn body(kind: &'static str, row: Option<usize>, msg: String, input: InvalidInput) -> Self {
        let mut loc = vec![Loc::Name("body".to_owned())];
        loc.extend(row.map(Loc::Index));
        Self { kind, loc, msg, input, line: None }
    }
}

/// Keeps the first problems of a long list, and one that says how many more there are.
fn shorten(problems: &mut Vec<Problem>) {
    let more = problems.len().saturating_sub(MAX_PROBLEMS);
    if more > 0 {
        let loc = problems[MAX_PROBLEMS].loc.iter().take(1).cloned().collect();
        let msg = format!("{more} more values are refused; mend these, then send the others again");
        problems.truncate(MAX_PROBLEMS);
        problems.push(Problem { kind: "too_many_problems", loc, msg, input: InvalidInput::Nothing, line: None });
    }
}

/// The first of the refused rows as problems, as long as they fit into `room` bytes.
fn problems(refusals: &Refusals, mut room: usize) -> Vec<Problem> {
    let problem = |bad: &BadRow| {
        let input = brief(&bad.input);
        room = room.checked_sub(json_bytes(&bad.reason) + json_bytes(&input) + PROBLEM_BYTES)?;
        let input = InvalidInput::Text(input.into_owned());
        let problem = Problem::body("value_error", Some(bad.place.row), bad.reason.clone(), input);
        Some(Problem { line: Some(bad.place.line), ..problem })
    };
    refusals.first().iter().map_while(problem).collect()
}

impl ApiError {
    /// The response with its status, headers and detail.
    pub fn into_response(mut self) -> Response {
        if let Self::Unprocessable(problems) = &mut self {
            shorten(problems);
        }
        let (status, detail) = match &self {
            Self::NotFound => (404, Detail::Sentence("Not Found")),
            Self::MethodNotAllowed { .. } => (405, Detail::Sentence("Method Not Allowed")),
            Self::Unauthorized { is_key_given: false } => {
                (401, Detail::Sentence("a key is needed; send the header \"Authorization: Bearer <api_key>\""))
            }
            Self::Unauthorized { is_key_given: true } => (
                401,
                Detail::Sentence("this is not the key; send \"Authorization: Bearer <api_key>\" with the right one"),
            ),
            Self::Conflict { reason } => (409, Detail::Sentence(reason)),
            Self::BodyTooLarge { bytes, max_bytes } => {
                (413, Detail::Text(format!("the body has {bytes} bytes or more; send at most {max_bytes} at once")))
            }
            Self::DecodedBodyTooLarge { max_bytes } => (
                413,
                Detail::Text(format!("the decoded body has more than {max_bytes} bytes; send at most that at once")),
            ),
            Self::UnsupportedCoding { given } => {
                let given = brief(given);
                (415, Detail::Text(format!("content encoding \"{given}\" is not read here; send {CODINGS} or none")))
            }
            Self::UnsupportedMediaType { given, accepted } => {
                let given = brief(given);
                (415, Detail::Text(format!("content type \"{given}\" is not read here; send {accepted}")))
            }
            Self::Unprocessable(problems) => (422, Detail::Problems(problems)),
            Self::NoneAccepted(refusals) => {
                let mut room = ROWS_BYTES;
                let receipt = Receipt::new(0, refusals, &[], &mut room);
                let detail = problems(refusals, PROBLEMS_BYTES + room);
                let body = json::to_vec(&RefusalOfRows { detail, receipt });
                return Response::new(422, "application/json", body);
            }
            Self::TooManyRequests { burst, retry_secs } => {
                let detail = format!("more than {burst} at once or rate_limit a second; wait {retry_secs} s");
                (429, Detail::Text(detail))
            }
            Self::Unavailable { reason } => (503, Detail::Sentence(reason)),
            Self::InsufficientStorage { reason } => (507, Detail::Sentence(reason)),
            Self::Internal(sentence) => (500, Detail::Sentence(sentence)),
        };
        let body = json::to_vec(&Refusal { detail });
        let mut response = Response::new(status, "application/json", body);
        response.headers.extend(match self {
            Self::MethodNotAllowed { allow } => Some(("Allow", allow)),
            Self::UnsupportedCoding { .. } => Some(("Accept-Encoding", CODINGS.to_owned())),
            Self::Unauthorized { .. } => Some(("WWW-Authenticate", "Bearer".to_owned())),
            Self::TooManyRequests { retry_secs, .. } => Some(("Retry-After", retry_secs.to_string())),
            Self::Unavailable { .. } => Some(("Retry-After", "1".to_owned())),
            _ => None,
        });
        response
    }
}

impl From<FrameError> for ApiError {
    fn from(error: FrameError) -> Self {
        Self::Internal(error.to_string())
    }
}
