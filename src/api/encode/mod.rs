//! What answers carry.

pub(crate) mod json;
