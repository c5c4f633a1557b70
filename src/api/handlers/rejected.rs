//! `GET /rejected`: the dead letters, newest first.

use std::borrow::Cow;

use serde::Serialize;

use crate::api::encode::json;
use crate::api::{ApiError, App, Request, Response};
use crate::pipeline::records::brief;
use crate::time::Timestamp;

#[derive(Serialize)]
struct Answer<'a> {
    total: u64,
    rejected: Vec<DeadLetterRow<'a>>,
}

#[derive(Serialize)]
struct DeadLetterRow<'a> {
    arrived: String,
    source: &'a str,
    row: Option<usize>,
    line: Option<u64>,
    reason: &'a str,
    input: Cow<'a, str>,
}

pub(crate) fn get(app: &mut App, _: &Request, _: Timestamp) -> Result<Response, ApiError> {
    let dead_letters = app.service().engine().dead_letters();
    let rejected = dead_letters.newest_first().map(|dead_letter| DeadLetterRow {
        arrived: dead_letter.arrived.to_text(app.service().clock()),
        source: &dead_letter.source,
        row: dead_letter.row,
        line: dead_letter.line,
        reason: &dead_letter.reason,
        input: brief(&dead_letter.input),
    });
    Ok(Response::json(json::to_vec(&Answer { total: dead_letters.total(), rejected: rejected.collect() })))
}
