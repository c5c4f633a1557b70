//! Floor 7: the page. It draws the snapshots of the pipeline worker and sends the user's actions; it computes nothing.
//!
//! Read `app` for the arrangement and `store` for the data flow: one loop requests one snapshot a frame and patches
//! `PageSnapshot` with it; views follow its fields, and run again only when those change.
//!
//! - [`model`]: pure view models, without Leptos and browser
//! - `store`: the page's state and its single writer, the context `Pipeline`
//! - `focus`: the part of the stream in focus; `share` synchronises the page's address with it
//! - `activity_state`: running work and notes of all panels
//! - `components`: leaves that take signals and callbacks
//! - `panels`: the parts of the page; they read the contexts and arrange components

pub mod model;

#[cfg(target_arch = "wasm32")]
pub mod activity_state;
#[cfg(target_arch = "wasm32")]
pub mod app;
#[cfg(target_arch = "wasm32")]
pub mod components;
#[cfg(target_arch = "wasm32")]
pub mod focus;
#[cfg(target_arch = "wasm32")]
pub mod panels;
#[cfg(target_arch = "wasm32")]
pub mod share;
#[cfg(target_arch = "wasm32")]
pub mod store;
