//! Floor 6: the pipeline worker: connects service and API to the browser's clock, random numbers and
//! messages.
//!
//! Read `event_loop` first. `ownership` decides which tab's worker runs the pipeline, `streams` sends bodies part by
//! part, [`bench_batch`] and [`bench_journal`] measure where the pipeline runs.

mod bench;
#[cfg(target_arch = "wasm32")]
mod event_loop;
#[cfg(target_arch = "wasm32")]
mod ownership;
#[cfg(target_arch = "wasm32")]
mod state;
#[cfg(target_arch = "wasm32")]
mod streams;

pub use bench::{bench_batch, bench_journal};
#[cfg(target_arch = "wasm32")]
pub use event_loop::{bench_batch_here, bench_journal_here, start};
