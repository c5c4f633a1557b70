//! Floor 6: the pipeline worker: connects service and API to the browser's clock, random numbers and
//! messages.
//!
//! Read `event_loop` first. `ownership` decides which tab's worker runs the pipeline, by the rules of [`watch`], which
//! are pure. `ports` are its connections, each to a `peer`, and `goodbye` ends them, `access` says what each may ask for,
//! `streams` gives turns to requests whose answers take work and sends bodies part by part, `receiving` takes them so,
//! `decoding` is the loop of the program that reads files, `live` reads what a server sends over a `connection`, and
//! `nats` a stream, both with a `message_decoder`, [`bench_batch`] and [`bench_journal`] measure where the pipeline runs.

#[cfg(any(test, target_arch = "wasm32"))]
mod access;
mod bench;
#[cfg(target_arch = "wasm32")]
mod bodies;
#[cfg(target_arch = "wasm32")]
mod connection;
#[cfg(target_arch = "wasm32")]
mod decoding;
#[cfg(target_arch = "wasm32")]
mod event_loop;
#[cfg(target_arch = "wasm32")]
mod files;
#[cfg(target_arch = "wasm32")]
mod goodbye;
#[cfg(target_arch = "wasm32")]
mod live;
#[cfg(target_arch = "wasm32")]
mod loading;
#[cfg(target_arch = "wasm32")]
mod message_decoder;
#[cfg(target_arch = "wasm32")]
mod nats;
#[cfg(target_arch = "wasm32")]
mod nats_connections;
#[cfg(target_arch = "wasm32")]
mod ownership;
#[cfg(target_arch = "wasm32")]
mod peer;
#[cfg(target_arch = "wasm32")]
mod ports;
#[cfg(target_arch = "wasm32")]
mod receiving;
#[cfg(target_arch = "wasm32")]
mod state;
#[cfg(any(test, target_arch = "wasm32"))]
mod streams;
pub mod watch;

pub use bench::{bench_batch, bench_journal};
#[cfg(target_arch = "wasm32")]
pub use decoding::start_decoder;
#[cfg(target_arch = "wasm32")]
pub use event_loop::{bench_batch_here, bench_journal_here, start};
