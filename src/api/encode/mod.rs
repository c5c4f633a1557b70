//! What answers carry.

pub(crate) mod arrow;
mod csv;
mod format;
pub(crate) mod json;
mod ndjson;
pub(crate) mod prometheus;

pub(super) use format::{Encoder, Format};
