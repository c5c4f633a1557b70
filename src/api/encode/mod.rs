//! What answers carry.

pub(crate) mod arrow;
mod csv;
mod format;
pub(crate) mod json;
mod ndjson;

pub(super) use format::{Encoder, Format};
