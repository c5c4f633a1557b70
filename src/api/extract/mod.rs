//! What handlers extract from requests.

pub(super) mod body;
pub(super) mod events;
pub(super) mod json;
pub(super) mod query;
