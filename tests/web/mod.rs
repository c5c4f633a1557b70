//! What only a browser can tell.

mod components;
mod ports;
mod time;
