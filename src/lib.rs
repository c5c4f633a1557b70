//! millrace: a real-time data pipeline that runs in one browser tab.
#![cfg_attr(target_arch = "wasm32", allow(clippy::future_not_send))]

#[cfg(target_arch = "wasm32")]
pub mod client;
pub mod frame;
pub mod protocol;
pub mod time;
#[cfg(target_arch = "wasm32")]
pub mod ui;
