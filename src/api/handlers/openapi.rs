//! `GET /openapi.json`: what all of this is, for machines and for the console.

use crate::api::{ApiError, App, Request, Response, openapi, router};
use crate::time::Timestamp;

pub(crate) fn get(_: &mut App, _: &Request, _: Timestamp) -> Result<Response, ApiError> {
    Ok(Response::json(openapi::document(router::routes())))
}
