//! One file for each endpoint.
//!
//! Read `latest` first, the smallest, then `query`.

pub(super) mod config;
pub(super) mod credentials;
pub(super) mod docs;
pub(super) mod events;
pub(super) mod health;
pub(super) mod latest;
pub(super) mod metrics;
pub(super) mod query;
pub(super) mod rejected;
pub(super) mod source;
pub(super) mod stream;
pub(super) mod trigger;
