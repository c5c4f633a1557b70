//! What handlers extract from requests.
//!
//! Read `query` first: it reads parameters and reports all bad ones at once. `events` reads the bodies of
//! `POST events`, piece by piece.

pub(super) mod body;
pub(super) mod events;
pub(super) mod json;
pub(super) mod query;
