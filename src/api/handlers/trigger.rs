//! `GET /trigger`: starts nothing; the response says so, as in the original.

use crate::api::{ApiError, App, Request, Response};
use crate::time::Timestamp;

pub(crate) fn get(_: &mut App, _: &Request, _: Timestamp) -> Result<Response, ApiError> {
    Ok(Response::json(br#"{"message":"Data pipeline triggered (auto-started on app launch)"}"#.to_vec()))
}
