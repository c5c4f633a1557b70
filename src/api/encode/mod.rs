//! How responses are encoded.
//!
//! Read [`Encoder`] first: each format implements it. [`Format`] chooses one by name or by `Accept`.

pub(crate) mod arrow;
mod csv;
mod encoder;
mod format;
pub(crate) mod json;
mod ndjson;
pub(crate) mod prometheus;

pub(super) use encoder::Encoder;
pub(super) use format::Format;
