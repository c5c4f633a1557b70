//! `POST /events` takes events in; `DELETE /events` forgets everything.

use serde_json::{Value, json};

use crate::api::extract::body::check_size;
use crate::api::extract::events::{BadRow, Rows, read};
use crate::api::{ApiError, App, Problem, Request, Response};
use crate::pipeline::{DeadLetter, Event, Id, PostError};
use crate::time::Timestamp;

const SOURCE: &str = "POST /events";
/// Refused rows that an error lists; the dead letters hold more.
const LISTED: usize = 100;

/// Accepts the rows that can be used and processes the batches that they complete; the others become dead letters.
pub(crate) fn post(app: &mut App, request: &Request, now: Timestamp) -> Result<Response, ApiError> {
    check_size(request)?;
    let Rows { drafts, mut bad } = read(request, app.clock())?;
    let (rows, events): (Vec<usize>, Vec<Event>) = drafts
        .into_iter()
        .map(|(row, draft)| {
            let event = Event {
                timestamp: draft.timestamp.unwrap_or(now),
                id: draft.id.unwrap_or_else(|| Id::Uuid(app.random_uuid())),
                value: draft.value,
            };
            (row, event)
        })
        .unzip();
    let sent = events.len();
    let texts = |position: usize| rows.get(position).copied().unwrap_or_default();
    let (engine, store) = app.engine_and_store();
    let late = engine.post(events, now, store).map_err(|PostError::QueueFull { capacity }| ApiError::Unavailable {
        reason: format!("the queue is full: {capacity} events wait; send this again later"),
    })?;
    let accepted = sent - late.len();
    bad.extend(late.into_iter().map(|(position, reason)| BadRow {
        row: texts(position),
        reason,
        input: String::new(),
    }));
    bad.sort_by_key(|bad| bad.row);
    for BadRow { row, reason, input } in &bad {
        let (reason, input) = (reason.clone(), input.clone());
        engine.refuse(DeadLetter { arrived: now, source: SOURCE, row: Some(*row), reason, input });
    }
    if accepted == 0 {
        return Err(nothing_accepted(&bad));
    }
    let rejected: Vec<Value> = bad.iter().map(|bad| json!({"row": bad.row, "reason": bad.reason})).collect();
    let body = json!({"accepted": accepted, "rejected": rejected}).to_string().into_bytes();
    Ok(Response::new(202, "application/json", body))
}

/// Forgets results, history, dead letters, rolling state and batch numbers; the settings stay.
pub(crate) fn delete(app: &mut App, _: &Request, now: Timestamp) -> Result<Response, ApiError> {
    app.reset(now)?;
    Ok(Response::new(204, "", Vec::new()))
}

fn nothing_accepted(bad: &[BadRow]) -> ApiError {
    if bad.is_empty() {
        let msg = "the body holds no events; send at least one with a \"value\"";
        return ApiError::Unprocessable(vec![Problem::body("missing", None, msg, Value::Null)]);
    }
    let problems = bad.iter().take(LISTED);
    ApiError::Unprocessable(
        problems
            .map(|bad| Problem::body("value_error", Some(bad.row), bad.reason.as_str(), bad.input.as_str()))
            .collect(),
    )
}
