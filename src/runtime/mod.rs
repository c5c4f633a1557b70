//! Floor 5: the pipeline worker: engine, history and API put together with the browser's clock, chance and messages.
//!
//! Read `worker` first: it holds the loop. `snapshot` with `chart`, `rows` and `looked`, `start`, `bench` and [`supervision`] are
//! pure, so that they are tested natively.

mod bench;
mod chart;
#[cfg(target_arch = "wasm32")]
mod ownership;
mod provenance;
mod rows;
mod snapshot;
mod start;
#[cfg(target_arch = "wasm32")]
mod streams;
pub mod supervision;
#[cfg(target_arch = "wasm32")]
mod worker;

pub use bench::{bench_batch, bench_log};
pub use snapshot::snapshot;
pub use start::{address_of_settings, address_with_key, names_setting, settings_of_address};
#[cfg(target_arch = "wasm32")]
pub use worker::start;
