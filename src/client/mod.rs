//! Floor 6: the page's handle on the pipeline worker: requests, snapshots, and the state of the connection.
//!
//! Read `Client` in `handle` first. It does not depend on Leptos: the page passes a callback for events. `recovery`
//! restarts a lost worker by the rules of [`supervision`], which are pure.

#[cfg(target_arch = "wasm32")]
mod connection;
#[cfg(target_arch = "wasm32")]
mod credentials;
#[cfg(target_arch = "wasm32")]
mod decoders;
#[cfg(target_arch = "wasm32")]
mod durability;
#[cfg(target_arch = "wasm32")]
mod files;
#[cfg(target_arch = "wasm32")]
mod handle;
#[cfg(target_arch = "wasm32")]
mod key;
#[cfg(target_arch = "wasm32")]
mod reading;
#[cfg(target_arch = "wasm32")]
mod recovery;
#[cfg(target_arch = "wasm32")]
mod storage;
pub mod supervision;
#[cfg(target_arch = "wasm32")]
mod supervisor;
#[cfg(target_arch = "wasm32")]
mod types;
#[cfg(target_arch = "wasm32")]
mod update;

#[cfg(target_arch = "wasm32")]
pub use self::{
    handle::{Client, NO_SINGLE_KEYS, READINGS, SEEN_TOUR, THEME},
    reading::Reading,
    types::{
        ApiAccess, ClientEvent, Connection, ConsoleRequest, ConsoleResponse, Drawing, Failure, RawFile, RecoveryMode,
    },
};
