//! `GET /stream`: each batch as a Server-Sent Event, for as long as the client reads.

use crate::api::encode::json::{self, Views};
use crate::api::extract::query::Query;
use crate::api::{ApiError, App, Flow, InvalidInput, Part, Problem, Request, Response};
use crate::service::PipelineService;
use crate::time::{Duration, Timestamp};

/// How long a client waits before it reconnects, in milliseconds.
const RETRY: &[u8] = b"retry: 1000\n\n";
/// Maximum time between two parts, so that nothing on the way takes silence for the end of the stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A part is sent once it is this large.
const PART_BYTES: usize = 256 << 10;

/// Batches in order. A client that is slow, or was disconnected, resumes where it stopped as long as the pipeline keeps
/// the batches, and receives a `gap` event for those that it missed: no backlog is queued for it.
struct Events {
    /// The number of the last batch that was sent.
    last: u64,
    /// When something was sent last; `None` before the first time.
    sent: Option<Timestamp>,
}

/// `Last-Event-ID` is the number of the last batch that the client has. A parameter of that name has the same meaning:
/// Chromium closes an `EventSource` permanently when its service worker stops, and one that a script reopens cannot
/// send the header.
pub(crate) fn get(app: &mut App, request: &Request, _: Timestamp) -> Result<Response, ApiError> {
    let read = |text: &str| {
        text.parse().map_err(|_| format!("\"{text}\" is not the number of a batch; send the id of the last event"))
    };
    let last = match request.header("last-event-id").map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => Some(read(text).map_err(|msg| {
            let given = InvalidInput::Text(text.to_owned());
            ApiError::Unprocessable(vec![Problem::value("header", "last-event-id", msg, given)])
        })?),
        None => {
            let mut query = Query::parse(&request.query);
            let last = query.read("last_event_id", read);
            query.finish()?;
            last
        }
    };
    let last = last.unwrap_or(app.service().engine().counters().batches);
    Ok(Response::flowing("text/event-stream", Events { last, sent: None }))
}

impl Events {
    /// Skips to the oldest kept batch if that is not the next one, and reports the gap.
    fn skip(&mut self, service: &PipelineService, out: &mut Vec<u8>) {
        let engine = service.engine();
        let (newest, after) = (engine.counters().batches, self.last);
        let first = engine.recent().first();
        if after > newest {
            // The pipeline was reset, and its batch numbers with it.
            self.last = first.saturating_sub(1);
        } else if first > after + 1 {
            self.last = first - 1;
        } else {
            return;
        }
        let (last, next) = (self.last, self.last + 1);
        out.extend_from_slice(
            format!("id: {last}\nevent: gap\ndata: {{\"after\":{after},\"next\":{next}}}\n\n").as_bytes(),
        );
    }
}

impl Flow for Events {
    fn is_endless(&self) -> bool {
        true
    }

    fn next(&mut self, service: &PipelineService, now: Timestamp) -> Part {
        let mut out = Vec::new();
        if self.sent.is_none() {
            out.extend_from_slice(RETRY);
        }
        self.skip(service, &mut out);
        while out.len() < PART_BYTES
            && let Some(Ok(tables)) = service.engine().recent().tables(self.last + 1)
        {
            self.last += 1;
            out.extend_from_slice(format!("id: {}\nevent: batch\ndata: ", self.last).as_bytes());
            out.append(&mut json::tables(&tables, Views::ALL, service.clock()));
            out.extend_from_slice(b"\n\n");
        }
        // A clock set back must not make the client wait longer.
        let silence_ends = self.sent.map_or(now, |sent| sent.min(now) + KEEP_ALIVE);
        if out.is_empty() && silence_ends <= now {
            out.extend_from_slice(b": keep-alive\n\n");
        }
        if out.is_empty() {
            return Part::Wait(silence_ends);
        }
        self.sent = Some(now);
        Part::Bytes(out)
    }
}
