//! What answers carry.

pub(crate) mod arrow;
pub(crate) mod json;
