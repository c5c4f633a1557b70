//! How responses are encoded.

pub(crate) mod arrow;
mod csv;
mod encoder;
mod format;
pub(crate) mod json;
mod ndjson;
pub(crate) mod prometheus;

pub(super) use encoder::Encoder;
pub(super) use format::Format;
