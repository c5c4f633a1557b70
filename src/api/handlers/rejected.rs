//! `GET /rejected`: the dead letters, newest first.

use serde_json::{Value, json};

use crate::api::{ApiError, App, Request, Response};
use crate::time::Timestamp;

pub(crate) fn get(app: &mut App, _: &Request, _: Timestamp) -> Result<Response, ApiError> {
    let letters = app.engine().dead_letters();
    let rejected: Vec<Value> = letters
        .newest_first()
        .map(|letter| {
            json!({
                "arrived": letter.arrived.to_text(app.clock()),
                "source": letter.source,
                "row": letter.row,
                "reason": letter.reason,
                "input": letter.input,
            })
        })
        .collect();
    Ok(Response::json(json!({"total": letters.total(), "rejected": rejected}).to_string().into_bytes()))
}
