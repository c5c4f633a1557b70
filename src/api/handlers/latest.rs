//! `GET /latest`: the newest processed batch; `{}` before the first.

use crate::api::encode::json::{self, Views};
use crate::api::{ApiError, App, Request, Response};
use crate::time::Timestamp;

pub(crate) fn get(app: &mut App, _: &Request, _: Timestamp) -> Result<Response, ApiError> {
    Ok(Response::json(match app.service().engine().latest() {
        Some(batch) => json::tables(&batch.tables, Views::ALL, app.service().clock()),
        None => b"{}".to_vec(),
    }))
}
