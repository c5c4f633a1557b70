//! `GET /health`.

use serde::Serialize;

use crate::api::encode::json;
use crate::api::{ApiError, App, Request, Response};
use crate::store::Durability;
use crate::time::Timestamp;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    state: &'static str,
    version: &'static str,
    storage: &'static str,
    uptime_secs: f64,
}

pub(crate) fn get(app: &mut App, _: &Request, now: Timestamp) -> Result<Response, ApiError> {
    Ok(Response::json(json::to_vec(&Health {
        status: "ok",
        state: if app.service().engine().settings().paused { "paused" } else { "running" },
        version: env!("CARGO_PKG_VERSION"),
        storage: if *app.service().store().durability() == Durability::Durable { "durable" } else { "memory" },
        uptime_secs: app.service().uptime_secs(now),
    })))
}
