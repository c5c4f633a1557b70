//! `GET /health`.

use serde_json::json;

use crate::api::{ApiError, App, Request, Response};
use crate::time::Timestamp;

pub(crate) fn get(app: &mut App, _: &Request, now: Timestamp) -> Result<Response, ApiError> {
    let state = if app.engine().settings().paused { "paused" } else { "running" };
    let health = json!({
        "status": "ok",
        "state": state,
        "version": env!("CARGO_PKG_VERSION"),
        "storage": "memory",
        "uptime_secs": ((now - app.started()).as_millis() / 1e3).max(0.0),
    });
    Ok(Response::json(health.to_string().into_bytes()))
}
