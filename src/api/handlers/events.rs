//! `POST /events` accepts events; `DELETE /events` clears everything but the settings.

use serde::Serialize;

use crate::api::encode::json;
use crate::api::extract::body::check_size;
use crate::api::extract::events::{BadRow, Rows, read};
use crate::api::extract::query::Query;
use crate::api::{ApiError, App, InvalidInput, Problem, Request, Response};
use crate::frame::write_number;
use crate::pipeline::{DeadLetter, Event, Id, PostError, Refused};
use crate::service::ClearError;
use crate::time::{Clock, Timestamp};

const SOURCE: &str = "POST /events";
/// Maximum number of refused rows that an error lists; the dead letters hold more.
const LISTED: usize = 100;

/// The response: the accepted and the refused rows of a body.
#[derive(Serialize)]
struct Receipt<'a> {
    accepted: usize,
    rejected: Vec<Rejected<'a>>,
}

#[derive(Serialize)]
struct Rejected<'a> {
    row: usize,
    reason: &'a str,
}

/// Accepts the usable rows and processes the batches that they complete; the others become dead letters. With
/// `complete=true` the events that still wait are processed too, as a smaller batch: no more will follow.
pub(crate) fn post(app: &mut App, request: &Request, now: Timestamp) -> Result<Response, ApiError> {
    check_size(request)?;
    let Rows { drafts, bad } = read(request, app.service().clock())?;
    let (rows, events): (Vec<usize>, Vec<Event>) = drafts
        .into_iter()
        .map(|(row, draft)| {
            let event = Event {
                timestamp: draft.timestamp.unwrap_or(now),
                id: draft.id.unwrap_or_else(|| Id::Uuid(app.service_mut().random_uuid())),
                value: draft.value,
            };
            (row, event)
        })
        .unzip();
    let sent = events.len();
    let mut query = Query::parse(&request.query);
    let is_last = query.read("complete", read_truth).unwrap_or(false);
    query.finish()?;
    app.service_mut().reserve(&events, bad.len(), now).map_err(|error| ApiError::InsufficientStorage {
        reason: format!("{error}; nothing was taken: choose on the page what to do, or send this again later"),
    })?;
    let (engine, store) = app.service_mut().engine_and_store();
    let refused = engine.post(events, now, store).map_err(|PostError::QueueFull { capacity }| {
        ApiError::Unavailable { reason: format!("the queue is full: {capacity} events wait; send this again later") }
    })?;
    let accepted = sent - refused.len();
    let refused = refused.into_iter().map(|Refused { position, event, reason }| BadRow {
        row: rows[position],
        reason,
        input: shown(&event, app.service().clock()),
    });
    let bad = in_order(bad, refused);
    let (engine, _) = app.service_mut().engine_and_store();
    for BadRow { row, reason, input } in &bad {
        let (reason, input) = (reason.clone(), input.clone());
        engine.refuse(DeadLetter { arrived: now, source: SOURCE.into(), row: Some(*row), reason, input });
    }
    if is_last {
        app.service_mut().complete(now);
    }
    if accepted == 0 {
        return Err(nothing_accepted(&bad));
    }
    let rejected = bad.iter().map(|bad| Rejected { row: bad.row, reason: &bad.reason }).collect();
    Ok(Response::new(202, "application/json", json::to_vec(&Receipt { accepted, rejected })))
}

/// Clears results, history, dead letters, rolling state and batch numbers; the settings stay.
pub(crate) fn delete(app: &mut App, _: &Request, now: Timestamp) -> Result<Response, ApiError> {
    app.service_mut().clear(now).map_err(|error| match error {
        ClearError::Frame(error) => error.into(),
        ClearError::Store(error) => ApiError::InsufficientStorage { reason: error.to_string() },
    })?;
    Ok(Response::new(204, "", Vec::new()))
}

fn read_truth(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| format!("\"{text}\" is neither true nor false"))
}

/// The text of an event that was read but not accepted, in which its sender recognises it.
fn shown(event: &Event, clock: &Clock) -> String {
    format!("{},{},{}", event.timestamp.to_text(clock), &*event.id.text(), write_number(event.value))
}

/// Merges two lists of rows, each in order, in order.
fn in_order(bad: Vec<BadRow>, refused: impl Iterator<Item = BadRow>) -> Vec<BadRow> {
    let mut refused = refused.peekable();
    let mut rows = Vec::with_capacity(bad.len());
    for bad in bad {
        while let Some(refused) = refused.next_if(|refused| refused.row < bad.row) {
            rows.push(refused);
        }
        rows.push(bad);
    }
    rows.extend(refused);
    rows
}

fn nothing_accepted(bad: &[BadRow]) -> ApiError {
    if bad.is_empty() {
        let msg = "the body holds no events; send at least one with a \"value\"".to_owned();
        return ApiError::Unprocessable(vec![Problem::body("missing", None, msg, InvalidInput::Nothing)]);
    }
    let problems = bad.iter().take(LISTED).map(|bad| {
        Problem::body("value_error", Some(bad.row), bad.reason.clone(), InvalidInput::Text(bad.input.clone()))
    });
    ApiError::Unprocessable(problems.collect())
}
