//! Floor 6: the page. It draws what the pipeline worker tells and sends what people do; it computes nothing.
//!
//! Read [`app`] for the arrangement and [`state`] for where everything comes from: one loop asks for one snapshot a
//! frame and writes one signal, panels cut slices from it, components draw the slices.
//!
//! Signals, effects and ownership are Leptos'; the elements that follow them are our own and have one type. `view!` gives
//! each element, attribute and closure a type, and with it code: the same page was twice as large to download.
//!
//! - [`model`]: pure view models, without Leptos and browser
//! - `html` and `live`: elements, and what of them follows signals
//! - `components`: leaves that take signals and callbacks as props
//! - `panels`: the parts of the page; they read the context and arrange components

pub mod model;

#[cfg(target_arch = "wasm32")]
pub mod app;
#[cfg(target_arch = "wasm32")]
pub mod components;
#[cfg(target_arch = "wasm32")]
pub mod html;
#[cfg(target_arch = "wasm32")]
pub mod live;
#[cfg(target_arch = "wasm32")]
pub mod panels;
#[cfg(target_arch = "wasm32")]
pub mod signals;
#[cfg(target_arch = "wasm32")]
pub mod state;
