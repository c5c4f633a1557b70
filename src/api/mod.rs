//! Floor 4: HTTP over results and history. Requests and responses are values; nothing is loaded or sent.
//!
//! Read [`App::handle`] first, then the route table in `router`. One file in `handlers` answers one endpoint, `extract`
//! reads what requests carry, `tables` makes the rows of an answer and `encode` writes them, piece by piece;
//! [`ApiError`] is the one place that turns a refusal into status and body. What reads many rows does so step by step:
//! `pending` leads to the head of a response, [`Flow`] to its body, and an [`Upload`] takes a large body of a request.

mod active_keys;
mod answer;
mod app;
mod auth;
mod batch;
mod encode;
mod error;
mod extract;
mod handlers;
mod http;
mod idempotency;
mod media_type;
mod metrics;
mod openapi;
mod pending;
mod rate_limit;
mod receipt;
mod router;
mod tables;
mod upload;

pub use app::App;
pub use encode::arrow::ArrowWriter;
pub use encode::json::write_records;
pub use error::{ApiError, InvalidInput, Loc, Problem};
pub use extract::body::MAX_BODY_BYTES;
#[cfg(target_arch = "wasm32")]
pub(crate) use extract::body::refuse_coding;
pub use http::{Body, Flow, Part, Request, Response};
pub use pending::{MANY_ROWS, MAX_LARGE, MAX_WAITING_ROWS, Pending, Reply};
pub use upload::{EncodedBody, Upload, UploadStep};
