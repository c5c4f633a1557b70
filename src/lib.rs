//! millrace: a real-time data pipeline that runs in one browser tab.

pub mod api;
#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(all(target_arch = "wasm32", feature = "page"))]
pub mod client;
pub mod frame;
pub mod history;
pub mod pipeline;
pub mod protocol;
pub mod runtime;
pub mod time;
#[cfg(any(feature = "page", not(target_arch = "wasm32")))]
pub mod ui;
