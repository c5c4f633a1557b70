//! What answers carry.

pub(crate) mod json;
pub(crate) mod prometheus;
