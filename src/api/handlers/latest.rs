//! `GET /latest`: the newest processed batch; `{}` before the first.

use crate::api::answer::Answer;
use crate::api::encode::Format;
use crate::api::tables::ready;
use crate::api::{ApiError, App, Request, Response};
use crate::time::Timestamp;

pub(crate) fn get(app: &mut App, _: &Request, _: Timestamp) -> Result<Response, ApiError> {
    let Some(batch) = app.service().engine().latest() else { return Ok(Response::json(b"{}".to_vec())) };
    // Part by part: a batch may have a hundred thousand rows.
    let encoder = Format::Json.encoder(app.service().clock(), false);
    Ok(Response::flowing(Format::Json.content_type(), Answer::new(ready(batch.tables()?), encoder)))
}
