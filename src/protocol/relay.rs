//! The messages between the service worker and a pipeline worker: HTTP requests, their answers, and the end of a port.
//!
//! The service worker is plain JavaScript, `src/browser/service_worker/sw.js`, so that these messages alone are JSON.
//! They mean what those of pages mean: a worker handles a [`FromRelay`] as the [`ToWorker`] that it becomes, and sends
//! the [`ToRelay`] that its [`FromWorker`] becomes. What is not here is no matter of the service worker's, which speaks
//! for whoever sends requests.

use serde::{Deserialize, Serialize};

use super::http::{RequestHead, RequestPart, ResponseHead, ResponsePart};
use super::{FromWorker, ProtocolError, Role, ToWorker, check_version};

/// From the service worker.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromRelay {
    /// As [`ToWorker::Hello`]. The service worker names no build: the version of its messages is checked instead.
    Hello {},
    /// As [`ToWorker::Request`].
    Request(RequestHead),
    /// As [`ToWorker::Body`].
    Body(RequestPart),
    /// As [`ToWorker::Abandon`].
    Abandon {
        /// The request's.
        id: u32,
    },
    /// As [`ToWorker::Pull`].
    Pull {
        /// [`ResponseHead::stream`].
        stream: u32,
    },
    /// As [`ToWorker::Cancel`].
    Cancel {
        /// The stream.
        stream: u32,
    },
    /// As [`ToWorker::Alive`].
    Alive,
    /// As [`ToWorker::Holding`].
    Holding {
        /// The name of the lock.
        lock: String,
    },
    /// As [`ToWorker::Goodbye`].
    Goodbye,
}

impl FromRelay {
    /// Reads a message of this version.
    ///
    /// # Errors
    /// As [`unpack`](super::unpack).
    pub fn from_json(version: Option<u32>, text: &str) -> Result<Self, ProtocolError> {
        check_version(version)?;
        serde_json::from_str(text).map_err(|_| ProtocolError::Malformed)
    }
}

impl From<FromRelay> for ToWorker {
    fn from(message: FromRelay) -> Self {
        match message {
            FromRelay::Hello {} => Self::Hello { build: None, start: None },
            FromRelay::Request(head) => Self::Request(head),
            FromRelay::Body(part) => Self::Body(part),
            FromRelay::Abandon { id } => Self::Abandon { id },
            FromRelay::Pull { stream } => Self::Pull { stream },
            FromRelay::Cancel { stream } => Self::Cancel { stream },
            FromRelay::Alive => Self::Alive,
            FromRelay::Holding { lock } => Self::Holding { lock },
            FromRelay::Goodbye => Self::Goodbye,
        }
    }
}

/// To the service worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToRelay<'a> {
    /// As [`FromWorker::Welcome`].
    Welcome,
    /// As [`FromWorker::Refused`].
    Refused,
    /// As [`Role::Waiting`]: this worker does not run the pipeline.
    Waiting,
    /// As [`FromWorker::Response`].
    Response(&'a ResponseHead),
    /// As [`FromWorker::More`].
    More {
        /// The request's.
        id: u32,
    },
    /// As [`FromWorker::Part`].
    Part(ResponsePart),
}

impl<'a> ToRelay<'a> {
    /// What a worker's message says to the service worker; `None` for what only pages are told.
    #[must_use]
    pub fn from_worker(message: &'a FromWorker) -> Option<Self> {
        match message {
            FromWorker::Welcome => Some(Self::Welcome),
            FromWorker::Refused => Some(Self::Refused),
            FromWorker::Role(Role::Waiting) => Some(Self::Waiting),
            FromWorker::Response(head) => Some(Self::Response(head)),
            FromWorker::More { id } => Some(Self::More { id: *id }),
            FromWorker::Part(part) => Some(Self::Part(*part)),
            _ => None,
        }
    }

    /// The message as text.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Only maps with keys that are not text fail, and no message has one.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{PartKind, VERSION};

    fn read(text: &str) -> Result<ToWorker, ProtocolError> {
        FromRelay::from_json(Some(VERSION), text).map(ToWorker::from)
    }

    /// What `sw.js` sends, letter by letter.
    #[test]
    fn each_message_of_the_service_worker_is_one_of_a_page() {
        let request = RequestHead {
            id: 7,
            method: "POST".into(),
            path: "trigger".into(),
            query: "a=1".into(),
            headers: vec![("content-type".into(), "application/json".into())],
            has_more: true,
        };
        for (text, message) in [
            (r#"{"hello":{"build":null,"start":null}}"#, ToWorker::Hello { build: None, start: None }),
            (
                concat!(
                    r#"{"request":{"id":7,"method":"POST","headers":[["content-type","application/json"]],"#,
                    r#""path":"trigger","query":"a=1","has_more":true}}"#
                ),
                ToWorker::Request(request),
            ),
            (r#"{"body":{"id":7,"has_more":false}}"#, ToWorker::Body(RequestPart { id: 7, has_more: false })),
            (r#"{"abandon":{"id":7}}"#, ToWorker::Abandon { id: 7 }),
            (r#"{"pull":{"stream":3}}"#, ToWorker::Pull { stream: 3 }),
            (r#"{"cancel":{"stream":3}}"#, ToWorker::Cancel { stream: 3 }),
            (r#""alive""#, ToWorker::Alive),
            (r#"{"holding":{"lock":"millrace presence 1"}}"#, ToWorker::Holding { lock: "millrace presence 1".into() }),
            (r#""goodbye""#, ToWorker::Goodbye),
        ] {
            assert_eq!(read(text), Ok(message), "{text}");
        }
    }

    /// What `sw.js` reads, letter by letter.
    #[test]
    fn the_service_worker_is_answered_in_json() {
        let headers = vec![("content-type".to_owned(), "text/csv".to_owned())];
        let response =
            |stream| FromWorker::Response(ResponseHead { id: 7, status: 200, headers: headers.clone(), stream });
        let part = |part| FromWorker::Part(ResponsePart { stream: 3, part });
        for (message, text) in [
            (FromWorker::Welcome, r#""welcome""#),
            (FromWorker::Refused, r#""refused""#),
            (FromWorker::Role(Role::Waiting), r#""waiting""#),
            (
                response(None),
                r#"{"response":{"id":7,"status":200,"headers":[["content-type","text/csv"]],"stream":null}}"#,
            ),
            (
                response(Some(3)),
                r#"{"response":{"id":7,"status":200,"headers":[["content-type","text/csv"]],"stream":3}}"#,
            ),
            (FromWorker::More { id: 7 }, r#"{"more":{"id":7}}"#),
            (part(PartKind::Bytes), r#"{"part":{"stream":3,"part":"bytes"}}"#),
            (part(PartKind::Last), r#"{"part":{"stream":3,"part":"last"}}"#),
            (part(PartKind::Lost), r#"{"part":{"stream":3,"part":"lost"}}"#),
        ] {
            assert_eq!(ToRelay::from_worker(&message).map(|message| message.to_json()).as_deref(), Some(text));
        }
    }

    #[test]
    fn the_service_worker_is_told_nothing_that_pages_alone_may_know() {
        let settings = FromWorker::Settings { query: "api_key=k".into() };
        for message in [FromWorker::Ready, FromWorker::Role(Role::Replaced { since_millis: 0.0 }), settings] {
            assert_eq!(ToRelay::from_worker(&message), None, "{message:?}");
        }
    }

    #[test]
    fn the_service_worker_cannot_say_what_pages_alone_may() {
        for text in [
            r#""ping""#,
            r#""step""#,
            r#""heartbeats""#,
            r#"{"port":{"is_page":true}}"#,
            r#"{"address":{"query":"api_key=k"}}"#,
            r#"{"storage":"erase"}"#,
            r#"{"raw_files":{"base":"/"}}"#,
            r#"{"request":{"id":7,"method":"GET"}}"#,
            r#"{"request":{"id":-1,"method":"GET","headers":[],"path":"latest","query":"","has_more":false}}"#,
            "{}",
            "null",
            "",
        ] {
            assert_eq!(read(text), Err(ProtocolError::Malformed), "{text}");
        }
    }

    #[test]
    fn what_a_message_claims_beside_its_fields_counts_for_nothing() {
        let head = r#""id":1,"method":"GET","headers":[],"path":"config","query":"","has_more":false"#;
        let claim = format!(r#"{{"request":{{{head},"is_own":true}}}}"#);
        let [method, path] = ["GET", "config"].map(str::to_owned);
        assert_eq!(read(&claim), Ok(ToWorker::Request(RequestHead { id: 1, method, path, ..RequestHead::default() })));
        let hello = r#"{"hello":{"build":"app-1.js","start":{"query":"","base":"/"}}}"#;
        assert_eq!(read(hello), Ok(ToWorker::Hello { build: None, start: None }));
    }

    #[test]
    fn another_version_is_refused_before_it_is_read() {
        for version in [None, Some(VERSION - 1), Some(VERSION + 1)] {
            for text in [r#""goodbye""#, "{}"] {
                assert_eq!(FromRelay::from_json(version, text), Err(ProtocolError::Version(version)));
            }
        }
    }
}
