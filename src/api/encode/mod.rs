//! What answers carry.

mod csv;
mod format;
pub(super) mod json;
mod ndjson;

pub(super) use format::{Encoder, Format};
