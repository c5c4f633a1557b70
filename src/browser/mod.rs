//! Floor 4: the only place that touches web_sys, js_sys and wasm_bindgen; each file is one duty of the browser.

pub mod animation_frame;
pub mod channel;
pub mod clipboard;
pub mod clock;
pub mod download;
pub mod element;
mod error;
pub mod fetch;
pub mod file;
pub mod gesture;
pub mod location;
pub mod locks;
pub mod media_query;
pub mod memory;
pub mod message;
pub mod opfs;
pub mod panic;
pub mod pipeline_worker;
pub mod random;
pub mod resize;
pub mod service_worker;
pub mod session;
pub mod storage;
pub mod style_token;
pub mod uplot;
pub mod visibility;
pub mod zone;
