//! Floor 7: the page. It draws the snapshots of the pipeline worker and sends the user's actions; it computes nothing.
//!
//! Read `app` for the arrangement and `state` for the data flow: one loop requests one snapshot a frame and writes
//! the changes, panels select slices of it, components draw the slices.
//!
//! - [`model`]: pure view models, without Leptos and browser
//! - `html`, `live` and `states`: elements, and the values that they follow
//! - `focus`: the part of the stream in focus; `share` synchronises the page's address with it
//! - `activity_state`: running work and notes of all panels
//! - `components`: leaves that take values and callbacks
//! - `panels`: the parts of the page; they take the pipeline and arrange components
//!
//! **Why no `view!`?** It creates a separate type for each element, attribute and closure, and code for each type. With
//! elements of one type, which follow Leptos' triggers through Leptos' effects, the same page is a download of 72 KB
//! instead of 185, and a further component costs little more than its texts.

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
