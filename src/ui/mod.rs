//! Floor 6: the page. It draws what the pipeline worker tells and sends what people do; it computes nothing.
//!
//! Read [`app`] for the arrangement and [`state`] for where everything comes from: one loop asks for one snapshot a
//! frame and writes one signal, memos cut slices from it, components draw the slices.
//!
//! - [`model`]: pure view models, without Leptos and browser
//! - `components`: leaves that take signals and callbacks as props
//! - `panels`: the parts of the page; they read the context and arrange components

pub mod model;

#[cfg(target_arch = "wasm32")]
pub mod app;
#[cfg(target_arch = "wasm32")]
pub mod components;
#[cfg(target_arch = "wasm32")]
pub mod panels;
#[cfg(target_arch = "wasm32")]
pub mod signals;
#[cfg(target_arch = "wasm32")]
pub mod state;
