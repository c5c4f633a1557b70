//! millrace
pub mod frame;
pub mod time;
