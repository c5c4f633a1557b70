//! What only a browser can tell.

mod time;
