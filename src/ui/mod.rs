//! Floor 7: the page. It draws the snapshots of the pipeline worker and sends the user's actions; it computes nothing.
//!
//! Read `app` for the arrangement and `store` for the data flow: one loop requests one snapshot a frame and patches
//! `PageSnapshot` with it; views follow its fields, and run again only when those change.
//!
//! - [`model`]: pure view models, without Leptos and browser
//! - `store`: the page's state and its single writer, the context `Pipeline`
//! - `focus`: the part of the stream in focus
//! - `navigation`: which view is shown; it keeps the page's address in step with it and with the focus
//! - `commands`: what keys and entries of the palette do; `keyboard` listens to the keys of the whole page
//! - `theme`: light or dark, as the system or as the user prefers
//! - `activity_state`: running work and notes of all panels
//! - `components`: leaves that take signals and callbacks
//! - `panels`: the parts of the page; they read the contexts and arrange components
//! - `views`: the screens of the page; they arrange panels

pub mod model;

#[cfg(target_arch = "wasm32")]
pub mod activity_state;
#[cfg(target_arch = "wasm32")]
pub mod app;
#[cfg(target_arch = "wasm32")]
pub mod commands;
#[cfg(target_arch = "wasm32")]
pub mod components;
#[cfg(target_arch = "wasm32")]
pub mod focus;
#[cfg(target_arch = "wasm32")]
pub mod keyboard;
#[cfg(target_arch = "wasm32")]
pub mod navigation;
#[cfg(target_arch = "wasm32")]
pub mod panels;
#[cfg(target_arch = "wasm32")]
pub mod store;
#[cfg(target_arch = "wasm32")]
pub mod theme;
#[cfg(target_arch = "wasm32")]
pub mod views;
