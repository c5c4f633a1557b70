//! `GET /rejected`: the dead letters, newest first.

use serde::Serialize;

use crate::api::encode::json;
use crate::api::{ApiError, App, Request, Response};
use crate::time::Timestamp;

#[derive(Serialize)]
struct Answer<'a> {
    total: u64,
    rejected: Vec<Letter<'a>>,
}

#[derive(Serialize)]
struct Letter<'a> {
    arrived: String,
    source: &'a str,
    row: Option<usize>,
    reason: &'a str,
    input: &'a str,
}

pub(crate) fn get(app: &mut App, _: &Request, _: Timestamp) -> Result<Response, ApiError> {
    let letters = app.engine().dead_letters();
    let rejected = letters.newest_first().map(|letter| Letter {
        arrived: letter.arrived.to_text(app.clock()),
        source: &letter.source,
        row: letter.row,
        reason: &letter.reason,
        input: &letter.input,
    });
    Ok(Response::json(json::to_vec(&Answer { total: letters.total(), rejected: rejected.collect() })))
}
