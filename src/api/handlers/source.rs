//! `GET /source`: what the source does and how far it has come. `POST /source/pause`, `/resume` and `/seek` control a
//! file or a NATS stream, and answer the same.

use serde::Serialize;

use super::config::{check_head, members, number_text, problem};
use crate::api::encode::json;
use crate::api::extract::body::content;
use crate::api::extract::json::Json;
use crate::api::extract::query::Query;
use crate::api::{ApiError, App, InvalidInput, Loc, Problem, Request, Response};
use crate::pipeline::sources::Seek;
use crate::pipeline::{Cursor, SourceKind};
use crate::service::{SinkStatus, SourceCounts};
use crate::time::{Clock, Timestamp};

/// Maximum size of a body that says where to go on, in bytes.
pub(crate) const MAX_SEEK_BYTES: usize = 64 << 10;

/// The largest position: numbers of JSON are exact up to it.
const MAX_POSITION: u64 = (1 << 53) - 1;

#[derive(Serialize)]
struct Answer<'a> {
    source: &'a str,
    state: &'a str,
    cursor: Option<CursorView<'a>>,
    lag: Lag,
    rates: Rates,
    retries: u64,
    /// When it is tried anew.
    next_try: Option<String>,
    counts: Counts,
    /// The last error, with its mend.
    error: Option<&'a str>,
    sink: Option<Sink>,
}

#[derive(Serialize)]
struct Sink {
    subject: String,
    published: u64,
    lost: u64,
    waiting: u64,
    retries: u64,
    next_try: Option<String>,
    error: Option<String>,
}

#[derive(Serialize)]
struct Counts {
    messages: u64,
    accepted: u64,
    refused: u64,
    dropped: u64,
    gaps: u64,
}

impl From<SourceCounts> for Counts {
    fn from(SourceCounts { messages, accepted, refused, dropped, gaps }: SourceCounts) -> Self {
        Self { messages, accepted, refused, dropped, gaps }
    }
}

#[derive(Serialize)]
struct CursorView<'a> {
    source: &'a str,
    /// As hexadecimal digits, like an epoch of the stream: numbers of JSON lose the last of so many digits.
    epoch: String,
    position: u64,
    taken: u64,
}

#[derive(Serialize)]
struct Lag {
    messages: Option<u64>,
    secs: Option<f64>,
}

#[derive(Serialize)]
struct Rates {
    rows_per_sec: f64,
    bytes_per_sec: f64,
}

impl<'a> From<&'a Cursor> for CursorView<'a> {
    fn from(cursor: &'a Cursor) -> Self {
        let Cursor { source, epoch, position, taken, .. } = cursor;
        Self { source, epoch: format!("{epoch:016x}"), position: *position, taken: *taken }
    }
}

pub(crate) fn get(app: &mut App, _: &Request, now: Timestamp) -> Result<Response, ApiError> {
    let (status, engine) = (app.service().source_status(now), app.service().engine());
    let settings = engine.settings();
    // The simulated source is behind by whole events.
    let behind = (settings.source == SourceKind::Simulated).then(|| engine.lag(now));
    let events = behind.map(|lag| (lag.as_nanos() / settings.interval.as_nanos().max(1)).max(0) as u64);
    let (messages, lag) = (status.lag_rows.or(events), status.lag.or(behind));
    Ok(Response::json(json::to_vec(&Answer {
        source: settings.source.name(),
        state: status.state.name(),
        cursor: status.cursor.as_ref().map(CursorView::from),
        lag: Lag { messages, secs: lag.map(|lag| lag.as_millis() / 1e3) },
        rates: Rates { rows_per_sec: status.rows_per_sec, bytes_per_sec: status.bytes_per_sec },
        retries: status.retries,
        next_try: status.next_try.map(|next_try| next_try.to_text(app.service().clock())),
        counts: status.counts.into(),
        error: status.problem.as_deref(),
        sink: app.service().sink_status().map(|sink| {
            let SinkStatus { subject, published, lost, waiting, retries, next_try, problem } = sink;
            let next_try = next_try.map(|next_try| next_try.to_text(app.service().clock()));
            Sink { subject, published, lost, waiting, retries, next_try, error: problem }
        }),
    })))
}

pub(crate) fn pause(app: &mut App, request: &Request, now: Timestamp) -> Result<Response, ApiError> {
    app.service_mut().pause_source(now).map_err(|reason| ApiError::Conflict { reason })?;
    get(app, request, now)
}

pub(crate) fn resume(app: &mut App, request: &Request, now: Timestamp) -> Result<Response, ApiError> {
    app.service_mut().resume_source(now).map_err(|reason| ApiError::Conflict { reason })?;
    get(app, request, now)
}

/// Goes on at a position, which is one of the source's own as in its cursor, or at the first row of at least a time.
pub(crate) fn seek(app: &mut App, request: &Request, now: Timestamp) -> Result<Response, ApiError> {
    let seek = read(app, request)?;
    app.service_mut().seek_source(seek, now).map_err(|reason| ApiError::Conflict { reason })?;
    get(app, request, now)
}

/// Where to go on: `position` or `time`, in a JSON body, or as a parameter of a request without one.
fn read(app: &App, request: &Request) -> Result<Seek, ApiError> {
    let clock = app.service().clock();
    if request.body.is_empty() {
        let mut query = Query::parse(&request.query);
        let (position, time) = (query.read("position", read_position), query.instant("time", clock));
        query.finish()?;
        return choose("query", position, time);
    }
    check_head(request)?;
    let body = content(request, MAX_SEEK_BYTES)?;
    let (mut position, mut time, mut problems) = (None, None, Vec::new());
    for (name, raw) in members(&body, "{\"position\": 0}")? {
        let refusal = match (name.as_str(), Json::read(raw.get())) {
            ("position", Ok(Json::Number)) => read_position(&number_text(raw.get())).map(|read| position = Some(read)),
            ("position", _) => Err("send a whole number".to_owned()),
            ("time", Ok(Json::Text(text))) => read_time(&text, clock).map(|read| time = Some(read)),
            ("time", Ok(Json::Number)) => read_time(raw.get(), clock).map(|read| time = Some(read)),
            ("time", _) => Err("send a time, as text or as a number since the epoch".to_owned()),
            _ => Ok(()),
        };
        problems.extend(refusal.err().map(|message| problem(&name, &message, Some(raw.get()))));
    }
    if problems.is_empty() { choose("body", position, time) } else { Err(ApiError::Unprocessable(problems)) }
}

fn read_position(text: &str) -> Result<u64, String> {
    let position = text.parse().ok().filter(|position| *position <= MAX_POSITION);
    position.ok_or_else(|| format!("\"{text}\" is not a whole number from 0 to {MAX_POSITION}"))
}

fn read_time(text: &str, clock: &Clock) -> Result<Timestamp, String> {
    Timestamp::parse(text, clock).map_err(|error| error.to_string())
}

/// The one of the two that is named.
fn choose(place: &str, position: Option<u64>, time: Option<Timestamp>) -> Result<Seek, ApiError> {
    let (kind, msg) = match (position, time) {
        (Some(position), None) => return Ok(Seek::Position(position)),
        (None, Some(time)) => return Ok(Seek::Time(time)),
        (None, None) => ("missing", "name the position or the time at which to go on"),
        (Some(_), Some(_)) => ("value_error", "position and time are both named; leave one of them out"),
    };
    let loc = vec![Loc::Name(place.to_owned())];
    Err(ApiError::Unprocessable(vec![Problem {
        kind,
        loc,
        msg: msg.to_owned(),
        input: InvalidInput::Nothing,
        line: None,
    }]))
}
