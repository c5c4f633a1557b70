//! Floor 6: the page. It draws what the pipeline worker tells and sends what people do; it computes nothing.
//!
//! Read [`app`] for the arrangement and [`state`] for where everything comes from: one loop asks for one snapshot a
//! frame and writes what has changed, panels cut slices from it, components draw the slices.
//!
//! - [`model`]: pure view models, without Leptos and browser
//! - `html`, `live` and `states`: elements, and what of them follows which values
//! - `focus`: the part of the stream that somebody turned to; `share` keeps the page's address in step with it
//! - `activity_state`: where panels tell what takes its time
//! - `components`: leaves that take values and callbacks
//! - `panels`: the parts of the page; they are given the pipeline and arrange components
//!
//! **Why no `view!`?** It gives each element, attribute and closure a type of its own, and with it code. With elements of
//! one type, following Leptos' triggers through Leptos' effects, the same page is 72 KB to download instead of 185, and a
//! component more costs little more than its texts.

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
pub mod html;
#[cfg(target_arch = "wasm32")]
pub mod live;
#[cfg(target_arch = "wasm32")]
pub mod panels;
#[cfg(target_arch = "wasm32")]
pub mod share;
#[cfg(target_arch = "wasm32")]
pub mod state;
#[cfg(target_arch = "wasm32")]
pub mod states;
