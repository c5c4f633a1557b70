//! What only a browser can tell.

mod components;
mod time;
