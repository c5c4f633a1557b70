//! `GET /stream`: each batch as a Server-Sent Event, for as long as the client reads.

use crate::api::answer::Answer;
use crate::api::batch::batch_answer;
use crate::api::extract::query::{Query, cut};
use crate::api::{ApiError, App, Flow, InvalidInput, Part, Problem, Request, Response};
use crate::pipeline::{Epoch, Position, batch_number};
use crate::service::PipelineService;
use crate::time::{Duration, Timestamp};

/// How long a client waits before it reconnects, in milliseconds.
const RETRY_MILLIS: u32 = 1000;
/// Maximum time between two parts, so that nothing on the way takes silence for the end of the stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A part is sent once it is this large; a batch of many rows takes several.
const PART_BYTES: usize = 128 << 10;

/// What a client asks for by the id of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resume {
    /// All that is kept.
    All,
    /// What follows this batch of an epoch that the id does not name, as ids did not earlier.
    Unnamed(u64),
    /// What follows this position.
    After(Position),
}

/// Batches in order. A client that is slow, or was disconnected, resumes where it stopped as long as the pipeline keeps
/// the batches, and receives a `gap` event for those that it missed: no backlog is queued for it.
///
/// A batch of many rows is sent in several parts: whoever continues a stream that was cut off in one has to end its event
/// under another name and with the id before it, as the service worker does.
struct Events {
    /// The number of the last batch that was sent or is being sent.
    last: u64,
    /// The epoch of that number; `None` when the client could not name it.
    epoch: Option<Epoch>,
    /// The rest of the batch that is being sent.
    rest: Option<Answer>,
    /// When something was sent last; `None` before the first time.
    sent: Option<Timestamp>,
}

/// `Last-Event-ID` is the id of the last event that the client has. A parameter of that name has the same meaning:
/// Chromium closes an `EventSource` permanently when its service worker stops, and one that a script reopens cannot
/// send the header.
pub(crate) fn get(app: &mut App, request: &Request, now: Timestamp) -> Result<Response, ApiError> {
    let resume = match request.header("last-event-id").map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => Some(read(text).map_err(|msg| {
            let given = InvalidInput::Text(cut(text).to_owned());
            ApiError::Unprocessable(vec![Problem::value("header", "last-event-id", msg, given)])
        })?),
        None => {
            let mut query = Query::parse(&request.query);
            let resume = query.read("last_event_id", read);
            query.finish()?;
            resume
        }
    };
    // Batches that cannot be written get another epoch: this is known before one is named. The service notes a failure.
    let _ = app.service_mut().commit(false, now);
    let transcript = app.service().engine().transcript();
    let (last, epoch) = match resume {
        None => (app.service().engine().counters().batches, Some(transcript.epoch)),
        Some(Resume::All) => (before_oldest(app.service()), Some(transcript.epoch)),
        Some(Resume::Unnamed(batch)) => (batch, None),
        Some(Resume::After(Position { epoch, batch })) => (batch, Some(epoch)),
    };
    Ok(Response::flowing("text/event-stream", Events { last, epoch, rest: None, sent: None }))
}

/// Reads an id of an event.
fn read(text: &str) -> Result<Resume, String> {
    if let Ok(position) = text.parse() {
        return Ok(Resume::After(position));
    }
    match batch_number(text) {
        Some(0) => Ok(Resume::All),
        Some(batch) => Ok(Resume::Unnamed(batch)),
        None => {
            let text = cut(text);
            Err(format!(
                "\"{text}\" is not the id of an event; send the last one as it came, or 0 for all that is kept"
            ))
        }
    }
}

/// The number of the batch before the oldest that is kept.
fn before_oldest(service: &PipelineService) -> u64 {
    match service.engine().recent().first() {
        // None is kept: the next one will be the oldest.
        0 => service.engine().counters().batches,
        first => first - 1,
    }
}

impl Events {
    /// Whether the batch that follows the last one is there or still to come.
    fn is_in_place(&self, service: &PipelineService) -> bool {
        let engine = service.engine();
        let is_known = self.last <= engine.counters().batches
            && self.epoch.is_some_and(|epoch| engine.transcript().contains(Position { epoch, batch: self.last }));
        is_known && before_oldest(service) <= self.last
    }

    /// What comes before the next batch: the start of the stream, or a gap.
    fn lead(&mut self, service: &PipelineService, out: &mut Vec<u8>) {
        let transcript = service.engine().transcript();
        let is_in_place = self.is_in_place(service);
        if self.sent.is_none() {
            out.extend_from_slice(format!("retry: {RETRY_MILLIS}\n").as_bytes());
            if is_in_place {
                // A client that is cut off before the first batch resumes here.
                out.extend_from_slice(format!("id: {}\n", transcript.position(self.last)).as_bytes());
            }
            out.push(b'\n');
        }
        if !is_in_place {
            let after = self.last;
            self.last = before_oldest(service);
            let (id, next) = (transcript.position(self.last), self.last + 1);
            out.extend_from_slice(
                format!("id: {id}\nevent: gap\ndata: {{\"after\":{after},\"next\":{next}}}\n\n").as_bytes(),
            );
        }
        self.epoch = Some(transcript.epoch);
    }

    /// Begins the event of the next batch, if there is one.
    fn begin(&mut self, service: &PipelineService, out: &mut Vec<u8>) -> bool {
        let number = self.last + 1;
        self.rest = batch_answer(service, number);
        if self.rest.is_none() {
            return false;
        }
        self.last = number;
        let id = service.engine().transcript().position(number);
        out.extend_from_slice(format!("id: {id}\nevent: batch\ndata: ").as_bytes());
        true
    }
}

impl Flow for Events {
    fn is_endless(&self) -> bool {
        true
    }

    fn next(&mut self, service: &PipelineService, now: Timestamp) -> Part {
        let mut out = Vec::new();
        while out.len() < PART_BYTES {
            let Some(rest) = &mut self.rest else {
                // An event that is being sent is sent to its end, whatever was forgotten meanwhile.
                self.lead(service, &mut out);
                // The start is a part of its own, which takes no work.
                let is_start = self.sent.is_none();
                self.sent = self.sent.or(Some(now));
                if is_start || !self.begin(service, &mut out) {
                    break;
                }
                continue;
            };
            match rest.next(service, now) {
                Part::Bytes(mut bytes) => out.append(&mut bytes),
                Part::Wait(_) => {}
                Part::End => {
                    out.extend_from_slice(b"\n\n");
                    self.rest = None;
                }
            }
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
