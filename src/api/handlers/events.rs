//! `POST /events` accepts events; `DELETE /events` clears everything but the settings.

use crate::api::encode::json;
use crate::api::extract::events::{read, read_delimiter};
use crate::api::extract::query::Query;
use crate::api::receipt::Receipt;
use crate::api::{ApiError, App, InvalidInput, Problem, Request, Response};
use crate::frame::write_number;
use crate::pipeline::records::{BadRow, Place, Rows};
use crate::pipeline::{DeadLetter, Event, Id, PostError, Refused};
use crate::service::ClearError;
use crate::time::{Clock, Timestamp};

const SOURCE: &str = "POST /events";
/// Maximum size of the list of refused rows, in bytes.
const LIST_BYTES: usize = 900_000;

/// Accepts the usable rows and processes the batches that they complete; the others become dead letters. With
/// `complete=true` the events that still wait are processed too, as a smaller batch: no more will follow.
pub(crate) fn post(app: &mut App, request: &Request, now: Timestamp) -> Result<Response, ApiError> {
    let mut query = Query::parse(&request.query);
    let is_last = query.truth("complete").unwrap_or(false);
    let delimiter = query.read("delimiter", read_delimiter);
    // The page sends a large file in slices: its dead letters name their places in the file.
    let [rows_before, lines_before] = ["rows_before", "lines_before"].map(|name| query.count(name).unwrap_or(0));
    query.finish()?;
    let Rows { drafts, mut refusals } = read(request, delimiter, app.service().clock())?;
    let (places, events): (Vec<Place>, Vec<Event>) = drafts
        .into_iter()
        .map(|(place, draft)| {
            let event = Event {
                timestamp: draft.timestamp.unwrap_or(now),
                id: draft.id.unwrap_or_else(|| Id::Uuid(app.service_mut().random_uuid())),
                value: draft.value,
            };
            (place, event)
        })
        .unzip();
    let sent = events.len();
    app.service_mut().reserve(&events, refusals.count(), now).map_err(|error| ApiError::InsufficientStorage {
        reason: format!("{error}; nothing was taken: choose on the page what to do, or send this again later"),
    })?;
    let (engine, store) = app.service_mut().engine_and_store();
    let refused = engine.post(events, now, store).map_err(|PostError::QueueFull { capacity }| {
        ApiError::Unavailable { reason: format!("the queue is full: {capacity} events wait; send this again later") }
    })?;
    let accepted = sent - refused.len();
    refusals.extend(refused.into_iter().map(|Refused { position, event, reason }| BadRow {
        place: places[position],
        reason,
        input: shown(&event, app.service().clock()),
    }));
    let (engine, _) = app.service_mut().engine_and_store();
    let newest = refusals.newest();
    engine.count_refused(refusals.count() - newest.len());
    for BadRow { place, reason, input } in newest {
        let (reason, input) = (reason.clone(), input.clone());
        let row = Some(rows_before.saturating_add(place.row));
        let line = Some(lines_before.saturating_add(place.line) as u64);
        engine.refuse(DeadLetter { arrived: now, source: SOURCE.into(), row, line, reason, input });
    }
    if is_last {
        app.service_mut().complete(now);
    }
    match (accepted, refusals.count()) {
        (0, 0) => {
            let msg = "the body holds no events; send at least one with a \"value\"".to_owned();
            Err(ApiError::Unprocessable(vec![Problem::body("missing", None, msg, InvalidInput::Nothing)]))
        }
        (0, _) => Err(ApiError::NoneAccepted(refusals)),
        _ => {
            let receipt = Receipt::new(accepted, &refusals, &mut { LIST_BYTES });
            Ok(Response::new(202, "application/json", json::to_vec(&receipt)))
        }
    }
}

/// Clears results, history, dead letters, rolling state and batch numbers; the settings stay.
pub(crate) fn delete(app: &mut App, _: &Request, now: Timestamp) -> Result<Response, ApiError> {
    app.service_mut().clear(now).map_err(|error| match error {
        ClearError::Frame(error) => error.into(),
        ClearError::Store(error) => ApiError::InsufficientStorage { reason: error.to_string() },
    })?;
    Ok(Response::new(204, "", Vec::new()))
}

/// The text of an event that was read but not accepted, in which its sender recognises it.
fn shown(event: &Event, clock: &Clock) -> String {
    format!("{},{},{}", event.timestamp.to_text(clock), &*event.id.text(), write_number(event.value))
}
